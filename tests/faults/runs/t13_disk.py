"""T13: no room on the disk, again and again, while people answer on the pages and their mails are sent."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

from sqlalchemy import text

from tests.faults.runs import people, senders
from tests.faults.runs.frame import Result, Run, Watch
from tests.faults.runs.full_disk import Volume, limited, small_volume
from tests.faults.runs.hostile import Hostile, started_hostile
from tests.faults.runs.walkers import OnADisk, Walker
from tests.servers.postgres import ROLE, PostgresServer
from tests.servers.process import wait_until
from tests.storage.stores import KEYS
from tests.web.place import START, Person
from trial.core.errors import EquipoiseError
from trial.core.links import make_message_id
from trial.mail.smtp import SmtpMailer
from trial.services.delivery import Sender, run_once
from trial.storage.engine import connect, sqlite_url
from trial.storage.work import Store

DOMAIN = senders.FROM.partition("@")[2]
STARTS = 40
NOT_SENT = ("unknown", "suppressed", "skipped_late")
DUE = "select d.id from delivery d, clock c where d.due_at <= c.instant"


@dataclass
class Rounds:
    """One kind of database on a disk that fills up and is freed again."""

    place: OnADisk
    volume: Volume
    hostile: Hostile
    watch: Watch
    walkers: list[Walker] = field(default_factory=list)
    broken_sends: int = 0
    lost: list[str] = field(default_factory=list)
    refusals: Counter[int] = field(default_factory=Counter)
    restarts: int = 0
    came_to: int = 0

    def run(self, rounds: int, most_left: int, restart: Any = None) -> None:
        began = time.monotonic()
        mailer = SmtpMailer(self.hostile.url, timeout=5)
        sender = Sender(mailer, senders.FROM, "alone", wait=lambda _: None)
        walker = self._next()
        for number in range(rounds):
            left = int(self.watch.chance.uniform("left", number) ** 2 * most_left)
            people.move(self.place.store, START + timedelta(days=number + 1, hours=9 + 10 * (number % 2)))
            self.volume.fill(left)
            self.watch.note(began, f"full but for {left} bytes")
            broken = self.broken_sends
            for _ in range(STARTS):  # every other time a day's mails are due, and meet the full disk first
                if number % 2 and self.broken_sends == broken and self._send(sender, limit=1):
                    continue
                if not walker.step():
                    self.came_to += 1
                    break
                self._send(sender)
                walker = self._next() if walker.through else walker
            with self._room_to_look():
                self.lost += [word for one in self.walkers for word in one.lost()]
            self.volume.free()
            if restart is not None and restart():
                self.restarts += 1
            for _ in range(STARTS):  # whoever was refused comes back and goes on where they were
                self._send(sender)
                if walker.step() and walker.through:
                    break
            assert walker.through, f"the way in did not heal: {walker.refusals}"
            walker = self._next()
        self.walkers.pop()
        self.refusals = sum((one.refusals for one in self.walkers), Counter())
        self._to_the_end(sender)
        mailer.close()

    def _next(self) -> Walker:
        self.walkers.append(Walker(Person(self.place, people.address(len(self.walkers)))))
        return self.walkers[-1]

    def _send(self, sender: Sender, limit: int = 20) -> int:
        try:
            return run_once(self.place.store.open_work, sender, limit=limit)
        except EquipoiseError:
            self.broken_sends += 1
            return 0

    @contextmanager
    def _room_to_look(self) -> Iterator[None]:
        try:
            yield
        except EquipoiseError:  # a database that is down says nothing now; it is asked again at the end
            return

    def _to_the_end(self, sender: Sender) -> None:
        """Leases lapse, what is in doubt is sent once more, until nothing is open."""
        for _ in range(4):
            with self.place.store.engine.begin() as rows:
                rows.execute(
                    text("update delivery set lease_until = '2001-01-01 00:00:00' where lease_until is not null")
                )
            senders.let_machine_time_pass(self.place.store)
            while run_once(self.place.store.open_work, sender):
                pass
        self.lost += [word for one in self.walkers for word in one.lost()]

    def found(self) -> dict[str, Any]:
        """The witness beside the ledger."""
        with senders.look(self.place.store) as rows:
            mails = rows.execute(text("select id, participant_id, state, attempt, doubts from delivery")).all()
            due = set(rows.execute(text(DUE)).scalars())
        by_id = {make_message_id(self.place.keys.link, one.id, DOMAIN): one for one in mails}
        kept = Counter(one["id"] for one in self.hostile.events("kept"))
        accepted = {one for one, row in by_id.items() if row.state == "accepted"}
        everybody = len({one.id for one in self.walkers})
        return {
            "people": everybody,
            "lost_acknowledgements": len(self.lost),
            "refused": {str(status): number for status, number in self.refusals.items()},
            "filled": self.came_to,
            "broken_sends": self.broken_sends,
            "restarts": self.restarts,
            "sent_without_a_mail": len(accepted - kept.keys()),
            "mails": len(kept),
            "lost": sum(not kept[one] and row.state not in NOT_SENT for one, row in by_id.items() if row.id in due),
            "doubled": sum(number - 1 for number in kept.values()),
            "in_doubt": sum(row.doubts > 0 for row in by_id.values()),
            "unknown": sum(row.state == "unknown" for row in by_id.values()),
            "all_through_once": all(one.through for one in self.walkers) and everybody == len(self.walkers),
        }


def bounds_of(kind: str, found: dict[str, Any]) -> dict[str, bool]:
    return {
        f"{kind}: lost acknowledgements 0": found["lost_acknowledgements"] == 0,
        f"{kind}: nothing was acknowledged but by a redirect after the commit": set(found["refused"]) <= {"503", "403"},
        f"{kind}: the disk did fill up": found["filled"] > 0 and found["refused"] != {},
        f"{kind}: no mail is called sent that did not leave": found["sent_without_a_mail"] == 0,
        f"{kind}: lost mails 0": found["lost"] == 0,
        f"{kind}: doubled at most those in doubt": found["doubled"] <= found["in_doubt"],
        f"{kind}: it heals, and everybody is through once": found["all_through_once"],
    }


def on_sqlite(watch: Watch, volume: Volume, rounds: int, left: int) -> tuple[Rounds, dict[str, Any]]:
    store = Store(connect(sqlite_url(volume.folder / "trial.sqlite"), durable=True), KEYS)
    with started_hostile(watch.folder, f"sqlite-{volume.folder.name}") as hostile:
        found = Rounds(OnADisk(store), volume, hostile, watch)
        found.run(rounds, left)
        store.engine.dispose()
        return found, found.found()


def control(folder: Path, volume: Volume) -> int:
    """What an error handler too many does: the page says thank you, whatever became of the row."""
    rows = sqlite3.connect(folder / "naive.sqlite")
    rows.execute("create table answer (number integer, words text)")
    rows.commit()
    volume.fill(20_000)
    thanked = 0
    for number in range(60):
        try:
            rows.execute("insert into answer values (?, ?)", (number, "x" * 3000))
            rows.commit()
        except sqlite3.Error:
            rows.rollback()
        thanked += 1
    volume.free()
    kept = rows.execute("select count(*) from answer").fetchone()[0]
    rows.close()
    return thanked - int(kept)


def do(given: SimpleNamespace, watch: Watch) -> Result:
    found: dict[str, dict[str, Any]] = {}
    with ExitStack() as stack:
        quota = stack.enter_context(limited(watch.folder / "limited"))
        _, found["a limit on files"] = on_sqlite(watch, quota, given.rounds, given.left)
        watch.say(f"SQLite under a limit: {found['a limit on files']}")
        naive = control(quota.folder, quota)
        bounds = {"the naive control loses acknowledgements": naive > 0}
        if given.volumes:
            bounds |= _on_volumes(given, watch, stack, found)
    for kind, figures in found.items():
        bounds |= bounds_of(kind, figures)
    words = " ".join(
        f"{kind[0].upper()}{kind[1:]}: {one['people']} people, filled {one['filled']} times, pages refused "
        f"{sum(one['refused'].values())} times, lost acknowledgements {one['lost_acknowledgements']}, lost mails "
        f"{one['lost']}, doubled {one['doubled']} of {one['in_doubt']} in doubt."
        for kind, one in found.items()
    )
    total = {name: sum(one[name] for one in found.values()) for name in ("lost", "doubled", "unknown", "filled")}
    return Result(
        f"{given.rounds} times full on each, people on the way in, a sender.",
        {"disk full": total["filled"]}, bounds, f"{words} A page that thanks whatever happens lost {naive} of 60.",
        lost=total["lost"], doubled=total["doubled"], unknown=total["unknown"], more={"kinds": found, "control": naive},
    )  # fmt: skip


def _on_volumes(
    given: SimpleNamespace, watch: Watch, stack: ExitStack, found: dict[str, dict[str, Any]]
) -> dict[str, bool]:
    """What needs root: real volumes that are full or read-only, for SQLite and for PostgreSQL; and a full log."""
    small = stack.enter_context(small_volume(watch.folder / "small", 24))
    rounds, found["SQLite on a full volume"] = on_sqlite(watch, small, given.rounds, given.left)
    watch.say(f"SQLite on a volume: {found['SQLite on a full volume']}")
    bounds = {"a read-only volume acknowledges nothing, and heals": _read_only(rounds, small)}
    bounds["senders whose log is full send everything"] = _full_log(watch)
    found["PostgreSQL on a full volume"] = _on_postgresql(given, watch)
    watch.say(f"PostgreSQL on a volume: {found['PostgreSQL on a full volume']}")
    return bounds


def _read_only(rounds: Rounds, volume: Any) -> bool:
    """The file system goes read-only under a service that runs: nothing is acknowledged; afterwards all goes on."""
    walker = rounds._next()
    rounds.place.store.engine.dispose()
    volume.read_only(True)
    refused = [walker.step() for _ in range(4)]
    before = list(walker.done)
    rounds.place.store.engine.dispose()
    volume.read_only(False)
    for _ in range(STARTS):
        if walker.through or (walker.step() and walker.through):
            break
        sender = Sender(SmtpMailer(rounds.hostile.url), senders.FROM, "after", wait=lambda _: None)
        rounds._send(sender)
    return before in ([], ["agreed"]) and not all(refused) and walker.through and not walker.lost()


def _full_log(watch: Watch) -> bool:
    """A sender that logs everything to a device that is always full."""
    url = sqlite_url(watch.folder / "logging.sqlite")
    with connect_store(url) as store, started_hostile(watch.folder, "logging") as hostile:
        people.gather(store, people.HELD_OR_ONCE_MORE, 40)
        people.move(store, people.START + timedelta(days=1, hours=10))
        words = "import logging; logging.basicConfig(level=0); from tests.faults.runs.senders import main; main()"
        command = [sys.executable, "-c", words, json.dumps([url, hostile.url, {}])]
        with Path("/dev/full").open("wb") as full:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=full, stderr=full)
        with process:
            senders.until_idle(store, 60)
            assert process.stdin is not None
            process.stdin.close()
        return len({one["to"] for one in hostile.events("kept")}) == 40


@contextmanager
def connect_store(url: str) -> Iterator[Store]:
    store = Store(connect(url), KEYS)
    try:
        yield store
    finally:
        store.engine.dispose()


def _on_postgresql(given: SimpleNamespace, watch: Watch) -> dict[str, Any]:
    """The whole cluster on the volume; where it gave up, it is started anew, as a service manager does."""
    server = OnVolume()
    with (
        small_volume(server.folder / "volume", 220) as volume,
        server.on(volume.folder / "data"),
        started_hostile(watch.folder, "postgresql") as hostile,
    ):
        store = Store(connect(server.create_database("full")), KEYS)

        def restart() -> bool:
            time.sleep(0.5)
            if server.process is not None and server.process.poll() is None:
                wait_until(server.answers, seconds=30)
                return False
            server.start()
            return True

        found = Rounds(OnADisk(store), volume, hostile, watch)
        found.run(given.rounds, given.left, restart)
        store.engine.dispose()
        return found.found()


class OnVolume(PostgresServer):
    """A server whose data lie on a small volume, its write-ahead log in small pieces that are not kept."""

    def __init__(self) -> None:
        super().__init__(durable=True)
        self.settings = {"max_wal_size": "4MB", "min_wal_size": "2MB", "wal_recycle": "off", "max_connections": "20"}

    def on(self, data: Path) -> Self:
        self.data = data
        data.mkdir(mode=0o700)
        if self.account:
            os.chown(data, *self.account)
        return self

    def _initdb(self) -> None:
        uid, gid = self.account or (None, None)
        command = [str(self.programs / "initdb"), "-D", str(self.data), "-U", ROLE, "--auth=trust", "--wal-segsize=1"]
        subprocess.run(
            [*command, "--encoding=UTF8", "--no-locale", "--no-sync"], capture_output=True, check=True,
            cwd=self.folder, env=self.environment(), user=uid, group=gid, extra_groups=[] if uid is not None else None,
        )  # fmt: skip


RUN = Run(
    "T13",
    "On a disk that is full nothing is acknowledged and no mail is called sent without its row; with room again all "
    "goes on by itself.",
    {
        "short": {"rounds": 4, "left": 60_000, "volumes": 0},
        "volumes": {"rounds": 40, "left": 400_000, "volumes": 1},
    },
    do,
)
