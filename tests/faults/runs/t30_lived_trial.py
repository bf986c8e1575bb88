"""T30: a whole rehearsal on PostgreSQL, Redis and Celery, from the first click to the report, under faults.

The rehearsal is the command that everybody runs, in the mode that kills its own workers by a plan from the seed, loses
rings of the bell and lets the mail server hang up. At the end three things must say the same: the ledger, the mailbox,
and the oracle, which works everything out anew from the protocol and from what people did.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import ExitStack
from typing import Any

from tests.faults.runs.frame import Result, Run, Watch
from tests.faults.runs.places import database
from tests.servers.nursery import EQUIPOISE, Child, Nursery
from tests.servers.redis import RedisServer
from tests.system import oracle
from tests.system.evidence import Evidence, read_postgres

PROTOCOL = "shapira-mongrain-2010"
FEW = {"people": 12, "kills": 8.0, "longest": 900.0}


def do(given: Any, watch: Watch) -> Result:
    began = time.monotonic()
    with ExitStack() as stack:
        nursery = watch.lent.get("nursery") or stack.enter_context(Nursery(watch.folder / "processes"))
        broker = watch.lent.get("redis") or stack.enter_context(RedisServer())
        url = stack.enter_context(database(watch, "postgresql"))
        home = watch.folder / "lived"
        words = ("--participants", str(given.people), "--seed", str(watch.chance.seed), "--out", str(home), "--report")
        where = ("--database-url", url, "--broker-url", broker.url)
        faults = ("--faults", "--kills-a-minute", str(given.kills))
        lived = nursery.start(EQUIPOISE, "rehearse", PROTOCOL, *words, *where, *faults)
        stack.callback(lived.kill)
        _until_it_ends(lived, home / "faults.json", given, watch)
        evidence = Evidence(home, read_postgres(url))
    return _result(given, evidence, seconds=time.monotonic() - began)


def _until_it_ends(lived: Child, told: Any, given: Any, watch: Watch) -> None:
    began, said = time.monotonic(), 0.0
    while lived.lives:
        now = time.monotonic() - began
        if now > given.longest:
            raise TimeoutError(f"the rehearsal came to no end: {lived.log.read_text(errors='replace')[-2000:]}")
        if now - said > 10:
            said = now
            watch.say(f"{sum(1 for _ in (told.parent / 'mailbox').glob('*.eml'))} mails arrived")
        time.sleep(0.1)
    if not (told.is_file() and (told.parent / "report.html").is_file()):
        raise RuntimeError(f"the rehearsal failed: {lived.log.read_text(errors='replace')[-3000:]}")


# --- the three that must say the same --------------------------------------------------------------------------------


def _result(given: Any, lived: Evidence, *, seconds: float) -> Result:
    rows = {oracle.message_id(lived, row): row for row in lived.tables["delivery"]}
    copies = Counter(mail.message_id for mail in lived.mails)
    unknown = {one for one, row in rows.items() if row["state"] == "unknown"}
    accepted = {one for one, row in rows.items() if row["state"] == "accepted"}
    lost = sum(not copies[one] for one in accepted)
    doubled = sum(number - 1 for number in copies.values())
    recount = json.loads((lived.home / "oracle.json").read_text())
    kinds = Counter(one["kind"] for one in recount["differences"])
    done = json.loads((lived.home / "faults.json").read_text())["faults"]
    late = sum(not row["due_at"] <= mail.sent <= row["not_after"] for mail in lived.mails
               if (row := rows.get(mail.message_id)) is not None)  # fmt: skip
    kills, held = done.get("kills", 0), done.get("mails in the hands of the dead", 0)
    faults = kills + done.get("taken_unsaid", 0) + done.get("lost_unsaid", 0)
    bounds = {
        "lost 0": lost == 0,
        "copies at most 2": max(copies.values(), default=0) <= 2,
        "doubled and unknown at most one per fault": doubled + len(unknown) <= faults,
        "the ledger holds the schedule worked out anew": not kinds.keys() & {"missing", "unexpected", "time", "window"},
        "each mail ended as what its person had done demands": not kinds["end"],
        "the flow, the arms and everything else recounted agree": not recount["differences"],
        "the mailbox holds no mail that the ledger does not hold as sent": copies.keys() <= accepted | unknown,
        "no mail left before it was due or after it was of use": late == 0,
        "kills hit what was in hand": held > 0,
    }
    people = len(lived.arm_of)
    words = (
        f"{people} of {given.people} people randomised, {len(rows)} mails planned, {len(accepted)} accepted; "
        f"{lost} lost, {doubled} doubled, {len(unknown)} unknown. {recount['compared']['counts']} counts and "
        f"{recount['compared']['windows']} windows recounted, {len(recount['differences'])} differences. "
        f"The dead held {held} rows. From the first click to the report in {seconds:.0f} s."
    )
    load = f"{given.people} pretend people, a Celery worker killed {given.kills:g} times a minute of sending."
    told = {"kill -9": kills, "connection lost after the content": faults - kills}
    told |= {name: done[name] for name in ("put_off", "rings lost") if name in done}
    more = {"people": people, "planned": len(rows), "accepted": len(accepted), "late": late,
            "differences": dict(kinds), "taken_over": held, "seconds": round(seconds)}  # fmt: skip
    return Result(load, told, bounds, words, lost=lost, doubled=doubled, unknown=len(unknown), more=more)


RUN = Run(
    "T30",
    "A trial is lived from the first click to the report under faults, and ends as if none had been.",
    {
        "short": FEW,
        "thousand-people": FEW | {"people": 1000, "longest": 7200.0},
    },
    do,
)
