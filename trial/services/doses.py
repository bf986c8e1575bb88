"""How many exercises of their arm somebody was asked to do, and did. What a further stage added is no part of that."""

from __future__ import annotations

from collections.abc import Sequence

from trial.core import exercises
from trial.core.events import Event
from trial.core.participant import Occasion
from trial.core.protocol import Questionnaire, TrialProtocol
from trial.storage import events
from trial.storage.answer_sheets import AnswerSheet
from trial.storage.work import Work


def of_person(
    protocol: TrialProtocol, windows: Sequence[Occasion], sheets: Sequence[AnswerSheet], done_before: int
) -> tuple[int, int]:
    """(due, done); `done_before` is what was done by somebody whose sheets are taken back."""
    added = _added(protocol)
    own = {one.id: one.activity for one in windows if one.timepoint not in added}
    due = sum(protocol.is_exercise(activity) for activity in own.values())
    return due, done_before + sum(_practised(protocol, one) for one in sheets if one.occasion_id in own)


def recorded(work: Work, trial_id: int, protocol: TrialProtocol, who: set[int]) -> dict[int, int]:
    """How often people who took their answers back had practised: the record of acts says it without any answer."""
    found: dict[int, int] = {}
    for one in events.of_trial(work, trial_id):
        if one.event is Event.EXERCISE_DONE and one.participant_id in who:
            found[one.participant_id] = found.get(one.participant_id, 0) + (
                one.detail.get("timepoint") not in _added(protocol)
            )
    return found


def _added(protocol: TrialProtocol) -> frozenset[str]:
    return frozenset(one.id for one in protocol.timepoints if one.stage is not None)


def _practised(protocol: TrialProtocol, sheet: AnswerSheet) -> bool:
    """Whether a sheet is that of an exercise that was done."""
    activity = protocol.activity(sheet.activity)
    return not isinstance(activity, Questionnaire) and exercises.practised(activity, sheet.answers)
