"""What a report says of the models of repeated outcomes: how they were fitted, and the same contrast at each visit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports import factors
from reports.document import Block, Paragraph, Row, Table
from reports.labels import Labels
from reports.numbers import decimals_for, declared, enough_decimals, interval, number
from reports.sentences import level
from reports.variables import LANGUAGE
from trial.core.protocol import AnalysisPlan
from trial.core.protocol.analysis import REPEATED
from trial.core.texts import say

One = Mapping[str, Any]

STRUCTURES = {
    "unstructured": "unstructured",
    "toeplitz": "heterogeneous Toeplitz",
    "autoregressive": "heterogeneous first-order autoregressive",
    "compound_symmetry": "heterogeneous compound symmetry",
}
DEGREES = {
    "satterthwaite": "Satterthwaite's degrees of freedom",
    "kenward_roger": "Kenward and Roger's errors and degrees of freedom (the linear form)",
}
ANALYSED = {
    "mmrm": "Everyone randomised who has the outcome at any timepoint of the model after the baseline",
    "clda": "Everyone randomised who has the outcome at the baseline or at any later timepoint of the model, for a "
    "baseline alone enters the likelihood too",
}
NOT_FILLED_IN = (
    "Missing outcomes are not filled in: the likelihood is that of the outcomes that were seen. That is right where, "
    "among people alike in arm, baseline and the outcomes seen, those missing would have had the same outcomes as "
    "those seen (missing at random)."
)
_COVARIATES = "each with a line of its own at each timepoint"


def used(plan: AnalysisPlan) -> bool:
    """Whether any analysis of the plan is by such a model."""
    return any(plan.method_of(one) in REPEATED for one in plan.all)


def model(method: str, labels: Labels) -> str:
    """The model with each of its terms."""
    protocol = labels.folder.protocol
    strata = [say(factor.label, LANGUAGE) for factor in protocol.allocation.strata]
    further = [labels.covariate(name) for name in protocol.analysis.covariates]
    terms = [f"the levels of {name}" for name in strata] + [name for name in further if name not in strata]
    reach = "at every timepoint after the baseline, up to the last at which the plan analyses it"
    if method == "mmrm":
        first = f"Mixed model for repeated measures: the outcome {reach}, with a mean of each arm at each timepoint"
        lines = ["the same score at baseline", *terms]
    else:
        first = (
            f"Constrained longitudinal data analysis: the outcome at baseline and {reach}, with a mean of each "
            "arm at each timepoint and one mean in common at the baseline, as chance allocated"
        )
        lines = terms
    also = f", and {', '.join(lines)}, {_COVARIATES}" if lines else ""
    plan = protocol.analysis
    effects = f" {factors.MODEL}" if any(one.factors and plan.method_of(one) == method for one in plan.all) else ""
    return f"{first}{also}. The planned difference is that of the arms at its timepoint.{effects}"


def error(plan: AnalysisPlan) -> str:
    """Likelihood, covariance, what stands in for it, degrees of freedom."""
    others = [STRUCTURES[one] for one in plan.repeated.fallbacks]
    behind = f"; where the data cannot tell it, {', then '.join(others)}" if others else "; nothing stands in for it"
    return (
        f"Restricted maximum likelihood; outcomes of one person have an unstructured covariance, the same in every "
        f"arm{behind}. {DEGREES[plan.repeated.degrees_of_freedom]}, t distribution, {declared(100 * plan.level)}% "
        "intervals, two-sided p."
    )


def blocks(results: Mapping[str, Any], kind: str, labels: Labels) -> Iterator[Block]:
    """Beneath estimates of a kind: what each model used and the course over its visits, each model once."""
    shown: dict[Any, bool] = {}
    for one in results["estimates"]:
        if not one["repeated"]:
            continue
        first = not shown.get(_same(one))
        shown[_same(one)] = True
        if one["analysis"] == kind:
            yield from [Paragraph(_fitted(one, labels), "note")] if first else []
            alike = {other["timepoint"] for other in results["estimates"] if _same(other) == _same(one)}
            yield from [_course(one, alike, labels)] if first else []


def _same(one: One) -> Any:
    """What estimates of one model have in common; their timepoints differ."""
    of_model = one["repeated"]["timepoints"] if one["repeated"] else ()
    return (one["method"], one["outcome"], *one["contrast"], *of_model)


def _fitted(one: One, labels: Labels) -> str:
    fitted = one["repeated"]
    points = [labels.timepoint(point) for point in fitted["timepoints"]]
    said = (
        f"The model of {labels.outcome(one['outcome'])} took in {'; '.join(points)}. Covariance: "
        f"{STRUCTURES[fitted['structure']]}. {DEGREES[fitted['degrees_of_freedom']]}."
    )
    if fitted["left_out"]:
        gone = "; ".join(labels.timepoint(point) for point in fitted["left_out"])
        said += f" Not in the model, as the score is not known there in every arm: {gone}."
    return said


def _course(one: One, planned: set[str], labels: Labels) -> Table:
    spread = one["g"]["standardiser_value"] if one["g"] else None
    # an effect of factors is one of every arm's mean
    compared = [arm for side in one["sides"] for arm in side]
    arms = [labels.arm(arm) for arm in compared]
    rows = []
    for at in one["repeated"]["visits"]:
        decimals = enough_decimals(decimals_for(spread), at["estimate"], *at["ci"])
        seen = factors.sizes(one, at["n_with_outcome"])
        means = [
            f"{number(at['means'][arm]['mean'], decimals)} ({interval(at['means'][arm]['ci'], decimals)})"
            for arm in compared
        ]
        asked = at["timepoint"] in planned
        called = labels.timepoint(at["timepoint"]) + (" (planned)" if asked else "")
        difference = f"{number(at['estimate'], decimals)} ({interval(at['ci'], decimals)})"
        rows.append(Row((called, seen, *means, difference), "strong" if asked else "plain"))
    ci = f"({level(one)}\u00a0CI)"
    columns = ("", "With the outcome", *(f"{arm}, adjusted mean {ci}" for arm in arms), f"Difference {ci}")
    note = (
        "From the one model. Only planned timepoints answer a question of the plan; the others show the course "
        "and are not adjusted for their number."
    )
    caption = f"{labels.outcome(one['outcome'])} over the visits: {labels.compared(one)}"
    effect = "".join(f"-{name}" for name in one["factors"])
    return Table(
        f"course-{one['analysis']}-{one['outcome']}-{one['timepoint']}{effect}", caption, columns, tuple(rows), note
    )
