"""Another address: a code goes to it, and once it is typed mails go there; the old one is told, and may undo it.

Whether the new address is known in this trial already is never said: a code is then not sent, and none will fit.
The old address stays sealed for a week. Whoever reads its mail and types the code in it brings it back; links that
went out since the change are then worth nothing. A change that came before stays open to the address before it.
"""

from __future__ import annotations

from datetime import timedelta

from trial.core.errors import NotFound
from trial.core.events import Event
from trial.core.participant import Participant
from trial.mail.headers import UnsafeHeader, one_address
from trial.services import codes, service_mails
from trial.storage import deliveries, events, fresh_codes, participants, vault, wishes
from trial.storage.wishes import Wish
from trial.storage.work import Work

_NEW = "new_address"
# for so long the old address can take a change back
UNDO = timedelta(days=7)


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
    replace(work, person, address)
    events.write(work, Event.ADDRESS_CHANGED, trial_id=person.trial_id, participant_id=person.id)
    return True


def replace(work: Work, person: Participant, address: str) -> None:
    """Mails go to this address from now on; the old one is told, and may take it back."""
    old = vault.address_of(work, person.id)
    vault.change_address(work, person.trial_id, person.id, address)
    vault.forget_words(work, person.id, _NEW)
    participants.change(work, person.id, bounced_at=None)
    _keep_for_a_while(work, person, old)


def _keep_for_a_while(work: Work, person: Participant, old: str) -> None:
    wish = wishes.add(work, person, wishes.FORGET_ADDRESS, work.now + UNDO)
    vault.keep_words(work, person.trial_id, person.id, vault.FORMER_ADDRESS, str(wish.id), old)
    fresh_codes.renew(work, person, purpose_of(wish.id), wish.takes_effect_at)
    service_mails.send(
        work, person, "address_changed", occurrence=wish.id, purpose=purpose_of(wish.id), lives=UNDO, to=old
    )  # fmt: skip


def purpose_of(wish_id: int) -> str:
    """What the code in the old address's mail is for."""
    return f"undo:{wish_id}"


def may_undo(work: Work, wish_id: int) -> Participant | None:
    """Whose change it is that may still be undone; None where it was undone, or a week has passed."""
    try:
        wish = wishes.by_id(work, wish_id)
    except NotFound:
        return None
    if wish.kind != wishes.FORGET_ADDRESS or wish.undone_at or wish.done_at or work.now >= wish.takes_effect_at:
        return None
    return participants.by_id(work, wish.participant_id)


def undo(work: Work, wish_id: int, typed: str) -> bool:
    """Whoever reads the old address's mail types its code: mails go there again, and links sent elsewhere are dead."""
    known = may_undo(work, wish_id)
    if known is None or known.erased_at is not None:
        return False
    person = participants.by_id(work, known.id, lock=True)
    if may_undo(work, wish_id) is None:
        return False
    old, other = vault.words_of(work, person.id, vault.FORMER_ADDRESS, str(wish_id)), vault.address_of(work, person.id)
    if not codes.check(work, person.id, purpose_of(wish_id), typed) or vault.find(work, person.trial_id, old):
        return False
    vault.change_address(work, person.trial_id, person.id, old)
    vault.forget_words(work, person.id, _NEW)
    participants.change(work, person.id, bounced_at=None)
    # what was changed after it goes with it: else the address that it led to could take the place again
    ended = [one for one in wishes.former_addresses(work, person.id) if one.id >= wish_id]
    for one in ended:
        vault.forget_words(work, person.id, vault.FORMER_ADDRESS, str(one.id))
        wishes.undo(work, one.id)
    deliveries.renew_links(work, person.id, since=ended[0].asked_at)
    service_mails.send(work, person, "address_back", to=other)
    events.write(work, Event.ADDRESS_CHANGE_UNDONE, trial_id=person.trial_id, participant_id=person.id)
    return True


def forget_former(work: Work, wish: Wish) -> None:
    """The week is over: the old address is not kept any longer."""
    vault.forget_words(work, wish.participant_id, vault.FORMER_ADDRESS, str(wish.id))
    events.write(work, Event.FORMER_ADDRESS_FORGOTTEN, trial_id=wish.trial_id, participant_id=wish.participant_id)
