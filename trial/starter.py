"""For a process that is to end when whoever started it is gone, even by a kill that lets nobody tidy up."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable


def when_starter_is_gone(end: Callable[[], object]) -> None:
    """Call `end` once our standard input ends: our starter holds its other end, so this works on every system."""

    def wait_for_end_of_input() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        end()

    threading.Thread(target=wait_for_end_of_input, name="starter", daemon=True).start()
