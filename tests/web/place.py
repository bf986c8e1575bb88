"""A trial of a test's own behind the real application: SQLite, a pretend clock, browsers that keep cookies."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlencode, urljoin

import httpx
from fastapi import Response

from trial.core import proof
from trial.core.access import Actor, Role
from trial.core.links import make_code, make_token
from trial.core.trial import TrialKind
from trial.mail.mailer import Envelope
from trial.mail.mailer import Reply as Answer
from trial.protocol_files import read_folder, shipped
from trial.rehearsal.forms import Form, Page
from trial.services import rehearsing, trials
from trial.services.delivery import Sender, run_once
from trial.services.trials import Chance
from trial.storage import deliveries, fresh_codes, participants, schema
from trial.storage.engine import connect, sqlite_url
from trial.storage.keys import load_keys
from trial.storage.work import Store
from trial.web.cookies import SignedCookie
from trial.web.incoming import HandingOver
from trial.web.participant.app import create_participant_app
from trial.web.rates import UNLIMITED, Rates

OPERATOR = Actor("operator:test", Role.OPERATOR)
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DATABASE = "trial.sqlite"
SLUG = "evening-writing"
BASE = "http://127.0.0.1:8000"
ELIGIBLE = {"age": "34", "reads_english": "yes", "daily_email": "yes"}


SHIPPED = shipped("shapira-mongrain-2010")
# one of an outside list: stratum and number, and the arm
Entry = tuple[tuple[str, int], str]


@lru_cache(maxsize=8)
def _made(target: int, protocol: Path, entries: tuple[Entry, ...]) -> Path:
    """An installation with one open rehearsal, made once per process; each test gets a copy."""
    folder = Path(mkdtemp(prefix="equipoise-place-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    engine = connect(sqlite_url(folder / DATABASE), durable=False)
    schema.upgrade(engine)
    store = Store(engine, load_keys(folder / "keys"))
    with store.open_work(OPERATOR) as work:
        rehearsing.start_clock(work, START)
    with store.open_work(OPERATOR) as work:
        trials.open_trial(
            work,
            read_folder(protocol),
            slug=SLUG,
            kind=TrialKind.REHEARSAL,
            base_url=BASE,
            chance=Chance(b"s" * 32, b"t" * 32, b"c" * 32),
            target=target,
            entries=dict(entries) or None,
        )
    engine.dispose()
    return folder


class Accepting:
    """A mail server that takes every mail and keeps none: these tests read the links from the ledger."""

    def send(self, envelope: Envelope, content: Callable[[], bytes | None]) -> Answer:
        return Answer("withdrawn" if content() is None else "accepted", 250, "taken")

    def check(self) -> None:
        pass

    def close(self) -> None:
        pass


class Place:
    """One installation with one open trial; `rings` counts the bell of the worker."""

    operator = OPERATOR

    def __init__(
        self, folder: Path, *, target: int = 120, protocol: Path = SHIPPED, entries: tuple[Entry, ...] = ()
    ) -> None:
        shutil.copytree(_made(target, protocol, entries), folder, dirs_exist_ok=True)
        self.path = folder / DATABASE
        self.keys = load_keys(folder / "keys")
        self.store = Store(connect(sqlite_url(self.path), durable=False), self.keys)
        self.rings = 0
        self.folder = read_folder(protocol)
        with self.store.open_work(OPERATOR, write=False) as work:
            self.trial = trials.find(work, SLUG)
        self.app = self.application()

    def application(
        self,
        *,
        https: bool = False,
        read_only: bool = False,
        open_work: Any = None,
        rates: Rates = UNLIMITED,
        incoming: HandingOver | None = None,
        meter: Any = None,
    ) -> Any:
        """The participants' application on this trial."""
        return create_participant_app(
            open_work=open_work or self.store.open_work,
            secret=self.keys.cookie,
            https=https,
            ring=self.ring,
            read_only=read_only,
            hosts=["127.0.0.1", "trial.example.org"],
            rates=rates,
            incoming=incoming,
            meter=meter,
        )

    def ring(self) -> None:
        self.rings += 1

    def move(self, **later: float) -> None:
        """Let the mails that are due go out, then move the pretend clock forward."""
        while run_once(self.store.open_work, Sender(Accepting(), "study@trial.example.org", "test")):
            pass
        with self.store.open_work(OPERATOR) as work:
            rehearsing.move_clock(work, work.now + timedelta(**later))

    def dump(self) -> list[str]:
        """The whole database as text."""
        with closing(sqlite3.connect(self.path)) as rows:
            return list(rows.iterdump())

    def code(self, participant_id: int) -> str:
        """The six digits that the latest code mail to this person holds."""
        with self.store.open_work(OPERATOR, write=False) as work:
            generation = participants.code_state(work, participant_id).generation
        return make_code(self.keys.link, participant_id, generation)

    def links(self, participant_id: int, message: str = "") -> list[str]:
        """The addresses in the mails to this person, in the order of sending."""
        with self.store.open_work(OPERATOR, write=False) as work:
            found = [one for one in deliveries.of_trial(work, self.trial.id) if one.participant_id == participant_id]
        wanted = sorted((one for one in found if message in ("", one.message)), key=lambda one: one.due_at)
        return [f"/go/{make_token(self.keys, one.id, one.generation)}" for one in wanted]

    def everyone(self) -> list[Any]:
        with self.store.open_work(OPERATOR, write=False) as work:
            return list(participants.of_trial(work, self.trial.id))


class Reply:
    """A response, and its page as a person meets it."""

    def __init__(self, response: httpx.Response, path: str) -> None:
        self.response = response
        self.status = response.status_code
        self.text = response.text
        self.headers = response.headers
        self.path = path
        self._read = Page(response.status_code, path, response.text)

    @property
    def links(self) -> list[str]:
        return self._read.links

    @property
    def words(self) -> str:
        return self._read.words

    @property
    def forms(self) -> list[Form]:
        return self._read.forms

    @property
    def form(self) -> Form:
        return self._read.form


class Visitor:
    """One browser: cookies, one request at a time, and the page it shows."""

    def __init__(self, app: Any, base: str = BASE) -> None:
        self.transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self.base = base
        self.cookies = httpx.Cookies()
        self.now: Reply | None = None

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str | bytes] | None = None,
        follow: bool = True,
    ) -> Reply:
        """One request, and where it leads."""
        for _ in range(6):
            url = urljoin(self.base, path)
            request = httpx.Request(method, url, content=body, headers=_raw(headers or {}))
            self.cookies.set_cookie_header(request)
            response = asyncio.run(self._answer(request))
            self.cookies.extract_cookies(response)
            self.now = Reply(response, path)
            if not (follow and response.has_redirect_location):
                return self.now
            method, body, path = "GET", None, urljoin(url, response.headers["location"])
        raise AssertionError(f"{path} redirects in a circle")

    def at_once(self, path: str, fields: Mapping[str, str], times: int) -> list[Reply]:
        """The same form sent several times at the same moment; redirects are not followed."""

        async def all_of_them() -> list[httpx.Response]:
            return await asyncio.gather(*(self._answer(one) for one in requests))

        headers = {"content-type": "application/x-www-form-urlencoded"}
        url, body = urljoin(self.base, path), urlencode(fields).encode()
        requests = [httpx.Request("POST", url, content=body, headers=headers) for _ in range(times)]
        for request in requests:
            self.cookies.set_cookie_header(request)
        responses = asyncio.run(all_of_them())
        self.cookies.extract_cookies(responses[-1])
        return [Reply(response, path) for response in responses]

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self.transport.handle_async_request(request)
        await response.aread()
        response.request = request
        return response

    @property
    def page(self) -> Reply:
        """The page that this browser shows."""
        assert self.now is not None
        return self.now

    def get(self, path: str, **options: Any) -> Reply:
        return self.send("GET", path, **options)

    def post(self, path: str, fields: Mapping[str, str], **options: Any) -> Reply:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, urlencode(fields).encode(), headers=headers, **options)

    def submit(self, fields: Mapping[str, str] | None = None, **options: Any) -> Reply:
        """Send the form of the page that is shown, with what was typed."""
        form = self.page.form
        target = urljoin(self.page.path, form.action or self.page.path)
        return self.post(target, form.filled() | solved(form) | dict(fields or {}), **options)


def solved(form: Form) -> dict[str, str]:
    """What the script of the screening page would fill in."""
    asked = form.fields.get(proof.CHALLENGE)
    return {proof.PROOF: proof.solve(proof.asked_by(asked.value))} if asked else {}


def _raw(headers: Mapping[str, str | bytes]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in headers.items()]


class Person(Visitor):
    """Somebody who goes the whole way in."""

    def __init__(self, place: Place, address: str = "robin@mailbox.example") -> None:
        super().__init__(place.app)
        self.place = place
        self.address = address
        self.id = 0

    def to_screening(self) -> Reply:
        self.get(f"/{SLUG}/notice?from=poster-7")
        return self.submit({"agree": "yes"})

    def to_address(self) -> Reply:
        self.to_screening()
        return self.submit(ELIGIBLE)

    def to_code(self) -> Reply:
        self.to_address()
        return self.submit({"email": self.address, "zone": "Europe/Berlin"})

    def to_consent(self) -> Reply:
        self.to_code()
        self.id = self.place.everyone()[-1].id
        return self.submit({"code": self.place.code(self.id)})

    def to_baseline(self) -> Reply:
        self.to_consent()
        return self.submit(signature_and_ticks(self.place))

    def to_allocation(self) -> Reply:
        page = self.to_baseline()
        return self.submit(full_answers(page.form))

    def to_exercise(self) -> Reply:
        """Through the link of the first evening's mail."""
        self.to_allocation()
        self.place.move(days=1, hours=10)
        self.get(self.place.links(self.id, "evening")[0])
        return self.submit()

    def with_session(self, **changes: Any) -> Visitor:
        """Another browser whose cookie says something else: what only the holder of the key could make."""
        cookie = SignedCookie(self.place.keys.cookie, "equipoise", https=False)
        held = dict(cookie.read(dict(self.cookies)) or {}) | changes
        response = Response()
        cookie.write(response, held)
        other = Visitor(self.place.app)
        name, value = response.headers["set-cookie"].split(";")[0].split("=", 1)
        other.cookies.set(name, value, domain="127.0.0.1")
        return other


def signature_and_ticks(place: Place) -> dict[str, str]:
    ticks = {f"statement_{one.id}": "yes" for one in place.folder.protocol.consent.statements}
    return {**ticks, "signature": "Robin Example", "answer": "agree"}


def typed_code(place: Place, visitor: Visitor, participant_id: int, path: str) -> Reply:
    """A page that asks for a fresh code, once the person has read theirs in their mail; where it leads."""
    ticked = next(one for one in visitor.get(path).forms if "send" in one.fields)
    visitor.post("/me/code", ticked.filled() | {"send": "yes"})
    with place.store.open_work(OPERATOR, write=False) as work:
        known = fresh_codes.state(work, participant_id, "me")
    assert known is not None
    code = make_code(place.keys.link, participant_id, known.generation, "me")
    return visitor.post("/me/code", visitor.page.forms[-1].filled() | {"code": code})


def full_answers(form: Form) -> dict[str, str]:
    """The first offered answer to every closed question of a form."""
    return {one.name: one.options[0] for one in form.fields.values() if one.options}
