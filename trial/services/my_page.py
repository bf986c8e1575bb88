"""What a person's own page says: what is next and why, how their mails come, what they asked for.

It must not tell an arm. What is to come is named only where every arm has something at that hour, unless the protocol
tells people their arm; what has come already (an open window, a mail that was sent) they know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from trial.core.local_time import relative_day
from trial.core.participant import Occasion, Participant
from trial.core.protocol import Activity, Timepoint, TrialProtocol
from trial.core.trial import Trial
from trial.protocol_files import ProtocolFolder
from trial.services import ending, preferences
from trial.storage import muted, occasions, participants, trials, wishes
from trial.storage.wishes import Wish
from trial.storage.work import Work

Kind = Literal["exercise", "questionnaire", "step"]
MOST = 3


@dataclass(frozen=True, slots=True)
class Next:
    """One thing to come, or open now; `week` counts from 1 after randomisation, None before it."""

    occasion_id: int
    kind: Kind
    at: datetime
    closes_at: datetime
    week: int | None
    open: bool


@dataclass(frozen=True, slots=True)
class Mine:
    """All that the page needs; `hours` are those that this trial lets people choose from.

    `muted` are the exercises that the person asked not to be sent again; `over` says that the end is open to them.
    """

    trial: Trial
    folder: ProtocolFolder
    person: Participant
    now: datetime
    next: tuple[Next, ...]
    hours: tuple[str, ...]
    wishes: tuple[Wish, ...]
    may_take_up_again: bool
    muted: tuple[Activity, ...] = ()
    over: bool = False


def mine(work: Work, participant_id: int) -> Mine:
    """The page of one person; reads only."""
    person = participants.by_id(work, participant_id)
    folder = trials.folder_of(work, person.protocol_id)
    return Mine(
        trials.by_id(work, person.trial_id),
        folder,
        person,
        work.now,
        tuple(_next(work, folder.protocol, person)[:MOST]),
        preferences.hours(folder.protocol),
        tuple(wishes.waiting(work, person.id)),
        preferences.may_take_up_again(person, work.now),
        _muted(work, folder.protocol, person),
        ending.is_over(work, person),
    )


def _muted(work: Work, protocol: TrialProtocol, person: Participant) -> tuple[Activity, ...]:
    if not person.takes(exercise=True):
        return ()
    left_out = muted.of_participant(work, person.id)
    return tuple(one for one in protocol.activities if one.id in left_out)


def _next(work: Work, protocol: TrialProtocol, person: Participant) -> list[Next]:
    found = []
    for one in occasions.of_participant(work, person.id):
        if one.done_at is not None or one.passed_over_at is not None or work.now >= one.closes_at:
            continue
        point = protocol.timepoint(one.timepoint)
        if not person.takes(exercise=protocol.is_exercise(one.activity)):
            continue
        if one.opens_at > work.now and not _may_be_told(protocol, point):
            continue
        found.append(_as_next(protocol, person, one, point, open_now=one.opens_at <= work.now))
    return found


def _as_next(protocol: TrialProtocol, person: Participant, one: Occasion, point: Timepoint, *, open_now: bool) -> Next:
    kinds = {protocol.is_exercise(activity) for activity in ([one.activity] if open_now else point.activities)}
    kind: Kind = "step" if len(kinds) > 1 else "exercise" if kinds.pop() else "questionnaire"
    day = relative_day(one.opens_at, person.randomized_at, person.zone) if person.randomized_at else None
    week = day // 7 + 1 if day is not None and day >= 0 else None
    return Next(one.id, kind, one.opens_at, one.closes_at, week, open_now)


def _may_be_told(protocol: TrialProtocol, point: Timepoint) -> bool:
    """Whether saying that this comes says nothing about the arm."""
    if protocol.design.disclosure == "arm_known":
        return True
    return point.stage is None and all(protocol.activities_at(point, arm.id) for arm in protocol.arms)
