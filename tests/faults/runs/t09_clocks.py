"""T9: workers whose clocks are two hours fast, two hours slow, or set back while they run; the database's is right."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from sqlalchemy import text

from tests.core.protocols import FOLDER
from tests.faults.runs import people, senders
from tests.faults.runs.frame import Result, Run, Watch
from tests.faults.runs.hostile import started_hostile
from tests.faults.runs.places import database
from tests.servers.process import wait_until
from tests.storage.stores import opened
from trial.core.links import make_message_id
from trial.storage.work import Store

HOURS = 2 * 3600
# seconds that a clock is off when its worker begins, and by how much it is set back each half second
CLOCKS = {
    "two hours fast": (HOURS, 0),
    "set back again and again": (0, 600),
    "two hours slow": (-HOURS, 0),
    "right": (0, 0),
}
CONNECTED = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
FIRST = "message = 'evening' and occurrence = 1"
# half of the mails are due since a minute, half in an hour; both windows are open until tomorrow
PLAN = (
    "update occasion set opens_at = now() - interval '2 minutes', closes_at = now() + interval '1 day' "
    "where id in (select occasion_id from delivery where message = 'evening' and occurrence = 1)",
    f"update delivery set due_at = now() - interval '1 minute', not_after = now() + interval '1 day' where {FIRST}",
    f"update delivery set due_at = now() + interval '1 hour' where {FIRST} and participant_id % 2 = 0",
    f"update delivery set state = 'suppressed', reason = 'stopped' where not ({FIRST})",
)
DOMAIN = senders.FROM.partition("@")[2]


def do(given: SimpleNamespace, watch: Watch) -> Result:
    found = _race(given, watch, given.mails, naive=False)
    control = _race(given, watch, given.control, naive=True)
    bounds = {
        "mails sent early 0": found["early"] == 0,
        "mails sent twice 0": found["doubled"] == 0,
        "lost 0": found["lost"] == 0,
        "each worker had its share": found["owners"] == given.clocks,
        "the naive control, which asks its own clock, sends early": control["early"] > 0,
    }
    words = (
        f"{found['due']} mails were due and {found['later']} an hour later: sent early {found['early']}, twice "
        f"{found['doubled']}, lost {found['lost']}. By the workers' own clocks, the control sent {control['early']} of "
        f"{control['later']} early and {control['doubled']} twice."
    )
    wrong = {f"clock {name}": 1 for name in list(CLOCKS)[: given.clocks] if name != "right"}
    return Result(
        f"{given.mails} mails, {given.clocks} worker processes, PostgreSQL.",
        wrong, bounds, words, lost=found["lost"], doubled=found["doubled"], unknown=0,
        drain_s=found["seconds"], more={"early": found["early"], "control": control},
    )  # fmt: skip


def _race(given: SimpleNamespace, watch: Watch, mails: int, *, naive: bool) -> dict[str, Any]:
    noon = time.gmtime().tm_hour - 12
    with database(watch, "postgresql") as url, opened(url) as store:
        people.gather(store, FOLDER, mails, start=None, zone_of=lambda _: f"Etc/GMT{noon:+d}")
        watch.say(f"{mails} people are gathered{', for the control' if naive else ''}")
        store.engine.dispose()
        name, clocks = ("control", ["two hours fast"]) if naive else ("clocks", list(CLOCKS)[: given.clocks])
        with started_hostile(watch.folder, name, slow=given.slow) as hostile:
            with _workers(url, hostile.url, clocks, naive):
                wait_until(lambda: senders.scalar(store, CONNECTED) >= len(clocks))
                began = time.monotonic()
                with store.engine.begin() as rows:
                    for statement in PLAN:
                        rows.execute(text(statement))
                _until_sent(store)
                seconds = round(time.monotonic() - began, 1)
                time.sleep(given.watched)
            kept = Counter(one["id"] for one in hostile.events("kept"))
        with senders.look(store) as rows:
            found = rows.execute(
                text(f"select id, participant_id % 2 = 0 as later, owner from delivery where {FIRST}")
            ).all()
    later = {make_message_id(store.keys.link, one.id, DOMAIN): one.later for one in found}
    return {
        "due": sum(not one for one in later.values()),
        "later": sum(later.values()),
        "early": sum(later[one] for one in kept),
        "doubled": sum(number - 1 for number in kept.values()),
        "lost": sum(not kept[one] for one, late in later.items() if not late),
        "owners": len({one.owner for one in found if one.owner}),
        "seconds": seconds,
    }


def _until_sent(store: Store) -> None:
    deadline = time.monotonic() + 300
    while senders.scalar(
        store, f"select count(*) from delivery where {FIRST} and due_at < now() and state <> 'accepted'"
    ):
        if time.monotonic() > deadline:
            raise AssertionError("the mails that were due were not sent")
        time.sleep(0.05)


@contextmanager
def _workers(url: str, smtp: str, clocks: Sequence[str], naive: bool) -> Iterator[None]:
    """One for each clock; the control has the fast one alone."""
    running = []
    for name in clocks:
        off, back = CLOCKS[name]
        words = [str(off), str(back), str(int(naive)), json.dumps([url, smtp, {"owner": name}])]
        command = [sys.executable, "-m", "tests.faults.runs.shifted", *words]
        running.append(subprocess.Popen(command, stdin=subprocess.PIPE))
    try:
        yield
    finally:
        for process in running:
            assert process.stdin is not None
            process.stdin.close()
        for process in running:
            process.wait(60)


RUN = Run(
    "T9",
    "A worker's own clock decides nothing: fast, slow or set back, it sends nothing early and nothing twice.",
    {
        "short": {"mails": 220, "control": 20, "clocks": 2, "watched": 0.5, "slow": 0.01},
        "postgresql": {"mails": 2000, "control": 200, "clocks": 4, "watched": 20.0, "slow": 0.0},
    },
    do,
)
