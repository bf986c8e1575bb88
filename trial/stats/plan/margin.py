"""The primary estimate of a trial of non-inferiority or equivalence, and what stands beside it, against the margin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trial.core.errors import AnalysisImpossible
from trial.core.planned_size import tested_alpha
from trial.core.protocol import TrialProtocol
from trial.stats.margins import equivalence, non_inferiority
from trial.stats.plan.table import Estimate

SHOWN = ("superior", "non-inferior", "equivalent")


def held(protocol: TrialProtocol, one: Estimate) -> dict[str, Any] | None:
    """How an estimate lies to the margin of the design; None where there is none, or nothing was estimated.

    The interval is that of the one-sided tests, at 1 - 2 alpha; `p` is one-sided, of equivalence the larger of both.
    `shown` is whether the whole interval lies where it has to. What cannot be judged says why in `problem`.
    """
    margin = protocol.design.margin
    if margin is None or one["estimate"] is None:
        return None
    alpha = tested_alpha(protocol)
    found: dict[str, Any] = {
        "framework": protocol.design.framework,
        "margin": margin,
        "better": one["better"],
        "alpha": alpha,
        "level": round(1 - 2 * alpha, 10),
        **dict.fromkeys(("picture", "shown", "worse", "ci", "p", "p_low", "p_high", "problem")),
    }
    try:
        return found | _judged(protocol, one, margin, alpha)
    except AnalysisImpossible as error:
        return found | {"problem": str(error)}


def tested_p(one: Mapping[str, Any]) -> float | None:
    """The p that an estimate is tested by: of a margin its one-sided one; None where there is none."""
    found: float | None = one["p"] if one["margin"] is None else one["margin"]["p"]
    return found


def gate_p(primary: Mapping[str, Any]) -> float:
    """The p by which the primary opens a gate at 1 - level; of a margin the one-sided p, brought from alpha to that."""
    found = primary["margin"]
    if found is None:
        return 1.0 if primary["p"] is None else float(primary["p"])
    if found["p"] is None:
        return 1.0
    return min(1.0, float(found["p"]) * (1 - float(primary["level"])) / float(found["alpha"]))


def refuse_margin(protocol: TrialProtocol, what: str) -> None:
    """Raise AnalysisImpossible where an analysis asks about no difference, and the trial about a margin."""
    if protocol.design.margin is not None:
        raise AnalysisImpossible(f"{what} asks about no difference at all, and this trial about its margin.")


def _judged(protocol: TrialProtocol, one: Estimate, margin: float, alpha: float) -> dict[str, Any]:
    if len(one["factors"]) > 1:
        raise AnalysisImpossible("The margin is one of a difference, and an interaction was planned.")
    if one["measure"] not in ("mean_difference", "risk_difference"):
        raise AnalysisImpossible("The margin is one of a difference, and a ratio was planned.")
    if one["se"] is None or one["df"] is None:
        raise AnalysisImpossible("The comparison has no error of its own that a margin could be held against.")
    numbers = (float(one["estimate"]), float(one["se"]), float(one["df"]))
    if protocol.design.framework == "equivalence":
        alike = equivalence(*numbers, (-margin, margin), alpha=alpha)
        its = {"picture": alike.picture, "p_low": alike.p_low, "p_high": alike.p_high, "p": alike.p}
        return its | {"shown": alike.picture in SHOWN, "ci": list(alike.ci)}
    found = non_inferiority(*numbers, margin, better=one["better"], level=1 - 2 * alpha)
    said = {"picture": found.picture, "worse": found.worse, "p": found.p}
    return said | {"shown": found.picture in SHOWN, "ci": list(found.ci)}
