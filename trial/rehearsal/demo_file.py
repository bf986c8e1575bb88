"""The profile of `equipoise demo`: the one whose people a newcomer meets, and a model of its own to make them from.

It is kept as it is, so that a seed gives the trial that the guides show. It knows no range, mean or SD of any score,
so that it works for each protocol as it comes; a rehearsal, whose people are to look like those of a named source,
goes by `profile_file`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from trial.core.texts import FolderId, Part, Words
from trial.rehearsal.figures import Figure, Left, Several, Share
from trial.rehearsal.habit_figures import HabitFigures
from trial.rehearsal.profile_file import read_file

DEMO = Path(__file__).with_name("demo.yaml")


class Staying(Part):
    """Who answers the n-th questionnaire, mixed with a habit of each person; `mailbox_dies` at each after the first."""

    answers_questionnaires: Several
    leaves_everything: Share
    mailbox_dies: Share


class Wellbeing(Part):
    """Shares of the variance of well-being, whose effect fades to `fades_to` at the last timepoint, and an item's
    loading on it; everyone gets better by `improves` standard deviations."""

    stable: Share
    shared: Share
    loading: Share
    improves: Figure
    fades_to: Left


class DemoFile(Part):
    """The whole file."""

    schema_version: Literal[1] = Field(alias="schema")
    id: FolderId
    about: Words
    habits: HabitFigures
    staying: Staying
    wellbeing: Wellbeing


def read_demo() -> DemoFile:
    """The shipped file."""
    return read_file(DemoFile, DEMO, DEMO.name)
