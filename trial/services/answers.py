"""Showing an occasion and keeping what the person submitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from trial.core import answers as core_answers
from trial.core.answers import Answers, Asked, Fault
from trial.core.errors import RecruitmentClosed
from trial.core.events import Event
from trial.core.expressions import Value, parse
from trial.core.instruments import Item
from trial.core.participant import Occasion, Participant, ParticipantState
from trial.core.protocol import Activity, Questionnaire, TrialProtocol, Writing
from trial.core.scoring import score_sheet
from trial.core.trial import Trial, TrialState
from trial.protocol_files import ProtocolFolder
from trial.services.planning import next_in_sitting, plan_after_completion
from trial.services.randomization import randomize
from trial.storage import answer_sheets, events, occasions, participants, trials, vault
from trial.storage.work import Work

WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a page needs about one occasion."""

    trial: Trial
    folder: ProtocolFolder
    participant: Participant
    occasion: Occasion
    activity: Activity
    asked: list[Asked]

    @property
    def needed(self) -> frozenset[str]:
        """Columns that may not be left out: an empty text, and before randomisation what the strata stand on."""
        if isinstance(self.activity, Writing):
            return frozenset({WRITING})
        return frozenset(_needed(self) if self.participant.state is ParticipantState.CONSENTED else ())


@dataclass(frozen=True, slots=True)
class Submitted:
    """What came of a submission. With faults nothing was kept; `state` is kept, already, closed or stopped."""

    faults: Mapping[str, Fault]
    state: str
    allocated: bool = False
    next_occasion_id: int | None = None


def show(work: Work, participant_id: int, occasion_id: int) -> Shown:
    """One occasion of this person; NotFound for anybody else's."""
    occasion = occasions.by_id(work, occasion_id, participant_id=participant_id)
    person = participants.by_id(work, participant_id)
    folder = trials.folder_of(work, person.protocol_id)
    activity = folder.protocol.activity(occasion.activity)
    trial = trials.by_id(work, person.trial_id)
    return Shown(trial, folder, person, occasion, activity, asked_in(folder, activity))


def asked_in(folder: ProtocolFolder, activity: Activity) -> list[Asked]:
    """The items of an activity."""
    if isinstance(activity, Questionnaire):
        return core_answers.asked_by(folder.instruments[code] for code in activity.instruments)
    return [Asked(WRITING, Item(id=WRITING, topic={"en": "Your words"}, type="text"), ())]


def submit(
    work: Work,
    participant_id: int,
    occasion_id: int,
    form: Mapping[str, str],
    *,
    submission: str,
    opened_at: datetime | None,
) -> Submitted:
    """Keep a submission once; a second one of the same occasion changes nothing and says so."""
    participants.by_id(work, participant_id, lock=True)  # one form of a person at a time: each sees what came before
    shown = show(work, participant_id, occasion_id)
    occasion = shown.occasion
    if occasion.done_at is not None:
        return Submitted({}, "already", next_occasion_id=_next(work, shown.participant, shown.folder.protocol))
    if not occasion.is_open(work.now) or shown.trial.state is TrialState.FROZEN:
        return Submitted({}, "closed")
    if not shown.participant.takes(exercise=isinstance(shown.activity, Writing)):
        return Submitted({}, "stopped")
    at_baseline = shown.participant.state is ParticipantState.CONSENTED
    given = core_answers.read(shown.asked, form, needed=sorted(shown.needed))
    if given.faults:
        return Submitted(given.faults, "faults")
    _keep(work, shown, given, submission, opened_at)
    if not at_baseline:
        plan_after_completion(work, shown.participant, shown.folder.protocol, occasion)
    todo = _next(work, shown.participant, shown.folder.protocol)
    return Submitted({}, "kept", next_occasion_id=todo) if todo or not at_baseline else _finish_baseline(work, shown)


def _keep(work: Work, shown: Shown, given: Answers, submission: str, opened_at: datetime | None) -> None:
    length = len(given.free[WRITING]) if isinstance(shown.activity, Writing) else None
    sheet_id = answer_sheets.add(
        work,
        shown.occasion,
        protocol_digest=shown.folder.digest,
        submission=submission,
        answers=given.closed,
        length=length,
        opened_at=opened_at,
    )
    for column, text in given.free.items():
        vault.keep_words(work, shown.trial.id, shown.participant.id, "answer", f"{sheet_id}:{column}", text)
    occasions.mark_done(work, shown.occasion.id)
    what = Event.EXERCISE_DONE if isinstance(shown.activity, Writing) else Event.QUESTIONNAIRE_DONE
    detail: dict[str, str | int] = {"timepoint": shown.occasion.timepoint, "occurrence": shown.occasion.occurrence}
    events.write(work, what, trial_id=shown.trial.id, participant_id=shown.participant.id, detail=detail)


def _next(work: Work, person: Participant, protocol: TrialProtocol) -> int | None:
    """What the person goes on with in the same sitting: the rest of the baseline, or what is asked at once."""
    if person.state is not ParticipantState.CONSENTED:
        return next_in_sitting(work, person, protocol)
    todo = [one.id for one in occasions.of_participant(work, person.id) if one.is_open(work.now)]
    return todo[0] if todo else None


def _finish_baseline(work: Work, shown: Shown) -> Submitted:
    """The last baseline answer allocates; if the last place has gone, the answers stay and the person is thanked."""
    person = shown.participant
    try:
        randomize(work, person, baseline_facts(work, shown.folder, person.id))
    except RecruitmentClosed:
        participants.change_state(work, person, ParticipantState.RECRUITMENT_CLOSED)
        events.write(work, Event.TURNED_AWAY, trial_id=person.trial_id, participant_id=person.id)
        return Submitted({}, "closed")
    randomized = participants.by_id(work, person.id)
    todo = _next(work, randomized, shown.folder.protocol)
    return Submitted({}, "kept", allocated=True, next_occasion_id=todo)


def baseline_facts(work: Work, folder: ProtocolFolder, participant_id: int) -> dict[str, Value]:
    """Screening answers, closed baseline answers and baseline scores, by name: what strata and plans may use."""
    facts: dict[str, Value] = dict(participants.answers_at_screening(work, participant_id))
    baseline = {activity.id for activity in folder.protocol.activities_at(folder.protocol.baseline, None)}
    for sheet in answer_sheets.of_participant(work, participant_id):
        if sheet.activity in baseline:
            facts |= sheet.answers
            facts |= scores_of(folder, sheet.answers)
    return facts


def scores_of(folder: ProtocolFolder, answers: Mapping[str, Value]) -> dict[str, float | None]:
    """Every score of the instruments that these answers touch."""
    scores: dict[str, float | None] = {}
    for instrument in folder.instruments.values():
        columns = {instrument.column(item): item.id for item in instrument.items}
        if columns.keys() & answers.keys():
            given = {key: answers.get(column) for column, key in columns.items()}
            scores |= score_sheet(instrument, given)  # type: ignore[arg-type]
    return scores


def _needed(shown: Shown) -> list[str]:
    """Items that may not be left out: those whose score a stratification rule names."""
    factors = shown.folder.protocol.allocation.strata
    names = {name for f in factors for level in f.levels if level.when for name in parse(level.when).names}
    needed = []
    for instrument in shown.folder.instruments.values():
        keyed = [key for score in instrument.scores if score.id in names for key in instrument.scored_items(score)]
        needed += [f"{instrument.code}_{key}" for key in keyed]
    columns = {one.column for one in shown.asked}
    return [column for column in needed if column in columns]
