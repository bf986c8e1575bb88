"""The plan's sensitivity analyses of its primary estimate, each under the assumption that the protocol declares."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.core.factor_effects import OF_FACTORS, sides
from trial.core.protocol import Sensitivity, TrialProtocol
from trial.core.protocol.analysis import REPEATED
from trial.stats.arrays import FloatArray
from trial.stats.complete_case import complete, complete_case
from trial.stats.conditional_mean import Jackknifed, Rule, WithoutEach, conditional_mean, without_each
from trial.stats.effect_size import pooled_sd
from trial.stats.filling import Gaps
from trial.stats.intervals import t_interval
from trial.stats.lee_bounds import lee_bounds
from trial.stats.mmrm.model import MmrmResult
from trial.stats.multiple_imputation import Imputed, completed_outcomes, multiple_imputation
from trial.stats.per_protocol import followed, per_protocol, reached
from trial.stats.plan.gaps import gaps_of
from trial.stats.plan.limits import refuse_unfinished, refuse_unusable, undone
from trial.stats.plan.linear import Linear
from trial.stats.plan.margin import held, refuse_margin
from trial.stats.plan.ordinal import MEASURE, fit_levels, numbers_of
from trial.stats.plan.repeated import fit_repeated, in_likelihood
from trial.stats.plan.run import refuse_clusters
from trial.stats.plan.table import AnalysisTable, Estimate
from trial.stats.planned_rerandomization import rerandomized_plan
from trial.stats.reference_draws import reference_draws
from trial.stats.sensitivity_of_proportions import of_proportion
from trial.stats.tipping_by_draws import tipping_by_draws
from trial.stats.tipping_point import Tipping, tipping_point
from trial.stats.two_proportions import newcombe

Method = Callable[[TrialProtocol, AnalysisTable, Sensitivity], Estimate]


class _Filling:
    """What outcomes are filled in from: worked out when an analysis first asks for it, and kept for the others.

    An analysis with auxiliaries of its own has its own.
    """

    def __init__(self, protocol: TrialProtocol, table: AnalysisTable) -> None:
        self.protocol, self.table = protocol, table

    @cached_property
    def gaps(self) -> tuple[Gaps, tuple[str, str]]:
        return gaps_of(self.protocol, self.table, self.protocol.analysis.primary)

    def gaps_with(self, declared: Sensitivity) -> tuple[Gaps, tuple[str, str]]:
        if not declared.auxiliaries:
            return self.gaps
        return gaps_of(self.protocol, self.table, self.protocol.analysis.primary, declared.auxiliaries)

    @cached_property
    def models(self) -> WithoutEach:
        return without_each(self.gaps[0])


FillingMethod = Callable[[TrialProtocol, _Filling, Sensitivity], Estimate]


def run_sensitivity(protocol: TrialProtocol, table: AnalysisTable) -> list[Estimate]:
    """Every declared sensitivity analysis, in the order of the plan; one that the data cannot carry says why."""
    filling = _Filling(protocol, table)
    return [_entry(protocol, table, filling, one) for one in protocol.analysis.sensitivity]


def run_declared(protocol: TrialProtocol, table: AnalysisTable, declared: Sensitivity) -> Estimate:
    """One of them alone: the same numbers as among all."""
    return _entry(protocol, table, _Filling(protocol, table), declared)


def _entry(protocol: TrialProtocol, table: AnalysisTable, filling: _Filling, declared: Sensitivity) -> Estimate:
    plan = protocol.analysis
    entry: Estimate = {
        "id": declared.id,
        "method": declared.method,
        "outcome": plan.primary.outcome,
        "timepoint": plan.primary.timepoint,
        "contrast": list(plan.primary.contrast),
        "factors": list(plan.primary.factors),
        "sides": [list(side) for side in sides(protocol, plan.primary)],
        "better": protocol.outcome(plan.primary.outcome).more_is,
        "measure": "mean_difference",
        "level": plan.level,
        "error": "rubin" if declared.by == "draws" else _ERRORS[declared.method],
        **dict.fromkeys(("estimate", "se", "df", "ci", "p", "problem")),
        **dict.fromkeys(("imputation", "tipping", "rerandomization", "bounds", "margin")),
        "n": {},
        "filled": {},
        "fell_back": [],
    }
    try:
        refuse_unusable(table)
        refuse_clusters(protocol, declared.method)
        if plan.primary.factors and declared.method not in OF_FACTORS:
            raise AnalysisImpossible(f"{declared.method} compares two arms, and the primary is an effect of factors.")
        kind = protocol.outcome(plan.primary.outcome).aggregation
        if kind == "proportion":
            found = of_proportion(protocol, table, declared, lambda: filling.gaps_with(declared)[0])
        elif kind == "ordinal":
            found = _of_levels(protocol, table, declared)
        elif declared.method in _FILLING:
            found = _FILLING[declared.method](protocol, filling, declared)
        else:
            found = _METHODS[declared.method](protocol, table, declared)
        refuse_unfinished(found)
        entry |= found
        return entry | {"margin": held(protocol, entry)}
    except (AnalysisImpossible, np.linalg.LinAlgError) as error:
        return undone(entry, error)


def _of_linear(result: Linear) -> Estimate:
    its = {key: getattr(result, key) for key in ("estimate", "se", "df", "p", "n")}
    return its | {"ci": list(result.ci), "filled": dict.fromkeys(result.n, 0)}


def _of_repeated(result: MmrmResult, timepoint: str) -> Estimate:
    found = result.differences[timepoint]
    its = {key: getattr(found, key) for key in ("estimate", "se", "df", "p")}
    n = dict(result.n)
    tried = [{"structure": one, "why": why, "used": result.structure} for one, why in result.fell_back]
    return its | {"n": n, "ci": list(found.ci), "filled": dict.fromkeys(n, 0), "fell_back": tried}


def _complete(protocol: TrialProtocol, table: AnalysisTable, _: Sensitivity) -> Estimate:
    _refuse_single(protocol)
    return _of_linear(complete_case(protocol, table, protocol.analysis.primary))


def _followed(protocol: TrialProtocol, table: AnalysisTable, _: Sensitivity) -> Estimate:
    _refuse_single(protocol)
    primary = protocol.analysis.primary
    if protocol.analysis.method_of(primary) in REPEATED:
        seen = in_likelihood(protocol, table, primary) & reached(table)
        return _of_repeated(fit_repeated(protocol, table, primary, seen)[0], primary.timepoint)
    return _of_linear(per_protocol(protocol, table, protocol.analysis.primary))


def _of_levels(protocol: TrialProtocol, table: AnalysisTable, declared: Sensitivity) -> Estimate:
    """The planned model of an ordinal outcome over other people; raises AnalysisImpossible for anything else."""
    if declared.method not in ("complete_case", "per_protocol"):
        raise AnalysisImpossible("This analysis is one of means, and the primary outcome is ordinal.")
    planned = protocol.analysis.primary
    who = (complete if declared.method == "complete_case" else followed)(protocol, table, planned)
    its = numbers_of(fit_levels(protocol, table, planned, who)[0])
    return {"measure": MEASURE} | its | {"filled": dict.fromkeys(its["n"], 0)}


def _imputed(protocol: TrialProtocol, filling: _Filling, declared: Sensitivity) -> Estimate:
    gaps, contrast = filling.gaps_with(declared)
    key = (protocol.id, declared.id)
    found = multiple_imputation(gaps, contrast, key, covariance=protocol.analysis.covariance)
    return _common(gaps, contrast, found.filled, _drawn(found)) | _pooled(protocol, found)


def _drawn(found: Imputed) -> Estimate:
    return {
        "imputations": found.imputations,
        "missing_information": found.pooled.missing,
        "monte_carlo_error": found.pooled.noise,
    }


def _pooled(protocol: TrialProtocol, found: Imputed) -> Estimate:
    return _judged(protocol, found.pooled.estimate, found.pooled.se, found.pooled.df)


def _as_reference(rule: Rule) -> FillingMethod:
    """The lost of the first arm as the reference has them: by their conditional mean, or by draws where declared."""

    def run(protocol: TrialProtocol, filling: _Filling, declared: Sensitivity) -> Estimate:
        gaps, contrast = filling.gaps
        about: Estimate = {"lost": _lost(gaps)}
        if declared.by == "draws":
            key, covariance = (protocol.id, declared.id), protocol.analysis.covariance
            drawn = reference_draws(gaps, contrast, rule, key, covariance=covariance)
            return _common(gaps, contrast, drawn.filled, about | _drawn(drawn)) | _pooled(protocol, drawn)
        found = conditional_mean(gaps, contrast, rule, filling.models)
        return _common(gaps, contrast, found.filled, about) | _of_jackknife(protocol, gaps, found)

    return run


def _bounded(protocol: TrialProtocol, table: AnalysisTable, _: Sensitivity) -> Estimate:
    """Two ends and an interval about both: no one estimate and no p belong to it."""
    _refuse_single(protocol)
    planned = protocol.analysis.primary
    arm, reference = planned.contrast
    outcome = table.outcome(protocol.outcome(planned.outcome).score, planned.timepoint)
    found = lee_bounds(outcome, table.arms, (arm, reference), protocol.analysis.level)
    answered = newcombe(found.seen, found.n, found.level)
    bounds = {
        "lower": found.lower,
        "upper": found.upper,
        "se": list(found.se),
        "trimmed": found.trimmed,
        "share": found.share,
        "with_outcome": {"n": list(found.seen), "of": list(found.n)},
        "difference": {"estimate": answered.estimate, "ci": list(answered.ci)},
    }
    counts = dict(zip(planned.contrast, found.seen, strict=True))
    return {"ci": list(found.ci), "bounds": bounds, "n": counts, "filled": dict.fromkeys(counts, 0)}


def _tipped(protocol: TrialProtocol, filling: _Filling, declared: Sensitivity) -> Estimate:
    refuse_margin(protocol, "A tipping point")
    gaps, contrast = filling.gaps
    plan, better = protocol.analysis, protocol.outcome(protocol.analysis.primary.outcome).better
    spread = pooled_sd(*(_known(arm.y[:, gaps.target]) for arm in (gaps.arm, gaps.reference)))
    if declared.by == "draws":
        y, filled = completed_outcomes(gaps, (protocol.id, declared.id))
        moved = np.zeros(y.shape[1], dtype=np.bool_)
        moved[gaps.arm.rows[np.isnan(gaps.arm.y[:, gaps.target])]] = True
        pooled, tip = tipping_by_draws(
            gaps.design, y, moved, contrast, spread, better, level=plan.level, covariance=plan.covariance
        )
        drawn = Imputed(pooled, len(y), filled)
        return _common(gaps, contrast, filled, _drawn(drawn)) | _pooled(protocol, drawn) | _tip(tip, spread)
    base = conditional_mean(gaps, contrast, "random", filling.models)
    tip = tipping_point(base, _df(gaps), spread, better, plan.level)
    return _common(gaps, contrast, base.filled, {}) | _of_jackknife(protocol, gaps, base) | _tip(tip, spread)


def _tip(found: Tipping, spread: float) -> Estimate:
    tipping = {
        "finding": found.finding,
        "favourable": found.favourable,
        "delta": found.delta,
        "delta_sd": None if found.delta is None else found.delta / spread,
        "sd": spread,
        "grid": [
            {
                "delta": at.delta,
                "delta_sd": at.delta / spread,
                "estimate": at.estimate,
                "se": at.se,
                "ci": list(at.ci),
                "p": at.p,
            }
            for at in found.grid
        ],
    }
    return {"tipping": tipping}


def _rerandomized(protocol: TrialProtocol, table: AnalysisTable, declared: Sensitivity) -> Estimate:
    """The planned estimate with another p: no error and no interval belong to it."""
    _refuse_single(protocol)
    refuse_margin(protocol, "A randomisation test")
    seed = f"{protocol.id} {declared.id}"
    (found,) = rerandomized_plan(protocol, table, table.allocated, [protocol.analysis.primary], seed)
    its = {key: found[key] for key in ("estimate", "p", "n", "rerandomization", "problem")}
    return its | {"filled": dict.fromkeys(found["n"], 0)}


def _known(values: FloatArray) -> FloatArray:
    return values[np.isfinite(values)]


def _refuse_single(protocol: TrialProtocol) -> None:
    if len(protocol.analysis.primary.contrast) == 1:
        raise AnalysisImpossible("A single arm is compared with nothing: this analysis needs two arms.")


def _common(gaps: Gaps, contrast: tuple[str, str], filled: tuple[int, int], about: Estimate) -> Estimate:
    """Who is in it and what the models stood on; `left_out` are covariates that an arm was too small for."""
    counts = {each: gaps.design.row_arms.count(each) for each in gaps.design.arms}
    basis = {
        "timepoints": list(gaps.timepoints), "left_out": list(gaps.left_out), "auxiliaries": list(gaps.auxiliaries),
    }  # fmt: skip
    return {
        "n": counts,
        "filled": dict.fromkeys(counts, 0) | dict(zip(contrast, filled, strict=True)),
        "imputation": basis | about,
    }


def _lost(gaps: Gaps) -> int:
    """Of the first arm, those without the outcome and without any later one: who jump."""
    return len(np.flatnonzero(gaps.lost[gaps.arm.rows]))


def _df(gaps: Gaps) -> int:
    """Those of the primary analysis: people with the outcome less parameters, as a filled value adds no knowledge."""
    df = len(_known(gaps.outcome)) - len(gaps.design.arms) - len(gaps.design.covariates)
    if df < 1:
        raise AnalysisImpossible("Too few people have the outcome for the covariates planned: plan fewer.")
    return df


def _of_jackknife(protocol: TrialProtocol, gaps: Gaps, found: Jackknifed) -> Estimate:
    return _judged(protocol, found.estimate, math.sqrt(found.variance()), _df(gaps))


def _judged(protocol: TrialProtocol, estimate: float, se: float, df: float) -> Estimate:
    if not se > 0:
        raise AnalysisImpossible("The outcome does not vary within the arms compared.")
    ci, p = t_interval(estimate, se, df, protocol.analysis.level)
    return {"estimate": estimate, "se": se, "df": df, "ci": list(ci), "p": p}


_METHODS: dict[str, Method] = {
    "complete_case": _complete,
    "lee_bounds": _bounded,
    "per_protocol": _followed,
    "randomization_test": _rerandomized,
}
_FILLING: dict[str, FillingMethod] = {
    "multiple_imputation": _imputed,
    "jump_to_reference": _as_reference("jump_to_reference"),
    "copy_reference": _as_reference("copy_reference"),
    "copy_increments": _as_reference("copy_increments"),
    "tipping_point": _tipped,
}
_ERRORS: dict[str, Any] = {
    "complete_case": "model",
    "multiple_imputation": "rubin",
    "jump_to_reference": "jackknife",
    "copy_reference": "jackknife",
    "copy_increments": "jackknife",
    "lee_bounds": "bounds",
    "tipping_point": "jackknife",
    "per_protocol": "model",
    "randomization_test": None,
}
