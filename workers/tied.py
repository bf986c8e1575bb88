"""Celery's own command, ended with whoever started it: `python -m workers.tied -A workers.app worker …`.

For the worker and the beat of a rehearsal: each leads a group of its own, and its starter holds its standard input.
"""

from __future__ import annotations

import os
import signal

from celery.__main__ import main

from trial.starter import when_starter_is_gone


def _end_group() -> None:
    """The worker and the processes of its pool, whatever they are at."""
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    when_starter_is_gone(_end_group)
    main()
