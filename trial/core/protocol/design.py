"""The design: arms, framework and what people are told."""

from __future__ import annotations

from typing import Literal

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
    """Type, framework and disclosure.

    `margin` is on the primary outcome's scale, of a proportion a share, and above 0; `one_sided_alpha` is the level of
    its one-sided tests, left out half of what the level of the intervals leaves.
    """

    type: Literal["parallel", "factorial", "waitlist", "single_arm"] = "parallel"
    framework: Literal["superiority", "non_inferiority", "equivalence"] = "superiority"
    margin: float | None = Field(default=None, gt=0)
    margin_source: Words | None = None
    one_sided_alpha: float | None = Field(default=None, gt=0, lt=0.25)
    disclosure: Literal["full", "hypothesis_withheld", "arm_known"] = "full"
    factors: list[Factor] = Field(default=[], max_length=3)
    waitlist: Waitlist | None = None
    other_exercises_after: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Design:
        if (self.framework == "superiority") != (self.margin is None):
            raise ValueError("a margin belongs to non_inferiority and equivalence, and only there")
        if self.one_sided_alpha is not None and self.margin is None:
            raise ValueError("`one_sided_alpha` belongs to a margin, and only there")
        if self.type == "single_arm" and self.margin is not None:
            raise ValueError("a single arm is compared with nothing that it could be no worse than")
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
    """One arm; `received` and `minimum_dose` are expressions over `exercises_done`.

    An amendment closes an arm with `ratio: 0`: nobody new is allocated to it, and who is in it goes on.
    """

    id: Id
    label: Text
    kind: ArmKind
    description: Text
    ratio: int = Field(default=1, ge=0, le=10)
    guided: bool = False
    factors: dict[Id, Id] = {}
    received: Rule
    minimum_dose: Rule
    intervention: Intervention | None = None
