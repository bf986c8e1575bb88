"""One device of one person: how far it has come, as the cookie of a browser keeps it, and what an address answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import count
from typing import Any

from trial.core.access import Actor, participant_actor
from trial.pages.markdown import to_html
from trial.pages.translations import choose
from trial.rehearsal.forms import Field, Form, Page
from trial.storage.work import OpenWork

VISITOR = Actor("visitor")
ASKED_AGAIN = 422
Options = Sequence[str]


class Told(Page):
    """What an address tells and asks, without a page that shows it."""

    def __init__(self, path: str, *forms: Form, status: int = 200, links: Sequence[str] = (), words: str = "") -> None:
        super().__init__(status, path, "")
        self.forms, self.links, self.words = list(forms), list(links), words


@dataclass(frozen=True, slots=True)
class Site:
    """What all devices share; `numbers` gives each visit one of its own."""

    open_work: OpenWork
    secret: bytes = field(repr=False)
    ring: Callable[[], None]
    numbers: count[int] = field(default_factory=lambda: count(1))


@dataclass(frozen=True, slots=True)
class State:
    """As far as a visit has come; see `web.participant.session.Session`, of which this is what people get to."""

    id: str
    slug: str = ""
    agreed: bool = False
    source: str = ""
    screening: int | None = None
    turned_away: bool = False
    participant: int | None = None
    occasion: int | None = None
    cards: int | None = None
    short: bool = False
    first: int | None = None
    first_eligible: bool = True


@dataclass(slots=True)
class Visit:
    """What handlers work on. They answer with what is told, or with the address that follows."""

    site: Site
    browser: str
    language: str = ""
    state: State = field(default_factory=lambda: State("0"))

    def begin(self, **progress: Any) -> None:
        """A new visit in the same browser."""
        self.state = State(f"pretend {next(self.site.numbers)}", **progress)

    def go_on(self, **progress: Any) -> None:
        self.state = replace(self.state, **progress)

    @property
    def actor(self) -> Actor:
        person = self.state.participant
        return VISITOR if person is None else participant_actor(person)

    @property
    def submission(self) -> str:
        """The id of what this visit sends for its occasion."""
        return hashlib.sha256(f"{self.state.id}|{self.state.occasion}".encode()).hexdigest()

    def of(self, offered: Sequence[str]) -> str:
        """The language that a page would be in."""
        return choose(self.language, offered)


Query = Mapping[str, str]
Answer = Told | str


def form(action: str, *fields: Field, buttons: Sequence[tuple[str, str]] = ()) -> Form:
    """A form that posts."""
    return Form(action, "post", {one.name: one for one in fields}, list(buttons))


def hidden(name: str, value: str) -> Field:
    """A field that comes back as it is."""
    return Field(name, "hidden", value)


def ticks(*names: str) -> list[Field]:
    """A box to tick each."""
    return [Field(name, "checkbox", "", ["yes"]) for name in names]


@lru_cache(maxsize=256)
def words_of(text: str) -> str:
    """The words of a text of the protocol, as a page would show them."""
    return Page(200, "", f"<body>{to_html(text)}</body>").words
