"""One request to the participants' pages: what came in, and the few ways to answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from trial.core.access import Actor, participant_actor
from trial.core.trial import Trial
from trial.pages.frame import Frame
from trial.pages.notices import Notice, no_session, notice, too_many
from trial.pages.translations import choose, languages
from trial.protocol_files import ProtocolFolder
from trial.storage.work import OpenWork
from trial.web import csrf
from trial.web.cookies import SignedCookie
from trial.web.forms import ONE_CLICK, Form
from trial.web.participant.session import Session, from_cookie, new_session, to_cookie
from trial.web.rates import UNLIMITED, Budget, Rates, asking_to_wait

VISITOR = Actor("visitor")
# the fields that the pages fill in themselves
_OURS = (csrf.FIELD, "lang", "submission", "opened", "active", "drafted", "quietly", "go_on")
_LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8})?$")
# the first is a letter or a digit: a dash in front would make a spreadsheet's formula of it
_SOURCE = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")


@dataclass(frozen=True, slots=True)
class Site:
    """What every visit shares: the way to the services, the keys, whether anything may be sent, and how often."""

    open_work: OpenWork
    secret: bytes = field(repr=False)
    cookie: SignedCookie
    ring: Callable[[], None]
    read_only: bool = False
    rates: Rates = UNLIMITED


@dataclass(slots=True)
class Visit:
    """`form` holds what was posted (empty for a GET); `again` is set when it came without a valid token.

    `newer` is set where the person whose page it is has a newer version of the study to agree to.
    """

    site: Site
    request: Request
    form: Form
    session: Session
    known: bool
    again: bool = False
    newer: bool = False

    @property
    def slug(self) -> str:
        return str(self.request.path_params.get("slug", ""))

    @property
    def trusted(self) -> bool:
        """Whether the form was shown by us to this browser."""
        return self.known and csrf.fits(self.site.secret, self.session.id, self.form.get(csrf.FIELD, ""))

    @property
    def source(self) -> str:
        """The recruitment source in the address or the form; nothing for a code that is not plain."""
        given = self.form.get("from") or self.request.query_params.get("from", "")
        return given.lower() if _SOURCE.match(given.lower()) else ""

    @property
    def actor(self) -> Actor:
        return VISITOR if self.session.participant is None else participant_actor(self.session.participant)

    @property
    def chosen(self) -> str:
        """The language that was chosen by its link, now or on the way here."""
        given = self.request.query_params.get("lang") or self.form.get("lang") or self.session.language
        return given if _LANGUAGE.match(given) else ""

    def language(self, offered: list[str] | None = None) -> str:
        """The language that was chosen, or else the one that the browser asks for, of those offered."""
        if self.chosen in (offered or languages()):
            return self.chosen
        return choose(self.request.headers.get("accept-language", ""), offered or languages())

    def frame(self, trial: Trial, folder: ProtocolFolder, *, language: str = "", personal: bool = False) -> Frame:
        """The frame of a page that belongs to a trial."""
        administrative, offered = folder.protocol.administrative, folder.protocol.languages
        asked = self.chosen if self.chosen in offered and len(offered) > 1 else ""
        change = len(offered) > 1 and not personal and not language
        return Frame(
            language=language or self.language(offered),
            privacy=folder.protocol.data_protection is not None,
            languages=tuple((one, self._query(one)) for one in offered) if change else (),
            chosen=asked if change else "",
            carried=self._query(asked),
            mark=trial.mark,
            contact_name=administrative.contact_name,
            contact_email=administrative.contact_email,
            home=f"/{trial.slug}",
            csrf=csrf.token(self.site.secret, self.session.id),
            personal=personal,
            newer=personal and self.newer and not self.site.read_only,
            again=self.again,
            read_only=self.site.read_only,
            on_call=folder.protocol.safety.on_call if folder.protocol.safety else None,
        )

    def _query(self, language: str) -> str:
        """What public pages hand on to each other by their addresses: the source of the recruitment, the language."""
        held = {"from": self.source, "lang": language}
        return "?" + urlencode({name: value for name, value in held.items() if value}) if any(held.values()) else ""

    def bare_frame(self) -> Frame:
        """The frame of a page that belongs to no trial."""
        token = csrf.token(self.site.secret, self.session.id)
        return Frame(language=self.language(), csrf=token, again=self.again, read_only=self.site.read_only)

    def page(self, html: str, status: int = 200) -> Response:
        """A page. A browser that is new here gets its cookie with the first page that has a form."""
        response = HTMLResponse(html, status_code=403 if self.again else status)
        if not self.known and 'name="csrf"' in html:
            self.site.cookie.write(response, to_cookie(self.session))
        return response

    def notice(self, name: Notice, status: int = 200) -> Response:
        """A page that belongs to no trial."""
        return self.page(notice(self.bare_frame(), name), status)

    def wait(self, seconds: int) -> Response:
        """Too many of these came from one network address; what was typed stands in the page, to be sent again."""
        fields = {name: value for name, value in self.form.items() if name != csrf.FIELD}
        return asking_to_wait(seconds, self.page(too_many(self.bare_frame(), fields), 429))

    def go(self, path: str, session: Session | None = None) -> Response:
        """After a post, or where a step was skipped: another page, by GET."""
        response = RedirectResponse(path, status_code=303)
        if session is None and self.form.get("lang"):
            session = self.session
        if session is not None:
            self.site.cookie.write(response, to_cookie(session))
        return response

    def no_session(self) -> Response:
        """The visit is over; texts that came too late are shown once more so that they are not lost."""
        frame = Frame(language=self.language(), read_only=self.site.read_only)
        return self.page(no_session(frame, "\n\n".join(_words(self.form))), 403)


def _words(form: Form) -> Iterator[str]:
    """What a person wrote, in a form of which nothing else is known: whatever is more than one word."""
    for name, value in form.items():
        if value.strip() and name not in _OURS and (name in ("writing", "text") or len(value.split()) > 1):
            yield value


def visit_of(site: Site, request: Request, form: Mapping[str, str]) -> Visit:
    """The visit of a request, with the session of its cookie or a new one."""
    session = from_cookie(site.cookie.read(request.cookies))
    return Visit(site, request, form, session or new_session(), known=session is not None)


Handler = Callable[[Visit], Response]


@dataclass(frozen=True, slots=True)
class Page:
    """One address: what GET shows, what POST does. `act` runs only for a form with a valid token.

    `spends` says which limit per network address a form counts against, if any: one that sends a mail or tries a code.
    `unsubscribe` answers a mail program that presses its own button: no browser, no cookie, no token of a form.
    """

    path: str
    show: Handler
    act: Handler | None = None
    open_when_read_only: bool = False
    spends: Callable[[Form], Budget | None] = lambda _: None
    unsubscribe: Handler | None = None


def answer_get(page: Page, site: Site, request: Request) -> Response:
    """Show a page; nothing is written anywhere."""
    return page.show(visit_of(site, request, {}))


def answer_post(page: Page, site: Site, request: Request, form: Mapping[str, Any]) -> Response:
    """The one gate before every act: nothing is sent to a finished trial, and no form is taken without its token."""
    visit = visit_of(site, request, form)
    if site.read_only and not page.open_when_read_only:
        return visit.notice("read_only", 403)
    if page.act is None:
        return visit.notice("not_found", 405)
    if page.unsubscribe is not None and dict(form) == ONE_CLICK:
        return visit.notice("read_only", 403) if site.read_only else page.unsubscribe(visit)
    if not visit.trusted:
        visit.again = True
        return page.show(visit)
    if visit.chosen:
        visit.session = replace(visit.session, language=visit.chosen)
    # before anything is looked up: a known address and an unknown one wait alike
    budget = page.spends(form)
    if budget and (seconds := site.rates.spend(request.scope, budget)):
        return visit.wait(seconds)
    return page.act(visit)
