"""One transaction for all that a pretend person does in one go, where no page and no mail server stand between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from trial.core.access import SYSTEM, Actor
from trial.storage.work import OpenWork, Work, tentative


class Acts:
    """Opens units of work. During an act they are parts of its transaction: each is kept or, where it is refused, taken
    back by itself, as it would be alone; nothing else can be done to the database meanwhile."""

    def __init__(self, open_work: OpenWork) -> None:
        self._open = open_work
        self._acting: Work | None = None

    @contextmanager
    def act(self) -> Iterator[None]:
        """Everything until the end belongs to one act."""
        with self._open(SYSTEM) as work:
            self._acting = work
            try:
                yield
            finally:
                self._acting = None

    @contextmanager
    def open_work(self, by: Actor, *, write: bool = True) -> Iterator[Work]:
        """A unit of work, alone or within the act; alone on the one connection that there is, also to read."""
        if self._acting is None:
            with self._open(by) as work:
                yield work
            return
        part = replace(self._acting, by=by)
        if not write:
            yield part
            return
        with tentative(part, keep=True):
            yield part
