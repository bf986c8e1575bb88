"""The plan's exploratory subgroups: the difference at each level of a baseline variable, and one test of them all."""

from __future__ import annotations

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.core.protocol import PlannedAnalysis, Subgroups, TrialProtocol
from trial.stats.plan.covariates import Model, model_of
from trial.stats.plan.limits import refuse_unusable, undone
from trial.stats.plan.run import refuse_clusters
from trial.stats.plan.table import AnalysisTable, Estimate
from trial.stats.subgroups import SubgroupsResult, subgroups


def run_subgroups(protocol: TrialProtocol, table: AnalysisTable) -> list[Estimate]:
    """Every declared analysis of subgroups, in the order of the plan; one that the data cannot carry says why."""
    explored = protocol.analysis.exploratory
    return [_entry(protocol, table, one) for one in (explored.subgroups if explored else [])]


def _entry(protocol: TrialProtocol, table: AnalysisTable, declared: Subgroups) -> Estimate:
    plan = protocol.analysis
    entry: Estimate = {
        "variable": declared.variable,
        "outcome": declared.outcome,
        "timepoint": declared.timepoint,
        "contrast": list(declared.contrast),
        "analysis": "exploratory",
        "prespecified": True,
        "method": "ancova",
        "covariance": plan.covariance,
        "better": protocol.outcome(declared.outcome).better,
        "level": plan.level,
        "effects": [],
        "without_level": 0,
        "covariates": [],
        **dict.fromkeys(("interaction", "difference", "problem")),
    }
    try:
        refuse_unusable(table)
        refuse_clusters(protocol, "subgroups")
        return entry | _tested(protocol, table, declared)
    except (AnalysisImpossible, np.linalg.LinAlgError) as error:
        return undone(entry, error)


def _tested(protocol: TrialProtocol, table: AnalysisTable, declared: Subgroups) -> Estimate:
    if len(declared.contrast) == 1:
        raise AnalysisImpossible("A single arm is compared with nothing: subgroups need two arms.")
    levels = table.factors.get(declared.variable)
    if levels is None:
        raise AnalysisImpossible(f"{declared.variable!r} has no levels that people could be grouped by.")
    values = table.outcome(protocol.outcome(declared.outcome).score, declared.timepoint)
    known = np.array([level is not None for level in levels], dtype=np.bool_)
    seen = np.isfinite(values) & known
    if not seen.any():
        raise AnalysisImpossible("Nobody has both the outcome and a level.")
    planned = PlannedAnalysis(outcome=declared.outcome, timepoint=declared.timepoint, contrast=declared.contrast)
    model = _without(model_of(protocol, table, planned, seen), declared.variable)
    arms, its = ([one for one, has in zip(each, seen, strict=True) if has] for each in (table.arms, levels))
    arm, reference = declared.contrast
    found = subgroups(
        values[seen], arms, its, model.columns, (arm, reference),
        level=protocol.analysis.level, covariance=protocol.analysis.covariance, names=model.names,
    )  # fmt: skip
    return _said(found) | {"without_level": int(np.count_nonzero(np.isfinite(values) & ~known))}


def _without(model: Model, variable: str) -> Model:
    """The planned covariates less the variable itself, whose levels have means of their own in the model."""
    kept = [at for at, name in enumerate(model.names) if not name.startswith(f"{variable}: ")]
    return Model(model.columns[:, kept], tuple(model.names[at] for at in kept), model.filled, model.alike)


def _said(found: SubgroupsResult) -> Estimate:
    test, apart = found.interaction, found.difference
    return {
        "effects": [
            {
                "level": one.subgroup,
                "estimate": one.estimate,
                "se": one.se,
                "df": one.df,
                "ci": list(one.ci),
                "n": one.n,
            }
            for one in found.effects
        ],
        "interaction": {"f": test.f, "df": [test.df1, test.df2], "p": test.p},
        "difference": apart and {"estimate": apart.estimate, "se": apart.se, "df": apart.df, "ci": list(apart.ci)},
        "covariates": list(found.covariates),
    }
