"""One round of whoever sends, in a Celery worker and in `equipoise serve` alike: a tick, and a sign that it was done.

No Celery here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trial.services.delivery import Sender
from trial.services.health import note_round
from trial.services.replies import Postman
from trial.storage.work import OpenWork
from workers.timetable import tick

if TYPE_CHECKING:
    from trial.metrics.meters import WorkerMeters


def go_round(
    open_work: OpenWork, sender: Sender, postman: Postman | None = None, meters: WorkerMeters | None = None
) -> int:
    """Returns how many contacts were handled; the meters count and time it, where somebody reads them."""
    if meters is None:
        return _round(open_work, sender, postman)
    with meters.tick():
        return _round(meters.counting(open_work), replace(sender, watch=meters), postman)


def _round(open_work: OpenWork, sender: Sender, postman: Postman | None) -> int:
    handled = tick(open_work, sender, postman)
    note_round(open_work)
    return handled
