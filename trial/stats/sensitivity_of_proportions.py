"""Sensitivity analyses of a primary estimate of proportions: other people, or responders from imputed scores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.core.protocol import Sensitivity, TrialProtocol
from trial.stats.complete_case import complete
from trial.stats.filling import Gaps
from trial.stats.multiple_imputation import completed_outcomes
from trial.stats.per_protocol import followed
from trial.stats.plan.covariates import model_of
from trial.stats.plan.outcome import responses, scores_of
from trial.stats.plan.proportions import measure_of, numbers_of, standardize_among
from trial.stats.plan.table import AnalysisTable, Estimate
from trial.stats.responders import analyse_responders


def of_proportion(
    protocol: TrialProtocol, table: AnalysisTable, declared: Sensitivity, find_gaps: Callable[[], Gaps]
) -> Estimate:
    """The numbers of one declared analysis; raises AnalysisImpossible, also for one that a proportion cannot have."""
    planned = protocol.analysis.primary
    measure = measure_of(protocol, planned)
    if declared.method == "multiple_imputation":
        return {"measure": measure} | _imputed(protocol, table, declared, find_gaps())
    if declared.method not in ("complete_case", "per_protocol"):
        raise AnalysisImpossible("This analysis is one of means, and the primary outcome is a proportion.")
    who = (complete if declared.method == "complete_case" else followed)(protocol, table, planned)
    its = numbers_of(standardize_among(protocol, table, planned, who)[0], measure)
    return {"measure": measure} | its | {"filled": dict.fromkeys(its["n"], 0)}


def _imputed(protocol: TrialProtocol, table: AnalysisTable, declared: Sensitivity, gaps: Gaps) -> Estimate:
    """Scores drawn as for means, cut in each set; a baseline that is missing is at the mean, as in every model."""
    planned, plan = protocol.analysis.primary, protocol.analysis
    outcome = protocol.outcome(planned.outcome)
    if outcome.responder is None:
        raise AnalysisImpossible("A yes or no is not imputed: responders are cut from scores that are.")
    arm, reference = planned.contrast
    # as `gaps` takes them in, in the same order
    labels = np.array(table.arms, dtype=object)
    who = np.isin(labels, [arm, reference]) | np.isfinite(scores_of(protocol, table, planned))
    model = model_of(protocol, table, planned, who)
    scores, filled = completed_outcomes(gaps, (protocol.id, declared.id))
    cut = responses(outcome, model.baseline, scores, table.reliable_change) == 1
    people = [str(each) for each in labels[who]]
    found = analyse_responders(
        cut, people, model.columns, (arm, reference), level=plan.level, covariance=plan.covariance, names=model.names
    )
    one, pooled = {
        "risk_difference": (found.difference, found.pooled_difference),
        "risk_ratio": (found.ratio, found.pooled_ratio),
        "odds_ratio": (found.odds, found.pooled_odds),
    }[measure_of(protocol, planned)]
    return {
        "estimate": one.estimate,
        "se": one.se,
        "df": pooled.df,
        "ci": list(one.ci),
        "p": one.p,
        "n": found.n,
        "filled": dict.fromkeys(found.n, 0) | dict(zip((arm, reference), filled, strict=True)),
        "imputation": {
            "timepoints": list(gaps.timepoints),
            "left_out": list(gaps.left_out),
            "auxiliaries": list(gaps.auxiliaries),
            "imputations": found.imputations,
            "missing_information": pooled.missing,
            "monte_carlo_error": pooled.noise,
        },
    }
