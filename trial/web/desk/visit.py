"""One request to the team's pages: who is signed in, in which trial, with which roles; and the few ways to answer.

A page of the desk is one `DeskPage` in a module's PAGES. The gate (`trial.web.desk.gate`) has found session, member,
trial and roles before `show` or `act` runs, so that a page asks for a unit of work and draws.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from trial.core.access import Actor, Role, Verb, member_actor
from trial.core.errors import NotFound, Refused
from trial.core.signing_in import Session
from trial.core.trial import Trial
from trial.services.signing_in import SignedIn
from trial.storage.members import Member
from trial.storage.work import OpenWork, Work
from trial.web import csrf
from trial.web.cookies import SignedCookie
from trial.web.desk.pages import Pages
from trial.web.forms import Form
from trial.web.rates import Rates

STRANGER = Actor("visitor")
# fields of a form that are never shown again
SECRET_FIELDS = ("password", "password_again", "code", "proof_password", "proof_code")
# marks the visits that a list makes by itself, which keep nobody signed in
STILL = "still"
_SAID = re.compile(r"^[a-z_]{1,40}$")


@dataclass(frozen=True, slots=True)
class Site:
    """What every visit shares. `url` is where the team reaches the desk; `ring` wakes the worker after a commit that
    made a mail due; `per_minute` is the pace of the mail account, 0 for none."""

    open_work: OpenWork
    secret: bytes = field(repr=False)
    url: str
    ring: Callable[[], None]
    rates: Rates
    pages: Pages
    visitor: SignedCookie
    device: SignedCookie
    mail_from: str = ""
    per_minute: int = 0

    @property
    def https(self) -> bool:
        return self.url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The name of the cookie that holds the session's token."""
        return "__Host-equipoise-desk" if self.https else "equipoise-desk"


@dataclass(slots=True)
class Visit:
    """`form` holds what was posted (empty for a GET). `fault` is what went wrong with it, shown above the page, and
    `faults` say it for each field. `again` is set when a form came without a valid token.

    `stranger` is the mark of a browser in which nobody is signed in; `fresh` where it has none yet.
    `renewed` is the token that the session goes on under, once password and code were given again.
    `zone` is that of the trial's team. `now` is trial time and `machine_now` the machine's, both of the moment the
    request came in.
    """

    site: Site
    request: Request
    form: Form
    stranger: str
    now: datetime
    machine_now: datetime
    fresh: bool = False
    session: Session | None = None
    signed_in: Member | None = None
    token: str = field(default="", repr=False)
    trial: Trial | None = None
    zone: tzinfo = UTC
    roles: frozenset[Role] = frozenset()
    fault: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    again: bool = False
    renewed: str = field(default="", repr=False)

    # -- who, and where --

    @property
    def slug(self) -> str:
        return str(self.request.path_params.get("slug", ""))

    @property
    def member(self) -> Member:
        """Who is signed in; pages that are open to strangers ask `signed_in` instead."""
        assert self.signed_in is not None, "this page is open to strangers"
        return self.signed_in

    @property
    def zone_name(self) -> str:
        """The zone of this trial's team, which its times are told in."""
        return str(self.zone)

    @property
    def here(self) -> Trial:
        """The trial of this page's address."""
        assert self.trial is not None, "this page belongs to no trial"
        return self.trial

    @property
    def actor(self) -> Actor:
        """The member in this trial; on pages of no trial somebody who may nothing."""
        if self.signed_in is None or self.trial is None:
            return STRANGER
        return member_actor(self.signed_in.id, self.roles, self.trial.id)

    def may(self, verb: Verb | str) -> bool:
        """Whether the member may do this here; a template names the verb by its value."""
        return self.actor.may(Verb(verb))

    def number(self, name: str) -> int:
        """A number in the address; NotFound where it is none that a row could have."""
        given = str(self.request.path_params.get(name, ""))
        if not (given.isascii() and given.isdigit() and len(given) < 10):
            raise NotFound("There is no such page.")
        return int(given)

    @property
    def proved(self) -> bool:
        """Whether the member gave password and code a short while ago."""
        return self.session is not None and self.session.proved(self.machine_now)

    def picked(self, name: str) -> int:
        """The row that a form names in this field; Refused where it names none."""
        given = self.form.get(name, "")
        if not (given.isascii() and given.isdigit() and len(given) < 10):
            raise Refused("This form does not say which one.")
        return int(given)

    # -- work --

    def reading(self) -> AbstractContextManager[Work]:
        """A unit of work that looks."""
        return self.site.open_work(self.actor, write=False)

    def acting(self) -> AbstractContextManager[Work]:
        """A unit of work that changes something."""
        return self.site.open_work(self.actor)

    # -- what a page shows --

    @property
    def csrf(self) -> str:
        return csrf.token(self.site.secret, self.token or self.stranger)

    @property
    def trusted(self) -> bool:
        """Whether the form was shown by us to this browser."""
        mark = self.token or self.stranger
        return bool(mark) and csrf.fits(self.site.secret, mark, self.form.get(csrf.FIELD, ""))

    @property
    def typed(self) -> Mapping[str, str]:
        """What was typed, for the same form once more; no secrets."""
        return {name: value for name, value in self.form.items() if name not in (*SECRET_FIELDS, csrf.FIELD)}

    @property
    def said(self) -> str:
        """What just happened, as the code that `go` put into the address; a page has words for its own codes."""
        given = self.request.query_params.get("said", "")
        return given if _SAID.match(given) else ""

    def page(self, template: str, status: int = 200, /, **values: object) -> Response:
        """A template of the desk, drawn with `visit` and these values."""
        response = self.site.pages.show(template, zone=self.zone, visit=self, **values)
        response.status_code = status if status != 200 else 403 if self.again else 409 if self.fault else 200
        return response

    def go(self, path: str, said: str = "") -> Response:
        """After a post: another page, by GET, which may say what happened."""
        return RedirectResponse(path + (f"?{urlencode({'said': said})}" if said else ""), status_code=303)

    @property
    def known_here(self) -> list[int]:
        """The members who signed in in this browser before; the cookie that says so is signed."""
        held = self.site.device.read(self.request.cookies) or {}
        return [int(one) for one in held.get("members", [])]

    def keep(self, response: Response, signed_in: SignedIn) -> Response:
        """The browser gets the session's token, and is known from now on as one of this member's."""
        self.set_token(response, signed_in.token)
        known = [one for one in self.known_here if one != signed_in.member.id][-9:]
        self.site.device.write(response, {"members": [*known, signed_in.member.id]}, keep=True)
        return response

    def set_token(self, response: Response, token: str) -> None:
        """The cookie of the session: for this visit of the browser; the server says how long it counts."""
        response.set_cookie(
            self.site.cookie, token, path="/", secure=self.site.https, httponly=True, samesite="lax"
        )  # fmt: skip

    def drop_token(self, response: Response) -> Response:
        """The browser forgets the session."""
        response.delete_cookie(self.site.cookie, path="/", secure=self.site.https, httponly=True, samesite="lax")
        return response


Handler = Callable[[Visit], Response]


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One address of the desk: what GET shows, and what POST does (with a valid token only).

    `verb` is what the member must be allowed to do in the trial to come here at all; services ask once more for each
    act. None: any member who is signed in (and, under `/{slug}`, has a role in that trial). `open` pages are for
    strangers too. `proves` asks for password and code before the act, where they were not given a short while ago.
    `refreshes` is for lists without a form of their own: the browser looks again each minute.

    Where `act` raises something of ours that was refused, the page is shown again with these words above it.
    """

    path: str
    show: Handler
    act: Handler | None = None
    verb: Verb | None = None
    open: bool = False
    proves: bool | Callable[[Form], bool] = False
    refreshes: bool = False

    def asks_for_proof(self, form: Form) -> bool:
        """Whether this form may only be acted on by somebody who has just proved who they are."""
        return self.proves(form) if callable(self.proves) else self.proves
