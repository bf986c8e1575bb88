"""Opening an identity: who may, says why, and sees one person. It stays on record, the address itself nowhere."""

from __future__ import annotations

from dataclasses import dataclass

from trial.core import access
from trial.core.access import Verb
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.matters import MatterAct
from trial.services.matters import LONGEST_WORDS, READS
from trial.storage import events, matters, participants, study_codes, vault
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Identity:
    """Who one participant is: the study code, the address on file, and the name under the consent, if there is one."""

    code: str
    address: str
    name: str | None


def open_for_matter(work: Work, matter_id: int, reason: str) -> Identity:
    """The person whom a matter is about."""
    found = matters.by_id(work, matter_id, lock=True)
    access.require(work.by, READS[found.kind])
    if found.participant_id is None:
        raise Refused("This is about nobody in particular.")
    identity = _open(work, found.trial_id, found.participant_id, reason, matter_id)
    matters.add_act(work, found.trial_id, matter_id, MatterAct.IDENTITY_OPENED, {"words": _said(reason)})
    return identity


def open_for_person(work: Work, participant_id: int, reason: str) -> Identity:
    """A person, from their own page."""
    person = participants.by_id(work, participant_id)
    access.require_trial(work.by, person.trial_id)
    return _open(work, person.trial_id, participant_id, reason, None)


def _open(work: Work, trial_id: int, participant_id: int, reason: str, matter_id: int | None) -> Identity:
    access.require(work.by, Verb.READ_IDENTITY)
    if not _said(reason):
        raise Refused("Say why you need to know who this is.")
    address = vault.address_of(work, participant_id)
    names = list(vault.all_words(work, participant_id, vault.SIGNATURE).values())
    detail: dict[str, str | int] = {"matter": matter_id} if matter_id else {}
    events.write(work, Event.IDENTITY_OPENED, trial_id=trial_id, participant_id=participant_id, detail=detail)
    return Identity(study_codes.codes_of(work, [participant_id])[participant_id], address, names[-1] if names else None)


def _said(reason: str) -> str:
    return reason.strip()[:LONGEST_WORDS]
