"""T11: people stop, unsubscribe and withdraw while their mails are in the senders' hands, and the words are amended."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import text

from tests.core.protocols import FOLDER
from tests.faults.runs import people, senders
from tests.faults.runs.frame import Result, Run, Watch
from tests.faults.runs.hostile import started_hostile
from tests.faults.runs.places import database
from tests.services.test_amending import VERSION, amended
from tests.storage.stores import opened
from trial.core.access import participant_actor
from trial.core.errors import Unavailable
from trial.core.links import make_message_id
from trial.core.participant import StopLevel
from trial.services import amending, delivery, stopping, withdrawal
from trial.storage import ledger
from trial.storage.work import Store

DOMAIN = senders.FROM.partition("@")[2]
WAYS = ("everything", "exercises", "unsubscribe", "erase")
OLD, NEW = "Your writing still waits", "Your writing is still there"
REWORDED = amended(VERSION, ("messages/evening_reminder.en.md", OLD, NEW))
# days and hours after the start at which a wave falls due: invitations and their reminders
WAVES = [timedelta(days=day, hours=hour) for day in (1, 2, 3) for hour in (10, 12)]
AMENDED_IN = 1

# the database itself notes in which order things became true: where two wait for one lock, this is that order
ORDER = {
    "sqlite": (
        "create table race (seq integer primary key autoincrement, what text, row_id integer)",
        "create trigger race_data after update of state on delivery when new.state = 'data_started' "
        "begin insert into race (what, row_id) values ('data', new.id); end",
        "create trigger race_stop after update on participant when new.stopped is not old.stopped or new.paused_until "
        "is not old.paused_until begin insert into race (what, row_id) values ('stop', new.id); end",
        "create trigger race_words after update of protocol_id on participant "
        "begin insert into race (what, row_id) values ('words', new.id); end",
    ),
    "postgresql": (
        "create table race (seq bigserial primary key, what text, row_id integer)",
        "create function race_note() returns trigger language plpgsql as "
        "$$ begin insert into race (what, row_id) values (tg_argv[0], new.id); return new; end $$",
        "create trigger race_data after update of state on delivery for each row when (new.state = 'data_started') "
        "execute function race_note('data')",
        "create trigger race_stop after update on participant for each row when (new.stopped is distinct from "
        "old.stopped or new.paused_until is distinct from old.paused_until) execute function race_note('stop')",
        "create trigger race_words after update of protocol_id on participant for each row "
        "execute function race_note('words')",
    ),
}
IN_HAND = "select id, participant_id from delivery where state = 'claimed'"


def do(given: SimpleNamespace, watch: Watch) -> Result:
    found, control = Race(given, watch).run()
    bounds = {
        "mails begun after a stop was recorded 0": found["after_a_stop"] == 0,
        "mails begun with the old words after the amendment 0": found["old_words"] == 0,
        "mails at the server that were not begun in the ledger 0": found["not_begun"] == 0,
        "doubled 0": found["doubled"] == 0,
        "lost 0": found["lost"] == 0,
        "people did stop while their mail was in hand": found["stopped_in_hand"] >= given.people * 0.05,
        "the naive control breaks the first": control["after_a_stop"] > 0,
    }
    words = (
        f"{found['data']} mails begun, {found['stops']} people stopped, {found['stopped_in_hand']} of them with a mail "
        f"in a sender's hands: begun after that 0; {found['held_back']} mails were held back at the last look. "
        f"{found['under_way']} were under way already when the stop was recorded; the last of them reached the server "
        f"{found['under_way_ms']} ms after it. A control that looks only when it claims sent {control['after_a_stop']}."
    )
    return Result(
        f"{found['due']} mails due, {given.workers} senders, {given.stoppers} who stop, {_named(given.database)}.",
        dict(found["ways"]), bounds, words, lost=found["lost"], doubled=found["doubled"], unknown=0,
        drain_s=found["seconds"],
        more={name: value for name, value in found.items() if name != "ways"} | {"control": control["after_a_stop"]},
    )  # fmt: skip


def _named(kind: str) -> str:
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[kind]


@contextmanager
def _only_one_look() -> Iterator[None]:
    """As everybody writes it first: what is claimed is sent."""
    ready = delivery._ready

    def naive(work: Any, contact: Any, around: Any, *, last_look: bool = True) -> bool:
        return last_look or ready(work, contact, around, last_look=False)

    delivery._ready = naive
    try:
        yield
    finally:
        delivery._ready = ready


class Race:
    """One database, its senders, and those who stop."""

    def __init__(self, given: SimpleNamespace, watch: Watch) -> None:
        self.given, self.watch = given, watch
        self.ways: Counter[str] = Counter()
        self.stopped: dict[int, float] = {}
        self.in_hand = 0
        self.lock = threading.Lock()

    def run(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The waves, and then one more for the control, which looks once; what came of both."""
        given = self.given
        with database(self.watch, given.database) as url, opened(url) as store:
            self.ids = people.gather(store, FOLDER, given.people)
            with store.engine.begin() as rows:
                for statement in ORDER[store.engine.dialect.name]:
                    rows.execute(text(statement))
            self.watch.say(f"{given.people} people are gathered")
            began = time.monotonic()
            with (
                started_hostile(self.watch.folder, "sink", slow=given.slow) as hostile,
                senders.senders(url, hostile.url, given.workers, processes=given.processes > 0),
            ):
                for wave in range(given.waves):
                    self._wave(store, wave)
                found = self._found(store, hostile.events())
                found |= {"ways": dict(self.ways), "stopped_in_hand": self.in_hand}
            found |= {"seconds": round(time.monotonic() - began, 1)}
            with (
                _only_one_look(),
                started_hostile(self.watch.folder, "control", slow=given.slow) as hostile,
                senders.senders(url, hostile.url, given.workers),
            ):
                self._wave(store, given.waves)
                return found, self._found(store, hostile.events())

    def _wave(self, store: Store, wave: int) -> None:
        """All due mails at one moment; who stops and the senders begin together."""
        ready, over = threading.Barrier(self.given.stoppers + 1), threading.Event()
        quota = len(self.stopped) + max(int(self.given.share * self.given.people), 2)
        acts = [lambda seed=seed: self._stop_some(store, seed, quota, over) for seed in range(self.given.stoppers)]
        threads = [threading.Thread(target=_together, args=(ready, act), daemon=True) for act in acts]
        for thread in threads:
            thread.start()
        people.move(store, people.START + WAVES[wave])
        ready.wait(60)
        if wave == AMENDED_IN:
            with store.open_work(people.OPERATOR) as work:
                amending.apply(work, people.SLUG, REWORDED)
        senders.until_idle(store)
        over.set()
        for thread in threads:
            thread.join(60)
        senders.let_machine_time_pass(store)
        self.watch.say(f"wave {wave + 1}: {len(self.stopped)} have stopped")

    def _stop_some(self, store: Store, seed: int, quota: int, over: threading.Event) -> None:
        """Whoever has a mail in somebody's hands just now stops, in one way or another."""
        while not over.is_set() and len(self.stopped) < quota:
            with senders.look(store) as rows:
                held = [one for one in rows.execute(text(IN_HAND)) if one.participant_id not in self.stopped]
            if not held:
                time.sleep(0.002)
                continue
            chosen = self.watch.chance.choice(held, "whom", seed, len(self.stopped))
            with self.lock:
                if chosen.participant_id in self.stopped:
                    continue
                self.stopped[chosen.participant_id] = 0.0
            way = self.watch.chance.choice(WAYS, "way", chosen.participant_id)
            self._stop(store, chosen.participant_id, chosen.id, way)

    def _stop(self, store: Store, person: int, row: int, way: str) -> None:
        for _ in range(50):  # SQLite's one writer may be busy for long
            try:
                with store.open_work(participant_actor(person)) as work:
                    if way == "unsubscribe":
                        [contact] = ledger.by_ids(work, [row])
                        stopping.unsubscribe(work, contact)
                    elif way == "erase":
                        withdrawal.ask(work, person, "erase")
                    else:
                        stopping.stop(work, person, StopLevel(way), "no_time")
                break
            except Unavailable:
                time.sleep(0.05)
        recorded = time.monotonic()
        with self.lock:
            self.stopped[person] = recorded
            self.ways[way] += 1
            self.in_hand += 1

    def _found(self, store: Store, events: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """The witness beside the order that the database noted."""
        with senders.look(store) as rows:
            order = rows.execute(text("select seq, what, row_id from race order by seq")).all()
            mails = rows.execute(text("select id, participant_id, message, state, stream from delivery")).all()
            held_back = senders.scalar(store, "select count(*) from delivery where reason in ('stopped', 'paused')")
        stops, words, data = (_first(order, what) for what in ("stop", "words", "data"))
        by_id = {make_message_id(store.keys.link, one.id, DOMAIN): one for one in mails}
        kept = [one for one in events if one["what"] == "kept"]
        copies = Counter(one["id"] for one in kept)
        seen = [(by_id[one], data.get(by_id[one].id)) for one in copies]
        ours = [(mail, begun) for mail, begun in seen if mail.stream == "exercises"]
        persons = {people.address(place): person for place, person in enumerate(self.ids)}
        # the first word of a mail came after the stop was recorded: in the ledger it had begun before
        late = [
            (one["began"] - recorded) * 1000
            for one in kept
            if by_id[one["id"]].stream == "exercises"
            and 0 < (recorded := self.stopped.get(persons[one["to"]], 0.0)) < one["began"]
        ]
        return {
            "due": len([one for one in mails if one.stream == "exercises" and one.state not in ("planned",)]),
            "data": len(ours),
            "stops": len(stops),
            "after_a_stop": sum(
                begun is not None and begun > stops.get(mail.participant_id, 10**12) for mail, begun in ours
            ),
            "old_words": sum(
                one["subject"] == OLD and data[by_id[one["id"]].id] > words.get(by_id[one["id"]].participant_id, 10**12)
                for one in kept
            ),
            "not_begun": sum(begun is None for _, begun in seen),
            "doubled": sum(number - 1 for number in copies.values()),
            "lost": sum(
                one.state not in ("suppressed", "skipped_late", "planned")
                and make_message_id(store.keys.link, one.id, DOMAIN) not in copies
                for one in mails
            ),
            "held_back": held_back,
            "under_way": len(late),
            "under_way_ms": round(max(late, default=0.0), 1),
        }


def _first(order: Sequence[Any], what: str) -> dict[int, int]:
    """When this first became true of each row."""
    return {one.row_id: one.seq for one in reversed(order) if one.what == what}


def _together(ready: threading.Barrier, act: Callable[[], object]) -> None:
    ready.wait(60)
    act()


RUN = Run(
    "T11",
    "Whoever stops, unsubscribes or withdraws is sent no mail that had not begun by then, however close the two are; "
    "and from an amendment on no mail has the old words.",
    {
        "short": {
            "database": "postgresql", "people": 40, "waves": 2, "workers": 2, "processes": 0, "stoppers": 2,
            "share": 0.2, "slow": 0.002,
        },
        "short-sqlite": {
            "database": "sqlite", "people": 30, "waves": 2, "workers": 2, "processes": 0, "stoppers": 2,
            "share": 0.2, "slow": 0.002,
        },
        "postgresql": {
            "database": "postgresql", "people": 2200, "waves": 5, "workers": 4, "processes": 1, "stoppers": 4,
            "share": 0.07, "slow": 0.0,
        },
        "sqlite": {
            "database": "sqlite", "people": 1000, "waves": 5, "workers": 3, "processes": 1, "stoppers": 3,
            "share": 0.07, "slow": 0.0,
        },
    },
    do,
)  # fmt: skip
