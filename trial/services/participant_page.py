"""One participant by study code, as the team may see them: no identity, no value of an answer, and nothing of an arm.

Mails and windows of timepoints that not every arm has are left out, and the page says so for everybody alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from trial.core import access, contact_words, pooled
from trial.core.access import Verb
from trial.core.delivery import Contact, ContactState
from trial.core.errors import NotFound
from trial.core.links import delivery_marked, make_mark
from trial.core.matters import Matter
from trial.core.participant import Occasion, Participant
from trial.core.protocol import TrialProtocol
from trial.core.texts import say
from trial.mail.plain import plain_text
from trial.pages import service_mail
from trial.pages.message import read_markdown
from trial.services import drawing, service_mails
from trial.services.enrolment import CODE_MESSAGE
from trial.services.matters import READS
from trial.storage import (
    answer_sheets,
    deliveries,
    enrolment_errors,
    ledger,
    matters,
    notes,
    occasions,
    participants,
    situations,
    trials,
)
from trial.storage.answer_sheets import AnswerSheet
from trial.storage.enrolment_errors import Entry
from trial.storage.notes import Note
from trial.storage.work import Work

S = ContactState
_SENT = (S.ACCEPTED, S.BOUNCED, S.FAILED, S.UNKNOWN)
_TOKEN = re.compile(r"/(go|undo)/[A-Za-z0-9_-]{20,}")
_DIGITS = re.compile(r"\b\d{6}\b")
MASK = "…"


@dataclass(frozen=True, slots=True)
class Line:
    """One mail: what it was about, when, where it stands and why; `drawable` where it left and no arm shows in it."""

    mark: str
    about: str
    due_at: datetime
    ended_at: datetime | None
    state: str
    reason: str
    drawable: bool


@dataclass(frozen=True, slots=True)
class Window:
    """One window: `done`, `part`, `open`, `missed` or `to_come`; how much was answered where all arms are alike."""

    about: str
    opens_at: datetime
    closes_at: datetime
    state: str
    answered: int | None = None
    asked: int | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """All that is shown of one person. `leaves_out`: the protocol has timepoints that not every arm has."""

    person: Participant
    now: datetime
    lines: tuple[Line, ...]
    windows: tuple[Window, ...]
    notes: tuple[Note, ...]
    errors: tuple[Entry, ...]
    matters: tuple[Matter, ...]
    leaves_out: bool


def page(work: Work, slug: str, code: str) -> Page:
    """The page of one person."""
    access.require(work.by, Verb.READ_PARTICIPANT)
    person = participants.by_code(work, trials.by_slug(work, slug).id, code)
    protocol = trials.folder_of(work, person.protocol_id).protocol
    ended = ledger.ended_at(work, person.id)
    contacts = [one for one in deliveries.of_participant(work, person.id) if may_show(protocol, one)]
    return Page(
        person=person,
        now=work.now,
        lines=tuple(
            _line(work, protocol, one, ended.get(one.id))
            for one in sorted(contacts, key=lambda one: (one.due_at, one.id))
        ),
        windows=tuple(_windows(work, protocol, person)),
        notes=tuple(notes.of_participant(work, person.id)),
        errors=tuple(enrolment_errors.of_participant(work, person.id)),
        matters=tuple(one for one in matters.of_participant(work, person.id) if work.by.may(READS[one.kind])),
        leaves_out=pooled.leaves_out(protocol),
    )


def may_show(protocol: TrialProtocol, contact: Contact) -> bool:
    # what was earned for an activity may be one arm's, and its code is money
    if contact.message == service_mails.VOUCHER:
        return False
    return contact.occasion_id is None or pooled.is_common(protocol, contact.timepoint)


def _reads_alike(protocol: TrialProtocol, contact: Contact) -> bool:
    return contact.occasion_id is None or pooled.reads_alike(protocol, contact.timepoint)


def _line(work: Work, protocol: TrialProtocol, contact: Contact, ended: datetime | None) -> Line:
    return Line(
        make_mark(work.keys.link, contact.id),
        about(protocol, contact),
        contact.due_at,
        ended,
        contact_words.state_of(contact),
        contact_words.reason_of(contact),
        contact.state in _SENT and contact.reason != "cannot_be_composed" and _reads_alike(protocol, contact),
    )


def about(protocol: TrialProtocol, contact: Contact) -> str:
    """What a mail is about, by timepoint and never by activity."""
    if service_mail.is_own(contact.message):
        return contact_words.OWN[contact.message.removeprefix(service_mail.OWN)]
    if contact.message == CODE_MESSAGE:
        return "The code that confirms the address"
    if contact.occasion_id is None:
        return "A mail of the trial"
    if not pooled.is_common(protocol, contact.timepoint):
        return "A mail of a timepoint that not every arm has"
    reminder = f", reminder {contact.reminder}" if contact.reminder else ""
    return f"{_point(protocol, contact.timepoint, contact.occurrence)}{reminder}"


def _point(protocol: TrialProtocol, timepoint: str, occurrence: int) -> str:
    label = say(protocol.timepoint(timepoint).label, "en")
    return f"{label}, time {occurrence}" if len(protocol.timepoint(timepoint).days) > 1 else label


def _windows(work: Work, protocol: TrialProtocol, person: Participant) -> list[Window]:
    together: dict[tuple[str, int], list[Occasion]] = {}
    for one in occasions.of_participant(work, person.id):
        if pooled.is_common(protocol, one.timepoint):
            together.setdefault((one.timepoint, one.occurrence), []).append(one)
    sheets = {one.occasion_id: one for one in answer_sheets.of_participant(work, person.id)}
    return [_window(work, protocol, found, sheets) for found in together.values()]


def _window(work: Work, protocol: TrialProtocol, found: list[Occasion], sheets: dict[int, AnswerSheet]) -> Window:
    first = found[0]
    window = Window(
        _point(protocol, first.timepoint, first.occurrence),
        min(one.opens_at for one in found),
        max(one.closes_at for one in found),
        _state(work, found, alike=pooled.is_same(protocol, first.timepoint)),
    )
    mine = [sheets[one.id] for one in found if one.id in sheets]
    if not mine or not pooled.is_same(protocol, first.timepoint):
        return window
    given = [value for sheet in mine for value in sheet.answers.values()]
    late = any(sheets[one.id].submitted_at > one.closes_at for one in found if one.id in sheets)
    return replace(window, answered=sum(one is not None for one in given), asked=len(given), late=late)


def _state(work: Work, found: list[Occasion], *, alike: bool) -> str:
    done = sum(one.done_at is not None for one in found)
    if done == len(found) or (done and not alike):
        return "done"
    if done:
        return "part"
    if all(work.now < one.opens_at for one in found):
        return "to_come"
    return "open" if any(work.now < one.closes_at for one in found) else "missed"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mail as it was sent, its link and code masked; drawn anew, for nothing of it is kept."""

    subject: str
    text: str
    line: Line


def mail(work: Work, slug: str, code: str, mark: str) -> Drawn:
    """One mail of this person as it went out; NotFound for one that did not leave, or may not be shown."""
    access.require(work.by, Verb.READ_PARTICIPANT)
    person = participants.by_code(work, trials.by_slug(work, slug).id, code)
    marked = delivery_marked(work.keys.link, mark)
    contact = None if marked is None else ledger.by_id(work, marked)
    protocol = trials.folder_of(work, person.protocol_id).protocol
    if contact is None or contact.participant_id != person.id or not may_show(protocol, contact):
        raise NotFound("There is no such mail.")
    ended = ledger.ended_at(work, person.id).get(contact.id)
    line = _line(work, protocol, contact, ended)
    if not line.drawable:
        raise NotFound("This mail did not leave.")
    around = situations.of_several(work, [contact.id])[contact.id]
    try:
        found = drawing.mail(work.at(ended or contact.due_at), contact, around, "", "")
    except ValueError:
        raise NotFound("This mail cannot be drawn any more.") from None
    text = plain_text(read_markdown(found.body_markdown), footer_links=found.footer_links, marked=found.marked)
    masked = _TOKEN.sub(rf"/\1/{MASK}", text)
    with_code = contact.message == CODE_MESSAGE or contact.message in service_mails.WITH_CODE
    if with_code:
        return Drawn(_DIGITS.sub(MASK, found.subject), _DIGITS.sub(MASK, masked), line)
    return Drawn(found.subject, masked, line)


def code_of(work: Work, slug: str, written: str) -> str:
    """The study code as it stands, of what somebody typed; NotFound where nobody has it."""
    access.require(work.by, Verb.READ_PARTICIPANT)
    return participants.by_code(work, trials.by_slug(work, slug).id, written).code
