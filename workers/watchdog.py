"""A worker that does nothing while mails are overdue ends itself, and whatever started it starts it anew.

Celery's own word is not asked: a worker that lost its broker may answer pings and take no task. The database says
whether rows are due and nobody takes them.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from trial.core.errors import EquipoiseError
from trial.services.delivery_status import Late

log = logging.getLogger(__name__)
ENDED = 75  # EX_TEMPFAIL: to be started again
LOOKS = 10


@dataclass(slots=True)
class Watch:
    """What was seen so far: which row is next in line, how many are due, and since when nothing of them was taken.

    Rows that fall due meanwhile are no sign of life: a trial that goes on has new ones every few minutes.
    """

    patience: float
    _first: tuple[datetime, int] | None = None
    _number: int = 0
    _since: float = 0.0

    def stands_still(self, late: Late, now: float, lag: float) -> bool:
        """Whether for as long as the patience nothing was taken of what is overdue by as much."""
        if late.since is None or late.in_hand or late.paused or lag < self.patience:
            self._first, self._since = None, now
            return False
        first = late.since, late.first
        # an older one that is tried again goes to the front of the line, and nobody took anything for that
        if self._first is None or first > self._first or late.number < self._number:
            self._since = now
        self._first, self._number = first, late.number
        return now - self._since >= self.patience


def watch(
    look: Callable[[], tuple[Late, float]],
    patience: float,
    *,
    sleep: Callable[[float], object] = time.sleep,
    end: Callable[[int], object] = os._exit,
) -> None:
    """Look ten times in the time of patience, for ever; a database that does not answer says nothing about us."""
    seen = Watch(patience)
    while True:
        sleep(patience / LOOKS)
        try:
            late, lag = look()
        except EquipoiseError as error:
            log.warning("the watchdog could not look: %s", error)
            continue
        if seen.stands_still(late, time.monotonic(), lag):
            log.critical("%d mails are overdue and nobody takes one: this worker ends, to be started anew", late.number)
            logging.shutdown()
            end(ENDED)
            return


def start(look: Callable[[], tuple[Late, float]], patience: float) -> threading.Thread | None:
    """In a thread of its own; none where the patience is 0."""
    if not patience:
        return None
    thread = threading.Thread(target=watch, args=(look, patience), name="watchdog", daemon=True)
    thread.start()
    return thread
