"""The team's application on a test's own trial: members who have joined, browsers that are signed in as them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyotp
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import select, update

from tests.web.place import OPERATOR, SLUG, Place, Reply, Visitor
from trial.core.access import SYSTEM, Role
from trial.core.links import make_invitation
from trial.core.signing_in import Purpose
from trial.services import passwords, signing_in, team
from trial.services.team import Joining
from trial.storage import sessions
from trial.storage.tables_desk import member_secret, member_session
from trial.web.desk.app import create_desk_app
from trial.web.rates import UNLIMITED, Rates

HERE = "http://127.0.0.1:8766"
PASSWORD = "seven blue whales at dawn"
COOKIE = "equipoise-desk"


@cache
def hashed() -> str:
    """argon2id is slow on purpose: once for all members of these tests."""
    return passwords.hashed(PASSWORD)


@dataclass
class MemberOfTheTeam:
    """Somebody who joined: what they know and hold."""

    id: int
    name: str
    address: str
    totp: str
    recovery: list[str]

    def code(self, now: float) -> str:
        """What the app shows at this machine time."""
        return pyotp.TOTP(self.totp).at(int(now))


class Team:
    """A place with its desk. `visitor(role)` is a browser in which a member with this role is signed in."""

    def __init__(self, place: Place, *, url: str = HERE, rates: Rates = UNLIMITED, mailbox: Path | None = None) -> None:
        self.place, self.url = place, url
        self.people: dict[Role, MemberOfTheTeam] = {}
        self.app = self.application(rates=rates, mailbox=mailbox)

    def application(
        self,
        *,
        url: str = "",
        rates: Rates = UNLIMITED,
        mailbox: Path | None = None,
        open_work: Any = None,
        per_minute: int = 0,
        meter: Any = None,
    ) -> Any:
        """The desk on this trial."""
        return create_desk_app(
            open_work=open_work or self.place.store.open_work,
            secret=self.place.keys.cookie,
            url=url or self.url,
            ring=self.place.ring,
            rates=rates,
            mailbox=mailbox,
            per_minute=per_minute,
            meter=meter,
        )

    @property
    def machine_now(self) -> float:
        with self.place.store.open_work(SYSTEM, write=False) as work:
            return work.machine_now.timestamp()

    def link(self, role: Role, name: str, address: str, slug: str = SLUG) -> str:
        """The path that an invitation's mail leads to."""
        with self.place.store.open_work(OPERATOR) as work:
            invitation = team.invite(work, slug, name=name, address=address, role=role)
            return "/join/" + make_invitation(work.keys.link, invitation.id)

    def join(self, role: Role, name: str = "", address: str = "", slug: str = SLUG) -> MemberOfTheTeam:
        """A new member with this role, joined as over the page, without the slow hash."""
        name = name or f"{role.value.replace('_', ' ').title()} Example"
        address = address or f"{role.value.replace('_', '-')}@team.example"
        token = self.link(role, name, address, slug).removeprefix("/join/")
        totp = pyotp.random_base32()
        with self.place.store.open_work(SYSTEM) as work:
            done, recovery = team.join(work, token, Joining(name, hashed(), totp, 0))
            sessions.end(work, done.session.id)
        return MemberOfTheTeam(done.member.id, name, address, totp, recovery)

    def member(self, role: Role) -> MemberOfTheTeam:
        """The one member with this role, who joins on first mention."""
        if role not in self.people:
            self.people[role] = self.join(role)
        return self.people[role]

    def visitor(self, role: Role, *, proved: bool = True) -> Visitor:
        """A browser in which the member with this role is signed in."""
        return self.signed_in(self.member(role), proved=proved)

    def signed_in(self, member: MemberOfTheTeam, *, proved: bool = True) -> Visitor:
        """Another browser of a member; with `proved` false, password and code were given an hour ago."""
        token = signing_in.new_token()
        with self.place.store.open_work(SYSTEM) as work:
            session = sessions.begin(work, member.id, token, Purpose.DESK)
            if not proved:
                rewind(work, session, "proved_at")
        browser = self.stranger()
        browser.cookies.set(COOKIE, token, domain="127.0.0.1")
        return browser

    def context(self, browser: Browser, role: Role, address: str, **options: Any) -> BrowserContext:
        """A real browser's own context in which the member with this role is signed in, at a served desk."""
        context = browser.new_context(**options)
        context.add_cookies([{"name": COOKIE, "value": self.visitor(role).cookies[COOKIE], "url": address}])
        return context

    def stranger(self) -> Visitor:
        """A browser without cookies."""
        return Visitor(self.app, self.url)

    def sign_in(self, browser: Visitor, member: MemberOfTheTeam, **changes: str) -> Reply:
        """The form at the door, filled in, with a code that was not used yet."""
        browser.get("/sign-in")
        if "code" not in changes:
            self.next_code(member)
        typed = {"address": member.address, "password": PASSWORD, "code": member.code(self.machine_now)}
        return send(browser, fields=typed | changes)

    def next_code(self, member: MemberOfTheTeam) -> str:
        """As if half a minute had passed: no code of the present one was used."""
        with self.place.store.open_work(SYSTEM) as work:
            mine = update(member_secret).where(member_secret.c.member_id == member.id)
            work.rows.execute(mine.values(totp_step=None))
        return member.code(self.machine_now)


def send(browser: Visitor, act: str = "", fields: Mapping[str, str] | None = None, **options: Any) -> Reply:
    """Send the form of the page that is shown whose hidden `act` is this (without one: the page's own, not the head's),
    with what was typed."""
    known = [one for one in browser.page.forms if one.action != "/sign-out"]
    form = next(one for one in known if not act or one.filled().get("act") == act)
    return browser.post(form.action or browser.page.path, form.filled() | dict(fields or {}), **options)


def rewind(work: Any, session_id: int, *columns: str, minutes: int = 60) -> None:
    """A session whose times lie further back: nobody waits for half an hour in a test."""
    row = work.rows.execute(select(member_session).where(member_session.c.id == session_id)).one()
    values = {one: row._mapping[one] - timedelta(minutes=minutes) for one in columns}
    work.rows.execute(update(member_session).where(member_session.c.id == session_id).values(values))
