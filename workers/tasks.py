"""Celery tasks: a few lines each, no rule."""

from __future__ import annotations

import logging
import mmap
from dataclasses import replace
from functools import cache

from celery import signals

from trial.core.errors import EquipoiseError
from trial.services.delivery import Sender
from trial.services.delivery_status import Late, lateness
from trial.services.replies import Postman
from trial.settings import Settings
from trial.storage.work import Store
from workers import metering, watchdog
from workers.app import TICK, app
from workers.errors import level_of
from workers.rounds import go_round, until_reached

log = logging.getLogger(__name__)
# one byte that the worker shares with the processes of its pool, which are forked from it and hear no signal themselves
_told_to_end = mmap.mmap(-1, 1)


def _is_ending() -> bool:
    return _told_to_end[0] != 0


@signals.worker_shutting_down.connect
def _end(**_: object) -> None:
    """A deploy waits for the mail in hand, not for the rest of an evening's mails."""
    _told_to_end[0] = 1


@cache
def _own() -> tuple[Store, Sender, Postman]:
    """Each worker process has its own connections, made on its first task."""
    settings = Settings()
    return settings.store(), replace(settings.sender(), ending=_is_ending), settings.postman()


@signals.worker_ready.connect
def _watch_over(**_: object) -> None:
    """In the worker's own process, beside those that do its tasks; each look has a connection of its own."""
    settings = Settings()

    def look() -> tuple[Late, float]:
        store = settings.store()
        try:
            return lateness(store.open_work)
        finally:
            store.engine.dispose()

    watchdog.start(look, settings.watchdog_seconds)


@app.task(name=TICK)
def deliver_due() -> None:
    """Send what is due; what could not be done now is still due at the next tick."""
    try:
        store, sender, postman = _own()

        def once() -> None:
            with store.kept() as open_work:
                go_round(open_work, sender, postman, metering.meters())

        until_reached(once, _is_ending)
    except EquipoiseError as error:
        log.log(level_of(error) or logging.ERROR, "%s", error)
