"""Further stages: somebody who is in already is allocated once more, in the transaction that decides it.

What decides is a questionnaire: it is sent in, or its window and grace go by. A pause, of the trial or of the person,
holds the decision; who stopped the exercises or everything is allocated no more.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from trial.core.access import SYSTEM
from trial.core.eligibility import stage_levels
from trial.core.events import Event
from trial.core.expressions import parse
from trial.core.participant import Occasion, Participant, StageState, StopLevel
from trial.core.protocol import Stage
from trial.core.trial import TrialState
from trial.protocol_files import ProtocolFolder
from trial.services import branching, windows
from trial.services.planning import plan_after_stage
from trial.services.randomization import drawn
from trial.storage import allocations, events, occasions, participants, stage_entries, trials
from trial.storage.stage_entries import StageEntry
from trial.storage.work import OpenWork, Work

S = StageState
_ALLOCATING = (TrialState.OPEN, TrialState.CLOSED)
# how often it is looked again whether somebody who wrote that they want no more mails meant it
LOOK_AGAIN = timedelta(days=1)


def answered(work: Work, folder: ProtocolFolder, person: Participant, done: Occasion) -> bool:
    """A questionnaire was sent in: the stages that hang on it are decided now. Whether anybody was allocated."""
    about = {one.id for one in folder.protocol.stages if (one.after, one.timepoint) == (done.activity, done.timepoint)}
    allocated = False
    for entry in stage_entries.waiting(work, person.id) if about else ():
        allocated |= entry.stage in about and _decide(work, folder, person, entry)
    return allocated


def decide_due(open_work: OpenWork) -> int:
    """Decide what hangs on windows that are over, each in a transaction of its own; one look where nothing is due."""
    done = 0
    while True:
        with open_work(SYSTEM, write=False) as work:
            due = stage_entries.due(work)
        for one in due:
            with open_work(SYSTEM) as work:
                _decide_again(work, one)
                done += 1
        if not due:
            return done


def _decide_again(work: Work, due: StageEntry) -> None:
    """The person's row is held first: a form that is sent in at this moment has decided, or waits for this."""
    person = participants.by_id(work, due.participant_id, lock=True)
    for entry in stage_entries.waiting(work, person.id):
        if entry.id == due.id and entry.due_at <= work.now:
            _decide(work, trials.folder_of(work, person.protocol_id), person, entry)


def _decide(work: Work, folder: ProtocolFolder, person: Participant, entry: StageEntry) -> bool:
    """What becomes of one person at one stage; whether they were allocated. The caller holds the person's row."""
    stage = next((one for one in folder.protocol.stages if one.id == entry.stage), None)
    if stage is None or _is_out(person):
        _end(work, person, entry, S.STOPPED)
        return False
    window = _window(work, person, stage)
    until = _not_before(work, folder, person, window)
    if until is not None:
        stage_entries.postpone(work, entry, until)
        return False
    facts = branching.facts_of(work, folder, person)
    fits = stage.when is None or parse(stage.when).value(facts)
    if window is None or window.done_at is None or fits is None:
        fits = None if stage.unanswered == "left_out" else True
    if not fits:
        _end(work, person, entry, S.UNANSWERED if fits is None else S.DID_NOT_FIT)
        return False
    trial = trials.by_id(work, person.trial_id, lock=True)
    if trial.state not in _ALLOCATING:  # paused or locked since it was looked at
        stage_entries.postpone(work, entry, work.now)
        return False
    if not stage_entries.decide(work, entry, S.ALLOCATED):
        return False
    last = allocations.last(work, trial.id, stage.id)
    decision, digest = drawn(work, trial, folder.protocol, stage.id, stage_levels(stage, facts), last)
    allocations.add(work, trial.id, person.id, decision, digest, sequence=last.sequence + 1 if last else 1)
    detail = {"stage": stage.id}
    events.write(work, Event.STAGE_ALLOCATED, trial_id=trial.id, participant_id=person.id, detail=detail)
    plan_after_stage(work, person, folder.protocol, stage.id)
    return True


def _is_out(person: Participant) -> bool:
    stopped = person.stopped in (StopLevel.EXERCISES, StopLevel.EVERYTHING)
    return stopped or person.data_withdrawn_at is not None or person.erased_at is not None


def _window(work: Work, person: Participant, stage: Stage) -> Occasion | None:
    mine = occasions.of_participant(work, person.id)
    asked = (one for one in mine if (one.timepoint, one.activity) == (stage.timepoint, stage.after))
    return next(asked, None)


def _not_before(work: Work, folder: ProtocolFolder, person: Participant, window: Occasion | None) -> datetime | None:
    """When to look again, where nothing is decided now: a pause, a wish to stop that nobody read yet, a moved window.

    In a paused trial it is due at once: nothing that is due is looked at before the pause ends.
    """
    if trials.by_id(work, person.trial_id).state not in _ALLOCATING:
        return work.now
    if person.suspended_at is not None:
        return work.now + LOOK_AGAIN
    if person.is_paused(work.now):
        return person.paused_until
    if window is not None and window.done_at is None:
        until = windows.taken_until(folder.protocol, window, person.zone)
        return until if until > work.now else None
    return None


def _end(work: Work, person: Participant, entry: StageEntry, state: StageState) -> None:
    if stage_entries.decide(work, entry, state):
        detail = {"stage": entry.stage}
        events.write(work, Event.STAGE_PASSED_BY, trial_id=person.trial_id, participant_id=person.id, detail=detail)
