"""The pages before somebody is in the trial: from the public page to the signed consent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from trial.pages.environment import render
from trial.pages.fields import Field
from trial.pages.frame import Frame


@dataclass(frozen=True, slots=True)
class TrialPage:
    """`text` is the researchers' Markdown; `recruits` offers to take part, `preparing` says that it has not begun."""

    title: str
    summary: str
    text: str
    recruits: bool
    preparing: bool = False


@dataclass(frozen=True, slots=True)
class ResearchersPage:
    """What identifies the trial and lets anyone check its allocation later. None: left open, or not yet there.

    `rules` are those that chance goes by since amendments of the design: from which number on, and the digest.
    """

    title: str
    registration: str | None
    sponsor: str | None
    funder: str | None
    ethics: str | None
    protocol_id: str
    version: str
    digest: str
    seed_digest: str | None
    opened_at: datetime | None
    rules: tuple[tuple[int, str], ...] = ()
    commitment: str | None = None  # to the system's share, where somebody outside contributes to the seed


@dataclass(frozen=True, slots=True)
class NoticePage:
    """What is asked before eligibility is known, and why; `missing` says that the box was not ticked."""

    text: str
    source: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class ScreeningPage:
    """The screening questions, with what was typed and what is wrong.

    `challenge` is the sum that the browser does meanwhile, `proof` its answer where it came with the form before.
    """

    fields: tuple[Field, ...]
    challenge: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True)
class AddressPage:
    """`languages` holds two or more codes, or none; `fault` is bad_address, bad_zone or bad_language.

    `countries` are those with help lines of their own, as (code, name); who likes may say where they are.
    """

    languages: tuple[str, ...] = ()
    email: str = ""
    language: str = ""
    zone: str = ""
    fault: str | None = None
    countries: tuple[tuple[str, str], ...] = ()
    country: str = ""


@dataclass(frozen=True, slots=True)
class CodePage:
    """The six digits; `wrong` is all that is said of a wrong, an expired and a blocked code."""

    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Comprehension:
    """A question about the information, its choices as (value, words), what was chosen, and how it stands.

    `explanation` is shown where the answer was not right; `open` where there was none.
    """

    id: str
    question: str
    choices: tuple[tuple[str, str], ...]
    chosen: str = ""
    explanation: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class ChangedPage:
    """What changed for a person's safety: the information as it is now, and (what, before, after), in English."""

    text: str
    changes: tuple[tuple[str, str, str, str], ...]


def changed_page(frame: Frame, view: ChangedPage) -> str:
    """What holds now, to read."""
    return render("changed.html", frame, view)


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """The information, the statements as (id, words), what was ticked and signed, and what is missing.

    `sharing` is a statement that nobody needs to tick. `seen` comes back with the form: it says what was read.
    `again`: the person takes part by an earlier version; `changes` are (what, before, after, language).
    """

    text: str
    version: str
    statements: tuple[tuple[str, str], ...]
    ticked: Collection[str] = ()
    signature: str = ""
    missing: Collection[str] = ()
    questions: tuple[Comprehension, ...] = ()
    sharing: str = ""
    shares: bool = False
    seen: str = ""
    again: bool = False
    changes: tuple[tuple[str, str, str, str], ...] = ()


def trial_page(frame: Frame, view: TrialPage) -> str:
    """What the trial is, for anyone."""
    return render("trial.html", frame, view)


def researchers_page(frame: Frame, view: ResearchersPage) -> str:
    """Registration, protocol and digests, for those who check."""
    return render("researchers.html", frame, view)


def notice_page(frame: Frame, view: NoticePage) -> str:
    """The short notice and the agreement to be screened."""
    return render("notice.html", frame, view)


def screening_page(frame: Frame, view: ScreeningPage) -> str:
    """The screening questions."""
    return render("screening.html", frame, view)


def address_page(frame: Frame, view: AddressPage) -> str:
    """Where mails may go, in which language, and when it is evening there."""
    return render("address.html", frame, view)


def code_page(frame: Frame, view: CodePage) -> str:
    """The typed code that confirms an address."""
    return render("code.html", frame, view)


def consent_page(frame: Frame, view: ConsentPage) -> str:
    """The information and the signature; saying no is as easy."""
    return render("consent.html", frame, view)
