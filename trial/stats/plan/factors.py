"""Effects of the factors of a factorial design: main effects and interaction, from one model of the four arms."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from trial.core.errors import AnalysisImpossible
from trial.core.protocol import PlannedAnalysis, TrialProtocol
from trial.stats.ancova import AdjustedMean
from trial.stats.contrasts import Contrast
from trial.stats.factorial import COMBINATIONS, Effects, Levels, effects_of, factorial
from trial.stats.plan.clustered import Among, Clustered, fit_clusters


@dataclass(frozen=True, slots=True)
class FactorEffect:
    """One effect with the keys that every linear estimate has; `whole` is the model with all of them.

    A main effect is the mean of the factor's effects at both levels of the other; the interaction is the effect of the
    first factor at the second's first level less that at its second.
    """

    estimate: float
    se: float
    df: float
    p: float
    ci: tuple[float, float]
    n: dict[str, int]
    adjusted_means: dict[str, AdjustedMean]
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]
    names: tuple[str, str]
    levels: tuple[Levels, Levels]
    whole: Effects
    clustered: Clustered | None = None


def fit_factors(protocol: TrialProtocol, planned: PlannedAnalysis, among: Among) -> FactorEffect:
    """The planned effect, with clusters where they were allocated; raises AnalysisImpossible.

    Levels come in the order of the planned contrast.
    """
    names, plan = names_of(protocol), protocol.analysis
    levels = levels_of(protocol, planned)
    of = {arm.id: arm.factors for arm in protocol.arms}
    if protocol.allocation.cluster:
        return _of_clusters(protocol, planned, among)
    one, other = ([of[arm][name] for arm in among.arms] for name in names)
    found = factorial(
        among.values, one, other, among.model.columns, levels,
        level=plan.level, covariance=plan.covariance, names=among.model.names,
    )  # fmt: skip
    effect = _chosen(found, planned, names)
    cells = {(its[names[0]], its[names[1]]): arm for arm, its in of.items()}
    return FactorEffect(
        estimate=effect.estimate,
        se=effect.se,
        df=effect.df,
        p=effect.p,
        ci=effect.ci,
        n={cells[cell]: n for cell, n in found.n.items()},
        adjusted_means={cells[cell]: mean for cell, mean in found.adjusted_means.items()},
        covariates=found.covariates,
        dropped=found.dropped,
        names=names,
        levels=levels,
        whole=found,
    )


def about_factors(result: FactorEffect) -> dict[str, Any]:
    """What one effect needs to be read by, whichever was planned: `told` of its model."""
    return told(result.names, result.levels, result.whole)


def told(names: tuple[str, str], levels: tuple[Levels, Levels], whole: Effects) -> dict[str, Any]:
    """Both main effects, each factor's effect at either level of the other, and the interaction."""
    (a, b), (c, d) = levels
    return {
        "factors": [
            _factor(names[0], (a, b), whole.first, whole.first_at),
            _factor(names[1], (c, d), whole.second, whole.second_at),
        ],
        "interaction": numbers_of(whole.interaction),
    }


def _of_clusters(protocol: TrialProtocol, planned: PlannedAnalysis, among: Among) -> FactorEffect:
    names, levels = names_of(protocol), levels_of(protocol, planned)
    found = fit_clusters(protocol, planned, among, combinations(protocol, planned, among.arms))
    return FactorEffect(
        estimate=found.estimate,
        se=found.se,
        df=found.df,
        p=found.p,
        ci=found.ci,
        n=found.n,
        adjusted_means=found.adjusted_means,
        covariates=found.covariates,
        dropped=found.dropped,
        names=names,
        levels=levels,
        whole=effects_of(found.combined[1:], levels),
        clustered=found,
    )


def combinations(protocol: TrialProtocol, planned: PlannedAnalysis, there: Collection[str]) -> list[dict[str, float]]:
    """The planned effect as weights of the arms' means, then all effects that it is read by: `COMBINATIONS`.

    Raises AnalysisImpossible where an arm is not `there`.
    """
    first, second = names_of(protocol)
    one, other = levels_of(protocol, planned)
    arms = {(arm.factors[first], arm.factors[second]): arm.id for arm in protocol.arms}
    cells = [arms[a, b] for a in one for b in other]
    if missing := [arm for arm in cells if arm not in there]:
        raise AnalysisImpossible(
            f"Nobody in {missing[0]!r} has an outcome: main effects and interaction need all four combinations."
        )
    place = 2 if len(planned.factors) > 1 else (first, second).index(planned.factors[0])
    return [dict(zip(cells, weights, strict=True)) for weights in (COMBINATIONS[place], *COMBINATIONS)]


def names_of(protocol: TrialProtocol) -> tuple[str, str]:
    """Both factors, in the order of the design."""
    first, second = protocol.design.factors
    return first.id, second.id


def levels_of(protocol: TrialProtocol, planned: PlannedAnalysis) -> tuple[Levels, Levels]:
    """(level, reference) of each factor: as the planned contrast has them, of the other factor as the design does."""
    one, other = (protocol.arm(arm).factors for arm in planned.contrast)
    found = [
        (one[factor.id], other[factor.id]) if factor.id in planned.factors else (factor.levels[0], factor.levels[1])
        for factor in protocol.design.factors
    ]
    return found[0], found[1]


def _chosen(found: Effects, planned: PlannedAnalysis, names: tuple[str, str]) -> Contrast:
    if len(planned.factors) > 1:
        return found.interaction
    return found.first if planned.factors[0] == names[0] else found.second


def _factor(name: str, levels: Levels, main: Contrast, at: Mapping[str, AdjustedMean]) -> dict[str, Any]:
    return {
        "factor": name,
        "level": levels[0],
        "reference": levels[1],
        "main": numbers_of(main),
        "at": [{"level": level, **_mean(effect)} for level, effect in at.items()],
    }


def numbers_of(one: Contrast) -> dict[str, Any]:
    """A contrast as plain values."""
    return {"estimate": one.estimate, "se": one.se, "df": one.df, "ci": list(one.ci), "p": one.p}


def _mean(one: AdjustedMean) -> dict[str, Any]:
    return {"estimate": one.mean, "se": one.se, "df": one.df, "ci": list(one.ci)}
