"""What a person's own pause, and their wish for fewer reminders, mean for one mail at the moment of sending."""

from __future__ import annotations

from datetime import datetime

from trial.core.delivery import Contact
from trial.core.participant import Participant
from trial.storage import deliveries, trials
from trial.storage.situations import Situation
from trial.storage.work import Work


def may_wait(work: Work, contact: Contact, around: Situation) -> bool:
    """Exercises are left out in a pause. A questionnaire's mail waits if its window is open then: one, not a pile."""
    occasion, until = around.occasion, around.person.paused_until
    if contact.stream != "questionnaires" or occasion is None or until is None or until >= occasion.closes_at:
        return False
    return not deliveries.waits_for_pause(work, contact)


def after_pause(contact: Contact, person: Participant) -> dict[str, datetime]:
    """When a mail that waits falls due, and until when it is worth sending: as long after that as it was before."""
    assert person.paused_until is not None
    return {"due_at": person.paused_until, "not_after": person.paused_until + (contact.not_after - contact.due_at)}


def is_in_between(work: Work, contact: Contact, person: Participant) -> bool:
    """Whether this is a reminder, and not the last one of its timepoint."""
    if contact.reminder == 0 or contact.occasion_id is None:
        return False
    protocol = trials.folder_of(work, person.protocol_id).protocol
    return contact.reminder < len(protocol.timepoint(contact.timepoint).reminders)
