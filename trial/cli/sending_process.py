"""A process that sends whatever is due and may be killed at any moment: a new one stands in its place at once.

Started by a rehearsal under faults, with the settings in its surroundings. It loads everything once, then splits off
the one that sends, says its number, and splits off the next when that one is gone.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time

from trial.core.errors import EquipoiseError
from trial.services.delivery import anything_due
from trial.settings import Settings
from workers.timetable import send_due

NAP = 0.005


def main() -> None:
    """Until whoever started this ends it, or is gone."""
    end_with_parent()
    settings, sends = Settings(), [0]

    def end(*_: object) -> None:
        if sends[0]:
            os.kill(sends[0], signal.SIGKILL)
            os.waitpid(sends[0], 0)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    while True:
        sends[0] = os.fork()
        if sends[0] == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            _send(settings)
        sys.stdout.write(f"{sends[0]}\n")
        sys.stdout.flush()
        os.waitpid(sends[0], 0)
        sends[0] = 0


def _send(settings: Settings) -> None:
    """Send to the end of this process."""
    end_with_parent()
    store, sender = settings.store(), settings.sender()
    while True:
        try:
            if anything_due(store.open_work):
                send_due(store.open_work, sender)
        except EquipoiseError:  # a database that is busy is asked again
            pass
        time.sleep(NAP)


def end_with_parent() -> None:
    """The kernel ends this process with the one that started it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))  # 1 is PR_SET_PDEATHSIG


if __name__ == "__main__":
    main()
