"""Who is called about something urgent, in which order, and when the next one is.

The roster has places (first, second, …), each for a time; who is on it is called in the order of the places, then the
others who may act. Step 0 is at once, step n after n times the time within which the trial promised that somebody
answers. What is not urgent begins when that time has passed, on the full hour, so that what became overdue together
is one mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SHORTEST = timedelta(minutes=5)
# how far ahead a trial that opens looks at who is on call
AHEAD = timedelta(days=14)
HOUR = timedelta(hours=1)
SERIOUS_WITHIN = timedelta(hours=24)
MOST_PLACES = 9


@dataclass(frozen=True, slots=True)
class Duty:
    """One line of the roster: who stands in this place, from a moment on, until another (not included) or for good."""

    id: int
    member_id: int
    place: int
    from_at: datetime
    until_at: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether this line counts at a moment."""
        return self.from_at <= at and (self.until_at is None or at < self.until_at)


def ladder(roster: Iterable[Duty], others: Sequence[int], at: datetime) -> tuple[int, ...]:
    """The members to call at this moment, in turn, each once; who stands twice is called at the first place."""
    on_duty = sorted((one for one in roster if one.holds(at)), key=lambda one: (one.place, one.from_at, one.id))
    return tuple(dict.fromkeys([*(one.member_id for one in on_duty), *others]))


def unwatched(roster: Iterable[Duty], at: datetime, until: datetime) -> bool:
    """Whether between two moments there is any at which nobody is on duty, so that others are called first."""
    covered = at
    for one in sorted(roster, key=lambda one: one.from_at):
        if one.from_at > covered or covered >= until:
            break
        if one.until_at is None:
            return False
        covered = max(covered, one.until_at)
    return covered < until


def due_at(opened_at: datetime, within: timedelta, step: int) -> datetime:
    """When a step is due, whatever became of those before it."""
    return opened_at + step * max(within, SHORTEST)


def step_after(step: int, rungs: int, opened_at: datetime, within: timedelta, now: datetime) -> int:
    """The step that comes after this one. After a downtime each person is still called, but nobody twice at once:
    what was missed beyond one whole round is left out."""
    missed = int((now - opened_at) / max(within, SHORTEST))
    return step + 1 if step + 1 < rungs or missed <= step else missed + 1


@dataclass(frozen=True, slots=True)
class Chain:
    """The calls about one matter: the first at `start`, then one each time that `within` has passed; `hourly`: each
    only on the next full hour."""

    start: datetime
    within: timedelta
    hourly: bool = False

    def due_at(self, step: int) -> datetime:
        """When a step is due."""
        exact = due_at(self.start, self.within, step)
        return full_hour(exact) if self.hourly else exact

    def after(self, step: int, rungs: int, now: datetime) -> int:
        """The step that comes after this one."""
        return step_after(step, rungs, self.start, self.within, now)

    def turn(self, now: datetime) -> int:
        """The step whose turn it is at this moment, whatever became of those before it."""
        return max(0, int((now - self.start) / max(self.within, SHORTEST)))


def full_hour(moment: datetime) -> datetime:
    """The first full hour that is not before a moment."""
    return moment + (datetime.min.replace(tzinfo=moment.tzinfo) - moment) % HOUR
