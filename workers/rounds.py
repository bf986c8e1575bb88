"""One round of whoever sends, in a Celery worker and in `equipoise serve` alike: a tick, and a sign that it was done.

No Celery here.
"""

from __future__ import annotations

from trial.services.delivery import Sender
from trial.services.health import note_round
from trial.services.replies import Postman
from trial.storage.work import OpenWork
from workers.timetable import tick


def go_round(open_work: OpenWork, sender: Sender, postman: Postman | None = None) -> int:
    """Returns how many contacts were handled."""
    handled = tick(open_work, sender, postman)
    note_round(open_work)
    return handled
