"""A sender whose own clock is wrong, and is set back again and again while it runs.

    python -m tests.faults.runs.shifted OFF BACK NAIVE SENDER        seconds, seconds, 0 or 1, what `senders` is given

The clock is exchanged before anything of ours is imported. With NAIVE its own clock decides what is due, as in code
that asks its machine for the time: the control.
"""

from __future__ import annotations

import datetime
import sys
import time

_REAL, _BEGAN = time.time, time.monotonic()
OFF, BACK = float(sys.argv[1]), float(sys.argv[2])
EVERY = 0.5


def off() -> float:
    """How far the clock is off: further back by one step each half second."""
    return OFF - BACK * int((time.monotonic() - _BEGAN) / EVERY)


class Shifted(datetime.datetime):
    """The class of moments, whose `now` is this machine's."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Shifted:
        return cls.fromtimestamp(_REAL() + off(), tz)

    @classmethod
    def utcnow(cls) -> Shifted:
        return cls.now(datetime.UTC).replace(tzinfo=None)


def _own_time(module: object) -> None:
    """Trial time and machine time are what the worker's clock says."""
    from trial.storage.work import Work

    def work_on(rows: object, by: object, keys: object) -> Work:
        now = Shifted.now(datetime.UTC)
        return Work(rows, by, keys, [(now, now)])

    module.work_on = work_on  # type: ignore[attr-defined]


if __name__ == "__main__":
    time.time = lambda: _REAL() + off()
    datetime.datetime = Shifted  # type: ignore[misc]
    naive, sys.argv[1:] = sys.argv[3] == "1", sys.argv[4:]
    from tests.faults.runs import senders
    from trial.storage import work

    if naive:
        _own_time(work)
    senders.main()
