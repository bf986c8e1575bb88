"""The proof of a consent is kept for as long as the protocol says after the last follow-up, and then goes by itself.

Planned with the consent for the earliest day on which it could be over; decided when it is due, by the windows that
the person had in the end and by the version of the protocol that they are on. Nobody has to look for what is due.
"""

from __future__ import annotations

from datetime import datetime

from trial.core.events import Event
from trial.core.local_time import later
from trial.core.participant import Participant
from trial.core.protocol import TrialProtocol
from trial.services import ending
from trial.storage import events, trials, vault, wishes
from trial.storage.wishes import Wish
from trial.storage.work import Work


def start(work: Work, person: Participant, protocol: TrialProtocol) -> None:
    """In the transaction of the first consent; where the protocol says no time, the proof stays."""
    if protocol.data_protection is not None:
        first = later(work.now, protocol.data_protection.retention.consent_proof, person.zone)
        wishes.plan(work, person, wishes.FORGET_PROOF, first)


def kept_until(work: Work, person: Participant) -> datetime | None:
    """When the proof goes, as things stand."""
    said = trials.folder_of(work, person.protocol_id).protocol.data_protection
    if said is None:
        return None
    return later(ending.last_follow_up(work, person), said.retention.consent_proof, person.zone)


def forget(work: Work, wish: Wish) -> None:
    """The name that was typed goes, also where the person was erased; that they agreed, to what and when, stays."""
    vault.forget_proof(work, wish.participant_id)
    events.write(work, Event.CONSENT_PROOF_FORGOTTEN, trial_id=wish.trial_id, participant_id=wish.participant_id)
