"""Who is told how sending goes while it goes: how much was taken, and how long each stage of a mail lasts."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Literal, Protocol

Stage = Literal["claim", "look", "render", "smtp", "record"]


class Watch(Protocol):
    """A stage that lies within another counts by itself, and not towards the outer one."""

    def stage(self, name: Stage) -> AbstractContextManager[object]:
        """Around what belongs to a stage."""

    def claimed(self, number: int) -> None:
        """So many rows were taken at once."""


class _Nobody:
    def stage(self, name: Stage) -> AbstractContextManager[object]:
        return nullcontext()

    def claimed(self, number: int) -> None:
        pass


NOBODY: Watch = _Nobody()
