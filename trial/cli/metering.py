"""The meters of `equipoise serve`, and where they are read: only where EQUIPOISE_METRICS names an address."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trial.core.errors import Refused
from trial.services import health
from trial.services.delivery_status import open_now
from trial.settings import Settings
from trial.storage.work import Store
from trial.web.health import told

if TYPE_CHECKING:
    from trial.metrics.meters import WebMeters, WorkerMeters


@contextmanager
def meters_of(settings: Settings, store: Store) -> Iterator[tuple[WebMeters | None, WorkerMeters | None]]:
    """Of the pages, and of the loop that sends where there is no broker; both None where nobody reads them."""
    address = settings.metrics_address()
    if address is None:
        yield None, None
        return
    # a library of its own, for those alone who ask for it
    from trial.metrics.endpoint import Endpoint
    from trial.metrics.meters import WebMeters, WorkerMeters
    from trial.metrics.registries import of_process, with_ledger

    registry = with_ledger(of_process(), lambda: open_now(store.open_work))
    meters = WebMeters(registry), None if settings.broker_url else WorkerMeters(registry)

    def ready() -> tuple[bool, dict[str, object]]:
        found = health.look(store.open_work)
        return found.ready, dict(told(found)["checks"])  # type: ignore[call-overload]

    try:
        endpoint = Endpoint(address, registry, ready)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise Refused(f"{settings.metrics} cannot be used for metrics ({why}). Change EQUIPOISE_METRICS.") from None
    try:
        yield meters
    finally:
        endpoint.close()
