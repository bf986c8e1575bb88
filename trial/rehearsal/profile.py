"""How pretend people behave, as they ask for it: the numbers of a profile's file, which says where each comes from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from trial.rehearsal.demo_file import read_demo
from trial.rehearsal.habit_figures import values_of
from trial.rehearsal.profile_file import ProfileFile, read_profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The habits; `trial.rehearsal.habit_figures` says what each is a chance of."""

    weeks_of_recruitment: int
    in_first_half: float
    zones: tuple[str, ...]
    sources: tuple[str, ...]
    eligible: float
    mistypes_address: float
    never_confirms: float
    declines: float
    leaves_at_consent: float
    leaves_baseline: float
    misreads: float
    shares_data: float
    drops_exercises: float
    says_so: float
    lost_mailbox: float
    skips_an_evening: float
    needs_reminder: float
    opens_and_leaves: float
    leaves_an_item_out: float
    robots: float
    comes_again: float
    comes_as_another: float
    upset: float
    alarms: float
    says_worse: float
    reports_a_problem: float
    forwards: float
    writes_back: float
    writes_stop: float
    is_away: float
    changes_zone: float
    changes_hour: float
    pauses: float
    fewer_reminders: float
    minutes_to_act: tuple[float, float]
    minutes_to_come_back: tuple[float, float]
    minutes_to_write: tuple[float, float]
    minutes_to_own_page: tuple[float, float]
    days_to_forward: tuple[float, float]
    days_to_come_again: tuple[float, float]
    weeks_away: int
    wants_contact: float
    says_why: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoProfile(Profile):
    """Those of a demo, which has a model of staying and answering of its own: `trial.rehearsal.demo_file`."""

    answers_questionnaires: tuple[float, ...]
    leaves_everything: float
    mailbox_dies: float
    stable: float
    shared: float
    loading: float
    improves: float
    fades_to: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LifelikeProfile(Profile):
    """Those of a rehearsal; who is lost and what is answered go by the file, as in `equipoise power`."""

    file: ProfileFile


def lifelike(file: ProfileFile) -> LifelikeProfile:
    """The people of a profile's file."""
    habits: dict[str, Any] = values_of(file.habits)
    return LifelikeProfile(**habits, file=file)


def people_of(name: str, not_at_random: float | None) -> LifelikeProfile:
    """The people of a shipped profile or of a file, missing not at random where a weight for it is given."""
    file = read_profile(name)
    return lifelike(file if not_at_random is None else file.not_at_random(not_at_random))


@cache
def demo_profile() -> DemoProfile:
    """The people of a demo."""
    file = read_demo()
    habits: dict[str, Any] = values_of(file.habits) | values_of(file.staying) | values_of(file.wellbeing)
    return DemoProfile(**habits)
