"""How a trial was done and analysed, in sentences made from its protocol and plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reports.document import Terms
from reports.labels import KINDS, Labels
from reports.numbers import count
from reports.variables import LANGUAGE
from trial.core.protocol import TrialProtocol
from trial.core.texts import say

_AT_LEAST = re.compile(r"^exercises_done\s*>=\s*(\d+)$")
_QUESTION = "Treatment policy: everyone randomised, in the arm of their allocation, whatever they did or stopped."
_STANDARDIZED = (
    "Hedges g: the adjusted difference over the raw pooled standard deviation of the outcome in the two arms at that "
    "timepoint, with the exact small-sample correction and an interval from the noncentral t distribution. That "
    "interval leaves out what the adjustment gained, so it can be wider than the model's."
)
UNSTATED = "not stated in the protocol"
FRAMEWORKS = {
    "superiority": "superiority",
    "non_inferiority": "non-inferiority",
    "equivalence": "equivalence",
}


def design(labels: Labels) -> Terms:
    """What kind of trial, who was in it, who answers for it."""
    protocol = labels.folder.protocol
    primary = protocol.analysis.primary
    ratio = ":".join(str(arm.ratio) for arm in protocol.arms)
    office, framework = protocol.administrative, FRAMEWORKS[protocol.design.framework]
    return Terms(
        (
            (
                "Design",
                f"{len(protocol.arms)} parallel arms, allocation {ratio}, {framework}; fully online",
            ),
            ("Allocation", _allocation(protocol)),
            ("Primary outcome", f"{labels.outcome(primary.outcome)}, {labels.timepoint(primary.timepoint)}"),
            ("Primary comparison", labels.contrast(list(primary.contrast))),
            ("Planned size", f"{count(protocol.sample_size.target)} people"),
            ("Registration", str(office.registration or UNSTATED)),
            ("Ethics", str(office.ethics or UNSTATED)),
            ("Sponsor", office.sponsor or UNSTATED),
            ("Funder", office.funder or UNSTATED),
            ("Contact", f"{office.contact_name}, {office.contact_email}"),
        )
    )


def _allocation(protocol: TrialProtocol) -> str:
    sizes = ", ".join(str(size) for size in sorted(protocol.allocation.block_sizes))
    strata = [say(factor.label, LANGUAGE) for factor in protocol.allocation.strata]
    said = f"permuted blocks of random size ({sizes})"
    return f"{said}, stratified by {_listed(strata)}" if strata else said


def arms(labels: Labels) -> Terms:
    """Each arm: what kind it is, what its people did, when it counts as received."""
    return Terms(
        tuple(
            (
                f"{labels.arm(arm.id)} ({KINDS[arm.kind]})",
                f"{say(arm.description, LANGUAGE)} Received: {_rule(arm.received)}. "
                f"Minimum dose: {_rule(arm.minimum_dose)}.",
            )
            for arm in labels.folder.protocol.arms
        )
    )


def _rule(rule: str) -> str:
    if match := _AT_LEAST.match(rule.strip()):
        return f"at least {match[1]} exercise{'' if match[1] == '1' else 's'} done"
    return rule


def analysis(results: Mapping[str, Any], labels: Labels) -> Terms:
    """The plan as it was carried out, from the estimand to the last detail of the interval."""
    protocol = labels.folder.protocol
    plan = protocol.analysis
    level = f"{100 * plan.level:g}%"
    items = [
        ("Plan", _plan(labels)),
        ("Question", _QUESTION),
        ("Analysis set", _analysis_set(results)),
        ("Model", _model(labels)),
        ("Error and interval", f"{plan.covariance} standard errors, t distribution, {level} intervals, two-sided p."),
        ("Missing baseline values", _imputed(results)),
        ("Several comparisons", _multiplicity(protocol)),
        ("Standardised effect", _STANDARDIZED),
        ("Sample size", say(protocol.sample_size.justification, LANGUAGE)),
        ("Not done as planned", _not_done(results, labels)),
    ]
    return Terms(tuple(items))


def _plan(labels: Labels) -> str:
    plan = labels.folder.protocol.analysis
    number = len(plan.secondary.analyses) if plan.secondary else 0
    others = f" and {number} secondary {'analysis' if number == 1 else 'analyses'}" if number else ""
    return f"One primary analysis{others}, all written in the protocol and carried out by it."


def _analysis_set(results: Mapping[str, Any]) -> str:
    primary = results["estimates"][0]
    return (
        f"Everyone randomised who has the outcome at the timepoint: {count(primary['n_with_data'])} of "
        f"{count(primary['n_randomised'])} for the primary outcome. Missing outcomes are not filled in. That is right "
        "where, among people alike in arm and baseline, those missing would have had the same outcomes as those seen."
    )


def _model(labels: Labels) -> str:
    protocol = labels.folder.protocol
    strata = [say(factor.label, LANGUAGE) for factor in protocol.allocation.strata]
    further = [labels.variable(name) for name in protocol.analysis.covariates]
    terms = ["every arm", "the same score at baseline"]
    terms += [f"the levels of {name}" for name in strata] + [name for name in further if name not in strata]
    said = f"Analysis of covariance by least squares: the outcome on {_listed(terms)}."
    return f"{said} Differences are arm minus reference."


def _imputed(results: Mapping[str, Any]) -> str:
    counts = results["estimates"][0]["imputed"]
    filled = sum(counts.values())
    how = "the mean of everyone randomised stands in, over all arms together"
    if not counts:
        return f"By plan {how}."
    return f"By plan {how}; in the primary model this was done for {count(filled)} value{'' if filled == 1 else 's'}."


def _multiplicity(protocol: TrialProtocol) -> str:
    secondary = protocol.analysis.secondary
    if secondary is None:
        return "One primary analysis; no others were planned."
    if secondary.multiplicity == "holm":
        return "One primary analysis, not adjusted. The secondary p-values are adjusted together by Holm's method."
    return "One primary analysis. The secondary p-values are not adjusted and are to be read as exploratory."


def _not_done(results: Mapping[str, Any], labels: Labels) -> str:
    failed = [one for one in results["estimates"] if one["problem"]]
    if not failed:
        return "Nothing: every planned analysis was carried out."
    names = [f"{labels.outcome(one['outcome'])} at {labels.timepoint(one['timepoint'])}" for one in failed]
    return f"{len(failed)} could not be carried out: {_listed(names)}. The reasons stand with the results."


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
