"""When things happen: timepoints, their windows and reminders, the messages, and the hours and days to leave alone."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from trial.core.durations import Duration, Length
from trial.core.protocol.values import LocalTime, Rule, YearDay
from trial.core.texts import Id, Part, Text

LONGEST_BLACKOUT = 60
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Reminder(Part):
    """A message this long after the timepoint opened, if the answer is not in by then.

    With `primary_only` its link asks for the primary outcome alone, and the answer is recorded as such.
    """

    after: Duration
    message: Id
    primary_only: bool = False


class Weekly(Part):
    """The same days of the week for some weeks, from the first of them on or after `from_day`."""

    on: list[Weekday] = Field(min_length=1, max_length=7)
    weeks: int = Field(ge=1, le=104)
    from_day: int = Field(default=1, ge=0, le=3650)

    def nominal_days(self) -> list[int]:
        """Days counted as if `from_day` fell on a Monday."""
        places = sorted(WEEKDAYS.index(one) for one in set(self.on))
        return [self.from_day + 7 * week + place for week in range(self.weeks) for place in places]


class Timepoint(Part):
    """When activities open: before randomisation, on days counted from it, or after something was done.

    `anchor: completion` counts from the day on which the activity `after` was finished. `time` is the local hour, or
    `at_once` on day 0; `between` draws an hour for each person and day; `chosen_from` lets people choose, with `time`
    until they do. Answers are taken for `grace` longer than the mails say, and belong to this timepoint. With `stage`
    it is for people allocated at that stage, and its days count from that allocation.
    """

    id: Id
    label: Text
    anchor: Literal["consent", "randomization", "completion"] = "randomization"
    after: Id | None = None
    stage: Id | None = None
    days: list[Annotated[int, Field(ge=0, le=3650)]] = [0]
    weekly: Weekly | None = None
    time: LocalTime | Literal["at_once"] | None = None
    between: tuple[LocalTime, LocalTime] | None = None
    chosen_from: list[LocalTime] = Field(default=[], max_length=12)
    activities: list[Id] = Field(min_length=1)
    closes_after: Duration
    grace: Duration = Length()
    invitation: Id | None = None
    reminders: list[Reminder] = Field(default=[], max_length=5)

    @model_validator(mode="before")
    @classmethod
    def _days_of_weekly(cls, given: Any) -> Any:
        """A weekly pattern has nominal days, for everything that does not know anybody's calendar."""
        if isinstance(given, dict) and given.get("weekly") is not None and "days" not in given:
            try:
                days = Weekly.model_validate(given["weekly"]).nominal_days()
            except ValueError:
                return given  # the part itself says what is wrong with it
            return {**given, "days": days}
        return given

    @model_validator(mode="after")
    def _complete(self) -> Timepoint:
        if self.anchor != "consent" and self.time is None and self.between is None:
            raise ValueError("a timepoint after randomisation needs a `time`, or `between` two hours")
        if self.anchor != "consent" and self.invitation is None and self.time != "at_once":
            raise ValueError("a timepoint after randomisation needs an `invitation`")
        if self.time == "at_once" and (self.days != [0] or self.weekly):
            raise ValueError("`time: at_once` is for day 0 only")
        if (self.anchor == "completion") != (self.after is not None):
            raise ValueError("`after` names an activity, and belongs to `anchor: completion`")
        if self.stage is not None and self.anchor != "randomization":
            raise ValueError("`stage` belongs to `anchor: randomization`: the days count from that allocation")
        if len(set(self.days)) != len(self.days):
            raise ValueError("a day is listed twice")
        if self.between and self.between[0] >= self.between[1]:
            raise ValueError("`between` names an earlier hour, then a later one")
        return self


class Message(Part):
    """One mail, written in `messages/<id>.<language>.md`; worth sending until `latest` after it was due.

    With `only_if` it leaves only where that rule holds at the moment of sending, over `exercises_done`,
    `questionnaires_done` and `cards_due`. `in_doubt` says what becomes of it where the connection broke while it was
    handed over: sent once more as the same mail, or held for the team.
    """

    id: Id
    stream: Literal["exercises", "questionnaires", "service"]
    latest: Duration = Length(days=1)
    only_if: Rule | None = None
    in_doubt: Literal["send_once_more", "hold"] = "send_once_more"


class Blackout(Part):
    """Days of the year on which nothing is asked: moved to the day after, or left out."""

    first: YearDay
    last: YearDay
    rule: Literal["move", "skip"] = "move"

    @model_validator(mode="after")
    def _real_days(self) -> Blackout:
        if self.days > LONGEST_BLACKOUT:
            raise ValueError(f"a blackout lasts at most {LONGEST_BLACKOUT} days")
        return self

    @property
    def days(self) -> int:
        """How many days it lasts, in a leap year; over the turn of the year where `last` is earlier than `first`."""
        try:
            first, last = (date(2028, int(one[:2]), int(one[3:])) for one in (self.first, self.last))
        except ValueError:
            raise ValueError("`first` and `last` are days of the year, such as 12-24") from None
        return (last - first).days % 366 + 1


class Calendar(Part):
    """The hours and days that the trial leaves people alone, and how much it may write to them."""

    quiet_from: LocalTime = "22:00"
    quiet_until: LocalTime = "07:00"
    blackout: list[Blackout] = Field(default=[], max_length=30)
    most_mails_a_week: int = Field(default=14, ge=1, le=100)
