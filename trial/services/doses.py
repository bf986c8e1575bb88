"""How many exercises of their arm somebody was asked to do, and did; `trial.core.adherence` says which count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trial.core import exercises
from trial.core.adherence import beyond_the_dose
from trial.core.events import Event
from trial.core.participant import Occasion
from trial.core.protocol import Questionnaire, TrialProtocol
from trial.storage import events
from trial.storage.answer_sheets import AnswerSheet
from trial.storage.work import Work


def of_person(
    protocol: TrialProtocol, arm: str, windows: Sequence[Occasion], sheets: Sequence[AnswerSheet], done_before: int
) -> tuple[int, int]:
    """(due, done); `done_before` is what was done by somebody whose sheets are taken back."""
    added = beyond_the_dose(protocol, arm)
    own = {one.id: one.activity for one in windows if one.timepoint not in added}
    due = sum(protocol.is_exercise(activity) for activity in own.values())
    return due, done_before + sum(_practised(protocol, one) for one in sheets if one.occasion_id in own)


def recorded(work: Work, trial_id: int, protocol: TrialProtocol, arm_of: Mapping[int, str]) -> dict[int, int]:
    """How often people who took their answers back had practised: the record of acts says it without any answer."""
    found: dict[int, int] = {}
    added = {arm: beyond_the_dose(protocol, arm) for arm in set(arm_of.values())}
    for one in events.of_trial(work, trial_id):
        person = one.participant_id
        if one.event is Event.EXERCISE_DONE and person is not None and person in arm_of:
            found[person] = found.get(person, 0) + (one.detail.get("timepoint") not in added[arm_of[person]])
    return found


def _practised(protocol: TrialProtocol, sheet: AnswerSheet) -> bool:
    """Whether a sheet is that of an exercise that was done."""
    activity = protocol.activity(sheet.activity)
    return not isinstance(activity, Questionnaire) and exercises.practised(activity, sheet.answers)
