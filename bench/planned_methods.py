"""What a plan finds in a pretend trial: of each method that a report prints, its interval, its p, whether it warns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from scipy import special

from bench.planned_trials import (
    ARMS,
    CLUSTER,
    CUT,
    EFFECT,
    FACTORS,
    SCORE,
    TIMEPOINTS,
    Kind,
    Pretend,
    Truth,
    expected,
)
from trial.core.protocol import AnalysisPlan, Secondary, TrialProtocol
from trial.core.protocol.allocation import ClusterUnit, StratificationFactor
from trial.core.protocol.analysis import Estimand, Outcome
from trial.protocol_files import read_folder
from trial.protocol_files.presets import preset
from trial.stats.plan.explored import run_subgroups
from trial.stats.plan.families import adjust
from trial.stats.plan.run import run_plan
from trial.stats.plan.table import AnalysisTable, Estimate
from trial.stats.sensitivity import run_sensitivity

ALPHA, LEVEL, LARGE = 0.05, 0.95, 100
MEASURES = {"risk_difference": "risk difference", "risk_ratio": "risk ratio", "odds_ratio": "odds ratio"}
RULES = {
    "jump_to_reference": "jump to reference",
    "copy_reference": "copy reference",
    "copy_increments": "copy increments",
}
WRONG = "deliberately wrong: HC0, normal quantile"


@dataclass(frozen=True, slots=True)
class Found:
    """An interval of a method and the truth that it should hold; `p` is tested where that truth is `null`.

    Without an interval it is a test alone, or refused where p is None too.
    """

    method: str
    ci: tuple[float, float] | None
    p: float | None
    aim: float
    null: float = 0.0
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Methods that are run together, in the kinds they are for; what costs much in one of so many trials alone.

    `every` is that number for trials of up to 100 people, and for larger ones.
    """

    run: Callable[[Kind, Pretend, Truth], Iterator[Found]]
    every: tuple[int, int] = (1, 1)
    suits: Callable[[Kind], bool] = lambda kind: not kind.clustered


def protocol_of(kind: Kind, method: str = "ancova", **plan: Any) -> TrialProtocol:
    """The shipped trial of two arms under another plan; the factors are in its models where they were minimised."""
    base = _shipped()
    primary = {"outcome": "score", "timepoint": TIMEPOINTS[-1], "contrast": list(ARMS)}
    whole = {"method": method, "primary": primary, "baseline_table": [SCORE]} | plan
    factors = [_factor(name, levels) for name, levels in ((one.id, one.levels) for one in FACTORS)]
    allocation = base.allocation.model_copy(update={"strata": factors if kind.minimised else []})
    outcomes = [
        Outcome.model_validate({"id": "score", "label": {"en": "Score"}, "score": SCORE, "better": "lower"}),
        Outcome.model_validate(
            {
                "id": "response", "label": {"en": "Response"}, "score": SCORE, "better": "lower",
                "aggregation": "proportion", "responder": {"reaches": CUT},
            }
        ),
        Outcome.model_validate(
            {"id": "levels", "label": {"en": "Level"}, "score": SCORE, "better": "lower", "aggregation": "ordinal"}
        ),
    ]  # fmt: skip
    estimands = [
        Estimand.model_validate(
            {"id": one, "population": {"en": "All"}, "treatment": {"en": "Offered"}, "summary": one}
        )
        for one in MEASURES
    ]
    return base.model_copy(
        update={
            "analysis": AnalysisPlan.model_validate(whole),
            "outcomes": outcomes,
            "estimands": estimands,
            "allocation": allocation,
        }
    )


@cache
def _shipped() -> TrialProtocol:
    return read_folder(preset("two-arm")).protocol


def _factor(name: str, levels: tuple[str, ...]) -> StratificationFactor:
    said = [{"id": one, "label": {"en": one}} for one in levels]
    return StratificationFactor.model_construct(id=name, label={"en": name}, levels=said)


def one_at(at: str, outcome: str = "score", **more: Any) -> dict[str, Any]:
    return {"outcome": outcome, "timepoint": at, "contrast": list(ARMS), **more}


@cache
def main_plan(kind: Kind) -> TrialProtocol:
    """ANCOVA of three timepoints, the models of repeated outcomes, proportions by each measure, subgroups."""
    last = TIMEPOINTS[-1]
    explored = [one_at(last, method=one) for one in ("mmrm", "clda")]
    explored += [one_at(last, "response", method="g_computation", estimand=one) for one in MEASURES]
    return protocol_of(
        kind,
        secondary={"multiplicity": "none", "analyses": [one_at(at) for at in TIMEPOINTS[:-1]]},
        exploratory={"analyses": explored, "subgroups": [{"variable": FACTORS[0].id, **one_at(last)}]},
    )


@cache
def _kenward_roger(kind: Kind) -> TrialProtocol:
    explored = [one_at(TIMEPOINTS[-1], method="clda")]
    return protocol_of(
        kind, "mmrm", repeated={"degrees_of_freedom": "kenward_roger"}, exploratory={"analyses": explored}
    )


@cache
def _by(kind: Kind, method: str, covariance: str) -> TrialProtocol:
    return protocol_of(kind, method, covariance=covariance)


@cache
def _filling(kind: Kind, *methods: str, by: str | None = None, outcome: str = "score") -> TrialProtocol:
    """A plan of these sensitivity analyses; those of proportions are of the difference."""
    said = [
        {"id": f"s{at}", "method": one, "assumption": {"en": "."}} | ({"by": by} if by else {})
        for at, one in enumerate(methods)
    ]
    method = "g_computation" if outcome == "response" else "ancova"
    return protocol_of(kind, method, primary=one_at(TIMEPOINTS[-1], outcome), sensitivity=said)


def found(method: str, one: Estimate, aim: float, null: float = 0.0) -> Found:
    """An estimate of the plan as it is judged here."""
    ci = one["ci"]
    return Found(method, None if ci is None else (ci[0], ci[1]), one["p"], aim, null, warned(one))


def warned(one: Estimate, about: str = "estimate") -> bool:
    """Whether the report warns beside this estimate, or beside its g."""
    return any(its["about"] == about for its in one.get("warnings", []))


def planned(kind: Kind, trial: Pretend, truth: Truth) -> Iterator[Found]:
    """Everything of a plan that costs little."""
    protocol = main_plan(kind)
    first, *others, mmrm, clda, difference, ratio, odds = run_plan(protocol, trial.table)
    yield found("ANCOVA, HC3", first, truth.effect)
    yield _mean("ANCOVA, HC3: adjusted mean of the first arm", kind, first, trial, truth, (TIMEPOINTS[-1],))
    yield found("mixed model (mmrm), Satterthwaite", mmrm, truth.effect)
    yield _mean("mixed model: adjusted mean of the first arm", kind, mmrm, trial, truth, TIMEPOINTS)
    yield found("constrained model (clda), Satterthwaite", clda, truth.effect)
    one, other = truth.risks
    yield found("risk difference, adjusted", difference, one - other)
    yield found("risk ratio, adjusted", ratio, one / other, 1.0)
    yield found("odds ratio, adjusted", odds, truth.odds_ratio, 1.0)
    plain = difference["unadjusted"]
    ends = (plain["ci"][0], plain["ci"][1])
    yield Found("risk difference without a model", ends, plain["p"], one - other, 0.0, warned(difference))
    if first["g"]:
        ci = first["g"]["ci"]
        yield Found("Hedges g", (ci[0], ci[1]), None, truth.effect / truth.sd, 0.0, warned(first, "g"))
    (explored,) = run_subgroups(protocol, trial.table)
    apart = explored["difference"]
    yield Found("subgroups: test of interaction", None, explored["interaction"] and explored["interaction"]["p"], 0.0)
    yield Found("subgroups: difference of differences", apart and (apart["ci"][0], apart["ci"][1]), None, 0.0)
    yield from _families([first, *others], truth)


def _mean(method: str, kind: Kind, one: Estimate, trial: Pretend, truth: Truth, points: tuple[str, ...]) -> Found:
    """The mean of people alike those analysed at baseline, who have the outcome at any of these timepoints."""
    ci = one["arms"][ARMS[0]]["adjusted_ci"]
    analysed = np.any([np.isfinite(trial.table.outcome(SCORE, at)) for at in points], axis=0)
    aim = expected(kind, trial.table, analysed) + truth.effect
    return Found(method, None if ci is None else (ci[0], ci[1]), None, aim, warned=warned(one))


def _families(estimates: list[Estimate], truth: Truth) -> Iterator[Found]:
    """Three timepoints as one family under each rule; an error is any rejection at all."""
    names = ["a", "b", "c"]
    third = [{"analysis": one, "weight": 1 / 3, "passes": {o: 0.5 for o in names if o != one}} for one in names]
    analyses = [one_at(at, id=name) for at, name in zip(TIMEPOINTS, names, strict=True)]
    for rule in ("holm", "hochberg", "fixed_sequence", "graph"):
        family = _family(rule, analyses, third)
        adjusted = [dict(one) for one in estimates]
        adjust(family, adjusted[0], adjusted)
        known = [one["p_adjusted"] for one in adjusted if one["p_adjusted"] is not None]
        name = f"a family of three, {rule.replace('_', ' ')}: any false finding"
        yield Found(name, None, min(known, default=None), truth.effect)


_FAMILIES: dict[str, Secondary] = {}


def _family(rule: str, analyses: list[dict[str, Any]], graph: list[dict[str, Any]]) -> Secondary:
    if rule not in _FAMILIES:
        more = {"graph": graph} if rule == "graph" else {}
        _FAMILIES[rule] = Secondary.model_validate({"multiplicity": rule, "analyses": analyses, **more})
    return _FAMILIES[rule]


def with_other_errors(kind: Kind, trial: Pretend, truth: Truth) -> Iterator[Found]:
    """The same models by the plan's other errors."""
    yield found("ANCOVA, HC2", run_plan(_by(kind, "ancova", "HC2"), trial.table)[0], truth.effect)
    for covariance in ("HC3", "HC2"):
        one = run_plan(_by(kind, "anhecova", covariance), trial.table)[0]
        yield found(f"slopes of each arm (anhecova), {covariance}", one, truth.effect)
    mmrm, clda = run_plan(_kenward_roger(kind), trial.table)
    yield found("mixed model (mmrm), Kenward and Roger", mmrm, truth.effect)
    yield found("constrained model (clda), Kenward and Roger", clda, truth.effect)


def by_margin(kind: Kind, trial: Pretend, truth: Truth) -> Iterator[Found]:
    """The effect lies just on the margin, where one claim in twenty may be made: that errs."""
    if truth.effect == EFFECT:
        for framework in ("non_inferiority", "equivalence"):
            held = run_plan(_with_margin(kind, framework), trial.table)[0]["margin"]
            yield Found(f"{framework.replace('_', '-')}, ANCOVA, effect on the margin", None, held and held["p"], 0.0)


@cache
def _with_margin(kind: Kind, framework: str) -> TrialProtocol:
    """As non-inferiority has more as better, the effect is one to the worse."""
    whole = protocol_of(kind)
    design = whole.design.model_copy(update={"framework": framework, "margin": -EFFECT, "one_sided_alpha": ALPHA})
    score = whole.outcomes[0].model_copy(update={"better": "higher"})
    return whole.model_copy(update={"design": design, "outcomes": [score, *whole.outcomes[1:]]})


def in_clusters(kind: Kind, trial: Pretend, truth: Truth) -> Iterator[Found]:
    """Both ways to allow for clusters."""
    for by, name in (("robust", "ANCOVA, CR2"), ("random_intercept", "random intercept, Kenward and Roger")):
        one = run_plan(_two_arms_of_clusters(kind, by), trial.table)[0]
        its = found(name, one, truth.effect)
        yield replace(its, warned=bool(one["clusters"] and one["clusters"]["warnings"]))


@cache
def _two_arms_of_clusters(kind: Kind, by: str) -> TrialProtocol:
    return of_clusters(kind, by)


def of_clusters(kind: Kind, by: str, **plan: Any) -> TrialProtocol:
    """The plan where clusters are allocated, which allows for them `by` the given way."""
    whole = protocol_of(kind, clusters=by, **plan)
    unit = ClusterUnit.model_validate({"question": CLUSTER, "label": {"en": "team"}})
    allocation = whole.allocation.model_copy(update={"unit": "cluster", "cluster": unit})
    return whole.model_copy(update={"allocation": allocation})


def single_arm(kind: Kind, trial: Pretend, truth: Truth) -> Iterator[Found]:
    """The first arm as a study of its own: what changed since the baseline, of everyone enrolled."""
    table = trial.table
    own = np.array([arm == ARMS[0] for arm in table.arms])
    scores = {at: values[own] for at, values in table.scores.items()}
    alone = AnalysisTable(tuple(np.array(table.participants)[own]), (ARMS[0],) * int(own.sum()), scores, {}, {})
    (one,) = run_plan(single_plan(), alone)
    yield found("mean change of a single arm", one, truth.effect)


@cache
def single_plan() -> TrialProtocol:
    primary = {"outcome": "score", "timepoint": TIMEPOINTS[-1], "contrast": [ARMS[0]]}
    whole = protocol_of(Kind(), "mean_change", primary=primary)
    return whole.model_copy(update={"arms": [arm for arm in whole.arms if arm.id == ARMS[0]]})


def wrong(kind: Kind, trial: Pretend, truth: Truth) -> Iterator[Found]:
    """ANCOVA with the smallest of the robust errors and no t: what this table has to find wanting."""
    outcome = trial.table.outcome(SCORE, TIMEPOINTS[-1])
    seen = np.isfinite(outcome)
    given = np.array([arm == ARMS[0] for arm in trial.table.arms])[seen]
    x = np.column_stack([np.ones(len(given)), given, trial.table.outcome(SCORE, "baseline")[seen]])
    bread = np.linalg.inv(x.T @ x) @ x.T
    coefficients = bread @ outcome[seen]
    residuals = outcome[seen] - x @ coefficients
    estimate, se = float(coefficients[1]), math.sqrt(float(np.sum((bread[1] * residuals) ** 2)))
    half = float(special.ndtri((1 + LEVEL) / 2)) * se
    p = 2 * float(special.ndtr(-abs(estimate / se)))
    yield Found(WRONG, (estimate - half, estimate + half), p, truth.effect)


def filled(kind: Kind, trial: Pretend, truth: Truth) -> Iterator[Found]:
    """Sensitivity analyses without draws."""
    protocol = _filling(kind, "tipping_point", "lee_bounds", *RULES)
    tipping, lee, *rules = run_sensitivity(protocol, trial.table)
    yield found("tipping point, nothing added", tipping, truth.effect)
    yield _half_added("tipping point, half an SD added", kind, tipping, truth)
    yield found("bounds for unequal loss (Lee)", lee, truth.effect)
    for one in rules:
        yield found(f"{RULES[one['method']]}, conditional mean", one, truth.by_rule[one["method"]])


def _half_added(method: str, kind: Kind, tipping: Estimate, truth: Truth) -> Found:
    at = tipping["tipping"] and tipping["tipping"]["grid"][2]
    moved = truth.effect + kind.lost[0] * (at["delta"] if at else math.nan)
    ci = at and (at["ci"][0], at["ci"][1])
    # a truth that is moved by a share of the trial's own spread is no null hypothesis
    return Found(method, ci, at and at["p"], moved, math.nan)


def imputed(kind: Kind, trial: Pretend, truth: Truth) -> Iterator[Found]:
    """Multiple imputation of the score."""
    (one,) = run_sensitivity(_filling(kind, "multiple_imputation"), trial.table)
    yield found("multiple imputation", one, truth.effect)


def imputed_responders(kind: Kind, trial: Pretend, truth: Truth) -> Iterator[Found]:
    """Multiple imputation of the score, cut into who responds."""
    (one,) = run_sensitivity(_filling(kind, "multiple_imputation", outcome="response"), trial.table)
    yield found("risk difference from imputed scores", one, truth.risks[0] - truth.risks[1])


def drawn(kind: Kind, trial: Pretend, truth: Truth) -> Iterator[Found]:
    """The lost as the reference has them, or made worse, by draws; with nothing added that is multiple imputation."""
    *rules, tipping = run_sensitivity(_filling(kind, *RULES, "tipping_point", by="draws"), trial.table)
    for one in rules:
        yield found(f"{RULES[one['method']]}, draws", one, truth.by_rule[one["method"]])
    yield _half_added("tipping point, half an SD added, draws", kind, tipping, truth)


def loses(kind: Kind) -> bool:
    """Whether anybody is lost, of people allocated one by one: else these analyses are the planned one, or refused."""
    return any(kind.lost) and not kind.clustered


def loses_few(kind: Kind) -> bool:
    """The same in trials of up to 100 people: what costs most is run in these alone."""
    return loses(kind) and sum(kind.people) <= LARGE


GROUPS = (
    Group(planned, every=(1, 2)),
    Group(with_other_errors, every=(1, 2)),
    Group(by_margin, every=(1, 2)),
    Group(in_clusters, suits=lambda kind: kind.clustered),
    Group(single_arm, suits=lambda kind: not (kind.minimised or kind.clustered)),
    Group(wrong),
    Group(filled, every=(2, 8), suits=loses),
    Group(imputed, every=(4, 16), suits=loses),
    Group(drawn, every=(16, 16), suits=loses_few),
    Group(imputed_responders, every=(32, 32), suits=loses_few),
)
