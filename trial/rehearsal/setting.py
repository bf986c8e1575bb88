"""What all pretend people of one rehearsal share, and their two kinds: those of a demo and those of a profile."""

from __future__ import annotations

from dataclasses import dataclass

from trial.protocol_files import ProtocolFolder
from trial.rehearsal.answering import Answerer, DemoAnswerer
from trial.rehearsal.calendar import Calendar, Thing
from trial.rehearsal.dice import Dice
from trial.rehearsal.habits import DemoHabits, Habits
from trial.rehearsal.lifelike import LifelikeAnswerer, Shared, shared_of
from trial.rehearsal.profile import DemoProfile, LifelikeProfile


@dataclass(frozen=True, slots=True)
class Setting:
    """`shared` is there for the people of a profile, and not for those of a demo."""

    slug: str
    folder: ProtocolFolder
    calendar: Calendar
    profile: DemoProfile | LifelikeProfile
    effect: float
    seed: int
    shared: Shared | None

    def habits(self, dice: Dice) -> Habits:
        """What one person will do."""
        exercises = self.calendar.count("exercises")
        if isinstance(self.profile, DemoProfile):
            return DemoHabits(dice, self.profile, exercises)
        return Habits(dice, self.profile, exercises)

    def answerer(self, dice: Dice) -> Answerer:
        """What one person answers."""
        if isinstance(self.profile, DemoProfile):
            return DemoAnswerer(dice, self.profile, self.folder.protocol, self.effect)
        assert self.shared is not None
        return LifelikeAnswerer(dice, self.profile, self.folder.protocol, self.effect, self.shared)

    @property
    def knows_arms(self) -> bool:
        """Whether what an arm does goes by the allocation, and not by what somebody read in an exercise."""
        return self.shared is not None


def setting_of(
    slug: str, folder: ProtocolFolder, profile: DemoProfile | LifelikeProfile, effect: float, seed: int
) -> Setting:
    """Worked out once; raises BadInput where the profile cannot be lived in this protocol."""
    shared = shared_of(folder, profile) if isinstance(profile, LifelikeProfile) else None
    return Setting(slug, folder, Calendar(folder), profile, effect, seed, shared)


def is_lost(answerer: Answerer, arm: str | None, thing: Thing) -> bool:
    """Whether a person of this arm answers nothing any more by then."""
    return isinstance(answerer, LifelikeAnswerer) and arm is not None and answerer.is_lost(arm, thing.day)
