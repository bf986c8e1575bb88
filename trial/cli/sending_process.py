"""A process that sends whatever is due and may be killed at any moment: a new one stands in its place at once.

Started by a rehearsal under faults, with the settings in its surroundings. It loads everything once, then splits off
the one that sends, says its number, and splits off the next when that one is gone. It ends with whoever started it,
who holds its standard input; no thread watches that, for a process with threads is no good to split.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from typing import NoReturn

from trial.core.errors import EquipoiseError
from trial.services.delivery import anything_due
from trial.settings import Settings
from workers.timetable import send_due

NAP = 0.005


def main() -> None:
    """Until whoever started this ends it, or is gone."""
    settings, sends = Settings(), [0]

    def end(*_: object) -> None:
        if sends[0]:
            os.kill(sends[0], signal.SIGKILL)
            os.waitpid(sends[0], 0)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    starter = sys.stdin.fileno()
    while True:
        alive, held = os.pipe()
        sends[0] = os.fork()
        if sends[0] == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.close(alive)
            _send(settings, os.getppid())
        os.close(held)  # the one that sends holds it alone: it ends when that one does
        sys.stdout.write(f"{sends[0]}\n")
        sys.stdout.flush()
        if starter in select.select([starter, alive], [], [])[0]:
            end()
        os.close(alive)
        os.waitpid(sends[0], 0)
        sends[0] = 0


def _send(settings: Settings, parent: int) -> NoReturn:
    """Send to the end of this process, or of the one that it was split off from."""
    store, sender = settings.store(), settings.sender()
    while os.getppid() == parent:
        try:
            if anything_due(store.open_work):
                send_due(store.open_work, sender)
        except EquipoiseError:  # a database that is busy is asked again
            pass
        time.sleep(NAP)
    os._exit(0)


if __name__ == "__main__":
    main()
