"""All meters of a process, by name. In a worker of several processes each counts into files that are read together.

Whoever makes one in such a worker has PROMETHEUS_MULTIPROC_DIR set before this module is first imported.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from trial.core.access import Actor
from trial.core.delivery import ContactState
from trial.services.watching import Stage
from trial.storage.work import OpenWork, Work

disable_created_metrics()  # type: ignore[no-untyped-call]

S = ContactState
# what a mail can become; where it only waits for its turn it has become nothing
OUTCOMES = (S.ACCEPTED, S.RETRY, S.BOUNCED, S.FAILED, S.UNKNOWN, S.SKIPPED_LATE, S.SUPPRESSED, S.HELD)
APPS = ("participants", "desk")
METHODS = ("GET", "HEAD", "POST")
OTHER = "other"
# each label, and every value it may ever have; `route` and `status` are checked against the applications by a test
LABELS: Mapping[str, tuple[str, ...]] = {
    "app": APPS,
    "method": (*METHODS, OTHER),
    "route": (),
    "status": (),
    "outcome": tuple(one.value for one in OUTCOMES),
    "stage": get_args(Stage),
    "result": ("done", "failed"),
}
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_LONG = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0)
_SIZES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500)


class WebMeters:
    """Requests by the pattern of their address, never by the address itself."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "equipoise_http_requests", "Requests that were answered.",
            ["app", "method", "route", "status"], registry=registry,
        )  # fmt: skip
        self.duration = Histogram(
            "equipoise_http_request_duration_seconds", "How long an answer took.",
            ["app", "method", "route"], buckets=_QUICK, registry=registry,
        )  # fmt: skip

    def answered(self, app: str, method: str, route: str, status: int, seconds: float) -> None:
        """One request."""
        known = method if method in METHODS else OTHER
        self.requests.labels(app, known, route, str(status)).inc()
        self.duration.labels(app, known, route).observe(seconds)


class WorkerMeters:
    """What a worker does. It is the `Watch` of a sender, and counts what mails become in each unit of work."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.mails = Counter("equipoise_mails", "What mails became.", ["outcome"], registry=registry)
        self.claims = Histogram(
            "equipoise_claimed_mails", "How many mails one claim took.", buckets=_SIZES, registry=registry
        )
        self.stages = Histogram(
            "equipoise_mail_stage_duration_seconds", "How long one stage of sending took, for a batch or a mail.",
            ["stage"], buckets=_QUICK, registry=registry,
        )  # fmt: skip
        self.ticks = Counter("equipoise_ticks", "Rounds of a worker.", ["result"], registry=registry)
        self.tick_duration = Histogram(
            "equipoise_tick_duration_seconds", "How long a round took.", buckets=_LONG, registry=registry
        )
        self.last_tick = _latest("equipoise_last_tick_timestamp_seconds", "When a round was last done.", registry)
        self.last_claim = _latest("equipoise_last_claim_timestamp_seconds", "When mails were last taken.", registry)
        for outcome in LABELS["outcome"]:
            self.mails.labels(outcome)
        for stage in LABELS["stage"]:
            self.stages.labels(stage)
        for result in LABELS["result"]:
            self.ticks.labels(result)
        self._within = threading.local()

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Time of a stage within is the inner one's alone."""
        began, outer = time.perf_counter(), getattr(self._within, "seconds", 0.0)
        self._within.seconds = 0.0
        try:
            yield
        finally:
            took = time.perf_counter() - began
            self.stages.labels(name).observe(max(took - self._within.seconds, 0.0))
            self._within.seconds = outer + took

    def claimed(self, number: int) -> None:
        """One claim."""
        self.claims.observe(number)
        if number:
            self.last_claim.set(time.time())

    @contextmanager
    def tick(self) -> Iterator[None]:
        """One round; whatever ends it with an error is counted as failed and goes on its way."""
        began, result = time.perf_counter(), "failed"
        try:
            yield
            result = "done"
            self.last_tick.set(time.time())
        finally:
            self.ticks.labels(result).inc()
            self.tick_duration.observe(time.perf_counter() - began)

    def counting(self, open_work: OpenWork) -> OpenWork:
        """The same units of work; what mails became in one is counted once it is committed."""

        @contextmanager
        def opened(by: Actor, *, write: bool = True) -> Iterator[Work]:
            with open_work(by, write=write) as work:
                yield work
            for state in work.moved:
                if state in OUTCOMES:
                    self.mails.labels(state.value).inc()

        found: Callable[..., AbstractContextManager[Work]] = opened
        return found


class BeatMeters:
    """What wakes the workers."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.ticks = Counter("equipoise_beat_ticks_sent", "Ticks that the broker took.", registry=registry)
        self.last = Gauge(
            "equipoise_beat_last_tick_timestamp_seconds", "When the broker last took one.", registry=registry
        )

    def sent(self) -> None:
        """One tick."""
        self.ticks.inc()
        self.last.set(time.time())


def _latest(name: str, said: str, registry: CollectorRegistry) -> Gauge:
    """Of several processes, the latest; those that ended count as well."""
    return Gauge(name, said, registry=registry, multiprocess_mode="max")


def value(registry: Any, name: str) -> float:
    """The one sample of this name; 0 where there is none yet."""
    found = (one.value for family in registry.collect() for one in family.samples if one.name == name)
    return next(found, 0.0)
