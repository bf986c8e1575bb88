"""What another version of the protocol makes of the windows that one person has: at other hours, and on other days.

Values in, values out; used to look ahead at an amendment and to apply it. A window keeps its place: the second day of a
timepoint is its second day in every version. What has begun stays as it was announced, and what would fall into the
past stays on its day; what comes after it at the same timepoint comes after it still.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from trial.core.days import local_days
from trial.core.local_time import local_day
from trial.core.protocol import Timepoint, TrialProtocol
from trial.core.schedule import Draw, PlannedOccasion, retimed


@dataclass(frozen=True, slots=True)
class Standing:
    """A window as a person has it. `begun`: it has opened, it is done, or a mail about it may have left."""

    planned: PlannedOccasion
    begun: bool
    done: bool = False


@dataclass(frozen=True, slots=True)
class Whose:
    """Of whom: zone, drawn hours, chosen hour, arm with the options of further stages, and the local day from which the
    days of each timepoint count; a timepoint whose first day is not known yet is planned later."""

    zone: str
    draw: Draw
    hour: str | None
    arms: tuple[str, ...]
    first_days: Mapping[str, date]


class Fate(StrEnum):
    """What becomes of one window."""

    MOVES = "moves"  # to its time in the new version, which may be the one that it has
    BEGUN = "begun"  # it stays, and the reminders that were not sent come at the new version's time
    STAYS = "stays"  # on its day, since that of the new version has passed; at the new hour if that is still to come
    TAKEN_OUT = "taken_out"  # the new version does not have it
    NEW = "new"
    PASSED = "passed"  # the new version has it, and its time has passed


@dataclass(frozen=True, slots=True)
class Settled:
    """One window and what becomes of it; `after` is how it stands then, with those of its mails that move if they were
    not sent."""

    fate: Fate
    standing: PlannedOccasion
    after: PlannedOccasion


def others(old: TrialProtocol, new: TrialProtocol) -> frozenset[str]:
    """The timepoints that both versions have and that open at another time, or for another while, or remind then."""
    common = {one.id for one in old.timepoints} & {one.id for one in new.timepoints}
    return frozenset(
        one for one in common if new.timepoint(one).anchor != "consent" and _timing(old, one) != _timing(new, one)
    )


def _timing(protocol: TrialProtocol, timepoint: str) -> tuple[object, ...]:
    return hours(protocol, timepoint), days(protocol, timepoint), protocol.timepoint(timepoint).closes_after


def hours(protocol: TrialProtocol, timepoint: str) -> tuple[object, ...]:
    """What decides when the mails of a timepoint fall due, on each of its days, and for how long they are of use."""
    point = protocol.timepoint(timepoint)
    mails = [one for one in (point.invitation, *(each.message for each in point.reminders)) if one]
    latest = [protocol.message(one).latest for one in mails]
    return point.time, point.between, [each.after for each in point.reminders], latest


def days(protocol: TrialProtocol, timepoint: str) -> tuple[object, ...]:
    """What decides on which days a timepoint asks."""
    point = protocol.timepoint(timepoint)
    return sorted(point.days), point.weekly, point.time == "at_once" or protocol.calendar.blackout


def settled(
    old: TrialProtocol, new: TrialProtocol, standing: Iterable[Standing], whose: Whose, now: datetime
) -> list[Settled]:
    """What becomes of each window of a timepoint that changes, and which are new, in order."""
    wanted = others(old, new)
    mine = sorted((one for one in standing if one.planned.timepoint in wanted), key=_place)
    by_point = {key: list(found) for key, found in groupby(mine, key=lambda one: one.planned.timepoint)}
    return [
        one
        for point in new.timepoints
        if point.id in wanted
        for one in _Point(old, new, point, by_point.get(point.id, []), whose, now).settled()
    ]


def _place(one: Standing) -> tuple[str, int]:
    return one.planned.timepoint, one.planned.occurrence


@dataclass(slots=True)
class _Point:
    """One timepoint of one person; `last` is the day of the window before."""

    old: TrialProtocol
    new: TrialProtocol
    point: Timepoint
    standing: Sequence[Standing]
    whose: Whose
    now: datetime
    last: date = date.min

    def settled(self) -> Iterator[Settled]:
        windows = {key: list(found) for key, found in groupby(self.standing, key=lambda one: one.planned.occurrence)}
        planned = self._days(windows)
        for occurrence in sorted(windows.keys() | planned.keys()):
            day = planned.get(occurrence)
            if occurrence in windows:
                yield from self._of(windows[occurrence], day)
            elif day is not None:
                yield from self._new(occurrence, day)

    def _days(self, windows: Mapping[int, Sequence[Standing]]) -> Mapping[int, date]:
        """The day of each window in the new version; where no day changes, the ones that they have."""
        first = self.whose.first_days.get(self.point.id)
        if first is None or days(self.old, self.point.id) == days(self.new, self.point.id):
            return {key: self._day(found[0].planned) for key, found in windows.items()}
        return dict(local_days(self.point, self.new.calendar, first))

    def _day(self, planned: PlannedOccasion) -> date:
        return local_day(planned.opens_at, self.whose.zone)

    def _of(self, windows: Sequence[Standing], day: date | None) -> Iterator[Settled]:
        """Everything that is asked on one of the days moves together."""
        planned, own = [one.planned for one in windows], self._day(windows[0].planned)
        if any(one.begun for one in windows):
            self.last = max(self.last, own)
            yield from (self._begun(one.planned) for one in windows if not one.done)
        elif day is None:
            yield from (Settled(Fate.TAKEN_OUT, one, one) for one in planned)
        elif self._is_ahead(planned[0], day):
            self.last = day
            yield from (Settled(Fate.MOVES, one, self._at(self.new, one, day)) for one in planned)
        else:
            self.last = own
            yield from (self._stays(one) for one in planned)

    def _begun(self, planned: PlannedOccasion) -> Settled:
        """A mail that keeps its time may be due already, and be worth sending for another while."""
        before, after = self._at(self.old, planned), self._at(self.new, planned)
        kept = {(one.reminder, one.due_at) for one in before.contacts}
        found = [one for one in after.contacts if one.due_at > self.now or (one.reminder, one.due_at) in kept]
        mails = () if before.contacts == after.contacts else tuple(found)
        return Settled(Fate.BEGUN, planned, replace(planned, contacts=mails))

    def _stays(self, planned: PlannedOccasion) -> Settled:
        after = self._at(self.new, planned)
        return Settled(Fate.STAYS, planned, after if after.opens_at > self.now else planned)

    def _new(self, occurrence: int, day: date) -> Iterator[Settled]:
        asked = {one.planned.activity for one in self.standing}
        asked = asked or {one.id for one in self.new.activities_at(self.point, *self.whose.arms)}
        found = [PlannedOccasion(self.point.id, occurrence, one, self.now, self.now) for one in sorted(asked)]
        ahead = bool(found) and self._is_ahead(found[0], day)
        self.last = day if ahead else self.last
        fate = Fate.NEW if ahead else Fate.PASSED
        yield from (Settled(fate, one, self._at(self.new, one, day)) for one in found)

    def _is_ahead(self, planned: PlannedOccasion, day: date) -> bool:
        return day > self.last and self._at(self.new, planned, day).opens_at > self.now

    def _at(self, protocol: TrialProtocol, planned: PlannedOccasion, day: date | None = None) -> PlannedOccasion:
        return retimed(protocol, planned, self.whose.zone, self.whose.draw, hour=self.whose.hour, day=day)
