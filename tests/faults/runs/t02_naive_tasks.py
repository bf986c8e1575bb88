"""T2, the control: one Celery task per mail and no ledger, under the same kills. It must do worse, or T1 has no power.

`stuck` are mails that a dead worker held unacknowledged: the broker hands them out again after its visibility timeout,
an hour unless it is set. Of the rest that did not arrive nothing is left anywhere: they are lost.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import redis
from celery import Celery

from tests.faults.runs.frame import Result, Run, Watch
from tests.servers.nursery import CELERY, Child, Nursery, worker_words
from tests.servers.redis import RedisServer
from trial.mail.mailbox import started_mailbox

LATE = {"task_acks_late": True, "task_reject_on_worker_lost": True, "worker_prefetch_multiplier": 1}
EAGER = {"unacked_restore_interval": 0.5, "unacked_restore_throttle": 1, "unacked_restore_limit": 1000}
SETTINGS: dict[str, dict[str, Any]] = {"defaults": {}, "acks late": LATE, "countdown": {}}
_NUMBER = re.compile(rb"(?im)^message-id:\s*<(\d+)@")
_ARGUMENT = re.compile(r"\((\d+),\)")


@dataclass(slots=True)
class Naive:
    """The broker, the mailbox and what starts a worker."""

    client: Any
    url: str
    mailbox: Any
    nursery: Nursery
    settings: dict[str, Any]
    number: int = 0

    def worker(self) -> Child:
        self.number += 1
        words = worker_words(f"naive{self.number}", app="tests.faults.naive")
        variables = {"EQUIPOISE_BROKER_URL": self.url, "EQUIPOISE_SMTP_URL": self.mailbox.url}
        return self.nursery.start(CELERY, *words, NAIVE=json.dumps(self.settings), **variables)

    def send(self, mails: int, countdown: float) -> None:
        with Celery(broker=self.url, set_as_current=False) as app, app.connection_for_write() as connection:
            for number in range(mails):
                options = {"countdown": countdown} if countdown else {}
                app.send_task("naive.send", (number,), connection=connection, ignore_result=True, **options)

    def copies(self) -> Counter[int]:
        found = (_NUMBER.search(path.read_bytes()) for path in self.mailbox.directory.glob("*.eml"))
        return Counter(int(one[1]) for one in found if one)

    def arrived(self) -> int:
        return sum(1 for _ in self.mailbox.directory.glob("*.eml"))

    def unacknowledged(self) -> set[int]:
        """What the broker keeps for workers, dead or alive, that took it and said nothing."""
        found = (json.loads(one)[0]["headers"]["argsrepr"] for one in self.client.hvals("unacked"))
        return {int(one[1]) for one in map(_ARGUMENT.fullmatch, found) if one}


def do(given: Any, watch: Watch) -> Result:
    settings = dict(SETTINGS[given.settings])
    if given.visible:
        settings["broker_transport_options"] = {"visibility_timeout": given.visible, **EAGER}
    with _naive(watch, settings) as naive:
        workers = [naive.worker() for _ in range(given.workers)]
        while not all(one.says(" ready.") for one in workers):
            time.sleep(0.02)
        naive.send(given.mails, given.countdown)
        began = time.monotonic()
        if given.countdown:
            _wait_for_all(naive, given)
        elif given.flush:
            _forget(naive, given, watch, began)
        else:
            _kill(naive, workers, given, watch, began)
        _come_to_rest(naive, began + given.patience)
        copies, kept = naive.copies(), naive.unacknowledged()
        for one in workers:
            one.kill()
    missing = set(range(given.mails)) - copies.keys()
    stuck, lost = missing & kept, missing - kept
    doubled = sum(copies.values()) - len(copies)
    twice = len(kept & copies.keys())
    worse = (
        {"the control doubles": doubled > 0}
        if given.countdown
        else {"the control loses mails, or holds them back": bool(missing) or twice > 0}
    )
    hour = f"{given.visible:g} s" if given.visible else "an hour"
    words = (
        f"{len(lost)} lost, {len(stuck)} stuck for {hour}, {doubled} doubled (at most {max(copies.values())} copies), "
        f"{twice} to come twice."
    )
    more = {"stuck": len(stuck), "to_come_twice": twice}
    return Result(
        _load(given),
        _done(given, watch),
        worse,
        words,
        lost=len(lost),
        doubled=doubled,
        more=more,
    )


def _done(given: Any, watch: Watch) -> dict[str, int]:
    return {"FLUSHALL" if given.flush else "kill -9": len(watch.done)} if watch.done else {}


def _load(given: Any) -> str:
    how = {"defaults": "Celery's defaults", "acks late": "acks_late, reject_on_worker_lost, prefetch 1"}
    if given.countdown:
        return (
            f"{given.mails} mails with a countdown of {given.countdown:g} s and a visibility timeout of "
            f"{given.visible:g} s; nothing is killed."
        )
    if given.flush:
        return (
            f"{given.mails} mails, {given.workers} workers; Redis forgets everything after {given.after_mails} mails."
        )
    when = f"every {given.every:g} s" if given.every else f"after {given.after_mails} mails"
    return f"{given.mails} mails, {given.workers} workers with {how[given.settings]}, one killed {when} and replaced."


def _kill(naive: Naive, workers: list[Child], given: Any, watch: Watch, began: float) -> None:
    if given.every:
        plan = watch.plan("kill -9 of worker", every=given.every, seconds=given.seconds, among=given.workers)
    else:
        while naive.arrived() < given.after_mails:
            time.sleep(0.005)
        plan = watch.plan("kill -9 of worker", every=1, seconds=0.0, first=0.0)
    for fault in plan:
        while time.monotonic() - began < fault.at:
            time.sleep(0.01)
        if not naive.client.llen("celery"):
            return
        workers[fault.which].kill()
        watch.note(began, fault.what, fault.which)
        workers[fault.which] = naive.worker()


def _forget(naive: Naive, given: Any, watch: Watch, began: float) -> None:
    while naive.arrived() < given.after_mails:
        time.sleep(0.005)
    naive.client.flushdb()
    watch.note(began, "FLUSHALL")


def _wait_for_all(naive: Naive, given: Any) -> None:
    deadline = time.monotonic() + given.patience
    while naive.arrived() <= given.mails and time.monotonic() < deadline:
        time.sleep(0.05)


def _come_to_rest(naive: Naive, deadline: float) -> None:
    """Until the queue is empty and nothing more has arrived for a second and a half."""
    seen, since = -1, time.monotonic()
    while time.monotonic() < deadline:
        now = naive.arrived()
        if now != seen or naive.client.llen("celery"):
            seen, since = now, time.monotonic()
        elif time.monotonic() - since > 1.5:
            return
        time.sleep(0.05)


@contextmanager
def _naive(watch: Watch, settings: dict[str, Any]) -> Iterator[Naive]:
    with ExitStack() as stack:
        nursery = watch.lent.get("nursery") or stack.enter_context(Nursery(watch.folder / "processes"))
        server = watch.lent.get("redis") or stack.enter_context(RedisServer())
        url = server.url.replace("/0", "/1")
        client = stack.enter_context(redis.Redis.from_url(url))
        client.flushdb()
        mailbox = stack.enter_context(started_mailbox(watch.folder / f"naive-{time.monotonic_ns()}"))
        yield Naive(client, url, mailbox, nursery, settings)


LONG = {
    "settings": "defaults", "mails": 10_000, "workers": 4, "every": 2.0, "seconds": 60.0, "countdown": 0.0,
    "visible": 0.0, "patience": 300.0, "flush": 0,
}  # fmt: skip
FEW = LONG | {"mails": 400, "workers": 2, "every": 0.0, "after_mails": 60, "patience": 30.0}
COUNTDOWN = LONG | {"settings": "countdown", "mails": 500, "countdown": 25.0, "visible": 8.0, "patience": 60.0}

RUN = Run(
    "T2",
    "The control of T1 and T3: one Celery task per mail loses, delays or doubles mails.",
    {
        "short": FEW,
        "short-countdown": COUNTDOWN | {"mails": 20, "workers": 1, "countdown": 3.0, "visible": 1.0, "patience": 8.0},
        "defaults": LONG,
        "acks-late": LONG | {"settings": "acks late"},
        "acks-late-10s": LONG | {"settings": "acks late", "visible": 10.0},
        "countdown": COUNTDOWN,
        "flushall": LONG | {"mails": 6000, "every": 0.0, "after_mails": 500, "flush": 1},
    },
    do,
)
