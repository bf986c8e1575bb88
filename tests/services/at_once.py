"""Many things at the same moment: threads that wait for each other at a barrier, then all go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Found = TypeVar("Found")


def at_once(act: Callable[[Given], Found], things: Sequence[Given]) -> list[Found]:
    """Each thing in a thread of its own, started together; the results in order, or the first error."""
    barrier = threading.Barrier(len(things))

    def start(one: Given) -> Found:
        barrier.wait()
        return act(one)

    with ThreadPoolExecutor(len(things)) as pool:
        return [one.result(60) for one in [pool.submit(start, one) for one in things]]
