"""How chance allocates: the method, what it balances on, and its parameters."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from trial.core.protocol.values import Rule
from trial.core.texts import Id, Part, Text, Words

Method = Literal[
    "simple", "permuted_blocks", "minimisation", "big_stick", "biased_coin", "urn", "listed", "none"
]  # fmt: skip
_CHANCE = re.compile(r"^(\d{1,3}/[1-9]\d{0,2}|[01](\.\d{1,9})?)$")


def _exact(value: Any) -> str:
    """A chance as it was written: `0.8` stands for 4/5 to the last digit."""
    text = repr(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _CHANCE.match(text):
        raise ValueError("a chance is a fraction such as 2/3 or a decimal number such as 0.8")
    return text


Chance = Annotated[
    str, BeforeValidator(_exact), WithJsonSchema({"type": ["string", "number"], "examples": ["2/3", "0.8"]})
]


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


class UrnRule(Part):
    """The balls of each arm at first, and how many of every other arm are added after an allocation."""

    start: int = Field(ge=0, le=100)
    added: int = Field(ge=0, le=100)


class OutsideList(Part):
    """Who outside the team made the list, and how; the list itself is sealed at the opening and stands in no folder."""

    made_by: Words
    how: Words


class ClusterUnit(Part):
    """The screening question whose answer is somebody's cluster (a team, a class, a school), and what one is called."""

    question: Id
    label: Text


# which methods a parameter belongs to; `!` where they cannot do without it
PARAMETERS: dict[str, dict[str, bool]] = {
    "block_sizes": {"permuted_blocks": True},
    "imbalance": {"minimisation": True},
    "probability": {"minimisation": True, "biased_coin": True},
    "weights": {"minimisation": False},
    "overall_weight": {"minimisation": False},
    "first_simple": {"minimisation": False},
    "largest_imbalance": {"big_stick": True},
    "urn": {"urn": True},
    "outside_list": {"listed": True},
}


class AllocationRule(Part):
    """The method of allocation; `none` in a single-arm study, where chance decides nothing."""

    method: Method
    block_sizes: list[Annotated[int, Field(ge=1, le=60)]] = Field(default=[], max_length=6)
    strata: list[StratificationFactor] = Field(default=[], max_length=12)
    imbalance: Literal["range", "variance", "marginal_balance", "marginal_sum"] | None = None
    probability: Chance | Annotated[list[Chance], Field(min_length=2, max_length=12)] | None = None
    weights: dict[Id, Annotated[int, Field(ge=1, le=100)]] = {}
    overall_weight: int = Field(default=0, ge=0, le=100)
    first_simple: int = Field(default=0, ge=0, le=1000)
    largest_imbalance: int | None = Field(default=None, ge=1, le=20)
    urn: UrnRule | None = None
    outside_list: OutsideList | None = None
    unit: Literal["person", "cluster"] = "person"
    cluster: ClusterUnit | None = None

    @model_validator(mode="after")
    def _complete(self) -> AllocationRule:
        for name, methods in PARAMETERS.items():
            given = bool(getattr(self, name))
            if given and self.method not in methods:
                raise ValueError(f"`{name}` belongs to the method {' or '.join(methods)}")
            if not given and methods.get(self.method):
                raise ValueError(f"the method `{self.method}` needs `{name}`")
        if self.method == "minimisation" and not self.strata:
            raise ValueError("minimisation needs `strata`: the factors that it balances")
        if self.method == "none" and self.strata:
            raise ValueError("without allocation there are no strata")
        if self.method == "biased_coin" and isinstance(self.probability, list):
            raise ValueError("the biased coin has one `probability`")
        if (self.unit == "cluster") != (self.cluster is not None):
            raise ValueError("`unit: cluster` needs `cluster: {question: …, label: …}`, and no other unit has it")
        if self.method == "none" and self.cluster:
            raise ValueError("without allocation there is no unit of it")
        return self

    @property
    def probabilities(self) -> list[str]:
        """One probability of the best arm, or one for each rank."""
        if self.probability is None:
            return []
        return self.probability if isinstance(self.probability, list) else [self.probability]
