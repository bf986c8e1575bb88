"""Another address: a code goes to it, and once it is typed mails go there; the old one is told.

Whether the new address is known in this trial already is never said: a code is then not sent, and none will fit.
"""

from __future__ import annotations

from trial.core.errors import NotFound
from trial.core.events import Event
from trial.mail.headers import UnsafeHeader, one_address
from trial.services import codes, service_mails
from trial.storage import events, participants, vault
from trial.storage.work import Work

_NEW = "new_address"


def ask(work: Work, participant_id: int, email: str) -> str | None:
    """Send a code to the new address; a fault's name where mail could not be sent to it."""
    try:
        address = one_address("To", email)
    except UnsafeHeader:
        return "bad_address"
    person = participants.by_id(work, participant_id, lock=True)
    vault.forget_words(work, person.id, _NEW)
    vault.keep_words(work, person.trial_id, person.id, _NEW, "asked", address)
    if vault.find(work, person.trial_id, address) is None:
        codes.ask(work, person.id, "address", to=address)
    return None


def confirm(work: Work, participant_id: int, typed: str) -> bool:
    """The code from the new address makes it the one on file; its old code is then worth nothing."""
    person = participants.by_id(work, participant_id, lock=True)
    try:
        address = vault.words_of(work, person.id, _NEW, "asked")
    except NotFound:
        return False
    if not codes.check(work, person.id, "address", typed) or vault.find(work, person.trial_id, address) is not None:
        return False
    old = vault.address_of(work, person.id)
    vault.change_address(work, person.trial_id, person.id, address)
    vault.forget_words(work, person.id, _NEW)
    participants.change(work, person.id, bounced_at=None)
    service_mails.send(work, person, "address_changed", to=old)
    events.write(work, Event.ADDRESS_CHANGED, trial_id=person.trial_id, participant_id=person.id)
    return True
