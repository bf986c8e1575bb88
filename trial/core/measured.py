"""Whether what a protocol needs is ever asked: scores, baseline variables, the names in its rules, planned outcomes.

An instrument here is the plain tree of its file, right or wrong, so that a slip in a key does not make every outcome
of the protocol look unknown. Where a file cannot be read at all, names that it might declare pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from trial.core import expressions
from trial.core.findings import Finding, Path, shown, texts_at, unknown, walk

# what rules may count, at the moment that they are asked
COUNTS = frozenset({"exercises_done", "questionnaires_done", "cards_due"})


class _Offered(NamedTuple):
    """What the instruments of a protocol offer; `complete` where every one of them could be read."""

    scores: frozenset[str]
    columns: frozenset[str]
    items: frozenset[str]
    complete: bool


class _Question(NamedTuple):
    """One activity: the instruments it asks, and the arms it is for (none: every arm)."""

    codes: tuple[str, ...]
    arms: frozenset[str]


def find(tree: Mapping[str, Any], instruments: Mapping[str, Any]) -> Iterator[Finding]:
    """Every name that nothing measures, and every planned outcome that some arm is never asked."""
    offered = _Offered(
        frozenset(score for one in instruments.values() for score in texts_at(one, "scores.*.id")),
        frozenset(column for code, one in instruments.items() for column in _columns(code, one)),
        frozenset(f"{code}_{item}" for code, one in instruments.items() for _, item in walk(one, "items.*.id")),
        all(code in instruments for code in texts_at(tree, "instruments.*")),
    )
    yield from _shared_names(tree, instruments)
    if offered.complete:
        yield from _scores(tree, offered)
        yield from _planned_outcomes(tree, instruments, offered)
    yield from _rule_names(tree, instruments, offered)
    yield from _harms(tree, instruments)


def _columns(code: str, instrument: Any) -> Iterator[str]:
    """Every column that an answer can stand in: of several answers each has its own, and words have none."""
    for _, item in walk(instrument, "items.*"):
        if not isinstance(item, Mapping) or not isinstance(item.get("id"), str | int):
            continue
        kind = item.get("type", "scale")
        if kind == "choices":
            yield from (f"{code}_{item['id']}_{value}" for _, value in walk(item, "choices.*.value"))
        elif kind != "info":
            yield f"{code}_{item['id']}"


def _shared_names(tree: Mapping[str, Any], instruments: Mapping[str, Any]) -> Iterator[Finding]:
    """A rule or a column would not know which of two scores, or of a score and a question, is meant."""
    owner = dict.fromkeys(texts_at(tree, "eligibility.questions.*.id"), "a screening question")
    for path, code in walk(tree, "instruments.*"):
        if not isinstance(code, str) or code not in instruments:
            continue
        for score in texts_at(instruments[code], "scores.*.id"):
            if owner.get(score, code) not in (code, f"the instrument {code!r}"):
                what = f"the score {shown(score)} of {code!r} has the name of {owner[score]}."
                yield Finding(path, what, "Give the two different ids.")
            owner.setdefault(score, f"the instrument {code!r}")


def _scores(tree: Any, offered: _Offered) -> Iterator[Finding]:
    questions = set(texts_at(tree, "eligibility.questions.*.id"))
    at_baseline = offered.scores | questions | set(texts_at(tree, "allocation.strata.*.id"))
    for pattern in ("outcomes.*.score", "analysis.sensitivity.*.auxiliaries.*.score"):
        for path, value in walk(tree, pattern):
            if isinstance(value, str) and value not in offered.scores:
                yield unknown(path, value, offered.scores, "score")
    for pattern in ("analysis.baseline_table.*", "analysis.covariates.*", "analysis.exploratory.subgroups.*.variable"):
        for path, value in walk(tree, pattern):
            if isinstance(value, str) and value not in at_baseline | offered.columns:
                yield unknown(path, value, at_baseline | offered.columns, "baseline variable")


def _rule_names(tree: Any, instruments: Mapping[str, Any], offered: _Offered) -> Iterator[Finding]:
    questions = frozenset(texts_at(tree, "eligibility.questions.*.id"))
    baseline = _asked(tree, "consent", None)
    scores = _score_ids(instruments, baseline or set())
    answers = offered.columns | offered.scores
    scopes: tuple[tuple[str, frozenset[str], str, bool], ...] = (
        ("eligibility.criteria.*.rule", questions, "screening question", True),
        ("eligibility.guard.consistency.*.rule", questions | answers, "screening question, answer or score",
         offered.complete),
        ("allocation.strata.*.levels.*.when", questions | scores, "screening question or baseline score",
         offered.complete and baseline is not None),
        ("arms.*.received", frozenset({"exercises_done"}), "count", True),
        ("arms.*.minimum_dose", frozenset({"exercises_done"}), "count", True),
        ("stages.*.when", questions | answers | COUNTS, "answer, score or count", offered.complete),
        ("stages.*.allocation.strata.*.levels.*.when", questions | answers | COUNTS, "answer, score or count",
         offered.complete),
        ("activities.*.only_if", questions | answers | COUNTS, "answer, score or count", offered.complete),
        ("messages.*.only_if", COUNTS, "count", True),
    )  # fmt: skip
    for pattern, known, noun, sure in scopes:
        for path, rule in walk(tree, pattern) if sure else ():
            for name in _names(rule):
                if name not in known:
                    yield unknown(path, name, known, noun)
    if offered.complete:
        yield from _branches(tree, answers, offered)


def _branches(tree: Any, answers: frozenset[str], offered: _Offered) -> Iterator[Finding]:
    """Items that are asked only sometimes are items of their questionnaire, and hang on something that is asked."""
    for path, activity in walk(tree, "activities.*"):
        branches = activity.get("show_if") if isinstance(activity, Mapping) else None
        for column, rule in branches.items() if isinstance(branches, Mapping) else ():
            place = (*path, "show_if", column)
            codes = tuple(f"{code}_" for code in texts_at(activity, "instruments.*"))
            own = [one for one in offered.items if one.startswith(codes)]
            if column not in own:
                yield unknown(place, column, own, "item of this questionnaire")
            for name in _names(rule):
                if name not in answers or name == column:
                    yield unknown(place, name, answers - {column}, "other answer or score")


def _names(rule: Any) -> list[str]:
    try:
        return sorted(expressions.parse(rule).names) if isinstance(rule, str) else []
    except expressions.ExpressionError:
        return []


def _questions(tree: Any) -> dict[str, _Question]:
    """Activity id to what it asks."""
    return {
        str(activity["id"]): _Question(
            tuple(texts_at(activity, "instruments.*")), frozenset(texts_at(activity, "arms.*"))
        )
        for _, activity in walk(tree, "activities.*")
        if isinstance(activity, Mapping) and isinstance(activity.get("id"), str)
    }


def _asked(tree: Any, timepoint: str, arm: str | None) -> set[str] | None:
    """The codes that one arm is asked at a timepoint, by its id; before randomisation `consent` and no arm.

    None where the timepoint names an activity that is not declared: that is reported once, by name.
    """
    questions = _questions(tree)
    asked: set[str] = set()
    for _, point in walk(tree, "timepoints.*"):
        if isinstance(point, Mapping) and timepoint in (point.get("id"), point.get("anchor")):
            for activity in texts_at(point, "activities.*"):
                if activity not in questions:
                    return None
                if not questions[activity].arms or arm in questions[activity].arms:
                    asked.update(questions[activity].codes)
    return asked


class _Scores:
    """The scores that each arm is asked at each timepoint, worked out once; None where that cannot be known."""

    def __init__(self, tree: Any, instruments: Mapping[str, Any]) -> None:
        self.tree, self.instruments = tree, instruments
        self.known: dict[tuple[str, str | None], set[str] | None] = {}

    def at(self, timepoint: str, arm: str | None) -> set[str] | None:
        if (timepoint, arm) not in self.known:
            codes = _asked(self.tree, timepoint, arm)
            sure = codes is not None and codes <= set(self.instruments)
            self.known[timepoint, arm] = _score_ids(self.instruments, codes or set()) if sure else None
        return self.known[timepoint, arm]


def _score_ids(instruments: Mapping[str, Any], codes: set[str]) -> set[str]:
    return {score for code in codes & set(instruments) for score in texts_at(instruments[code], "scores.*.id")}


def _planned_outcomes(tree: Any, instruments: Mapping[str, Any], offered: _Offered) -> Iterator[Finding]:
    """Each score and place that the plan needs and nobody, or not every arm of a contrast, is asked; once each."""
    scores, told = _Scores(tree, instruments), set()
    for path, outcome, score, timepoint, arm in _needed(tree):
        asked = scores.at(timepoint, arm)
        if asked is None or score in asked or score not in offered.scores or (score, timepoint) in told:
            continue
        told.add((score, timepoint))
        where = "at baseline" if timepoint == "consent" else f"at {timepoint!r} in the arm {arm!r}"
        what = f"the outcome {outcome!r} needs the score {score!r}, which is never asked {where}."
        yield Finding(path, what, "Add its instrument to a questionnaire of that timepoint.")


def _needed(tree: Any) -> Iterator[tuple[Path, str, str, str, str | None]]:
    """(path, outcome, score, timepoint, arm) for every planned analysis; the baseline comes with each."""
    score_of = {
        str(one["id"]): one.get("score")
        for _, one in walk(tree, "outcomes.*")
        if isinstance(one, Mapping) and isinstance(one.get("id"), str)
    }
    timepoints, arms = set(texts_at(tree, "timepoints.*.id")), set(texts_at(tree, "arms.*.id"))
    for pattern in (
        "analysis.primary", "analysis.secondary.analyses.*", "analysis.exploratory.analyses.*",
        "analysis.exploratory.subgroups.*", "analysis.clinical_change.*",
    ):  # fmt: skip
        for path, plan in walk(tree, pattern):
            outcome = "".join(texts_at(plan, "outcome"))
            score = score_of.get(outcome)
            if not isinstance(score, str):
                continue
            yield path, outcome, score, "consent", None
            for timepoint in texts_at(plan, "timepoint"):
                every = sorted(arms) if isinstance(plan, Mapping) and plan.get("factors") else ()
                for arm in every or texts_at(plan, "contrast.*")[:2]:
                    if timepoint in timepoints and arm in arms:
                        yield path, outcome, score, timepoint, arm


def _harms(tree: Any, instruments: Mapping[str, Any]) -> Iterator[Finding]:
    for path, item in walk(tree, "harms.item"):
        code = tree["harms"].get("instrument")
        instrument = instruments.get(code) if isinstance(code, str) else None
        if instrument is None or not isinstance(item, str | int):
            continue
        known = {value for _, value in walk(instrument, "items.*.id") if isinstance(value, str | int)}
        if item not in known:
            yield unknown(path, item, (str(value) for value in known), f"item of {code!r}")
