"""T30: a whole rehearsal on PostgreSQL, Redis and Celery, from the first click to the report, while workers are killed.

The rehearsal is the command that everybody runs; the workers are ours, so that they can be killed. At the end three
things must say the same: the ledger, the mailbox, and the schedule that code of the tests' own works out from the
protocol's file and from what people did.
"""

from __future__ import annotations

import math
import re
import signal
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.faults.runs.frame import Result, Run, Watch
from tests.faults.runs.lived import mails_of
from tests.faults.runs.load import OPERATOR
from tests.faults.runs.places import database
from tests.faults.runs.rig import Rig
from tests.servers.nursery import EQUIPOISE, Child, Nursery
from tests.servers.redis import RedisServer
from tests.system import oracle
from tests.system.evidence import Evidence, read_postgres
from trial.core.delivery import LINK_USED
from trial.settings import Settings

_SMTP = re.compile(r"EQUIPOISE_SMTP_URL=(\S+)")
PATIENCE = 90.0
FEW = {
    "people": 12, "workers": 2, "every": 1.5, "after_mails": 15, "dead": 1.0, "longest": 300.0, "patience": 120.0,
}  # fmt: skip


def do(given: Any, watch: Watch) -> Result:
    began = time.monotonic()
    with ExitStack() as stack:
        nursery = watch.lent.get("nursery") or stack.enter_context(Nursery(watch.folder / "processes"))
        broker = watch.lent.get("redis") or stack.enter_context(RedisServer())
        url = stack.enter_context(database(watch, "postgresql"))
        home = watch.folder / "lived"
        words = ("--participants", str(given.people), "--seed", str(watch.chance.seed), "--out", str(home))
        where = ("--database-url", url, "--broker-url", broker.url, "--no-workers")
        lived = nursery.start(EQUIPOISE, "demo", *words, *where)
        stack.callback(lived.kill)
        rig = _rig(watch, home, url, nursery, broker, _mail_server(lived))
        stack.callback(rig.store.engine.dispose)
        stack.callback(rig.end)
        rig.seconds_of_the_dead = given.dead
        rig.start(given.workers)
        _kill_until_it_ends(rig, lived, given)
        rig.end()
        evidence = Evidence(home, read_postgres(url))
    return _result(given, evidence, watch, taken_over=rig.taken_over, seconds=time.monotonic() - began)


def _mail_server(lived: Child) -> str:
    deadline = time.monotonic() + PATIENCE
    while (found := _SMTP.search(lived.log.read_text(errors="replace"))) is None:
        if time.monotonic() > deadline or not lived.lives:
            raise TimeoutError(f"the rehearsal did not begin: {lived.log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)
    return found[1]


def _rig(watch: Watch, home: Path, url: str, nursery: Nursery, broker: RedisServer, smtp: str) -> Rig:
    store = Settings(home=home, database_url=url, smtp_url=smtp).store()
    mailbox: Any = SimpleNamespace(url=smtp, directory=home / "mailbox")
    with store.open_work(OPERATOR, write=False) as work:
        due = work.now
    return Rig(watch, home, store, url, mailbox, nursery, broker, {"TICK_SECONDS": "1"}, [], due)


def _kill_until_it_ends(rig: Rig, lived: Child, given: Any) -> None:
    """Kills come by the clock, in the short form when so many mails more have arrived, so that a busy machine has no
    more of them; each waits until a mail is in hand, and for no longer than the patience."""
    number, said, chance = 0, 0.0, rig.watch.chance
    due, since, met = given.every, math.inf, set[int]()
    while lived.lives:
        rig.tick()
        comes = rig.arrived() >= (number + 1) * given.after_mails if given.after_mails else rig.now >= due
        since = min(since, rig.now) if comes else math.inf
        if comes and _struck(rig, number, met):
            number, since = number + 1, math.inf
            due = rig.now + given.every * (0.75 + 0.5 * chance.uniform("when", number))
        if rig.now - since > given.patience:
            raise TimeoutError(f"no worker had a mail in hand for {given.patience:g} s: kill {number} met nobody")
        if rig.now - said > 10:
            said = rig.now
            rig.watch.say(f"{rig.arrived()} mails arrived, {number} kills")
        if rig.now > given.longest:
            raise TimeoutError(f"the rehearsal came to no end: {lived.log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.005 if comes else 0.02)
    if not (rig.home / "report.html").is_file():
        raise RuntimeError(f"the rehearsal failed: {lived.log.read_text(errors='replace')[-3000:]}")


def _struck(rig: Rig, number: int, met: set[int]) -> bool:
    """Kill one of the workers that have a mail in hand, and put another in its place; False where none has.

    It is frozen while the ledger is asked once more: by then it may have come to the end of its batch. A mail that
    was `met` by a kill already gives no cause for another, or on a busy machine one mail would be met for ever.
    """
    holders = [which for which, worker in enumerate(rig.workers) if set(rig.rows_of(worker)) - met]
    if not holders:
        return False
    which = rig.watch.chance.choice(holders, "which", number)
    worker = rig.workers[which]
    worker.send(signal.SIGSTOP)
    held = set(rig.rows_of(worker))
    if not held - met:
        worker.send(signal.SIGCONT)
        return False
    worker.kill()
    met |= held
    rig.watch.note(rig.began, "kill -9 of worker", which)
    rig.workers[which] = rig.worker()
    return True


# --- the three that must say the same --------------------------------------------------------------------------------


def _result(given: Any, lived: Evidence, watch: Watch, *, taken_over: int, seconds: float) -> Result:
    mails = mails_of(lived)
    schedule, others = _off_schedule(lived), _other_ends(lived)
    ends = sum(others.values())
    kills = len(watch.done)
    bounds = mails.bounds | {
        "doubled and unknown at most one per kill": mails.doubled + len(mails.unknown) <= kills,
        "the ledger holds the schedule worked out anew": schedule == 0,
        "each mail ended as what its person had done demands": ends == 0,
        "kills hit what was in hand": taken_over > 0,
    }
    people = len(lived.arm_of)
    words = (
        f"{people} of {given.people} people randomised, {mails.words} Rows off the schedule {schedule}, with another "
        f"end {ends}. The dead held {taken_over} rows. From the first click to the report in {seconds:.0f} s."
    )
    often = f"after every {given.after_mails} mails" if given.after_mails else f"about every {given.every:g} s"
    load = f"{given.people} pretend people, {given.workers} Celery workers, one killed {often}."
    more = {"people": people, "planned": len(mails.rows), "accepted": len(mails.accepted), "off_schedule": schedule,
            "other_ends": dict(others), "late": mails.late, "taken_over": taken_over,
            "seconds": round(seconds)}  # fmt: skip
    ended = {"lost": mails.lost, "doubled": mails.doubled, "unknown": len(mails.unknown)}
    return Result(load, {"kill -9": kills}, bounds, words, **ended, more=more)


def _off_schedule(lived: Evidence) -> int:
    """How many planned mails of everyone randomised are missing, too many, or planned for another time."""
    wrong = 0
    ledger: dict[int, dict[oracle.Key, tuple[Any, Any]]] = {}
    for row in lived.tables["delivery"]:
        if row["stream"] != "service":
            ledger.setdefault(row["participant_id"], {})[oracle.key_of(row)] = row["due_at"], row["not_after"]
    for person, arm in lived.arm_of.items():
        record = lived.people[person]
        promised = oracle.schedule(lived.protocol, record["randomized_at"], record["zone"], arm)
        planned = {key: (one.due, one.latest) for key, one in promised.items()}
        wrong += len(planned.items() ^ ledger.pop(person, {}).items())
    return wrong + sum(map(len, ledger.values()))


def _other_ends(lived: Evidence) -> Counter[str]:
    """Mails that ended otherwise than their person's doings demand, by what was demanded and what they became.

    One in doubt may stand for one accepted, and so does one whose link was used while it was in doubt.
    """
    wrong: Counter[str] = Counter()
    for row in lived.tables["delivery"]:
        state, reason = oracle.expected_end(lived, row)
        if state == "accepted" and (row["state"] == "unknown" or row["reason"] == LINK_USED):
            continue
        if (state, reason) != (row["state"], row["reason"]):
            wrong[f"{state} ({reason}) demanded, {row['state']} ({row['reason']}) found"] += 1
    return wrong


RUN = Run(
    "T30",
    "A trial is lived from the first click to the report while workers are killed, and ends as if none had been.",
    {
        "short": FEW,
        "thousand-people": FEW
        | {"people": 1000, "workers": 3, "every": 10.0, "after_mails": 0, "dead": 3.0, "longest": 5400.0},
    },
    do,
)
