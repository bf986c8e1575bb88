"""One round of whoever sends, in a Celery worker and in `equipoise serve` alike: a tick, and a sign that it was done.

No Celery here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from trial.core.errors import Unavailable
from trial.services.delivery import Sender
from trial.services.health import note_round
from trial.services.replies import Postman
from trial.storage.engine import SETTING as DATABASE
from trial.storage.work import OpenWork
from workers.timetable import tick

if TYPE_CHECKING:
    from trial.metrics.meters import WorkerMeters

log = logging.getLogger(__name__)
# a minute in all, as long as a tick may wait for the account's pace: after that the ticks come back to it
AGAIN_AFTER, TRIES = 2.0, 30


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


def until_reached(
    once: Callable[[], object], ending: Callable[[], bool], wait: Callable[[float], object] = time.sleep
) -> None:
    """Go round once; where the database was lost on the way, again and again until it was there all the way.

    What this process had in hand it takes back by itself. The next ticks may all be another's, and whoever else comes
    has to wait until the lease of those rows is over. Told to end, it tries no more.
    """
    for number in range(TRIES):
        try:
            once()
            return
        except Unavailable as error:
            if error.setting != DATABASE or ending():
                raise
            if number == 0:
                log.warning("%s Tried again every %g s.", error, AGAIN_AFTER)
        wait(AGAIN_AFTER)
    once()
