"""T31: `equipoise rehearse --faults` on PostgreSQL, Redis and Celery, from the first click to the report.

The command that everybody runs kills its own workers by a plan from the seed, loses rings of the bell and lets the mail
server hang up. At the end three things must say the same: the ledger, the mailbox, and the oracle, which works
everything out anew from the protocol and from what people did. The mail server says which mails it hung up on, so that
a mail that came twice is put down to its own lost connection, and to a kill only where it had none.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.faults.runs.frame import Result, Run, Watch
from tests.faults.runs.lived import mails_of
from tests.faults.runs.places import database
from tests.servers.nursery import EQUIPOISE, Child, Nursery
from tests.servers.redis import RedisServer
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
    mails = mails_of(lived)
    recount = json.loads((lived.home / "oracle.json").read_text())
    kinds = Counter(one["kind"] for one in recount["differences"])
    done = json.loads((lived.home / "faults.json").read_text())["faults"]
    kills, held = done.get("kills", 0), done.get("mails in the hands of the dead", 0)
    cut, hung_up = _hung_up_on(lived.home), done.get("taken_unsaid", 0) + done.get("lost_unsaid", 0)
    by_connections = (mails.troubles() & cut).total()
    by_kills = mails.troubles().total() - by_connections
    bounds = mails.bounds | {
        "doubled and unknown beyond a mail's own lost connections at most one per kill": by_kills <= kills,
        "each lost connection is known with its mail": cut.total() == hung_up,
        "the ledger holds the schedule worked out anew": not kinds.keys() & {"missing", "unexpected", "time", "window"},
        "each mail ended as what its person had done demands": not kinds["end"],
        "the flow, the arms and everything else recounted agree": not recount["differences"],
        "kills hit what was in hand": held > 0,
    }
    people = len(lived.arm_of)
    words = (
        f"{people} of {given.people} people randomised, {mails.words} Of what came twice or is unknown "
        f"{by_connections} had lost a connection, {by_kills} are put down to kills. "
        f"{recount['compared']['counts']} counts and {recount['compared']['windows']} windows recounted, "
        f"{len(recount['differences'])} differences. The dead held {held} rows. "
        f"From the first click to the report in {seconds:.0f} s."
    )
    load = f"{given.people} pretend people, a Celery worker killed {given.kills:g} times a minute of sending."
    told = {"kill -9": kills, "connection lost after the content": hung_up}
    told |= {name.replace("_", " "): done[name] for name in ("put_off", "rings lost") if name in done}
    more = {"people": people, "planned": len(mails.rows), "accepted": len(mails.accepted), "late": mails.late,
            "by_kills": by_kills, "by_connections": by_connections, "differences": dict(kinds), "taken_over": held,
            "seconds": round(seconds)}  # fmt: skip
    ended = {"lost": mails.lost, "doubled": mails.doubled, "unknown": len(mails.unknown)}
    return Result(load, told, bounds, words, **ended, more=more)


def _hung_up_on(home: Path) -> Counter[str]:
    """How often the mail server hung up on each mail once it had its content, by Message-ID."""
    path = home / "mailbox" / "mischief.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    said = (line.split() for line in lines)
    return Counter(words[1] for words in said if words[0] in ("taken_unsaid", "lost_unsaid") and len(words) > 1)


RUN = Run(
    "T31",
    "`equipoise rehearse --faults` lives a trial to its report under faults, and it ends as if none had been.",
    {
        "short": FEW,
        "thousand-people": FEW | {"people": 1000, "longest": 7200.0},
    },
    do,
)
