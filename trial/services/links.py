"""Following a personal link reads and changes nothing; one that lapsed can be replaced by a mail to its owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from trial.core.delivery import Contact
from trial.core.errors import LinkInvalid
from trial.core.events import Event
from trial.core.protocol import TrialProtocol
from trial.core.trial import Trial
from trial.pages.service_mail import own_message
from trial.services import addresses, missing_mails, service_mails, stopping, windows
from trial.services.service_mails import ADDRESS_CHANGED, TO_ANOTHER
from trial.storage import deliveries, doubts, events, occasions, participants, trials
from trial.storage.work import Work

NEW_LINKS_A_DAY = 3
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads; `short` to the primary outcome alone.

    `undo` is the address change that it may undo: such a link went to the old address, and leads to nothing else.
    `in_doubt`: nobody knew whether its mail arrived; now it is known, and `proved` writes it down.
    """

    trial: Trial
    participant_id: int
    occasion_id: int | None
    short: bool = False
    undo: int | None = None
    in_doubt: bool = False


def follow(work: Work, token: str, *, lapsed_too: bool = False) -> Target:
    """The person and occasion behind a link; forged, truncated, revoked and lapsed links are refused alike.

    `lapsed_too` lets the link of a window that is over lead to stopping or reporting: that must work from any mail.
    """
    contact = deliveries.by_token(work, token)
    if contact is None:
        raise LinkInvalid("This link does not work any more.")
    if contact.message in TO_ANOTHER:
        if contact.message != ADDRESS_CHANGED or addresses.may_undo(work, contact.occurrence) is None:
            raise LinkInvalid("This link does not work any more.")
        return Target(trials.by_id(work, contact.trial_id), contact.participant_id, None, undo=contact.occurrence)
    if contact.occasion_id is not None:
        occasion = occasions.by_id(work, contact.occasion_id)
        person = participants.by_id(work, contact.participant_id)
        protocol = trials.folder_of(work, person.protocol_id).protocol
        over = work.now >= windows.taken_until(protocol, occasion, person.zone)
        if over and occasion.done_at is None and not lapsed_too:
            raise LinkInvalid("This link does not work any more.")
        short = _asks_for_the_primary_alone(protocol, contact)
        trial, doubt = trials.by_id(work, contact.trial_id), contact.may_have_arrived
        return Target(trial, contact.participant_id, contact.occasion_id, short, in_doubt=doubt)
    trial = trials.by_id(work, contact.trial_id)
    return Target(trial, contact.participant_id, contact.occasion_id, in_doubt=contact.may_have_arrived)


def proved(work: Work, token: str) -> None:
    """Whoever uses the link of a mail has it: a mail in doubt arrived."""
    contact = deliveries.by_token(work, token)
    if contact is not None and doubts.arrived(work, contact):
        missing_mails.arrived(work, contact)


def _asks_for_the_primary_alone(protocol: TrialProtocol, contact: Contact) -> bool:
    point = next((one for one in protocol.timepoints if one.id == contact.timepoint), None)
    reminders = point.reminders if point else []
    return 0 < contact.reminder <= len(reminders) and reminders[contact.reminder - 1].primary_only


def unsubscribe(work: Work, token: str) -> None:
    """End the stream of the mail that this link stood in, however old it is; twice is as good as once."""
    contact = deliveries.by_token(work, token)
    if contact is None or contact.stream == "service":
        raise LinkInvalid("This link does not work any more.")
    stopping.unsubscribe(work, contact)


def ask_for_another(work: Work, token: str) -> None:
    """A new link to the address on file, if this one was ever ours; a few a day. Nothing is said either way."""
    contact = deliveries.by_token(work, token)
    if contact is None:
        return
    person = participants.by_id(work, contact.participant_id, lock=True)
    sent = deliveries.count_since(work, person.id, [own_message("new_link")], work.now - DAY)
    if person.erased_at is not None or sent >= NEW_LINKS_A_DAY:
        return
    service_mails.send(work, person, "new_link")
    events.write(work, Event.LINK_ASKED_FOR, trial_id=person.trial_id, participant_id=person.id)
