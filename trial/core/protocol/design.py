"""The design: arms, framework, what people are told, and how chance allocates them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from trial.core.protocol.values import Rule
from trial.core.texts import Id, Part, Text, Words

ArmKind = Literal["experimental", "active", "attention_control", "waitlist", "no_treatment"]


class Factor(Part):
    """One factor of a factorial design and its levels; each arm is one combination."""

    id: Id
    label: Text
    levels: list[Id] = Field(min_length=2, max_length=4)


class Waitlist(Part):
    """What the waiting arm is told and when it gets the content: never before the primary outcome's window closes."""

    arm: Id
    content_of: Id
    release_after_day: int = Field(ge=1, le=3650)


class Design(Part):
    """Type, framework and disclosure. `margin` is on the primary outcome's scale, above 0."""

    type: Literal["parallel", "factorial", "waitlist", "single_arm"] = "parallel"
    framework: Literal["superiority", "non_inferiority", "equivalence"] = "superiority"
    margin: float | None = Field(default=None, gt=0)
    margin_source: Words | None = None
    disclosure: Literal["full", "hypothesis_withheld", "arm_known"] = "full"
    factors: list[Factor] = Field(default=[], max_length=3)
    waitlist: Waitlist | None = None
    other_exercises_after: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Design:
        if (self.framework == "superiority") != (self.margin is None):
            raise ValueError("a margin belongs to non_inferiority and equivalence, and only there")
        if (self.type == "factorial") != bool(self.factors):
            raise ValueError("`factors` belong to a factorial design, and only there")
        if (self.type == "waitlist") != (self.waitlist is not None):
            raise ValueError("the key `waitlist` belongs to a waitlist design, and only there")
        return self


class Intervention(Part):
    """What TIDieR asks of an arm beside what the rest of the protocol says already."""

    why: Text | None = None
    materials: Text | None = None
    procedures: Text | None = None
    provided_by: Text | None = None
    tailoring: Text | None = None
    fidelity: Text | None = None


class Arm(Part):
    """One arm; `received` and `minimum_dose` are expressions over `exercises_done`."""

    id: Id
    label: Text
    kind: ArmKind
    description: Text
    ratio: int = Field(default=1, ge=1, le=10)
    guided: bool = False
    factors: dict[Id, Id] = {}
    received: Rule
    minimum_dose: Rule
    intervention: Intervention | None = None


class StratumLevel(Part):
    """One level of a factor: the first level whose rule holds; the last has none."""

    id: Id
    label: Text
    when: Rule | None = None


class StratificationFactor(Part):
    """A factor known at baseline, as levels by rule over screening answers and baseline scores."""

    id: Id
    label: Text
    levels: list[StratumLevel] = Field(min_length=2, max_length=10)

    @model_validator(mode="after")
    def _only_the_last_level_is_open(self) -> StratificationFactor:
        if any(level.when is None for level in self.levels[:-1]) or self.levels[-1].when is not None:
            raise ValueError("every level but the last has a `when`; the last takes everyone else")
        return self


class AllocationRule(Part):
    """Stratified permuted blocks of random size; `none` in a single-arm study, where chance decides nothing."""

    method: Literal["permuted_blocks", "none"]
    block_sizes: list[Annotated[int, Field(ge=1, le=60)]] = Field(default=[], max_length=6)
    strata: list[StratificationFactor] = []

    @model_validator(mode="after")
    def _complete(self) -> AllocationRule:
        if (self.method == "permuted_blocks") != bool(self.block_sizes):
            raise ValueError("`permuted_blocks` need `block_sizes`, and `none` has none")
        if self.method == "none" and self.strata:
            raise ValueError("without allocation there are no strata")
        return self
