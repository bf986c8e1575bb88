"""Our own mails: planned in the same ledger as the protocol's, sent at once, never held back by a pause or a stop."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Literal

from babel.dates import format_date
from babel.dates import get_timezone as babel_zone

from trial.core.delivery import Contact
from trial.core.errors import NotFound
from trial.core.links import make_code
from trial.core.participant import Participant
from trial.core.schedule import PlannedContact
from trial.mail.templates import as_text
from trial.pages.service_mail import OwnMail, own_message
from trial.pages.translations import locale_of
from trial.storage import deliveries, incentives, vault, wishes
from trial.storage.deliveries import NewContact
from trial.storage.work import Work

WEEK = timedelta(days=7)
# kept sealed with the person's other words until the mail has gone
_ELSEWHERE = "address"
ADDRESS_CHANGED = own_message("address_changed")
ANSWER, EXPLAINED = own_message("answer"), own_message("explained")
# mails in which words of the team stand
WITH_WORDS = (ANSWER, EXPLAINED)
# the words of the team in such a mail, sealed under the person's key
_TEAM_WORDS = "team_answer"
TO_ANOTHER = (own_message("confirm_address"), ADDRESS_CHANGED, own_message("address_back"))
# the paragraph of the template that the words take the place of
_PLACE = "\n\n\u2026\n\n"
VOUCHER, PAYEE = own_message("voucher"), own_message("payee")
_CODES = (own_message("code"), own_message("confirm_address"))
# mails that say a code
WITH_CODE = (*_CODES, ADDRESS_CHANGED)
_WITH_DAY = (own_message("withdrawal"), own_message("erasure"), ADDRESS_CHANGED)


def send(
    work: Work,
    person: Participant,
    name: OwnMail,
    *,
    occurrence: int | None = None,
    purpose: str = "",
    lives: timedelta = WEEK,
    to: str | None = None,
) -> int:
    """Plan one of our mails for now, and give its row; ring the worker after the commit.

    `occurrence` tells mails of a kind apart (a code's generation, a wish's id; counted on where none is given).
    `to` is an address other than the one on file; it lies in the vault and goes once the mail has left.
    """
    message = own_message(name)
    number = occurrence or deliveries.count_of_message(work, person.id, message) + 1
    contact = PlannedContact(message, "service", 0, "at once", work.now, work.now + lives)
    (row,) = deliveries.add(work, person, [NewContact(contact, timepoint=purpose, occurrence=number)])
    if to is not None:
        vault.keep_words(work, person.trial_id, person.id, _ELSEWHERE, str(row), to)
    return row


def send_answer(work: Work, person: Participant, words: str, name: Literal["answer", "explained"] = "answer") -> int:
    """A mail with words that somebody of the team wrote to this person; they are kept in the vault alone."""
    row = send(work, person, name)
    vault.keep_words(work, person.trial_id, person.id, _TEAM_WORDS, str(row), words)
    return row


def answer_in(work: Work, contact: Contact) -> str:
    """What the team wrote in this mail."""
    return vault.words_of(work, contact.participant_id, _TEAM_WORDS, str(contact.id))


def with_answer(work: Work, contact: Contact, body: str) -> str:
    """The body of such a mail with the team's words in their place, as text: no mark of theirs becomes Markdown."""
    try:
        words = answer_in(work, contact)
    except NotFound:
        raise ValueError("the words of this mail are gone") from None
    return body.replace(_PLACE, f"\n\n{as_text(words)}\n\n")


def addresses_for(work: Work, contacts: Sequence[Contact]) -> dict[int, str]:
    """Where each mail goes: the address on file, or the one that this mail alone was meant for. By the mail's number;
    none for somebody whose data were erased."""
    found = {}
    on_file = vault.addresses_of(work, {one.participant_id for one in contacts if one.message not in TO_ANOTHER})
    for one in contacts:
        if one.message in TO_ANOTHER:
            with suppress(NotFound):
                found[one.id] = vault.words_of(work, one.participant_id, _ELSEWHERE, str(one.id))
        elif one.participant_id in on_file:
            found[one.id] = on_file[one.participant_id]
    return found


def sent(work: Work, contact: Contact) -> None:
    """The mail has left: an address that was kept for it alone is forgotten."""
    if contact.message in TO_ANOTHER:
        vault.forget_words(work, contact.participant_id, _ELSEWHERE, str(contact.id))


def _voucher_in(work: Work, contact: Contact) -> str:
    try:
        return incentives.code_of(work, contact.occurrence)
    except NotFound:
        raise ValueError("no code was given for what this mail is about") from None


def values_of(work: Work, contact: Contact, person: Participant) -> dict[str, str]:
    """What only this kind of mail says: a code, or a day."""
    if contact.message == VOUCHER:
        return {"code": _voucher_in(work, contact)}
    if contact.message in _CODES:
        return {"code": make_code(work.keys.link, person.id, contact.occurrence, contact.timepoint)}
    if contact.message in _WITH_DAY:
        day = wishes.by_id(work, contact.occurrence).takes_effect_at.astimezone(babel_zone(person.zone))
        said = {"closes": format_date(day, "full", locale=locale_of(person.language))}
        if contact.message == ADDRESS_CHANGED:
            said["code"] = make_code(work.keys.link, person.id, 1, contact.timepoint)
        return said
    return {}
