"""T28: a whole trial is lived and everything logged; then all that lies about is searched for what is secret."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import redis
from sqlalchemy import select, text

from tests.faults.runs import people, senders
from tests.faults.runs.frame import Result, Run, Watch
from tests.faults.runs.hostile import started_hostile
from tests.faults.runs.places import database
from tests.faults.runs.walkers import OnADisk, Walker
from tests.storage.stores import KEYS
from tests.web.place import START, Person
from trial.core.access import SYSTEM
from trial.core.errors import NotFound
from trial.core.links import make_code, make_token
from trial.mail.smtp import SmtpMailer
from trial.services.delivery import Sender, run_once
from trial.storage import allocations, deliveries, participants, vault
from trial.storage.engine import connect
from trial.storage.keys import load_keys
from trial.storage.tables import metadata, participant, words
from trial.storage.work import Store

# sealed or encrypted text aside, a word so short would be found by chance
SHORTEST_WORDS = 12
LEAST_LOGGED = 50_000
ARM = "arm of a person"
# where an allocation belongs: its own tables, the protocol and what it fixed, and the record of the team's acts
ARM_TABLES = {"allocation", "allocation_state", "protocol_version", "answer_sheet", "occasion", "event"}


@dataclass
class Secrets:
    """What must not be found, by kind."""

    of: dict[str, set[str]] = field(default_factory=dict)

    def found_in(self, text: str, *kinds: str) -> dict[str, list[str]]:
        """What of each kind stands in a text: around it, for whoever mends it, without the secret itself."""
        return {kind: places for kind in kinds if (places := [*self._places(kind, text)])}

    def _places(self, kind: str, text: str) -> Iterator[str]:
        for one in self.of[kind]:
            pattern = one if kind == ARM else re.escape(one)
            # six digits stand by themselves, or they are part of a longer number
            found = re.search(rf"(?<![\w.]){one}(?![\w.])" if one.isdecimal() else pattern, text)
            if found:
                around = text[max(0, found.start() - 80) : found.start()], text[found.end() : found.end() + 40]
                yield f"[{kind}]".join(part.replace("\n", " ") for part in around)


def secrets_of(store: Store) -> Secrets:
    """Every link token, code, address, name and free text of everybody, by the keys of the installation."""
    found = Secrets({kind: set() for kind in ("link token", "code", "address", "words", ARM)})
    with store.open_work(SYSTEM, write=False) as work:
        for person in work.rows.execute(select(participant.c.id, participant.c.trial_id, participant.c.code)):
            with suppress(NotFound):
                found.of["address"].add(vault.address_of(work, person.id))
            for one in deliveries.of_participant(work, person.id):
                found.of["link token"] |= {make_token(store.keys, one.id, g) for g in range(1, one.generation + 1)}
            with suppress(NotFound):
                state = participants.code_state(work, person.id)
                found.of["code"].add(make_code(store.keys.link, person.id, state.generation))
            arm = allocations.arm_of(work, person.id)
            if arm is not None and person.code:
                found.of[ARM] |= {f"{person.code}.{{0,80}}(?<![A-Za-z]){arm}(?![A-Za-z])"}
        kinds = work.rows.execute(select(words.c.participant_id, words.c.kind).distinct()).all()
        for person_id, kind in kinds:
            with suppress(NotFound):
                said = vault.all_words(work, person_id, kind).values()
                found.of["words"] |= {one for one in said if len(one) >= SHORTEST_WORDS}
    return found


def dump(store: Store) -> Iterator[tuple[str, str]]:
    """Every table as text, a row a line."""
    with senders.look(store) as rows:
        for table in metadata.sorted_tables:
            lines = (" ".join(_shown(cell) for cell in row) for row in rows.execute(select(table)))
            yield table.name, "\n".join(lines)


def _shown(cell: Any) -> str:
    return cell.decode("latin-1") if isinstance(cell, bytes) else json.dumps(cell, default=str, ensure_ascii=False)


class Search:
    """Places, and what of the secrets stands in them."""

    def __init__(self, secrets: Secrets) -> None:
        self.secrets, self.hits, self.places, self.characters = secrets, list[str](), 0, 0

    def look(self, place: str, text: str, *, arms: bool = False) -> int:
        """How many secrets stand there; whose arm is whose is looked for where it is not at home."""
        found = self.secrets.found_in(text, *(kind for kind in self.secrets.of if arms or kind != ARM))
        self.places += 1
        self.characters += len(text)
        self.hits += [f"{place}: {len(ones)} × {kind}, such as … {ones[0]} …" for kind, ones in found.items()]
        return sum(map(len, found.values()))

    def look_at_rows(self, store: Store) -> None:
        for name, lines in dump(store):
            self.look(f"table {name}", lines, arms=name not in ARM_TABLES)


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """Each logger of this process at DEBUG, into one text."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


# --- one process ------------------------------------------------------------------------------------------------


def do(given: SimpleNamespace, watch: Watch) -> Result:
    return _in_processes(given, watch) if given.processes else _in_one(given, watch)


def _in_one(given: SimpleNamespace, watch: Watch) -> Result:
    """People on the way in, a mail server that repeats addresses, an error of the database: in this process."""
    shares = {"refused": 0.2, "deferred": 0.2, "dropped_lost": 0.2}
    with database(watch, "sqlite") as url, everything_logged() as log:
        store = Store(connect(url), KEYS)
        place = OnADisk(store)
        with started_hostile(watch.folder, "secrets", seed=4, shares=shares) as hostile:
            sender = Sender(SmtpMailer(hostile.url, timeout=2), senders.FROM, "alone")
            for number in range(given.people):
                walker = Walker(Person(place, people.address(number)))
                while not walker.through and walker.step():
                    _send_all(store, sender)
            people.move(store, START + timedelta(days=1, hours=10))
            _send_all(store, sender)
            with suppress(Exception), store.open_work(SYSTEM) as work:  # an error with values in it, for its traceback
                work.rows.execute(text("insert into identity (participant_id, address) values (1, 'robin@x.example')"))
        search = Search(secrets_of(store))
        search.look("the log", log.getvalue(), arms=True)
        search.look_at_rows(store)
        planted = _planted(search.secrets, log.getvalue())
        store.engine.dispose()
    return _result(given, search, planted, {}, f"{given.people} people in one process.")


def _send_all(store: Store, sender: Sender) -> None:
    while run_once(store.open_work, sender):
        pass


def _planted(secrets: Secrets, log: str) -> int:
    """The control: one secret of each kind in the middle of the log; how many kinds are found."""
    found = 0
    for kind, ones in secrets.of.items():
        one = next(iter(sorted(ones)), "")
        other = Search(secrets)
        words = re.sub(r"\.\{0,80\}\(.*?\)(\w+)\(.*", r" was given \1", one) if kind == ARM else one
        found += bool(one and other.look("planted", f"{log[:2000]}\nDEBUG {words}\n{log[2000:4000]}", arms=True))
    return found


def _result(
    given: SimpleNamespace, search: Search, planted: int, more: Mapping[str, Any], load: str
) -> Result:  # fmt: skip
    numbers = {kind: len(ones) for kind, ones in search.secrets.of.items()}
    bounds = {
        "secrets found outside their place 0": not search.hits,
        "there were secrets of every kind": all(numbers.values()),
        "the control finds a planted one of each kind": planted == len(numbers),
    }
    if given.processes:  # else nothing was searched that could hold anything
        bounds["Redis was listened to, and the processes said what they do"] = (
            more["commands_of_redis"] > 0 and more["logs"] > LEAST_LOGGED
        )
    words = (
        f"{sum(numbers.values())} secrets ({', '.join(f'{number} × {kind}' for kind, number in numbers.items())}) "
        f"searched for in {search.places} places, {search.characters:,} characters: {len(search.hits)} hits. "
        f"One of each kind planted in a log: all {planted} found."
    )
    return Result(
        load, {}, bounds, words, more={"hits": search.hits[:20], "secrets": numbers, "places": search.places, **more}
    )


# --- real processes ---------------------------------------------------------------------------------------------


def _in_processes(given: SimpleNamespace, watch: Watch) -> Result:
    """A demo on PostgreSQL, Redis and Celery, then its pages: each process says all it can, Redis is listened to."""
    from tests.servers.redis import RedisServer

    home, logs = watch.folder / "lived", watch.folder / "logs"
    logs.mkdir()
    with database(watch, "postgresql") as url, RedisServer() as broker, _listened_to(broker.url) as said:
        speaking = {"PYTHONPATH": str(_speaking(watch.folder, logs)), "EQUIPOISE_METRICS": ""}
        places = {"--out": str(home), "--database-url": url, "--broker-url": broker.url}
        command = [
            str(Path(sys.executable).with_name("equipoise")), "demo", "--participants", str(given.people),
            "--seed", "5", *(word for pair in places.items() for word in pair),
        ]  # fmt: skip
        done = subprocess.run(
            command, capture_output=True, text=True, env=dict(os.environ) | speaking, cwd=watch.folder, timeout=1500
        )
        watch.say(f"the demo ended with {done.returncode}")
        if done.returncode:
            raise AssertionError(done.stderr[-2000:])
        store = Store(connect(url), load_keys(home / "keys"))
        pages = _looked_at(home, url, watch, speaking)
        search = Search(secrets_of(store))
        search.look("what the demo printed", done.stdout + done.stderr, arms=True)
        search.look("Redis, every command", "\n".join(said), arms=True)
        for path in sorted([*home.rglob("*"), *logs.iterdir(), *watch.folder.glob("serve/*")]):
            place = path.relative_to(watch.folder)
            if path.is_file() and _is_searched(path.relative_to(home) if path.is_relative_to(home) else place):
                log = place.parts[0] in ("logs", "serve") or "celery" in place.parts
                search.look(str(place), path.read_text("utf-8", "replace"), arms=log)
        search.look_at_rows(store)
        planted = _planted(search.secrets, done.stderr)
        store.engine.dispose()
    more = {"commands_of_redis": len(said), "logs": sum(path.stat().st_size for path in logs.iterdir())}
    more |= {"processes": len(list(logs.iterdir())), "pages": pages}
    load = (
        f"A demo of {given.people} people on PostgreSQL, Redis and Celery, then {pages} pages served, by "
        f"{more['processes']} processes that log everything ({more['logs']:,} characters); {len(said):,} commands of "
        "Redis."
    )
    return _result(given, search, planted, more, load)


def _looked_at(home: Path, url: str, watch: Watch, speaking: Mapping[str, str]) -> int:
    """How many pages were served: those behind a few personal links, a made-up one, and what the team's lead to."""
    from tests.system.serving import Visitor, crawl, serving

    place = watch.folder / "serve"
    place.mkdir()
    mails = sorted((home / "mailbox").rglob("*.eml"))
    tokens = [found[1] for one in mails if (found := _LINK.search(one.read_text("utf-8", "replace")))]
    some = [*tokens[:: max(1, len(tokens) // 20)], "x" * 43]
    words = ("--home", home, "--database-url", url, "--port", "0")
    with patch.dict(os.environ, speaking), serving(*words, cwd=place) as served:
        for token in some:
            Visitor(served.public).get(f"/go/{token}")
        return len(crawl(served.desk, "/")) + len(some)


def _is_searched(path: Path) -> bool:
    """All but the mailbox, which is where mails go, and the keys."""
    return path.parts[0] not in ("mailbox", "keys") and path.suffix not in (".pdf", ".png", ".sqlite")


_LINK = re.compile(r"/go/([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])")
# imported by every interpreter at its start: whatever a program sets, each of its loggers says everything to a file,
# but for what is filtered, or held to errors, wherever it logs to
_SPEAKING = """
import logging, os

_handle, _files = logging.Logger.handle, {}


def handle(self, record):
    if not self.filter(record):
        return
    if os.getpid() not in _files:
        _files[os.getpid()] = open(os.path.join(%r, f"{os.getpid()}.log"), "a", encoding="utf-8", errors="replace")
    _files[os.getpid()].write(logging.Formatter("%%(levelname)s %%(name)s %%(message)s").format(record) + "\\n")
    _files[os.getpid()].flush()
    _handle(self, record)


logging.Logger.handle = handle
logging.Logger.isEnabledFor = lambda self, level: self.level < logging.ERROR or level >= self.level
"""


def _speaking(folder: Path, logs: Path) -> Path:
    place = folder / "speaking"
    place.mkdir()
    (place / "sitecustomize.py").write_text(_SPEAKING % str(logs))
    return place


@contextmanager
def _listened_to(url: str) -> Iterator[list[str]]:
    """Every command that reaches Redis, arguments and all."""
    said: list[str] = []
    client = redis.Redis.from_url(url, socket_timeout=None)  # however long nobody says anything

    def listen() -> None:
        with suppress(redis.ConnectionError, ValueError), client.monitor() as monitor:
            for command in monitor.listen():
                said.append(str(command["command"]))

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield said
    finally:
        client.close()


RUN = Run(
    "T28",
    "No link token, code, address, name or word of a participant, and nobody's arm, stands in a log, a task, a "
    "traceback, an export or a row outside the vault.",
    {"short": {"people": 6, "processes": 0}, "processes": {"people": 24, "processes": 1}},
    do,
)
