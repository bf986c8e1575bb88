"""An informed yes, or a no: what is asked for consent, and the proof of it that is kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from trial.core.events import Event
from trial.core.participant import ParticipantState
from trial.core.schedule import plan_baseline
from trial.services.enrolment import must_recruit
from trial.storage import events, occasions, participants, trials, vault
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Consented:
    """What came of the consent form: what is missing, or the baseline to do now."""

    missing: tuple[str, ...]
    occasion_id: int | None


def decline(work: Work, participant_id: int) -> None:
    """The person read the information and said no; nothing more is asked or sent."""
    person = participants.by_id(work, participant_id, lock=True)
    if person.state is ParticipantState.DECLINED:
        return
    participants.change_state(work, person, ParticipantState.DECLINED)
    events.write(work, Event.DECLINED, trial_id=person.trial_id, participant_id=person.id)


def consent(work: Work, participant_id: int, *, ticked: Collection[str], signature: str) -> Consented:
    """Every statement ticked and a typed signature make consent; the baseline opens in the same transaction."""
    person = participants.by_id(work, participant_id, lock=True)
    if person.state in (ParticipantState.CONSENTED, ParticipantState.RANDOMIZED):
        return Consented((), baseline_to_do(work, person.id))
    trial = trials.by_id(work, person.trial_id)
    must_recruit(trial)
    protocol = trials.folder_of(work, person.protocol_id).protocol
    missing = tuple(one.id for one in protocol.consent.statements if one.id not in ticked)
    if not signature.strip():
        missing += ("signature",)
    if missing:
        return Consented(missing, None)
    person = participants.change_state(work, person, ParticipantState.CONSENTED)
    statements = [one.id for one in protocol.consent.statements]
    consent_id = participants.add_consent(work, person, version=protocol.consent.version, statements=statements)
    vault.keep_words(work, trial.id, person.id, "signature", f"consent:{consent_id}", signature.strip()[:200])
    detail = {"version": protocol.consent.version}
    events.write(work, Event.CONSENTED, trial_id=trial.id, participant_id=person.id, detail=detail)
    occasions.add(work, person, plan_baseline(protocol, work.now, person.zone))
    return Consented((), baseline_to_do(work, person.id))


def baseline_to_do(work: Work, participant_id: int) -> int | None:
    """The first baseline occasion that is open and not done; None where there is none."""
    todo = [one for one in occasions.of_participant(work, participant_id) if one.is_open(work.now)]
    return todo[0].id if todo else None
