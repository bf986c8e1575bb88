"""Whether what a protocol plans fits what its outcomes are: means are compared as means, proportions as proportions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trial.core.findings import Finding, Path, shown, texts_at, walk

OF_PROPORTIONS = "g_computation"
OF_RATES = ("risk_difference", "risk_ratio", "odds_ratio")
# what a sensitivity analysis does that only means have
_ONLY_MEANS = {
    "jump_to_reference": "fills in expected scores, which are no answer to who responds",
    "tipping_point": "makes scores worse by points, of which a proportion has none",
    "randomization_test": "runs the t of a difference of means over other lists",
}


def find(tree: Any, instruments: Mapping[str, Any]) -> Iterator[Finding]:
    """Every outcome, analysis, estimand and sensitivity analysis that does not go with its outcome's aggregation."""
    outcomes = {
        str(one["id"]): one
        for _, one in walk(tree, "outcomes.*")
        if isinstance(one, Mapping) and isinstance(one.get("id"), str)
    }
    for path, one in walk(tree, "outcomes.*"):
        if isinstance(one, Mapping):
            yield from _outcome(path, one, instruments)
    for path, planned in [*walk(tree, "analysis.primary"), *walk(tree, "analysis.secondary.analyses.*")]:
        outcome = outcomes.get("".join(texts_at(planned, "outcome")))
        if outcome is not None:
            yield from _planned(tree, path, planned, outcome)
    yield from _sensitivity(tree, outcomes.get("".join(texts_at(tree, "analysis.primary.outcome"))))


def _is_proportion(outcome: Mapping[str, Any]) -> bool:
    return outcome.get("aggregation") == "proportion"


def _outcome(path: Path, one: Mapping[str, Any], instruments: Mapping[str, Any]) -> Iterator[Finding]:
    rule = one.get("responder")
    if rule is not None and not _is_proportion(one):
        mend = "Add `aggregation: proportion`, or take `responder` out."
        yield Finding((*path, "responder"), "who responds is said of an outcome that is a mean.", mend)
    if rule is None and _is_proportion(one) and one.get("metric") == "change":
        mend = "Say who responds: `responder: {improves_by: …}`; or take `metric` out."
        yield Finding((*path, "metric"), "the change of a yes or no is no proportion.", mend)
    if isinstance(rule, Mapping) and rule.get("reliable_change") is True:
        score = one.get("score")
        if not has_figures(score, instruments):
            what = f"the instrument of {shown(score)} does not say what reliable change of it is."
            mend = "Give its score a `reliability` with `sd`, or use `improves_by`."
            yield Finding((*path, "responder", "reliable_change"), what, mend)


def has_figures(score: Any, instruments: Mapping[str, Any]) -> bool:
    """Whether a score's instrument holds what reliable change is worked out from."""
    for instrument in instruments.values():
        for _, one in walk(instrument, "scores.*"):
            if isinstance(one, Mapping) and one.get("id") == score:
                told = one.get("reliability")
                return isinstance(told, Mapping) and "sd" in told and ("alpha" in told or "retest" in told)
    return True  # a score that nothing declares is told of elsewhere


def _planned(tree: Any, path: Path, planned: Any, outcome: Mapping[str, Any]) -> Iterator[Finding]:
    proportion, name = _is_proportion(outcome), shown(outcome["id"])
    if len(list(walk(tree, "arms.*"))) == 1:
        if proportion:
            mend = "Analyse the change of its score: `metric: change`, `aggregation: mean`."
            yield Finding(
                (*path, "outcome"), f"{name} is a proportion, and one arm has nothing to compare it with.", mend
            )
        return
    own = texts_at(planned, "method")
    method = "".join(own or texts_at(tree, "analysis.method"))
    place = (*path, "method") if own else ((*path, "outcome"))
    if proportion and method != OF_PROPORTIONS:
        mend = f"Write `method: {OF_PROPORTIONS}` in this analysis."
        yield Finding(place, f"{name} is a proportion, and {method or 'the method'} compares means.", mend)
    if not proportion and method == OF_PROPORTIONS:
        mend = "Write `method: ancova` in this analysis, or `aggregation: proportion` in the outcome."
        yield Finding(place, f"{name} is a mean, and {method} compares proportions.", mend)
    yield from _summary(tree, path, planned, name, proportion=proportion)


def _summary(tree: Any, path: Path, planned: Any, name: str, *, proportion: bool) -> Iterator[Finding]:
    wanted = "".join(texts_at(planned, "estimand"))
    for _, one in walk(tree, "estimands.*"):
        if not isinstance(one, Mapping) or one.get("id") != wanted or not wanted:
            continue
        summary = one.get("summary", "mean_difference")
        if proportion != (summary in OF_RATES):
            kind = "a proportion" if proportion else "a mean"
            fitting = "risk_difference, risk_ratio or odds_ratio" if proportion else "mean_difference"
            mend = f"Name an estimand whose `summary` is {fitting}."
            yield Finding((*path, "estimand"), f"{name} is {kind}; the estimand's summary is {shown(summary)}.", mend)


def _sensitivity(tree: Any, primary: Mapping[str, Any] | None) -> Iterator[Finding]:
    if primary is None or not _is_proportion(primary):
        return
    for path, method in walk(tree, "analysis.sensitivity.*.method"):
        if method in _ONLY_MEANS:
            what = f"{method} {_ONLY_MEANS[method]}; the primary outcome is a proportion."
            other = "`multiple_imputation` or " if primary.get("responder") else ""
            yield Finding(path, what, f"Plan {other}`complete_case`, or take it out.")
        if method == "multiple_imputation" and primary.get("responder") is None:
            what = "responders are cut from imputed scores, and a score of 0 and 1 is none."
            yield Finding(path, what, "Plan `complete_case`, or say in `responder` who responds by another score.")
