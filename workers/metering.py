"""Metrics and health of worker and beat, where EQUIPOISE_METRICS names an address; nothing of it otherwise.

The processes of a worker's pool count into files of a folder, and the worker's own process, which does no task, reads
them together. So the library is imported only once that folder is known: each handler here imports it for itself.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from celery import signals

from trial.core.errors import EquipoiseError
from trial.services import health
from trial.services.delivery_status import Open, open_now
from trial.services.health import Health
from trial.settings import Settings
from workers.app import TICK
from workers.readiness import beat_is_ready, worker_is_ready

if TYPE_CHECKING:
    from trial.metrics.endpoint import Ready
    from trial.metrics.meters import BeatMeters, WorkerMeters

log = logging.getLogger(__name__)
FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@cache
def meters() -> WorkerMeters | None:
    """Of this process of the pool."""
    if FOLDER not in os.environ or not Settings().metrics:
        return None
    from trial.metrics.meters import WorkerMeters
    from trial.metrics.registries import of_process

    return WorkerMeters(of_process())


@signals.celeryd_init.connect
def _make_folder(**_: object) -> None:
    """Before the pool begins: its processes inherit where to count."""
    if Settings().metrics:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="equipoise-metrics-")


@signals.worker_ready.connect
def _serve_worker(**_: object) -> None:
    settings, folder = Settings(), os.environ.get(FOLDER)
    if not settings.metrics or not folder:
        return
    from trial.metrics.meters import value
    from trial.metrics.registries import of_pool, with_ledger

    meters()  # every series stands at 0 before anything was done
    counted = of_pool(folder)

    def ready() -> tuple[bool, dict[str, object]]:
        last = value(counted, "equipoise_last_claim_timestamp_seconds")
        return worker_is_ready(_looked(settings), time.time() - last, settings.patience())

    _serve(settings, with_ledger(of_pool(folder), lambda: _open(settings)), ready)


@signals.worker_shutdown.connect
def _remove_folder(**_: object) -> None:
    if FOLDER in os.environ:
        shutil.rmtree(os.environ[FOLDER], ignore_errors=True)


@signals.beat_init.connect
def _serve_beat(**_: object) -> None:
    settings = Settings()
    if not settings.metrics:
        return
    from trial.metrics.meters import value
    from trial.metrics.registries import of_process

    registry, began = of_process(), time.time()
    counted = _beat(registry)

    @signals.after_task_publish.connect(weak=False)
    def _sent(sender: object = None, **_: object) -> None:
        if sender == TICK:
            counted.sent()

    def ready() -> tuple[bool, dict[str, object]]:
        last = value(registry, "equipoise_beat_last_tick_timestamp_seconds")
        return beat_is_ready(time.time() - (last or began), settings.patience())

    _serve(settings, registry, ready)


def _beat(registry: Any) -> BeatMeters:
    from trial.metrics.meters import BeatMeters

    return BeatMeters(registry)


def _serve(settings: Settings, registry: Any, ready: Ready) -> None:
    """Mail is worth more than what is counted of it: where the address cannot be had, the log says so and no more."""
    from trial.metrics.endpoint import Endpoint

    try:
        address = settings.metrics_address()
        assert address is not None
        Endpoint(address, registry, ready)
    except (OSError, EquipoiseError) as error:
        log.error("EQUIPOISE_METRICS (%s) cannot be used: %s", settings.metrics, error)


def _looked(settings: Settings) -> Health:
    """With a connection of its own: the pool's processes are made from this one and must not inherit any."""
    store = settings.store()
    try:
        return health.look(store.open_work)
    finally:
        store.engine.dispose()


def _open(settings: Settings) -> Open:
    store = settings.store()
    try:
        return open_now(store.open_work)
    finally:
        store.engine.dispose()
