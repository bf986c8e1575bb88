"""Whether a plan fits its outcomes: means are compared as means, proportions as proportions, levels by their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trial.core.findings import Finding, Path, shown, texts_at, walk

# the one method of an aggregation that is no mean, and what its estimand may sum up
METHODS = {"proportion": "g_computation", "ordinal": "proportional_odds"}
SUMMARIES = {
    "mean": ("mean_difference", "mean_change"),
    "proportion": ("risk_difference", "risk_ratio", "odds_ratio"),
    "ordinal": ("common_odds_ratio",),
}
_IS = {"mean": "a mean", "proportion": "a proportion", "ordinal": "ordinal"}
_COMPARES = {"g_computation": "proportions", "proportional_odds": "levels by their order"}
_OTHER_PEOPLE = ("complete_case", "per_protocol")
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
    patterns = ("analysis.primary", "analysis.secondary.analyses.*", "analysis.exploratory.analyses.*")
    for path, planned in (found for pattern in patterns for found in walk(tree, pattern)):
        outcome = outcomes.get("".join(texts_at(planned, "outcome")))
        if outcome is not None:
            yield from _planned(tree, path, planned, outcome)
    for path, named in walk(tree, "analysis.exploratory.subgroups.*.outcome"):
        outcome = outcomes.get(named) if isinstance(named, str) else None
        if outcome is not None and (kind := _aggregation(outcome)) != "mean":
            what = f"{shown(named)} is {_IS[kind]}, and subgroups compare means."
            yield Finding(path, what, "Name an outcome that is a mean, or take it out.")
    yield from _sensitivity(tree, outcomes.get("".join(texts_at(tree, "analysis.primary.outcome"))))


def _aggregation(outcome: Mapping[str, Any]) -> str:
    """That of the file; what no protocol knows is told of elsewhere, and counts as a mean here."""
    found = outcome.get("aggregation")
    return found if found in METHODS else "mean"


def _is_proportion(outcome: Mapping[str, Any]) -> bool:
    return _aggregation(outcome) == "proportion"


def _outcome(path: Path, one: Mapping[str, Any], instruments: Mapping[str, Any]) -> Iterator[Finding]:
    rule = one.get("responder")
    if rule is not None and not _is_proportion(one):
        mend = "Add `aggregation: proportion`, or take `responder` out."
        what = f"who responds is said of an outcome that is {_IS[_aggregation(one)]}."
        yield Finding((*path, "responder"), what, mend)
    if rule is None and _is_proportion(one) and one.get("metric") == "change":
        mend = "Say who responds: `responder: {improves_by: …}`; or take `metric` out."
        yield Finding((*path, "metric"), "the change of a yes or no is no proportion.", mend)
    if _aggregation(one) == "ordinal" and one.get("metric") == "change":
        what = "levels have an order and no distance, so there is no change of them."
        yield Finding((*path, "metric"), what, "Take `metric` out: the level at the baseline is in the model.")
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
    kind, name = _aggregation(outcome), shown(outcome["id"])
    if len(list(walk(tree, "arms.*"))) == 1:
        if kind != "mean":
            mend = "Analyse the change of its score: `metric: change`, `aggregation: mean`."
            what = f"{name} is {_IS[kind]}, and one arm has nothing to compare it with."
            yield Finding((*path, "outcome"), what, mend)
        return
    own = texts_at(planned, "method")
    method = "".join(own or texts_at(tree, "analysis.method"))
    place = (*path, "method") if own else ((*path, "outcome"))
    fits = next((one for one, its in METHODS.items() if its == method), "mean")
    if kind != fits:
        mend = f"Write `method: {METHODS.get(kind, 'ancova')}` in this analysis"
        mend += f", or `aggregation: {fits}` in the outcome." if kind == "mean" else "."
        what = f"{name} is {_IS[kind]}, and {method or 'the method'} compares {_COMPARES.get(method, 'means')}."
        yield Finding(place, what, mend)
    yield from _summary(tree, path, planned, name, kind)


def _summary(tree: Any, path: Path, planned: Any, name: str, kind: str) -> Iterator[Finding]:
    wanted = "".join(texts_at(planned, "estimand"))
    for _, one in walk(tree, "estimands.*"):
        if not isinstance(one, Mapping) or one.get("id") != wanted or not wanted:
            continue
        summary = one.get("summary", "mean_difference")
        if summary not in SUMMARIES[kind]:
            first, *others = [each for each in SUMMARIES[kind] if each != "mean_change"]
            fitting = f"{', '.join([first, *others[:-1]])} or {others[-1]}" if others else first
            mend = f"Name an estimand whose `summary` is {fitting}."
            what = f"{name} is {_IS[kind]}; the estimand's summary is {shown(summary)}."
            yield Finding((*path, "estimand"), what, mend)


def _sensitivity(tree: Any, primary: Mapping[str, Any] | None) -> Iterator[Finding]:
    if primary is None or _aggregation(primary) == "mean":
        return
    for path, method in walk(tree, "analysis.sensitivity.*.method"):
        if not _is_proportion(primary):
            if method not in _OTHER_PEOPLE:
                what = f"{shown(method)} is an analysis of means; the primary outcome is ordinal."
                yield Finding(path, what, "Plan `complete_case` or `per_protocol`, or take it out.")
            continue
        if method in _ONLY_MEANS:
            what = f"{method} {_ONLY_MEANS[method]}; the primary outcome is a proportion."
            other = "`multiple_imputation` or " if primary.get("responder") else ""
            yield Finding(path, what, f"Plan {other}`complete_case`, or take it out.")
        if method == "multiple_imputation" and primary.get("responder") is None:
            what = "responders are cut from imputed scores, and a score of 0 and 1 is none."
            yield Finding(path, what, "Plan `complete_case`, or say in `responder` who responds by another score.")
