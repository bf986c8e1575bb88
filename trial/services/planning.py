"""Planning what a person will be asked: the windows and the mails that announce them, in the caller's transaction."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache

from trial.core.local_time import later
from trial.core.participant import Occasion, Participant
from trial.core.protocol import TrialProtocol
from trial.core.schedule import (
    Draw,
    PlannedOccasion,
    moved,
    plan_arm,
    plan_completion,
    plan_stage,
    replanned,
)
from trial.protocol_files import ProtocolFolder
from trial.services import branching, windows
from trial.storage import allocations, deliveries, muted, occasions, stage_entries, trials
from trial.storage.deliveries import NewContact
from trial.storage.work import Work

# other rules of a zone move its clocks by an hour or two; what lies farther apart has another reason
FARTHEST = timedelta(hours=3)


def plan_after_randomization(work: Work, person: Participant, protocol: TrialProtocol, arm: str) -> None:
    """Everything that follows from randomisation alone."""
    draw, hour = draw_of(work, person), person.chosen_hour
    planned = plan_arm(protocol, arm, work.now, person.zone, draw, hour=hour)
    _keep(work, person, planned)
    _await_stages(work, person, protocol, arm, planned)


def plan_after_stage(work: Work, person: Participant, protocol: TrialProtocol, stage: str) -> None:
    """Everything that follows from the allocation at a further stage."""
    arm = allocations.arm_of(work, person.id)
    assert arm is not None
    arms, draw, hour = [arm, *allocations.options_of(work, person.id)], draw_of(work, person), person.chosen_hour
    planned = plan_stage(protocol, stage, arms, work.now, person.zone, draw, hour=hour)
    _keep(work, person, planned)
    _await_stages(work, person, protocol, arm, planned)


def _await_stages(
    work: Work, person: Participant, protocol: TrialProtocol, arm: str, planned: Sequence[PlannedOccasion]
) -> None:
    """Who is asked what a stage hangs on, in an arm that it is for, comes into question at it."""
    found = []
    for stage in protocol.stages:
        if stage.arms_before and arm not in stage.arms_before:
            continue
        grace = protocol.timepoint(stage.timepoint).grace
        found += [
            (stage.id, later(one.closes_at, grace, person.zone))
            for one in planned
            if (one.timepoint, one.activity) == (stage.timepoint, stage.after)
        ]
    if found:
        stage_entries.add(work, person, found)


def plan_after_completion(work: Work, person: Participant, protocol: TrialProtocol, done: Occasion) -> None:
    """What waits for this activity, once: a second time of doing it plans nothing more."""
    waiting = {point.id for point in protocol.timepoints if point.after == done.activity}
    if not waiting or any(one.timepoint in waiting for one in occasions.of_participant(work, person.id)):
        return
    arm = allocations.arm_of(work, person.id)
    if arm is not None:
        draw, hour = draw_of(work, person), person.chosen_hour
        options = allocations.options_of(work, person.id) if protocol.stages else []
        planned = plan_completion(protocol, arm, done.activity, work.now, person.zone, draw, hour=hour, options=options)
        _keep(work, person, planned)


def move_what_is_to_come(
    work: Work, person: Participant, protocol: TrialProtocol, *, zone: str, hour: str | None
) -> int:
    """Another zone or hour: what has not opened yet moves, with its mails; what was announced stays as it was said.

    The rows stay the same ones, so nothing can come twice. Nothing moves into the past. How many occasions moved.
    """
    count = 0
    for one in occasions.of_participant(work, person.id):
        if one.opens_at <= work.now or one.done_at is not None:
            continue
        planned = PlannedOccasion(one.timepoint, one.occurrence, one.activity, one.opens_at, one.closes_at)
        other = moved(protocol, planned, person.zone, to_zone=zone, hour=hour)
        if other is None or other.opens_at <= work.now or other.opens_at == one.opens_at:
            continue
        occasions.move(work, one.id, other.opens_at, other.closes_at)
        deliveries.move_planned(work, person, one.id, other.contacts)
        count += 1
    return count


def follow_clocks(work: Work, person: Participant, protocol: TrialProtocol) -> int:
    """The person's zone may have other rules than when this was planned: windows that have not opened come to their
    hour again, and mails that were not sent. How many windows moved.
    """
    draw, hour, count = draw_of(work, person), person.chosen_hour, 0
    for one in occasions.of_participant(work, person.id):
        if one.done_at is not None or protocol.timepoint(one.timepoint).anchor == "consent":
            continue
        planned = PlannedOccasion(one.timepoint, one.occurrence, one.activity, one.opens_at, one.closes_at)
        after = replanned(protocol, planned, person.zone, draw, hour=hour)
        apart = abs(after.opens_at - one.opens_at)
        opened, stays = one.opens_at <= work.now, not apart
        if apart > FARTHEST or (opened and not stays) or (not opened and after.opens_at <= work.now):
            continue
        if not opened and (after.opens_at, after.closes_at) != (one.opens_at, one.closes_at):
            occasions.move(work, one.id, after.opens_at, after.closes_at)
            count += 1
        deliveries.move_planned(work, person, one.id, [each for each in after.contacts if each.due_at > work.now])
    return count


def baseline_to_do(work: Work, person: Participant, folder: ProtocolFolder) -> int | None:
    """The first baseline occasion that is open, not done and asked of this person; None where there is none."""
    for one in occasions.of_participant(work, person.id):
        taken = windows.is_open(folder.protocol, one, person.zone, work.now)
        if taken and branching.is_asked(work, folder, person, one):
            return one.id
    return None


def next_in_sitting(work: Work, person: Participant, folder: ProtocolFolder) -> int | None:
    """What comes next without a mail: open now, not done, and asked `at_once`."""
    protocol = folder.protocol
    at_once = {point.id for point in protocol.timepoints if point.time == "at_once"}
    exercises = {one.id for one in protocol.activities if protocol.is_exercise(one.id)}
    left_out = muted.of_participant(work, person.id) if at_once else frozenset()
    for one in occasions.of_participant(work, person.id) if at_once else ():
        wanted = person.takes(exercise=one.activity in exercises)
        wanted = wanted and one.activity not in left_out and one.passed_over_at is None
        taken = one.timepoint in at_once and windows.is_open(protocol, one, person.zone, work.now)
        if taken and wanted and branching.is_asked(work, folder, person, one):
            return one.id
    return None


def draw_of(work: Work, person: Participant) -> Draw:
    """A person's own hours: fixed by the trial's key and the study code, the same however often it is asked."""
    return draw_from(cache(lambda: trials.code_key(work, person.trial_id)), person)


def order_of(work: Work, person: Participant) -> Callable[[str], bytes]:
    """A person's own order of items, by column: fixed by the trial's key and the study code."""
    key = trials.code_key(work, person.trial_id)
    return lambda column: hmac.new(key, f"order|{person.code}|{column}".encode(), hashlib.sha256).digest()


def draw_from(key: Callable[[], bytes], person: Participant) -> Draw:
    """The same for whoever plans many people at once; the key is asked for when an hour is drawn."""

    def draw(timepoint: str, occurrence: int) -> float:
        message = f"hour|{person.code}|{timepoint}|{occurrence}".encode()
        return int.from_bytes(hmac.new(key(), message, hashlib.sha256).digest()[:6], "big") / 2**48

    return draw


def _keep(work: Work, person: Participant, planned: Sequence[PlannedOccasion]) -> None:
    ids = occasions.add(work, person, planned)
    contacts = [
        NewContact(contact, one.timepoint, one.occurrence, occasion_id)
        for one, occasion_id in zip(planned, ids, strict=True)
        for contact in one.contacts
    ]
    deliveries.add(work, person, contacts)
