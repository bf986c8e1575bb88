"""Celery tasks: a few lines each, no rule."""

from __future__ import annotations

from functools import cache

from trial.services.delivery import Sender
from trial.settings import Settings
from trial.storage.work import Store
from workers.app import TICK, app
from workers.timetable import tick


@cache
def _own() -> tuple[Store, Sender]:
    """Each worker process has its own connections, made on its first task."""
    settings = Settings()
    return settings.store(), settings.sender()


@app.task(name=TICK)
def deliver_due() -> None:
    """Send what is due."""
    store, sender = _own()
    tick(store.open_work, sender)
