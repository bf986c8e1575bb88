"""Held enrolments: a person decides, blind; places are given strictly in the order in which people arrived.

Whoever decides knows no arm, for there is none yet. A decision about somebody who came later waits until everyone who
came before is decided: otherwise the order of releasing could steer who gets which place of a block.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trial.core import access, fraud
from trial.core.access import Verb
from trial.core.eligibility import first_failed
from trial.core.errors import RecruitmentClosed, Refused
from trial.core.events import Event
from trial.core.expressions import parse
from trial.core.local_time import later
from trial.core.matters import MatterAct, MatterKind, MatterState
from trial.core.participant import Participant, ParticipantState
from trial.core.trial import Trial, TrialState
from trial.services import ending, service_mails
from trial.services.answers import baseline_facts
from trial.services.randomization import randomize
from trial.storage import answer_sheets, events, flags, matters, participants, reviews, trials
from trial.storage.reviews import Review
from trial.storage.work import Work

LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Sign:
    """One flag as whoever decides reads it; `holds`: it alone would keep the enrolment waiting."""

    signal: str
    words: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Held:
    """One enrolment that waits: a study code and what looked odd. No address, no answers, no arm.

    `decision` is set where somebody released it and it waits for those who came before; `obstacle` says why it cannot
    be released.
    """

    code: str
    since: datetime
    signs: tuple[Sign, ...]
    decision: Review | None
    obstacle: str | None


def held(work: Work, slug: str) -> list[Held]:
    """Everyone who waits, first come first."""
    access.require(work.by, Verb.READ_HELD)
    trial = trials.by_slug(work, slug)
    decided = reviews.of_trial(work, trial.id)
    found = []
    for person in reviews.held(work, trial.id):
        guard = trials.folder_of(work, person.protocol_id).protocol.eligibility.guard
        signs = tuple(
            Sign(
                one.signal,
                fraud.in_words(one.signal, one.detail, guard),
                bool(fraud.holding(guard, [one.signal], trial.kind)),
            )
            for one in flags.of_participant(work, person.id)
        )
        obstacle = _obstacle(work, trial, person)
        found.append(Held(person.code, person.held_at or work.now, signs, decided.get(person.id), obstacle))
    return found


def release(work: Work, slug: str, code: str, reason: str) -> int:
    """Let somebody in. Returns how many were allocated: none while somebody who came before is undecided."""
    trial, person = _to_decide(work, slug, code)
    if trial.state is TrialState.PAUSED:
        raise Refused(f"The trial {slug} is paused. Resume it before you release anybody.")
    if (why := _obstacle(work, trial, person)) is not None:
        raise Refused(f"{code} cannot be released: {why}. Refuse the enrolment, and say so in the reason.")
    _decide(work, person, "released", reason)
    events.write(work, Event.ENROLMENT_RELEASED, trial_id=trial.id, participant_id=person.id)
    return _advance(work, trial)


def refuse(work: Work, slug: str, code: str, reason: str) -> int:
    """Turn somebody away, with a mail that says so kindly. Returns how many who waited behind were allocated."""
    trial, person = _to_decide(work, slug, code)
    _decide(work, person, "refused", reason)
    _turn_down(work, person, "by_hand")
    return 0 if trial.state is TrialState.PAUSED else _advance(work, trial)


def _to_decide(work: Work, slug: str, code: str) -> tuple[Trial, Participant]:
    """The trial, held to the end so that two decisions do not cross, and the person who waits."""
    access.require(work.by, Verb.REVIEW_ENROLMENT)
    trial = trials.by_id(work, trials.by_slug(work, slug).id, lock=True)
    waiting = {one.code: one for one in reviews.held(work, trial.id)}
    if code not in waiting:
        raise Refused(f"No enrolment {code} is held in {slug}. See: equipoise enrolment held {slug}")
    return trial, participants.by_id(work, waiting[code].id, lock=True)


def _decide(work: Work, person: Participant, decision: str, reason: str) -> None:
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST_REASON:
        raise Refused(f"A decision needs a reason of at most {LONGEST_REASON} characters.")
    if not reviews.add(work, person, decision, said):
        raise Refused(f"{person.code} was decided before; that decision stands.")
    _close_matter(work, person, decision)


def _close_matter(work: Work, person: Participant, decision: str) -> None:
    """The decision ends what asked for it; the reason stands with the decision."""
    matter = matters.about(work, MatterKind.HELD_ENROLMENT, person.id)
    if matter is not None and matter.state is not MatterState.CLOSED:
        matters.change(work, matter.id, state=MatterState.CLOSED.value, closed_at=work.now)
        matters.add_act(work, person.trial_id, matter.id, MatterAct.CLOSED, {"words": f"The enrolment was {decision}."})


def _advance(work: Work, trial: Trial) -> int:
    """Allocate from the front of the queue as far as everybody is decided; the caller holds the trial."""
    decided, allocated = reviews.of_trial(work, trial.id), 0
    for person in reviews.held(work, trial.id):
        if person.id not in decided:
            break
        allocated += _allocate(work, trial, person)
    return allocated


def _allocate(work: Work, trial: Trial, person: Participant) -> bool:
    """One released person, looked at once more: what held when the decision fell may not hold when the turn comes."""
    if (why := _obstacle(work, trial, person)) is not None:
        _turn_down(work, person, why.split(":")[0].replace(" ", "_"))
        return False
    folder = trials.folder_of(work, person.protocol_id)
    try:
        randomize(work, person, baseline_facts(work, folder, person.id))
    except RecruitmentClosed:
        participants.change_state(work, person, ParticipantState.RECRUITMENT_CLOSED)
        events.write(work, Event.TURNED_AWAY, trial_id=trial.id, participant_id=person.id)
        service_mails.send(work, person, "no_place")
        ending.told_with_another(work, person)
        return False
    service_mails.send(work, participants.by_id(work, person.id), "released")
    return True


def _turn_down(work: Work, person: Participant, why: str) -> None:
    participants.change_state(work, person, ParticipantState.REFUSED)
    events.write(
        work, Event.ENROLMENT_REFUSED, trial_id=person.trial_id, participant_id=person.id, detail={"reason": why}
    )
    if person.stopped is None and person.erased_at is None:
        service_mails.send(work, person, "refused")
        ending.told_with_another(work, person)


def _obstacle(work: Work, trial: Trial, person: Participant) -> str | None:
    """Why somebody who waits may not be allocated now; None where nothing stands against it."""
    if person.stopped is not None or person.data_withdrawn_at is not None or person.erased_at is not None:
        return "stopped: the person does not want to take part any more"
    own = trials.folder_of(work, person.protocol_id).protocol
    answers = participants.answers_at_screening(work, person.id)
    newest = trials.folder_of(work, trial.protocol_id).protocol.eligibility.criteria
    against = [one.id for one in newest if parse(one.rule).value(answers) is False]
    failed = first_failed(own, answers)
    if failed is not None or against:
        return f"not eligible: {failed.id if failed else against[0]} does not hold"
    sheets = [one.submitted_at for one in answer_sheets.of_participant(work, person.id)]
    lasts = own.eligibility.guard.baseline_lasts
    if sheets and work.now > later(min(sheets), lasts, person.zone):
        return f"baseline too old: it was answered more than {lasts} ago"
    return None
