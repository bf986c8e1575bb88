"""Further randomisations of people who are already in: who comes into question, when, and between which options."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from trial.core.protocol.allocation import AllocationRule
from trial.core.protocol.values import Rule
from trial.core.texts import Id, Part, Text

# the names of the stages that every trial, and every trial of clusters, has of itself
RESERVED_STAGES = ("main", "clusters")
MOST_STAGES = 4


class StageArm(Part):
    """One option of a stage; its id stands beside the arms' in `activities.*.arms`."""

    id: Id
    label: Text
    description: Text
    ratio: int = Field(default=1, ge=1, le=10)


class Stage(Part):
    """A further allocation, brought about by the questionnaire `after` at `timepoint`.

    It concerns people of `arms_before` (all arms where none is named) for whom `when` holds as they send it in.
    `unanswered` says what becomes of who has not sent it when its window and grace are over. `method: none` gives
    everybody its one option.
    """

    id: Id
    label: Text
    after: Id
    timepoint: Id
    arms_before: list[Id] = Field(default=[], max_length=12)
    when: Rule | None = None
    unanswered: Literal["left_out", "allocated"] = "left_out"
    arms: list[StageArm] = Field(min_length=1, max_length=12)
    allocation: AllocationRule

    @model_validator(mode="after")
    def _complete(self) -> Stage:
        if (self.allocation.method == "none") != (len(self.arms) == 1):
            raise ValueError("a stage with `method: none` has one option; every other method has two or more")
        if self.allocation.method == "listed":
            raise ValueError("a list from outside is for the first randomisation; a stage needs a method of its own")
        if self.allocation.unit == "cluster":
            raise ValueError("a stage allocates people: a cluster is allocated once, at the first randomisation")
        if self.id in RESERVED_STAGES:
            raise ValueError(f"`{self.id}` is the name of a stage that a trial has of itself")
        return self
