"""What a plan finds in a pretend trial of two factors: main effect and interaction, of people and of clusters."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from bench.planned_methods import Found, Group, found, of_clusters, protocol_of
from bench.planned_trials import ARMS, TIMEPOINTS, Kind, Pretend, Truth, second_half
from trial.core.protocol import TrialProtocol
from trial.core.protocol.design import Factor
from trial.stats.plan.run import run_plan
from trial.stats.plan.table import AnalysisTable

MAIN, OTHER = "letter", "call"
LEVELS = ("made", "none")
OF_CALL = 2.0  # what the second factor adds to every outcome: alike at both levels of the first
METHODS = {
    "ancova": "ANCOVA, HC3",
    "mmrm": "mixed model (mmrm), Satterthwaite",
    "clda": "constrained model (clda), Satterthwaite",
}


def of_people(kind: Kind, trial: Pretend, truth: Truth) -> Iterator[Found]:
    """The main effect of the factor that works, and the interaction, of which there is none."""
    primary, *others = run_plan(plan_of_factors(kind), of_four_arms(kind, trial.table))
    whole = [primary, *others]
    for (method, name), (main, both) in zip(METHODS.items(), zip(whole[::2], whole[1::2], strict=True), strict=True):
        yield found(f"main effect, {name}", main, truth.effect)
        yield found(f"interaction, {name}", both, 0.0)
        if method == "ancova" and main["g"]:
            ci = main["g"]["ci"]
            # the second factor's effect is among what people differ by
            aim = truth.effect / math.hypot(truth.sd, OF_CALL / 2)
            about = any(its["about"] == "g" for its in main["warnings"])
            yield Found("main effect, Hedges g", (ci[0], ci[1]), None, aim, warned=about)


def in_clusters(kind: Kind, trial: Pretend, truth: Truth) -> Iterator[Found]:
    """The same by both ways to allow for clusters."""
    table = of_four_arms(kind, trial.table)
    for by, name in (("robust", "ANCOVA, CR2"), ("random_intercept", "random intercept, Kenward and Roger")):
        for words, one, aim in zip(
            ("main effect", "interaction"), run_plan(_clustered(kind, by), table), (truth.effect, 0.0), strict=True
        ):
            its = found(f"{words}, {name}", one, aim)
            yield replace(its, warned=bool(one["clusters"] and one["clusters"]["warnings"]))


def of_four_arms(kind: Kind, table: AnalysisTable) -> AnalysisTable:
    """The table with four arms, the second factor acting on every later outcome."""
    called = ~second_half(kind)
    arms = tuple(_arm(arm, LEVELS[0] if its else LEVELS[1]) for arm, its in zip(table.arms, called, strict=True))
    added = np.where(called, OF_CALL, 0.0)
    scores = {at: values + added if at[1] in TIMEPOINTS else values for at, values in table.scores.items()}
    return replace(table, arms=arms, scores=scores)


def _arm(arm: str, call: str) -> str:
    return f"{arm}_{call}"


def _effect(*factors: str, method: str) -> dict[str, Any]:
    first, second = (0, 1) if len(factors) > 1 else (0, 0)
    contrast = [_arm(ARMS[0], LEVELS[first]), _arm(ARMS[1], LEVELS[second])]
    asked = {"outcome": "score", "timepoint": TIMEPOINTS[-1], "contrast": contrast, "factors": list(factors)}
    return asked | {"method": method}


@cache
def plan_of_factors(kind: Kind) -> TrialProtocol:
    primary, *others = [_effect(*of, method=method) for method in METHODS for of in ((MAIN,), (MAIN, OTHER))]
    return _of_factors(protocol_of(kind, primary=primary, secondary={"multiplicity": "none", "analyses": others}))


@cache
def _clustered(kind: Kind, by: str) -> TrialProtocol:
    primary, *others = [_effect(*of, method="ancova") for of in ((MAIN,), (MAIN, OTHER))]
    secondary = {"multiplicity": "none", "analyses": others}
    return _of_factors(of_clusters(kind, by, primary=primary, secondary=secondary))


def _of_factors(protocol: TrialProtocol) -> TrialProtocol:
    """The same protocol with four arms of two factors."""
    factors = [
        Factor.model_validate({"id": MAIN, "label": {"en": "Letter"}, "levels": list(ARMS)}),
        Factor.model_validate({"id": OTHER, "label": {"en": "Call"}, "levels": list(LEVELS)}),
    ]
    arms = [
        arm.model_copy(update={"id": _arm(arm.id, call), "factors": {MAIN: arm.id, OTHER: call}})
        for arm in protocol.arms
        for call in LEVELS
    ]
    design = protocol.design.model_copy(update={"type": "factorial", "factors": factors})
    return protocol.model_copy(update={"arms": arms, "design": design})


OF_FACTORS = (
    Group(of_people, suits=lambda kind: not kind.clustered),
    Group(in_clusters, suits=lambda kind: kind.clustered),
)
