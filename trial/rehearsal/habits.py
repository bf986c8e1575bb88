"""What a pretend person will do, decided by their dice before anything happens: the plan that the person then lives.

Habits do not depend on the arm, so the dose that a person would have under each arm is the same. Who is lost goes by
the profile, and not by these: see `lifelike`. In a demo, which has no such, it is a habit as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from trial.rehearsal.dice import Dice
from trial.rehearsal.profile import DemoProfile, Profile


@dataclass(frozen=True)
class Habits:
    """One person's plan. A thing is the n-th exercise or questionnaire, from 1."""

    dice: Dice
    profile: Profile
    exercises: int

    @cached_property
    def leaves_all_at(self) -> tuple[str, int] | None:
        """The thing at which the person stops everything, if they ever do."""
        return None

    @cached_property
    def last_exercise(self) -> int:
        """The last exercise before the person drifts away from them; all of them, for those who stay."""
        for number in range(1, self.exercises + 1):
            if self.dice.happens(self.profile.drops_exercises, "drops", number):
                return number - 1
        return self.exercises

    @property
    def says_so(self) -> bool:
        """Whether a person who drops the exercises tells us by the stop page."""
        return self.dice.happens(self.profile.says_so, "says_so")

    def does_exercise(self, number: int) -> bool:
        """Whether the person would do the n-th exercise."""
        left = self.leaves_all_at
        if number > self.last_exercise or (left and left[0] == "exercises" and number >= left[1]):
            return False
        return not self.dice.happens(self.profile.skips_an_evening, "skips", number)

    def dose(self) -> float:
        """The share of the exercises that the person would do."""
        return sum(self.does_exercise(one) for one in range(1, self.exercises + 1)) / max(self.exercises, 1)

    def answers_questionnaire(self, number: int) -> bool:
        """Whether the person would answer the n-th questionnaire, unless they are lost."""
        return True

    def loses_mailbox(self, number: int) -> bool:
        """Whether their mailbox dies when the n-th questionnaire comes."""
        return False

    def waits_for(self, stream: str, number: int, reminders: int) -> int:
        """Which mail about a thing the person acts on: 0 the invitation, 1 the first reminder."""
        for reminder in range(reminders):
            if not self.dice.happens(self.profile.needs_reminder, "reminder", stream, number, reminder):
                return reminder
        return reminders

    def minutes_until(self, *occasion: object) -> float:
        """How long after a mail the person acts."""
        return self.dice.between(*self.profile.minutes_to_act, "lag", *occasion)


@dataclass(frozen=True)
class DemoHabits(Habits):
    """Those of a person of a demo."""

    profile: DemoProfile

    @cached_property
    def leaves_all_at(self) -> tuple[str, int] | None:
        """The thing at which the person stops everything, if they ever do."""
        if not self.dice.happens(self.profile.leaves_everything, "leaves_everything"):
            return None
        number = 1 + int(self.dice.uniform("leaves_at") * (self.exercises + 2))
        if number <= self.exercises:
            return ("exercises", number)
        return ("questionnaires", number - self.exercises)

    def answers_questionnaire(self, number: int) -> bool:
        """Whether the person would answer the n-th questionnaire: a habit of their own, and a chance each time."""
        left = self.leaves_all_at
        if left and (left[0] == "exercises" or number >= left[1]):
            return False
        rates = self.profile.answers_questionnaires
        rate = rates[min(number, len(rates)) - 1]
        mixed = 0.6 * self.dice.uniform("habit") + 0.4 * self.dice.uniform("mood", number)
        return mixed < 0.2 + 0.6 * rate

    def loses_mailbox(self, number: int) -> bool:
        """Whether their mailbox dies when the n-th questionnaire comes."""
        return number > 1 and self.dice.happens(self.profile.mailbox_dies, "mailbox_dies")
