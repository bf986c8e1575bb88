"""Not today, and not again: an exercise that is left out. Neither is a withdrawal, and neither is asked about."""

from __future__ import annotations

from trial.core.events import Event
from trial.core.participant import Occasion
from trial.storage import events, muted, occasions, participants, trials
from trial.storage.work import Work


def pass_over(work: Work, participant_id: int, occasion_id: int) -> bool:
    """Not today: nothing more is sent about this exercise. It may still be done while its window is open.

    False where there was nothing to pass over: done, over, said before, or a questionnaire, which is asked for again.
    """
    person = participants.by_id(work, participant_id, lock=True)
    occasion = occasions.by_id(work, occasion_id, participant_id=participant_id)
    protocol = trials.folder_of(work, person.protocol_id).protocol
    said_before = occasion.passed_over_at is not None
    if said_before or not occasion.is_open(work.now) or not protocol.is_exercise(occasion.activity):
        return False
    occasions.mark_passed_over(work, occasion.id)
    detail = _detail(occasion)
    events.write(
        work, Event.EXERCISE_PASSED_OVER, trial_id=person.trial_id, participant_id=person.id, detail=detail
    )  # fmt: skip
    return True


def mute(work: Work, participant_id: int, occasion_id: int) -> bool:
    """Not again: this exercise is neither sent nor offered any more. False where that was said before."""
    person = participants.by_id(work, participant_id, lock=True)
    occasion = occasions.by_id(work, occasion_id, participant_id=participant_id)
    protocol = trials.folder_of(work, person.protocol_id).protocol
    if not protocol.is_exercise(occasion.activity) or not muted.add(work, person, occasion.activity):
        return False
    detail = _detail(occasion)
    events.write(work, Event.ACTIVITY_MUTED, trial_id=person.trial_id, participant_id=person.id, detail=detail)
    return True


def have_back(work: Work, participant_id: int, activity: str) -> bool:
    """What was left out for good is sent again when its turn comes. False where nothing of the kind was said."""
    person = participants.by_id(work, participant_id, lock=True)
    if not muted.remove(work, person.id, activity):
        return False
    # one of its windows stands for it, as in the act before: its name could tell the arm
    asked = [one for one in occasions.of_participant(work, person.id) if one.activity == activity]
    detail = _detail(asked[0]) if asked else {}
    events.write(work, Event.ACTIVITY_HAD_BACK, trial_id=person.trial_id, participant_id=person.id, detail=detail)
    return True


def is_muted(work: Work, participant_id: int, activity: str) -> bool:
    """Whether this person asked not to be sent this activity again."""
    return activity in muted.of_participant(work, participant_id)


def _detail(occasion: Occasion) -> dict[str, str | int]:
    return {"timepoint": occasion.timepoint, "occurrence": occasion.occurrence}
