"""How a trial was done and analysed, in sentences made from its protocol and plan."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from reports import (
    clinical_change,
    clustered,
    compliers,
    factors,
    families,
    guesses,
    margins,
    ordinal,
    own_slopes,
    proportions,
    repeated,
)
from reports.allocating import allocation, details
from reports.document import Terms
from reports.keys import worked_out
from reports.labels import KINDS, Labels, plain
from reports.numbers import count, declared
from reports.sample_size import by_formula
from reports.stages import in_words
from reports.variables import LANGUAGE, planned
from trial.core.compliers import METHOD as OF_COMPLIERS
from trial.core.protocol import Arm, PlannedAnalysis, TrialProtocol
from trial.core.texts import say

_AT_LEAST = re.compile(r"^exercises_done\s*>=\s*(\d+)$")
_NONE = re.compile(r"^exercises_done\s*(?:==|<=)\s*0$")
_QUESTION = "Treatment policy: everyone randomised, in the arm of their allocation, whatever they did or stopped."
_QUESTION_OF_ONE = (
    "What changed in everyone enrolled, whatever they did or stopped. Without a comparison it says not why."
)
_ANALYSED = "Everyone randomised who has the outcome at the timepoint"
_ANALYSED_OF_ONE = "Everyone enrolled who has the outcome at the baseline and at the timepoint"
_NOT_FILLED_IN = (
    "Missing outcomes are not filled in. That is right where, among people alike in arm and baseline, those missing "
    "would have had the same outcomes as those seen."
)
_NOT_FILLED_IN_OF_ONE = (
    "Missing outcomes are not filled in. That is right where those missing would have changed as those seen did."
)
IMPUTED = "the mean of everyone randomised stands in, over all arms together"
ASSESSED = (
    "What is told unasked, or learned by the team in another way, is an adverse event. The team names it and assesses "
    "seriousness, severity, relatedness, expectedness, outcome and what was given up because of it, without knowing "
    "the arm; the last assessment counts."
)
HARM = "A yes is any worsening that a person names; it need not come from the exercises."
STANDARDIZED = (
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


def design(labels: Labels, *, outside: bool = False, ratios: str = "", rules: str = "") -> Terms:
    """What kind of trial, who was in it, who answers for it; where data came from `outside`, not how it ran.

    `ratios` and `rules` by which chance went, where an amendment changed them.
    """
    protocol = labels.folder.protocol
    primary = protocol.analysis.primary
    office = protocol.administrative
    return Terms(
        (
            ("Design", shape(protocol, ratios) if outside else f"{shape(protocol, ratios)}; {online(protocol)}"),
            ("Allocation", ". ".join([rules or allocation(protocol), *details(protocol)])),
            *(("Further allocation", one) for one in in_words(protocol)),
            ("Primary outcome", f"{labels.outcome(primary.outcome)}, {labels.timepoint(primary.timepoint)}"),
            ("Primary comparison", labels.compared(primary.model_dump())),
            ("Planned size", f"{count(protocol.sample_size.target)} people"),
            ("Registration", str(office.registration or UNSTATED)),
            ("Ethics", str(office.ethics or UNSTATED)),
            ("Sponsor", office.sponsor or UNSTATED),
            ("Funder", office.funder or UNSTATED),
            ("Contact", f"{office.contact_name}, {office.contact_email}"),
        )
    )


def shape(protocol: TrialProtocol, ratios: str = "") -> str:
    """`3 parallel arms, allocation 1:1:1, superiority`; with other `ratios` where an amendment changed them."""
    kind = protocol.design.type
    if kind == "single_arm":
        return "one arm, nothing allocated"
    ratio = ratios or ":".join(str(arm.ratio) for arm in protocol.arms)
    how = {"factorial": "arms of a factorial design", "waitlist": "parallel arms, one of them waiting"}
    arms = how.get(kind, "parallel arms")
    return f"{len(protocol.arms)} {arms}, allocation {ratio}, {FRAMEWORKS[protocol.design.framework]}"


def online(protocol: TrialProtocol) -> str:
    """How people were met; what is said between a guide and somebody may have been said anywhere."""
    return "online and with a guide" if any(arm.guided for arm in protocol.arms) else "fully online"


def arms(labels: Labels) -> Terms:
    """Each arm: what kind it is, what its people did, when it counts as received."""
    return Terms(
        tuple(
            (
                f"{labels.arm(arm.id)} ({KINDS[arm.kind]})",
                f"{say(arm.description, LANGUAGE)} {counted(labels.folder.protocol, arm)}",
            )
            for arm in labels.folder.protocol.arms
        )
    )


def counted(protocol: TrialProtocol, arm: Arm) -> str:
    """When an arm counts as received, and its minimum dose; a waiting arm waits up to its day, and has no dose."""
    waits = protocol.design.waitlist
    if waits and waits.arm == arm.id:
        return f"Waited, as allocated: {rule(arm.received)} up to day {waits.release_after_day}."
    return f"Received: {rule(arm.received)}. Minimum dose: {rule(arm.minimum_dose)}."


def rule(text: str) -> str:
    """A rule over the exercises done, in words."""
    from reports.protocol_document.rules import in_words as said

    if match := _AT_LEAST.match(text.strip()):
        if match[1] == "0":
            return "always, whatever was done"
        return f"at least {match[1]} exercise{'' if match[1] == '1' else 's'} done"
    if _NONE.match(text.strip()):
        return "no exercise done"
    return said(text, lambda name: "the number of exercises done" if name == "exercises_done" else plain(name))


def analysis(results: Mapping[str, Any], labels: Labels) -> Terms:
    """The plan as it was carried out, from the estimand to the last detail of the interval."""
    protocol = labels.folder.protocol
    items = [
        ("Plan", f"{plan(protocol)}, all written in the protocol and carried out by it."),
        ("Question", question(labels)),
        ("Analysis set", _analysis_set(results, labels)),
        ("Model", model(labels)),
        ("Error and interval", error(labels)),
        *([("Margin", margin)] if (margin := margins.planned(protocol)) else []),
        *([] if labels.single else [("Missing baseline values", _imputed(results))]),
        ("Late answers", _late(results)),
        ("Several comparisons", multiplicity(protocol)),
        *([] if labels.single or not has_means(protocol) else [("Standardised effect", standardized(protocol))]),
        *([("Clinically significant change", change)] if (change := clinical_change.plan_in_words(labels)) else []),
        *([("Guess of allocation", guess)] if (guess := guesses.plan_in_words(labels)) else []),
        ("Sample size", f"{say(protocol.sample_size.justification, LANGUAGE).strip()} {by_formula(protocol)}".strip()),
        ("Not done as planned", _not_done(results, labels)),
    ]
    return Terms(tuple(items))


def question(labels: Labels) -> str:
    """What the plan asks of whom."""
    return _QUESTION_OF_ONE if labels.single else _QUESTION


def analysed(labels: Labels) -> str:
    """Who is in the primary analysis, before they are counted."""
    return _ANALYSED_OF_ONE if labels.single else repeated.ANALYSED.get(_primary_method(labels), _ANALYSED)


def not_filled_in(labels: Labels) -> str:
    """What is done about missing outcomes, and when that is right."""
    if labels.single:
        return _NOT_FILLED_IN_OF_ONE
    return repeated.NOT_FILLED_IN if _primary_method(labels) in repeated.ANALYSED else _NOT_FILLED_IN


def _primary_method(labels: Labels) -> str:
    chosen = labels.folder.protocol.analysis
    return chosen.method_of(chosen.primary)


def each_method(labels: Labels, say_of: Callable[[str], str]) -> str:
    """What is to be said of every method of the plan; where there are several, of which analyses it holds."""
    protocol = labels.folder.protocol
    first = _primary_method(labels)
    others: dict[str, list[str]] = {}
    for one, kind in zip(planned(protocol), kinds(protocol), strict=True):
        where = f"{labels.outcome(one.outcome)} {labels.at(one.timepoint)}, {labels.compared(one.model_dump())}"
        if (method := protocol.analysis.method_of(one)) != first:
            others.setdefault(method, []).append(f"{where} ({kind})")
    if not others:
        return say_of(first)
    named = " ".join(f"{'; '.join(where)}: {say_of(method)}" for method, where in others.items())
    return f"The primary analysis and every other that is not named below: {say_of(first)} {named}"


OTHERWISE = {
    "ancova": "analysis of covariance",
    "anhecova": "slopes of each arm",
    "complier_effect": "effect on those who comply",
    "mmrm": "mixed model of repeated outcomes",
    "clda": "constrained longitudinal model",
    "g_computation": "standardised proportions",
    "proportional_odds": "proportional odds",
    "mean_change": "mean change",
}


def otherwise(protocol: TrialProtocol, one: PlannedAnalysis) -> str:
    """`; slopes of each arm`: by what an analysis is done, where it is not by what the primary is."""
    chosen = protocol.analysis
    method = chosen.method_of(one)
    return "" if method == chosen.method_of(chosen.primary) else f"; {OTHERWISE[method]}"


def plan(protocol: TrialProtocol) -> str:
    """How many analyses there are."""
    secondary = protocol.analysis.secondary
    number = len(secondary.analyses) if secondary else 0
    beyond = protocol.analysis.exploratory
    explored, split = (len(beyond.analyses), len(beyond.subgroups)) if beyond else (0, 0)
    found = (("secondary", number), ("exploratory", explored), ("subgroup", split))
    others = listed(["One primary analysis", *(_many(kind, its) for kind, its in found if its)])
    tried = len(protocol.analysis.sensitivity)
    return others + (f", with {_many('sensitivity', tried)} of the primary" if tried else "")


def _many(kind: str, number: int) -> str:
    return f"{number} {kind} {'analysis' if number == 1 else 'analyses'}"


def error(labels: Labels) -> str:
    """Standard errors, intervals and p."""
    return each_method(labels, lambda method: _error(method, labels.folder.protocol))


def standardized(protocol: TrialProtocol) -> str:
    """How a difference of means is put in standard deviations."""
    return clustered.STANDARDIZED if clustered.used(protocol) else STANDARDIZED


def _error(method: str, protocol: TrialProtocol) -> str:
    chosen = protocol.analysis
    if method == "ancova" and clustered.used(protocol):
        return clustered.error(protocol)
    if method in repeated.ANALYSED:
        return repeated.error(chosen)
    if method == ordinal.METHOD:
        return ordinal.ERROR.format(level=declared(100 * chosen.level))
    if method == "mean_change":
        return f"Student's t distribution, {declared(100 * chosen.level)}% intervals, two-sided p of the paired test."
    said = (
        f"{chosen.covariance} standard errors, t distribution, {declared(100 * chosen.level)}% intervals, two-sided p."
    )
    if method == own_slopes.METHOD:
        return f"{said} {own_slopes.ERROR}"
    if method == OF_COMPLIERS:
        return f"{said} {compliers.ERROR}"
    if method != "g_computation":
        return said
    return (
        f"{said} Of adjusted proportions the errors are those of all estimating equations together (delta method), for "
        "people like those analysed; those of ratios are taken on the scale of the logarithm."
    )


def _analysis_set(results: Mapping[str, Any], labels: Labels) -> str:
    primary = results["estimates"][0]
    n = sum(primary["n"].values()) if primary["repeated"] else primary["n_with_data"]
    return (
        f"{analysed(labels)}: {count(n)} of {count(primary['n_randomised'])} for the primary "
        f"outcome. {not_filled_in(labels)}"
    )


def model(labels: Labels) -> str:
    """The model with each of its terms."""
    if labels.single:
        return "The mean of each person's change from the baseline. Nothing is adjusted for, as nothing is compared."
    return each_method(labels, lambda method: _model(method, labels))


def _model(method: str, labels: Labels) -> str:
    if method in repeated.ANALYSED:
        return repeated.model(method, labels)
    protocol = labels.folder.protocol
    if method == "g_computation":
        return f"The terms of the model: {_terms(labels)}. {proportions.model(labels, planned(protocol))}"
    if method == own_slopes.METHOD:
        return f"{own_slopes.model(_terms(labels))} Differences are arm minus reference.{_changes(labels)}"
    if method == OF_COMPLIERS:
        return f"{compliers.model(_terms(labels), labels)}{_changes(labels)}"
    if method == ordinal.METHOD:
        return ordinal.model(_terms(labels))
    said = f"Analysis of covariance by least squares: the outcome on {_terms(labels)}."
    if clustered.used(protocol):
        said = clustered.model(labels, _terms(labels))
    effects = f" {factors.MODEL}" if any(one.factors for one in planned(protocol)) else ""
    return f"{said} Differences are arm minus reference.{effects}{_changes(labels)}"


def has_means(protocol: TrialProtocol) -> bool:
    """Whether any planned analysis compares means."""
    return any(protocol.outcome(one.outcome).aggregation == "mean" for one in planned(protocol))


def _terms(labels: Labels) -> str:
    """What the outcome is explained by."""
    protocol = labels.folder.protocol
    strata = [say(factor.label, LANGUAGE) for factor in protocol.allocation.strata]
    further = [labels.covariate(name) for name in protocol.analysis.covariates]
    terms = ["every arm", "the same score at baseline"]
    terms += [f"the levels of {name}" for name in strata] + [name for name in further if name not in strata]
    return listed(terms)


def _changes(labels: Labels) -> str:
    """Which outcomes are changes, and why that leaves the differences as they are."""
    of = dict.fromkeys(one.outcome for one in planned(labels.folder.protocol))
    found = [labels.folder.protocol.outcome(one) for one in of]
    named = [labels.outcome(one.id) for one in found if (one.metric, one.aggregation) == ("change", "mean")]
    if not named:
        return ""
    return (
        f" Analysed as the change since the baseline: {listed(named)}. The baseline is in the model too, so such a "
        "difference is, with its error, that of the scores themselves; adjusted means are mean changes."
    )


def _imputed(results: Mapping[str, Any]) -> str:
    counts = results["estimates"][0]["imputed"]
    filled = sum(counts.values())
    if not counts:
        return f"By plan {IMPUTED}."
    return (
        f"By plan {IMPUTED}; in the primary model this was done for {count(filled)} value{'' if filled == 1 else 's'}."
    )


def _late(results: Mapping[str, Any]) -> str:
    """What the plan does with answers after their window, and how many there were."""
    found = results["late_answers"]
    does = {
        "keep": "An answer after its window counts, by plan, at the timepoint that it belongs to.",
        "exclude": "An answer after its window is, by plan, left out of every score; the frozen record keeps it.",
    }[found["rule"]]
    if found["people"] is None:
        return f"{does} The data file does not say which were late."
    n = sum(one["n"] for one in found["people"])
    times = {0: "It did not happen", 1: "It happened once"}.get(n, f"It happened {count(n)} times")
    return f"{does} {times}, counting each person once at each timepoint."


def multiplicity(protocol: TrialProtocol) -> str:
    """What is done about several comparisons."""
    secondary = protocol.analysis.secondary
    if secondary is None:
        return "One primary analysis; no others were planned."
    first = "One primary analysis" if secondary.multiplicity == "none" else "One primary analysis, not adjusted"
    return f"{first}. {families.rule(secondary, protocol.design.framework)}"


def kinds(protocol: TrialProtocol) -> list[str]:
    """What each planned analysis is, in the order of the plan."""
    family, explored = protocol.analysis.secondary, protocol.analysis.exploratory
    second, third = (len(one.analyses) if one else 0 for one in (family, explored))
    return ["primary", *["secondary"] * second, *["exploratory"] * third]


def _not_done(results: Mapping[str, Any], labels: Labels) -> str:
    failed = [one for one in results["estimates"] if one["problem"]]
    from reports.sensitivity import NAMES

    names = [f"{labels.outcome(one['outcome'])} {labels.at(one['timepoint'])}" for one in failed]
    names += [f"the sensitivity analysis “{NAMES[one['method']]}”" for one in results["sensitivity"] if one["problem"]]
    for one in results["subgroups"]:
        names += [f"the subgroups by {labels.variable(one['variable'])}"] if one["problem"] else []
    for one in results["clinical_change"]:
        names += [f"clinically significant change of {labels.outcome(one['outcome'])}"] if one["problem"] else []
    if not names:
        return "Nothing: every planned analysis was carried out."
    tried = ("sensitivity", "subgroups", "clinical_change")
    undone = [one["problem"] for one in (*failed, *(one for part in tried for one in results[part]))]
    number = worked_out(len(names), undone)
    return f"{number} could not be carried out: {listed(names)}. The reasons stand with the results."


def listed(words: list[str]) -> str:
    """`one, two and three`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
