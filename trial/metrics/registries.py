"""What an endpoint reads: the meters of one process, or those of all processes of a worker, and the ledger beside."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.multiprocess import MultiProcessCollector

from trial.metrics.ledger import LedgerCollector
from trial.services.delivery_status import Open


def of_process() -> CollectorRegistry:
    """For a process that does all by itself; what it takes of the machine is told as well."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


def of_pool(folder: str) -> CollectorRegistry:
    """For a worker of several processes, each of which counts into files of this folder."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    return registry


def with_ledger(registry: CollectorRegistry, look: Callable[[], Open]) -> CollectorRegistry:
    """The same, which asks the database once for each scrape."""
    registry.register(LedgerCollector(look))
    return registry
