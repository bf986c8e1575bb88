"""The mails of a book: those that pretend people were sent, alike ones as one sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reports.book.values import Sheet
from trial.core.delivery import Contact, ContactState
from trial.core.links import make_mark
from trial.mail.mailbox_files import StoredMail, mail_path, numbers, read_mail
from trial.pages.service_mail import OWN, is_own
from trial.rehearsal.book.material import (
    JOINING,
    Material,
    chapter_of_point,
    lasting,
    numbers_in_words,
    slug,
)
from trial.rehearsal.book.material import (
    OWN as OWN_CHAPTER,
)
from trial.rehearsal.book.pages import Placed

_ID = re.compile(rb"^Message-ID: <([0-9a-f]{32})@", re.MULTILINE)
_HEADERS = {
    "from": "From",
    "reply-to": "Reply-To",
    "subject": "Subject",
    "list-unsubscribe": "List-Unsubscribe",
    "list-unsubscribe-post": "List-Unsubscribe-Post",
}
_HEAD = 4_096
AFTER_EVERYTHING = 9


@dataclass(frozen=True, slots=True)
class Mailing:
    """What makes two mails one of a kind."""

    message: str
    timepoint: str
    reminder: int
    occurrence: int
    arm: str
    language: str


@dataclass(slots=True)
class _Alike:
    """Mails that say the same: their kinds, one of them as it came, and whom they went to."""

    mail: StoredMail
    kinds: list[Mailing] = field(default_factory=list)
    people: set[int] = field(default_factory=set)


def mailing_of(contact: Contact, arm: str, language: str) -> Mailing:
    """The kind of one mail of the ledger."""
    return Mailing(contact.message, contact.timepoint, contact.reminder, contact.occurrence, arm, language)


class Mails:
    """All mails that were sent; `of` finds the sheet of one."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self.placed: list[Placed] = []
        self._of: dict[Mailing, str] = {}
        first, people = _kinds(material)
        stored = _stored(material, first) if material.mailbox else {}
        for number, alike in enumerate(_merged(stored, people), start=1):
            self._add(number, alike)

    def of(self, kind: Mailing) -> str:
        """The id of the sheet of a mail, or of the one most like it; empty for none."""
        if found := self._of.get(kind):
            return found
        same = (kind.message, kind.timepoint, kind.reminder, kind.language)
        likes = ((each, id) for each, id in self._of.items() if _about(each) == same)
        return next((id for _, id in sorted(likes, key=lambda one: one[0].arm != kind.arm)), "")

    def sent(self, message: str, language: str) -> bool:
        """Whether anybody was sent this message in this language."""
        return any(one.message == message and one.language == language for one in self._of)

    def kinds(self, id: str) -> list[Mailing]:
        """The kinds that the sheet of this id shows."""
        return [kind for kind, one in self._of.items() if one == id]

    def _add(self, number: int, alike: _Alike) -> None:
        kind, material = alike.kinds[0], self._material
        arms = {one.arm for one in alike.kinds}
        own = is_own(kind.message)
        title = f"{alike.mail.subject}" if not own else f"{alike.mail.subject} (the product's own mail)"
        id = f"mail-{number:04d}-{slug(kind.message)}-{kind.language}"
        sheet = Sheet(
            id=id,
            look="mail",
            title=title,
            language=kind.language,
            html=alike.mail.html,
            arms=material.labels(arms) if "" not in arms else (),
            when=_when(alike.kinds),
            met=len(alike.people),
            of=len(material.lives),
            sources=() if own else (material.text_file(f"messages/{kind.message}", kind.language),),
            text=alike.mail.text,
            headers=tuple(
                (said, alike.mail.headers[name]) for name, said in _HEADERS.items() if name in alike.mail.headers
            ),
            remarks=(f"In the ledger: {kind.message}.",),
        )
        self.placed.append(Placed(*_place(kind), sheet))
        for one in alike.kinds:
            self._of.setdefault(one, id)


def _about(kind: Mailing) -> tuple[str, str, int, str]:
    return kind.message, kind.timepoint, kind.reminder, kind.language


def _place(kind: Mailing) -> tuple[str, tuple[int, ...]]:
    if is_own(kind.message):
        return OWN_CHAPTER, (1, 0)
    if not kind.timepoint:
        return JOINING, (1, AFTER_EVERYTHING)
    return chapter_of_point(kind.timepoint), (2 if kind.reminder else 0, kind.reminder, 0, 0, kind.occurrence)


def _when(kinds: list[Mailing]) -> str:
    said = [f"reminder {kinds[0].reminder}"] if kinds[0].reminder else []
    occurrences = [one.occurrence for one in kinds]
    if max(occurrences) > 1 and kinds[0].timepoint:
        said.append(f"occurrence {numbers_in_words(occurrences)} of this timepoint")
    return ", ".join(said)


def _kinds(material: Material) -> tuple[dict[Mailing, int], dict[Mailing, set[int]]]:
    """(the first contact, everybody) of each kind that was sent."""
    first: dict[Mailing, int] = {}
    people: dict[Mailing, set[int]] = {}
    for life in material.lives:
        for contact in life.contacts:
            if contact.state is ContactState.ACCEPTED:
                kind = mailing_of(contact, life.arm if contact.timepoint else "", life.person.language)
                first.setdefault(kind, contact.id)
                people.setdefault(kind, set()).add(life.person.id)
    return first, people


def _stored(material: Material, wanted: Mapping[Mailing, int]) -> dict[Mailing, StoredMail]:
    """The mails themselves: found in the mailbox by the mark that stands in each one's head."""
    assert material.mailbox is not None
    of_mark = {make_mark(material.link_key, contact): kind for kind, contact in wanted.items()}
    found: dict[Mailing, StoredMail] = {}
    for number, mark in _marks(material.mailbox):
        kind = of_mark.get(mark)
        if kind is not None and kind not in found:
            found[kind] = read_mail(material.mailbox, number)
    return {kind: found[kind] for kind in wanted if kind in found}


def _marks(mailbox: Path) -> Iterator[tuple[int, str]]:
    for number in numbers(mailbox):
        with mail_path(mailbox, number).open("rb") as file:
            found = _ID.search(file.read(_HEAD))
        if found:
            yield number, found[1].decode()


def _merged(stored: Mapping[Mailing, StoredMail], people: Mapping[Mailing, set[int]]) -> list[_Alike]:
    found: dict[tuple[object, ...], _Alike] = {}
    for kind, mail in stored.items():
        words = lasting(f"{mail.subject}\n{mail.text}", kind.language)
        alike = found.setdefault((*_about(kind), words), _Alike(mail))
        alike.kinds.append(kind)
        alike.people |= people[kind]
    return list(found.values())


def own_id(name: str) -> str:
    """The message of one of the product's own mails."""
    return OWN + name
