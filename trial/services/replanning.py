"""A person goes on by another version of the protocol: what is to come follows its hours and days.

What was sent stays, and no mail comes twice: a window that moves keeps its row and its mails theirs. One that the
version does not have any more is taken out before it opens, with its mails; one that it adds is planned if its time is
still to come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from trial.core import replanning
from trial.core.events import Event, EventRecord
from trial.core.local_time import later, local_day
from trial.core.participant import Occasion, Participant, ParticipantState
from trial.core.protocol import TrialProtocol
from trial.core.replanning import Fate, Settled, Standing, Whose
from trial.core.schedule import PlannedOccasion, last_window
from trial.services import ending
from trial.services.planning import draw_of
from trial.storage import allocations, deliveries, events, occasions, replanned, stage_entries
from trial.storage.deliveries import NewContact
from trial.storage.work import Work


def follow_version(work: Work, person: Participant, old: TrialProtocol, new: TrialProtocol) -> None:
    """Windows that have not opened come to their hour and day in the new version, and mails that were not sent."""
    if person.state is not ParticipantState.RANDOMIZED or person.randomized_at is None:
        return
    others = replanning.others(old, new)
    if not others and last_window(old) == last_window(new):
        return  # most amendments move nobody's mails, and reach many people
    changes = events.of_participant(work, person.id, Event.PREFERENCES_CHANGED)
    ending.follow_version(work, person, old, new, day_of(person, person.randomized_at, changes))
    if not others:
        return
    mine = occasions.of_participant(work, person.id)
    to_come = {one.id for one in mine if one.opens_at > work.now}
    begun = {one.id for one in mine} - to_come | replanned.in_hand(work, person.id, to_come)
    standing = [Standing(_planned(one), one.id in begun or one.done_at is not None, one.done_at is not None)
                for one in mine]  # fmt: skip
    ids = {_key(_planned(one)): one.id for one in mine}
    for one in replanning.settled(old, new, standing, _whose(work, person, new, mine, changes), work.now):
        _apply(work, person, one, ids.get(_key(one.standing)))
        if one.fate in (Fate.MOVES, Fate.STAYS):
            _move_stages(work, person, new, one.after)


def day_of(person: Participant, moment: datetime, changes: Sequence[EventRecord]) -> date:
    """The local day of a moment where the person lived then; `changes` are those of their preferences."""
    moved = (str(one.detail["zone_before"]) for one in changes if one.at >= moment and "zone_before" in one.detail)
    return local_day(moment, next(moved, person.zone))


def first_days(
    protocol: TrialProtocol,
    person: Participant,
    done: Mapping[str, datetime],
    stages: Mapping[str, datetime],
    changes: Sequence[EventRecord],
) -> dict[str, date]:
    """From which local day the days of each timepoint count, where that is known: the allocation, that of its stage, or
    when what it waits for was done first."""
    moments = {
        point.id: done.get(point.after or "") if point.anchor == "completion" else
        stages.get(point.stage) if point.stage else person.randomized_at
        for point in protocol.timepoints if point.anchor != "consent"
    }  # fmt: skip
    return {key: day_of(person, moment, changes) for key, moment in moments.items() if moment is not None}


def _whose(
    work: Work, person: Participant, new: TrialProtocol, mine: Sequence[Occasion], changes: Sequence[EventRecord]
) -> Whose:
    own = allocations.of_participant(work, person.id)
    ends = sorted((one.done_at, one.activity) for one in mine if one.done_at and one.timepoint != new.baseline.id)
    done = {activity: at for at, activity in reversed(ends)}
    days = first_days(new, person, done, {one.stage: one.allocated_at for one in own}, changes)
    return Whose(person.zone, draw_of(work, person), person.chosen_hour, tuple(one.arm for one in own), days)


def _apply(work: Work, person: Participant, one: Settled, occasion_id: int | None) -> None:
    after = one.after
    if one.fate is Fate.NEW:
        (row,) = occasions.add(work, person, [after])
        for mail in after.contacts:
            replanned.plan(work, person, NewContact(mail, after.timepoint, after.occurrence, row))
    elif occasion_id is None:
        return
    elif one.fate is Fate.TAKEN_OUT:
        replanned.take_back(work, person, occasion_id)
        occasions.take_out(work, occasion_id)
    else:
        if (after.opens_at, after.closes_at) != (one.standing.opens_at, one.standing.closes_at):
            occasions.move(work, occasion_id, after.opens_at, after.closes_at)
        deliveries.move_planned(work, person, occasion_id, after.contacts)


def _move_stages(work: Work, person: Participant, protocol: TrialProtocol, window: PlannedOccasion) -> None:
    """What a further stage hangs on is over at another time: it is decided then, where nobody answers."""
    about = {one.id for one in protocol.stages if (one.timepoint, one.after) == (window.timepoint, window.activity)}
    for entry in stage_entries.waiting(work, person.id) if about else ():
        if entry.stage in about:
            grace = protocol.timepoint(window.timepoint).grace
            stage_entries.postpone(work, entry, later(window.closes_at, grace, person.zone))


def _planned(one: Occasion) -> PlannedOccasion:
    return PlannedOccasion(one.timepoint, one.occurrence, one.activity, one.opens_at, one.closes_at)


def _key(one: PlannedOccasion) -> tuple[str, int, str]:
    return one.timepoint, one.occurrence, one.activity
