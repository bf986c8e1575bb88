"""One estimate of an ordinal outcome: one odds ratio of lying above any cut of its levels, by proportional odds."""

from __future__ import annotations

from typing import Any

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.plan.covariates import Model, model_of
from trial.stats.plan.outcome import scores_of
from trial.stats.plan.table import AnalysisTable, Estimate, Seen
from trial.stats.proportional_odds import ProportionalOdds, proportional_odds

MEASURE = "common_odds_ratio"
MOST_LEVELS = 20  # each costs a parameter, and a scale of more is one of numbers


def by_proportional_odds(
    protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, entry: Estimate
) -> Estimate:
    """The entry with its numbers; raises AnalysisImpossible.

    The odds are those of more of the score, whichever direction is better, of people alike in the covariates. Errors
    are robust: no pretend outcome has quite the same ratio at every cut, and no real one either.
    """
    entry |= {"measure": MEASURE, "covariance": "robust"}
    result, model = fit_levels(protocol, table, planned, np.isfinite(scores_of(protocol, table, planned)))
    return entry | numbers_of(result) | {
        "covariates": list(result.covariates),
        "covariates_dropped": [*result.dropped, *model.alike],
        "imputed": model.filled,
        "ordinal": _about(result),
    }  # fmt: skip


def fit_levels(
    protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, seen: Seen
) -> tuple[ProportionalOdds, Model]:
    """The planned model over those `seen` (n,), who have the outcome; raises AnalysisImpossible."""
    values = scores_of(protocol, table, planned)[seen]
    levels = len(np.unique(values))
    if levels > MOST_LEVELS:
        raise AnalysisImpossible(
            f"The outcome has {levels} levels, and proportional odds are for {MOST_LEVELS} at most: analyse it as a "
            "mean, or as a proportion of those who respond."
        )
    arms = [arm for arm, has in zip(table.arms, seen, strict=True) if has]
    model = model_of(protocol, table, planned, seen)
    arm, reference = planned.contrast
    found = proportional_odds(
        values, arms, model.columns, (arm, reference),
        level=protocol.analysis.level, covariance="robust", names=model.names,
    )  # fmt: skip
    return found, model


def numbers_of(result: ProportionalOdds) -> Estimate:
    """Estimate, error of its logarithm, interval, p and people; no degrees of freedom, as it leans on the normal."""
    n = {arm: sum(its) for arm, its in result.counts.items()}
    return {"estimate": result.estimate, "se": result.se, "df": None, "ci": list(result.ci), "p": result.p, "n": n}


def _about(result: ProportionalOdds) -> dict[str, Any]:
    """How many of each arm lie at each level, and whether one odds ratio fits every cut."""
    test = result.proportionality
    return {
        "levels": list(result.levels),
        "counts": {arm: list(its) for arm, its in result.counts.items()},
        "proportionality": test
        and {"chi_square": test.chi_square, "df": test.df, "p": test.p, "odds_ratios": list(test.odds_ratios)},
        "untested": result.untested or None,
    }
