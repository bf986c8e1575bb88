"""A person's own page, and the pages it leads to: a pause, mails, a fresh code, another address, one's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from trial.pages.environment import render
from trial.pages.frame import Frame

Kind = Literal["exercise", "questionnaire", "step"]
WishKind = Literal["withdraw_data", "erase"]


@dataclass(frozen=True, slots=True)
class Coming:
    """One thing to come; `week` is None before the allocation."""

    kind: Kind
    at: datetime
    closes_at: datetime
    week: int | None
    open: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that the person asked for, and the day on which it is done."""

    id: int
    kind: WishKind
    on: datetime


@dataclass(frozen=True, slots=True)
class MyPage:
    """`stopped` is what they stopped, "" for nothing; `said` names what was just done, so that the page can say it.

    `muted` are (id, title) of exercises that are sent no more; `over`: the last page is open to them.
    `changed`: an urgent change holds that was not so when they signed. `thanked`: something was earned that is sent
    to them, and `asks_where` where nobody knows where to.
    """

    coming: tuple[Coming, ...]
    zone: str
    paused_until: datetime | None = None
    stopped: str = ""
    may_take_up_again: bool = False
    waiting: tuple[Waiting, ...] = ()
    erased: bool = False
    said: str = ""
    muted: tuple[tuple[str, str], ...] = ()
    over: bool = False
    changed: bool = False
    thanked: bool = False
    asks_where: bool = False

    @property
    def open_now(self) -> bool:
        """Whether something can be done at once."""
        return any(one.open for one in self.coming)


@dataclass(frozen=True, slots=True)
class PausePage:
    """`paused_until` is set in a pause; `fault` is not_chosen or bad_day."""

    zone: str
    paused_until: datetime | None = None
    day: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class MailsPage:
    """What may be chosen, and what is chosen now; one language or no hours are not asked about."""

    zone: str
    language: str
    languages: tuple[str, ...]
    hours: tuple[str, ...] = ()
    hour: str = ""
    fewer_reminders: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class CodePage:
    """`fault` is not_ticked or wrong; `sent` says that a code is on its way; `to_new` is the code of a new address.

    `back` is where somebody goes who wants no code after all.
    """

    sent: bool = False
    fault: str = ""
    to_new: bool = False
    back: str = "/me"


@dataclass(frozen=True, slots=True)
class AddressPage:
    """A new address is typed; `fault` is bad_address."""

    email: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class BackPage:
    """The old address takes a change back; `wrong` says that the code did not fit."""

    wrong: bool = False


@dataclass(frozen=True, slots=True)
class DataPage:
    """What may be done with one's data; `frozen` says that answers were handed over already.

    `kept` says that this trial keeps answers given until then; `free_from` is when a withdrawal would take effect,
    `owed_until` until when an address may still be needed; `fault` names the form that was not ticked.
    """

    zone: str
    free_from: datetime
    owed_until: datetime
    kept: bool
    frozen: bool
    waiting: tuple[Waiting, ...] = ()
    withdrawn: bool = False
    fault: str = ""


def my_page(frame: Frame, view: MyPage) -> str:
    """What is next, and what can be changed."""
    return render("me/me.html", frame, view)


def pause_page(frame: Frame, view: PausePage) -> str:
    """A pause of a week, two weeks, or until a day."""
    return render("me/pause.html", frame, view)


def mails_page(frame: Frame, view: MailsPage) -> str:
    """Hour, zone, language and reminders."""
    return render("me/mails.html", frame, view)


def code_page(frame: Frame, view: CodePage) -> str:
    """A fresh code, asked for and typed."""
    return render("me/code.html", frame, view)


def address_page(frame: Frame, view: AddressPage) -> str:
    """Another address."""
    return render("me/address.html", frame, view)


def back_page(frame: Frame, view: BackPage) -> str:
    """The address before the change."""
    return render("me/address_back.html", frame, view)


def data_page(frame: Frame, view: DataPage) -> str:
    """Read, take back, erase."""
    return render("me/data.html", frame, view)
