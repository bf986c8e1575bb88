"""The doors of a rehearsal without pages: each address of the participants' pages, answered by the services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from itertools import count
from typing import TypeVar
from urllib.parse import parse_qsl, urljoin, urlsplit

from trial.core.errors import EquipoiseError
from trial.rehearsal.direct import beside, doing, joining, leaving
from trial.rehearsal.direct.acts import Acts
from trial.rehearsal.direct.visit import Answer, Query, Site, Told, Visit
from trial.rehearsal.door import proof_of
from trial.rehearsal.forms import Form, Page

# address to (what it shows, what it does with a form)
Handler = Callable[[Visit, Query], Answer]
_OWN: dict[str, tuple[Handler, Handler | None]] = {
    "now": (doing.show_now, doing.send),
    "done": (doing.show_done, None),
    "resources": (doing.show_resources, None),
    "stop": (leaving.show_stop, leaving.stop),
    "report": (leaving.show_report, leaving.report),
    "end": (leaving.show_end, None),
    "upset": (beside.show_upset, beside.upset),
    "me/mails": (beside.show_mails, beside.change_mails),
    "me/pause": (beside.show_pause, beside.pause),
}
# the same for addresses that hold a part of their own: the trial's, or a link's token
Parted = Callable[[Visit, str, Query], Answer]
_OF_A_TRIAL: dict[str, tuple[Parted, Parted | None]] = {
    "": (joining.show_trial, None),
    "notice": (joining.show_notice, joining.agree),
    "screening": (joining.show_screening, joining.screen),
    "address": (joining.show_address, joining.give_address),
    "code": (joining.show_code, joining.confirm),
    "consent": (joining.show_consent, joining.answer_consent),
}
# read and left at that: nothing that a pretend person does begins there
_ONLY_READ = ("me", "help", "again", "changed", "results")
_HOPS = 8
T = TypeVar("T")


class Services:
    """The trial without pages, for any number of devices."""

    def __init__(self, acts: Acts, secret: bytes, ring: Callable[[], None]) -> None:
        self._acts = acts
        self._site = Site(acts.open_work, secret, ring)
        self._browsers = count(1)

    def browser(self, owner: int = 0) -> ServiceDoor:
        """A fresh device, whosever it is."""
        return ServiceDoor(Visit(self._site, f"browser {next(self._browsers)}"))

    def act(self) -> AbstractContextManager[None]:
        """One transaction."""
        return self._acts.act()

    def close(self) -> None:
        """There is nothing to close."""


class ServiceDoor:
    """One device of one person."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self.page: Page | None = None

    def prefer(self, language: str) -> None:
        """Ask for pages in this language from now on."""
        self._visit.language = language

    def get(self, url: str) -> Page:
        """Open an address."""
        return self._go(url, None)

    def post(self, form: Form, values: Mapping[str, str]) -> Page:
        """Send a form with what it held and what was typed."""
        assert self.page is not None
        target = urljoin(self.page.path, form.action or self.page.path)
        return self._go(target, {**form.filled(), **proof_of(form), **values})

    def _go(self, url: str, sent: Mapping[str, str] | None) -> Page:
        for _ in range(_HOPS):
            try:
                answer = answered(self._visit, url, sent)
            except EquipoiseError:  # which a page would tell, and then ask nothing
                answer = Told(url, status=409)
            if isinstance(answer, Told):
                self.page = answer
                return answer
            url, sent = answer, None
        raise RuntimeError(f"{url} redirects in a circle")


def answered(visit: Visit, url: str, sent: Mapping[str, str] | None) -> Answer:
    """What an address shows, or does with what was sent."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    first, _, rest = parts.path.strip("/").partition("/")
    given = query if sent is None else {**query, **sent}
    if first == "go":
        return (doing.show_landing if sent is None else doing.follow)(visit, rest, given)
    if (path := parts.path.strip("/")) in _OWN:
        show, act = _OWN[path]
        return show(visit, given) if sent is None else _required(act, url)(visit, given)
    if first in _ONLY_READ or first == "end":
        return Told(url)
    if rest in _OF_A_TRIAL:
        see, do = _OF_A_TRIAL[rest]
        return see(visit, first, given) if sent is None else _required(do, url)(visit, first, given)
    raise RuntimeError(f"{url}: this address is not known without pages; add it to trial/rehearsal/direct")


def _required(act: T | None, url: str) -> T:
    if act is None:
        raise RuntimeError(f"{url}: nothing can be sent there")
    return act
