"""One estimate of the effect on those who comply: the randomised arm as the instrument of what was received."""

from __future__ import annotations

from typing import Any

import numpy as np

from trial.core.compliers import had_its_turn, has_content
from trial.core.errors import AnalysisImpossible
from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.core.texts import say
from trial.stats.arrays import FloatArray
from trial.stats.complier_effect import ComplierEffect, complier_effect
from trial.stats.plan.covariates import model_of
from trial.stats.plan.outcome import modelled, scores_of
from trial.stats.plan.table import AnalysisTable, Estimate


def by_complier_effect(
    protocol: TrialProtocol, table: AnalysisTable, planned: PlannedAnalysis, entry: Estimate
) -> Estimate:
    """The entry with its numbers; raises AnalysisImpossible.

    Of the two arms compared, everyone who has the outcome. Received is what the first arm's own rule says; nobody of
    the second arm can. `complier` holds what the estimate needs to be read by.
    """
    entry |= {"estimand": "principal_stratum"}
    if had_its_turn(protocol, planned):
        raise AnalysisImpossible(
            "People who waited had been given the content by then: both arms had it, and nothing tells who complies."
        )
    arm, reference = planned.contrast
    received = _received(table, arm)
    seen = np.isfinite(scores_of(protocol, table, planned)) & np.isin(np.array(table.arms, object), [arm, reference])
    model = model_of(protocol, table, planned, seen)
    plan, content = protocol.analysis, has_content(protocol, planned)
    result = complier_effect(
        modelled(protocol, planned, scores_of(protocol, table, planned)[seen], model.baseline),
        received[seen],
        [one for one, has in zip(table.arms, seen, strict=True) if has],
        model.columns,
        (arm, reference),
        comparator_has_content=content,
        assumption=say(planned.assumption, protocol.languages[0]) if planned.assumption else "",
        level=plan.level,
        covariance=plan.covariance,
        names=model.names,
    )
    entry |= {key: getattr(result, key) for key in ("estimate", "se", "df", "p", "n")}
    gone = [name for name in model.names if name not in result.covariates]
    return entry | {
        "ci": list(result.ci),
        "covariates": list(result.covariates),
        "covariates_dropped": [*gone, *model.alike],
        "imputed": model.filled,
        "complier": _about(result, int(received[seen].sum()), content=content),
    }


def _received(table: AnalysisTable, arm: str) -> FloatArray:
    if table.received is None:
        raise AnalysisImpossible(
            "The data do not tell who received what their arm offers: a file from elsewhere says it in a column "
            "`received`, yes or no."
        )
    pairs = zip(table.received, table.arms, strict=True)
    return np.array([had and its == arm for had, its in pairs], dtype=np.float64)


def _about(result: ComplierEffect, received: int, *, content: bool) -> dict[str, Any]:
    """How many received it, how strongly the arm moves that, the interval that holds whatever the strength."""
    return {
        "received": received,
        "of": result.n[result.contrast[0]],
        "taken": result.taken,
        "f": result.f if np.isfinite(result.f) else None,
        "weak": result.weak,
        "ci_weak": None if result.ci_weak is None else list(result.ci_weak),
        "as_randomised": result.as_randomised,
        "comparator_has_content": content,
        "assumptions": list(result.assumptions),
    }
