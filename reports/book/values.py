"""What a book of a rehearsal holds, as plain values: sheets in chapters, days, diaries. Texts may be hostile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Look = Literal["page", "mail"]
Origin = Literal["met", "specimen"]
# why a link leads to no sheet: nobody was shown that page, it hangs on who presses when, it saves a file, it leaves us
Nowhere = Literal["unseen", "due", "file", "outside"]


@dataclass(frozen=True, slots=True)
class Lead:
    """Where the link of a sheet leads: to the sheet of this id, or nowhere; `about` names the page in words.

    `then` is the sheet behind the button of that page, where the link says which.
    """

    sheet: str = ""
    then: str = ""
    nowhere: Nowhere = "unseen"
    about: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One mail or page in one language. `html` is as it was shown; a mail has `text` and `headers` too.

    `arms` are the labels of those who were shown it, none for everybody. `met` of `of` people met it; a specimen was
    drawn for the book. `sources` are the files of the protocol that its words come from; `remarks` are other facts.
    `address` is where a link reaches it, as a template; empty where only a form does. `leads` has each of its own
    links by address, `presses` where each button of its forms led, by its place among them, and `behind` the sheets
    that come once the page which a mail leads to was pressed on.
    """

    id: str
    look: Look
    title: str
    language: str
    html: str
    origin: Origin = "met"
    arms: tuple[str, ...] = ()
    when: str = ""
    met: int = 0
    of: int = 0
    sources: tuple[str, ...] = ()
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    address: str = ""
    leads: tuple[tuple[str, Lead], ...] = ()
    presses: tuple[tuple[int, Lead], ...] = ()
    behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """One mail or page of the same moment as each arm was shown it: (label of the arm, id of its sheet)."""

    id: str
    heading: str
    when: str
    language: str
    arms: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Sheets that belong to one stretch of a participant's way, in the order in which they are met."""

    id: str
    heading: str
    intro: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one day brings: its words, and its sheets by language."""

    words: str
    sheets: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One row of the way: what it brings to each arm, in the order of the book's arms."""

    label: str
    arms: tuple[tuple[Asked, ...], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a diary; `sheet` is the id of what was sent or shown, if the book has it."""

    day: str
    hour: str
    words: str
    sheet: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Diary:
    """The whole trial of one pretend person."""

    id: str
    arm: str
    heading: str
    about: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """Everything. `arms` are labels; `facts` are said at the beginning."""

    title: str
    arms: tuple[str, ...]
    facts: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    days: tuple[Day, ...]
    diaries: tuple[Diary, ...]
    beside: tuple[Beside, ...] = ()
