"""Mail that people write to us: picked up, known again, matched to a person, and put before the team.

Whose it is: the mail that it answers (our Message-ID says which), else its sender's address by blind index, else
nobody's until a person says so. A word that asks to stop suspends all mail to its sender in the same transaction.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from trial.core import access, return_addresses
from trial.core.access import SYSTEM, Verb
from trial.core.delivery import REFUSED_BY_POLICY, Contact, ContactState
from trial.core.errors import NotFound, Refused
from trial.core.events import Event
from trial.core.links import delivery_of
from trial.core.matters import Matter, MatterAct, MatterKind
from trial.core.missing import Cause
from trial.core.participant import Participant
from trial.core.replies import ANSWER_WITHIN, STOP_WITHIN, ReplyKind, asks_to_stop
from trial.core.trial import Trial, TrialState
from trial.mail.inbound import Incoming, read
from trial.mail.inbox import Inbox
from trial.mail.quotes import without_ours
from trial.pages import service_mail
from trial.pages.service_mail import OWN_MAILS
from trial.pages.translations import languages
from trial.protocol_files import ProtocolFolder
from trial.services import call_plans, drawing, mail_doctor, missing_mails, service_mails, troubles
from trial.services.suspending import suspend
from trial.storage import (
    events,
    held,
    ledger,
    mail_counts,
    matters,
    participants,
    replies,
    situations,
    trials,
    vault,
)
from trial.storage.replies import Reply
from trial.storage.work import OpenWork, Work

EVERY_SECONDS = 60.0
LONGEST_ANSWER = 5_000
K = ReplyKind
# a quoted personal link opens its person's pages
_LINK = re.compile(r"https?://\S*/go/\S*")


@dataclass(slots=True)
class Postman:
    """An inbox with a rhythm of its own; `mail_from` is the address that mails come from, and come back to, or with
    `bounces` an address of its own for each."""

    inbox: Inbox
    mail_from: str
    every: float = EVERY_SECONDS
    clock: Callable[[], float] = time.monotonic
    bounces: str = ""
    _next: float = field(default=float("-inf"))

    def look(self, open_work: OpenWork) -> int:
        """Take in what has come, unless somebody looked a moment ago; how many mails were new."""
        if self.clock() < self._next:
            return 0
        self._next = self.clock() + self.every
        return receive(open_work, self.inbox, self.mail_from, self.bounces)


def receive(open_work: OpenWork, inbox: Inbox, mail_from: str, bounces: str = "") -> int:
    """Take in every mail that waits, each in a transaction of its own; how many were new."""
    with open_work(SYSTEM, write=False) as work:
        ours = {mail_from.casefold(), bounces.casefold()} - {""}
        addresses = frozenset(ours | {one for _, one in _contacts(work)})
    new = 0
    for letter in inbox.unread(addresses):
        incoming = read(letter.raw)
        with open_work(SYSTEM) as work:
            new += keep(work, incoming, bounces)
        inbox.done(letter.key)
    return new


def _contacts(work: Work) -> Iterator[tuple[Trial, str]]:
    """Each trial, the one that runs now first, with the address that its mails ask people to write to."""
    order = [TrialState.OPEN, TrialState.CLOSED, TrialState.PAUSED]
    found = trials.all_trials(work)
    for one in sorted(found, key=lambda one: (order.index(one.state) if one.state in order else len(order), one.id)):
        yield one, trials.folder_of(work, one.protocol_id).protocol.administrative.contact_email.casefold()


def keep(work: Work, incoming: Incoming, bounces: str = "") -> bool:
    """One mail in one transaction; False where it is ours, was known, or is meant for no trial of this installation.

    Which mail it is about says the address that it came to, where that is one of `bounces`; else what it answers. A
    machine's mail to an address that was made up is counted, and nothing else comes of it.
    """
    if delivery_of(work.keys.link, incoming.message_id) is not None:
        return False
    named = return_addresses.mail_named(work.keys.link, bounces, incoming.recipients)
    if named.made_up and _kind(incoming) in (K.BOUNCE, K.AUTO):
        mail_counts.count(work, mail_counts.MADE_UP)
        return False
    contact = ledger.by_id(work, named.delivery_id) if named.delivery_id is not None else _answered(work, incoming)
    person = _person(work, contact, incoming)
    tested = mail_doctor.trial_of_test(work, incoming.answers)
    trial_id = person.trial_id if person else tested or _trial_of(work, incoming)
    if trial_id is None:
        return False
    kind = _kind(incoming)
    row, new = replies.add(
        work,
        trial_id,
        incoming.message_id,
        kind,
        participant_id=person.id if person else None,
        delivery_id=contact.id if contact and person and contact.participant_id == person.id else None,
    )
    if not new:
        return False
    if kind is K.BOUNCE:
        _came_back(work, contact, incoming)
    elif kind is not K.AUTO:
        text = without_ours(incoming.text, [*_our_texts(work, trial_id, person), *_drawn(work, contact)])
        _put_before_the_team(work, row, trial_id, person, kind, _LINK.sub("[link]", text), incoming)
        if tested == trial_id:
            mail_doctor.reply_seen(work, trial_id, row)
    return True


def _answered(work: Work, incoming: Incoming) -> Contact | None:
    """The mail of ours that this one answers, or that came back."""
    for one in incoming.answers:
        number = delivery_of(work.keys.link, one)
        if number is not None and (found := ledger.by_id(work, number)) is not None:
            return found
    return None


def _person(work: Work, contact: Contact | None, incoming: Incoming) -> Participant | None:
    if contact is not None and contact.message not in service_mails.TO_ANOTHER:
        return participants.by_id(work, contact.participant_id)
    if incoming.sender is None or incoming.bounce is not None:
        return None
    for trial, _ in _contacts(work):
        if (found := vault.find(work, trial.id, incoming.sender)) is not None:
            return participants.by_id(work, found)
    return None


def _trial_of(work: Work, incoming: Incoming) -> int | None:
    """The trial whose contact address it went to; what went to the sending address belongs to the trial that runs."""
    known = list(_contacts(work))
    named = [trial for trial, address in known if address in incoming.recipients]
    found = named or [trial for trial, _ in known]
    return found[0].id if found else None


def _kind(incoming: Incoming) -> ReplyKind:
    if incoming.bounce is not None:
        return K.BOUNCE
    if incoming.automatic:
        return K.AUTO
    return K.STOP if asks_to_stop(incoming.text) else K.HUMAN


def _came_back(work: Work, contact: Contact | None, incoming: Incoming) -> None:
    """Only our own mark says whose mail it was, in the address that the report came to or in the Message-ID that it
    quotes: nobody can make up a bounce for somebody else."""
    if contact is None or incoming.bounce is None:
        return
    bounced, policy = incoming.bounce.verdict == "bounced", incoming.bounce.verdict == "policy"
    state = ContactState.BOUNCED if bounced else ContactState.FAILED
    reason = "address_refused" if bounced else REFUSED_BY_POLICY if policy else "refused"
    if not held.came_back(work, contact, state, reason=reason, said=incoming.bounce.said):
        return
    if policy:
        troubles.reported(work, incoming.bounce.said)
    if bounced:
        missing_mails.bounced(work, contact)
    else:
        missing_mails.note(work, contact, Cause.FAILED)


def _put_before_the_team(
    work: Work, row: int, trial_id: int, person: Participant | None, kind: ReplyKind, text: str, incoming: Incoming
) -> None:
    if person is not None and person.erased_at is None:
        replies.keep_words(work, row, trial_id, person.id, text)
        if kind is K.STOP:
            suspend(work, person)
    else:
        replies.seal(work, row, {"text": text, "sender": incoming.sender or ""})
    number = matters.open_one(
        work,
        trial_id,
        MatterKind.REPLY,
        row,
        participant_id=person.id if person else None,
        urgent=kind is K.STOP,
        act_by=work.now + (STOP_WITHIN if kind is K.STOP else ANSWER_WITHIN),
        detail={"kind": kind.value, "attachments": incoming.attachments},
    )
    call_plans.begin(work, matters.by_id(work, number))
    events.write(
        work,
        Event.REPLY_RECEIVED,
        trial_id=trial_id,
        participant_id=person.id if person else None,
        detail={"kind": kind.value, "reply": row},
    )


def _our_texts(work: Work, trial_id: int, person: Participant | None) -> list[str]:
    """Every mail that people of this trial may quote: what one arm alone is sent must not reach whoever is blinded."""
    versions = {trials.by_id(work, trial_id).protocol_id, *([person.protocol_id] if person else [])}
    folders = [trials.folder_of(work, one) for one in sorted(versions)]
    return [
        *(text for one in folders for name, said in one.texts.items() if name in _mails(one) for text in said.values()),
        *(service_mail.template(service_mail.own_message(name), lang) for name in OWN_MAILS for lang in languages()),
    ]


def _drawn(work: Work, contact: Contact | None) -> list[str]:
    """The mail that was answered as it went out, with its hours and links in it."""
    if contact is None or contact.message in service_mails.TO_ANOTHER:
        return []
    around = situations.of_several(work, [contact.id])[contact.id]
    with suppress(ValueError, NotFound):
        return [drawing.mail(work.at(contact.due_at), contact, around, "", "").body_markdown]
    return []


def _mails(folder: ProtocolFolder) -> set[str]:
    return {f"messages/{one.id}" for one in folder.protocol.messages}


# -- what the team does ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Letter:
    """A reply as its page shows it, without its words; `answers` is what the team wrote back, in order."""

    reply: Reply
    code: str | None
    language: str | None
    suspended: bool
    erased: bool
    answers: tuple[str, ...]


def read_letter(work: Work, matter_id: int) -> Letter:
    """What is known of a mail that somebody wrote; the words themselves are opened by `own_words`."""
    access.require(work.by, Verb.READ_REPLIES)
    matter, found = _of(work, matter_id, lock=False)
    person = participants.by_id(work, found.participant_id) if found.participant_id is not None else None
    return Letter(
        found,
        person.code if person else None,
        person.language if person else None,
        person is not None and person.suspended_at is not None,
        person is not None and person.erased_at is not None,
        tuple(_answers(work, matter)),
    )


def _of(work: Work, matter_id: int, *, lock: bool = True) -> tuple[Matter, Reply]:
    matter = matters.by_id(work, matter_id, lock=lock)
    if matter.kind is not MatterKind.REPLY:
        raise NotFound("There is no such reply.")
    return matter, replies.by_id(work, matter.about)


def _answers(work: Work, matter: Matter) -> Iterator[str]:
    for line in matters.history(work, matter.id):
        contact = ledger.by_id(work, line.detail["answer"]) if "answer" in line.detail else None
        if contact is not None:
            with suppress(NotFound):  # the person was erased
                yield service_mails.answer_in(work, contact)


def answer(work: Work, matter_id: int, words: str) -> None:
    """Write back by our own mail, in the words as they stand. Ring the worker afterwards."""
    access.require(work.by, Verb.ACT_ON_REPLY)
    matter, found = _of(work, matter_id)
    if found.participant_id is None:
        raise Refused("Nobody knows whose mail this is. Say whose it is, or answer from the study's own mailbox.")
    if not words.strip() or len(words) > LONGEST_ANSWER:
        raise Refused(f"An answer has between 1 and {LONGEST_ANSWER} characters.")
    person = participants.by_id(work, found.participant_id, lock=True)
    if person.erased_at is not None:
        raise Refused("This person's data were erased; nobody can be written to.")
    row = service_mails.send_answer(work, person, words.strip())
    missing_mails.acted(work, matter, {"words": "Answered by mail.", "answer": row})
    detail: dict[str, str | int] = {"matter": matter.id, "kind": matter.kind.value, "act": "answered"}
    events.write(work, Event.MATTER_MOVED, trial_id=matter.trial_id, participant_id=person.id, detail=detail)


def belongs_to(work: Work, matter_id: int, code: str) -> None:
    """Whose mail it is, said by somebody who knows: the words move under that person's key."""
    access.require(work.by, Verb.ACT_ON_REPLY)
    matter, found = _of(work, matter_id)
    if found.participant_id is not None:
        raise Refused("It is known whose mail this is.")
    person = participants.by_code(work, matter.trial_id, code)
    if person.erased_at is not None:
        raise Refused("This person's data were erased.")
    replies.belongs_to(work, found, person.id)
    matters.change(work, matter.id, participant_id=person.id)
    matters.add_act(
        work,
        matter.trial_id,
        matter.id,
        MatterAct.NOTED,
        {"words": f"This is {person.code}.", "belongs_to": person.code},
    )
    if found.kind is K.STOP:
        suspend(work, person)
    detail: dict[str, str | int] = {"matter": matter.id, "kind": matter.kind.value, "act": "matched"}
    events.write(work, Event.MATTER_MOVED, trial_id=matter.trial_id, participant_id=person.id, detail=detail)
