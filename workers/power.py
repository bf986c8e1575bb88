"""Power worked out by Celery workers on many machines: `celery -A workers.power worker`.

An application of its own, with a queue of its own, so that no simulation stands before a mail; a worker of it needs a
broker and nothing else, no database and no disk that is shared. A batch is acknowledged once it is done, so that
another worker takes what one left behind; whatever is found to be in nobody's hands is sent again. Twice is as good as
once: a batch gives the same tally wherever and however often it is carried out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from celery import Celery, signals
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from trial.core.errors import EquipoiseError, Refused, Unavailable

# with these comes numpy, which a worker loads once it knows how many processors it may take
if TYPE_CHECKING:
    from trial.rehearsal.power import Asked, Job, Spread
    from trial.rehearsal.power_message import Shared
    from trial.stats.simulated_power import Tally

TASK = "equipoise.power"
QUEUE = "equipoise-power"
# so many batches are on their way at most, however many a run has
AHEAD = 128
LOOK = 0.05
# seconds without a result until the workers are asked what they hold, and until they are given up
QUIET, PATIENCE = 10.0, 60.0
# seconds that a worker has to answer
ANSWERS_WITHIN = 5.0
SETTING = "--broker-url"
HOW = "start one with: EQUIPOISE_BROKER_URL=redis://… celery -A workers.power worker"

# each process of a worker takes one processor, not all of them
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def make_power_app(broker_url: str | None, *, keeps: bool = True) -> Celery:
    """The application on a broker, which keeps results for an hour as well. Who asks looks for results where `keeps`
    is set, and sends where it is not: else Celery would listen for each result by a message that nobody takes off."""
    app = Celery("equipoise-power", broker=broker_url, backend=broker_url if keeps else None, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        result_expires=3600,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_default_queue=QUEUE,
        task_compression="gzip",
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        # apart from the workers that send mail, which answer what is asked of all
        control_exchange=QUEUE,
        broker_transport_options={"visibility_timeout": 3600, "socket_keepalive": True, "health_check_interval": 25},
        timezone="UTC",
        enable_utc=True,
    )
    return app


app = make_power_app(os.environ.get("EQUIPOISE_BROKER_URL"))


@signals.celeryd_init.connect
def _needs_a_broker(**_: object) -> None:
    """Celery itself would look for another kind of broker on this machine, for ever."""
    if not app.conf.broker_url:
        raise SystemExit("EQUIPOISE_BROKER_URL is not set. Name the Redis that work comes from: redis://host:port/0")


@app.task(name=TASK)
def carry_out(message: Mapping[str, Any]) -> dict[str, Any]:
    """One batch; what is wrong with it is an answer as well."""
    from trial.rehearsal.power_message import answered

    try:
        return {"tally": answered(message)}
    except EquipoiseError as error:
        return {"refused": str(error)}


def over_workers(broker_url: str, *, quiet: float = QUIET, patience: float = PATIENCE) -> Spread:
    """Over whatever workers there are on this broker, many machines or one."""

    def spread(asked: Asked, jobs: Sequence[Job]) -> Iterator[Tally]:
        from trial.rehearsal.power_message import shared

        asking, keeping = make_power_app(broker_url, keeps=False), make_power_app(broker_url)
        try:
            yield from _Run(asking, keeping.backend, jobs, shared(asked), quiet, patience).tallies()
        except (OperationalError, RedisError, OSError) as error:
            raise Unavailable("The broker", SETTING, str(error)) from error
        finally:
            asking.close()
            keeping.close()

    return spread


@dataclass(slots=True)
class _Run:
    """One run: what is on its way, by its place among the jobs, and what came back and is not told yet."""

    app: Celery
    kept: Any
    jobs: Sequence[Job]
    shared: Shared
    quiet: float
    patience: float
    sent: dict[int, list[str]] = field(default_factory=dict)
    back: dict[int, Tally] = field(default_factory=dict)
    next: int = 0
    heard: float = 0.0
    asked_at: float = 0.0

    def tallies(self) -> Iterator[Tally]:
        """In the order of the jobs."""
        self._require_worker()
        self.heard = self.asked_at = time.monotonic()
        try:
            for place in range(len(self.jobs)):
                while place not in self.back:
                    self._send(until=place + AHEAD)
                    if not self._collect():
                        self._wait()
                yield self.back.pop(place)
        finally:
            self._call_off()

    def _require_worker(self) -> None:
        with self.app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
        if not self.app.control.inspect(timeout=ANSWERS_WITHIN, limit=1).ping():
            raise Unavailable("A worker for power", SETTING, f"none answers on this broker; {HOW}")

    def _send(self, *, until: int) -> None:
        while self.next < min(until, len(self.jobs)):
            self._send_one(self.next)
            self.next += 1

    def _send_one(self, place: int) -> None:
        message = self.shared.with_job(self.jobs[place])
        sent = self.app.send_task(TASK, (message,), retry=False)
        self.sent.setdefault(place, []).append(sent.id)

    def _collect(self) -> bool:
        """Take in what came; whether anything did."""
        place_of = {one: place for place, ids in self.sent.items() for one in ids}
        found = self.kept.get_many(list(place_of), interval=0, max_iterations=1)
        came = [(place_of[one], meta) for one, meta in found]
        for place, meta in came:
            if place in self.sent:
                self.back[place] = _tally(meta)
                for one in self.sent.pop(place):
                    self.kept.forget(one)
        if came:
            self.heard = self.asked_at = time.monotonic()
        return bool(came)

    def _wait(self) -> None:
        """Where it is quiet for long, the workers say what they hold, and what nobody holds is sent anew."""
        time.sleep(LOOK)
        now = time.monotonic()
        if now - self.asked_at < self.quiet:
            return
        held = self._held()
        self.asked_at = time.monotonic()
        if held is None:
            if now - self.heard > self.patience:
                raise Unavailable("A worker for power", SETTING, f"all have gone silent; {HOW}")
            return
        if held:  # at work: a large batch takes its time
            self.heard = self.asked_at
        if self._queued() == 0:
            for place, ids in list(self.sent.items()):
                if not held & set(ids):
                    self._send_one(place)

    def _held(self) -> set[str] | None:
        """The batches that workers say they have; None where no worker says anything."""
        asked = self.app.control.inspect(timeout=2)
        answers = [asked.active(), asked.reserved()]
        if not any(answers):
            return None
        return {str(one["id"]) for each in answers if each for tasks in each.values() for one in tasks}

    def _queued(self) -> int:
        with self.app.connection_for_read() as connection:
            try:
                return int(connection.default_channel.queue_declare(QUEUE, passive=True).message_count)
            except connection.channel_errors:  # Redis has no queue without messages
                return 0

    def _call_off(self) -> None:
        """Whatever is still on its way is no longer wanted."""
        left = [one for ids in self.sent.values() for one in ids]
        if left:
            self.app.control.revoke(left)


def _tally(meta: Mapping[str, Any]) -> Tally:
    if meta["status"] != "SUCCESS":
        raise Unavailable("A worker for power", SETTING, f"a batch failed there: {meta['result']!r}")
    if "refused" in meta["result"]:
        raise Refused(str(meta["result"]["refused"]))
    from trial.rehearsal.power_message import tally_of

    return tally_of(meta["result"]["tally"])
