"""Where an estimate of the plan may not keep what its interval promises: what the report warns of beside it.

The conditions are those in which simulated trials show it (docs/statistics.md, "How often each method of a plan keeps
its promise"); each is judged by what the trial itself shows.
"""

from __future__ import annotations

import math
from typing import Any

from trial.core.protocol.analysis import REPEATED
from trial.stats.plan.table import Estimate

UNLIKE = 1.5  # a standard deviation so many times the other arm's
UNDERSTATED = 0.92  # 1.96 errors that are so much too small hold 92.9 %
UNLIKE_CUTS = 0.05  # a p of Brant's test
FEW_LEFT = 20  # of an arm with the outcome: with fewer a constrained model's approximate d.f. promise too much
FEWEST = 5  # people of an arm who have the outcome, or have it not
SMALL = 50  # of an arm: from then on HC2 holds where arms are spread unequally
# share of an arm whose outcome is not known, by method
UNKNOWN = {"mean_change": 0.05, "g_computation": 0.1}


def cautions(entry: Estimate) -> list[dict[str, Any]]:
    """What to say of a finished entry: each a `kind`, what it is `about`, and the figures that it rests on.

    An estimate that could not be computed gets none. What an analysis of clusters warns of stands with its clusters.
    """
    if entry["estimate"] is None:
        return []
    found: list[dict[str, Any]] = []
    if entry["repeated"] and entry["repeated"]["fell_back"]:
        found.append({"kind": "covariance_fell_back", "about": "estimate"})
    if entry["repeated"] and (alone := _alone(entry)):
        found.append({"kind": "arm_of_one", "about": "estimate", "arms": alone})
    if entry["method"] == "clda" and entry["repeated"]["degrees_of_freedom"] == "satterthwaite":
        left = {arm: _with_outcome(entry, arm) for arm in _compared(entry)}
        if min(left.values()) < FEW_LEFT:
            found.append({"kind": "few_left", "about": "estimate", "n": left})
    if not entry["clusters"] and (spreads := _unlike(entry)):
        small = entry["covariance"] == "HC2" and min(entry["n"][arm] for arm in _compared(entry)) < SMALL
        if entry["method"] in REPEATED or small:
            found.append({"kind": "unlike_spreads", "about": "estimate", **spreads})
        if entry["g"]:
            found.append({"kind": "unlike_spreads", "about": "g", **spreads})
    if entry["method"] == "g_computation" and _few(entry):
        found.append({"kind": "few_events", "about": "estimate"})
    if entry["ordinal"] and (test := entry["ordinal"]["proportionality"]) and test["p"] < UNLIKE_CUTS:
        found.append({"kind": "unlike_cuts", "about": "estimate", "p": test["p"]})
    if entry["ordinal"] and (level := _one_level(entry)):
        found.append({"kind": "arm_of_one_level", "about": "estimate", "arms": level})
    if entry["complier"] and entry["complier"]["weak"]:
        found.append({"kind": "weak_instrument", "about": "estimate", "f": entry["complier"]["f"]})
    if entry["method"] in UNKNOWN and (unknown := _unknown(entry)):
        found.append({"kind": "many_unknown", "about": "estimate", "share": unknown})
    return found


def _alone(entry: Estimate) -> list[str]:
    """The arms of which one person has the outcome: how much its people differ is taken from the others."""
    return [arm for arm in _compared(entry) if _with_outcome(entry, arm) < 2]


def _with_outcome(entry: Estimate, arm: str) -> int:
    """Of an arm, how many have the outcome at the timepoint of the estimate."""
    (at,) = [one for one in entry["repeated"]["visits"] if one["timepoint"] == entry["timepoint"]]
    return int(at["n_with_outcome"].get(arm, 0))


def _one_level(entry: Estimate) -> list[str]:
    """The arms compared whose people all have the same level: how much they differ is taken from the others."""
    return [arm for arm in _compared(entry) if sum(n > 0 for n in entry["ordinal"]["counts"][arm]) == 1]


def _compared(entry: Estimate) -> list[str]:
    return [arm for side in entry["sides"] for arm in side]


def _unlike(entry: Estimate) -> dict[str, Any] | None:
    """The standard deviations of the arms compared where they matter, and what pooling them makes of the error.

    An estimate that adds and takes away means of arms has in large ones the error sqrt(sum s^2 / n), but for a factor
    that all arms share; a pooled variance, sum n s^2 / sum n, makes it sqrt(pooled * sum 1 / n): too small where the
    smaller arms vary more. In a trial of more arms, by those compared; of an effect of factors sides are held together.
    """
    arms = [entry["arms"][arm] for arm in _compared(entry)]
    spreads, sizes = [one["sd"] for one in arms], [one["n_with_data"] for one in arms]
    if len(entry["sides"]) != 2 or None in spreads or not any(spreads):
        return None
    own = sum(sd**2 / n for sd, n in zip(spreads, sizes, strict=True))
    pooled = sum(sd**2 * n for sd, n in zip(spreads, sizes, strict=True)) / sum(sizes)
    share = math.sqrt(pooled * sum(1 / n for n in sizes) / own)
    sides = [_pooled(entry, side) for side in entry["sides"]]
    if max(sides) <= UNLIKE * min(sides) and share >= UNDERSTATED:
        return None
    return {"sd": spreads, "error_share": share}


def _pooled(entry: Estimate, side: list[str]) -> float:
    """The standard deviation within the arms of a side, together."""
    arms = [entry["arms"][arm] for arm in side]
    degrees = [one["n_with_data"] - 1 for one in arms]
    return math.sqrt(sum(df * one["sd"] ** 2 for df, one in zip(degrees, arms, strict=True)) / sum(degrees))


def _few(entry: Estimate) -> bool:
    arms = [entry["arms"][arm] for arm in entry["contrast"]]
    return any(min(its["events"], its["n_with_data"] - its["events"]) < FEWEST for its in arms)


def _unknown(entry: Estimate) -> dict[str, float] | None:
    """Of each arm compared the share whose outcome is not known, where one of them is too large."""
    shares = {}
    for arm in entry["contrast"]:
        its = entry["arms"][arm]
        known = entry["n"].get(arm, 0) if entry["method"] == "mean_change" else its["n_with_data"]
        shares[arm] = 1 - known / its["n_randomised"] if its["n_randomised"] else 0.0
    return shares if max(shares.values()) > UNKNOWN[entry["method"]] else None
