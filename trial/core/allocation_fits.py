"""Whether the method of allocation can do what the arms ask: ratios, number of arms, blocks, chances, clusters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from trial.core import expressions
from trial.core.findings import Finding, texts_at, unknown, walk

# published for two arms, for arms in equal ratio
OF_TWO_ARMS = {"big_stick": "The big stick", "biased_coin": "Efron's biased coin"}
OF_EQUAL_RATIO = {**OF_TWO_ARMS, "urn": "The urn"}


def find(tree: Any) -> Iterator[Finding]:
    """Every mistake between `allocation` and `arms`, of the trial and of each further stage."""
    yield from _clusters(tree)
    yield from _way_with_clusters(tree)
    yield from _fits(tree)
    for path, stage in walk(tree, "stages.*"):
        for found in _fits(stage):
            yield found._replace(path=path + found.path)


def _fits(tree: Any) -> Iterator[Finding]:
    ratios = [arm.get("ratio", 1) for _, arm in walk(tree, "arms.*") if isinstance(arm, Mapping)]
    if not ratios or not all(isinstance(one, int) and one >= 0 for one in ratios):
        return
    declared, ratios = len(ratios), [one for one in ratios if one]  # with 0 an arm is closed to new people
    if len(ratios) < min(2, declared):
        what = f"{_many(len(ratios))} open to new people: chance has nothing to decide."
        yield Finding(("arms",), what, "Leave at least two arms a `ratio` above 0, or end recruitment.")
        return
    yield from _block_sizes(tree, sum(ratios))
    method = next((value for _, value in walk(tree, "allocation.method")), None)
    if not isinstance(method, str):
        return
    if method in OF_TWO_ARMS and len(ratios) != 2:
        what = f"{OF_TWO_ARMS[method]} is a rule for two arms; there are {len(ratios)} here."
        mend = "Take permuted_blocks, the urn, minimisation or simple, which serve any number."
        yield Finding(("allocation", "method"), what, mend)
    if method in OF_EQUAL_RATIO and len(set(ratios)) > 1:
        what = f"{OF_EQUAL_RATIO[method]} is a rule for arms in equal ratio; these stand {':'.join(map(str, ratios))}."
        yield Finding(
            ("allocation", "method"), what, "Take permuted_blocks, minimisation or simple, which keep a ratio."
        )
    if method in ("minimisation", "biased_coin"):
        yield from _chances(tree, ratios)
    known = set(texts_at(tree, "allocation.strata.*.id"))
    for path, weights in walk(tree, "allocation.weights"):
        for factor in weights if isinstance(weights, Mapping) else ():
            if factor not in known:
                yield unknown((*path, factor), factor, known, "stratification factor")


def _many(number: int) -> str:
    return "one arm is" if number == 1 else "no arm is"


def _clusters(tree: Any) -> Iterator[Finding]:
    """A cluster is one of the answers to a question; what it is balanced on is known from that answer alone."""
    asked = [one for _, one in walk(tree, "eligibility.questions.*") if isinstance(one, Mapping)]
    questions = {str(one.get("id")): one for one in asked}
    for path, question in walk(tree, "allocation.cluster.question"):
        if not isinstance(question, str) or question not in questions:
            yield unknown(path, str(question), questions, "screening question")
            continue
        if questions[question].get("type") != "choice":
            what = f"{question} is no choice among clusters."
            yield Finding(path, what, "Name a screening question of the type choice.")
        for place, rule in walk(tree, "allocation.strata.*.levels.*.when"):
            if _names(rule) - {question}:
                what = f"a cluster is allocated by what is known of it: its answer to {question} alone."
                yield Finding(place, what, f"Write a rule over {question}.")


def _way_with_clusters(tree: Any) -> Iterator[Finding]:
    """How the analysis allows for clusters belongs to a trial that allocates them."""
    units = [unit for _, unit in walk(tree, "allocation.unit")]
    for path, way in walk(tree, "analysis.clusters"):
        if way is not None and units != ["cluster"]:
            what = "`clusters` says how people of a cluster may be alike, and people are allocated one by one."
            yield Finding(path, what, "Take it out, or add `unit: cluster` and `cluster` to `allocation`.")


def _names(rule: Any) -> frozenset[str]:
    try:
        return expressions.parse(rule).names if isinstance(rule, str) else frozenset()
    except expressions.ExpressionError:
        return frozenset()


def _block_sizes(tree: Any, total: int) -> Iterator[Finding]:
    for path, size in walk(tree, "allocation.block_sizes.*"):
        if isinstance(size, int) and size % total:
            what = f"a block of {size} cannot hold the arms in their ratio."
            yield Finding(path, what, f"Use multiples of {total}, the sum of the arms' ratios.")


def _chances(tree: Any, ratios: list[int]) -> Iterator[Finding]:
    path = ("allocation", "probability")
    for _, value in walk(tree, "allocation.probability"):
        ranks = [_fraction(one) for one in value] if isinstance(value, list) else None
        if ranks is None:
            one = _fraction(value)
            fair = Fraction(min(ratios), sum(ratios))
            if one is not None and not fair < one <= 1:
                what = f"with the chance {value} the arm that is behind is not favoured."
                yield Finding(path, what, f"Write a chance above {fair} and not above 1.")
            continue
        given = [one for one in ranks if one is not None]
        if len(given) != len(ranks):
            continue
        if len(set(ratios)) > 1:
            what = "a chance for each rank is a rule for arms in equal ratio."
            yield Finding(path, what, "Write one chance: that of the best arm of the smallest ratio.")
        elif len(given) != len(ratios) or sum(given) != 1 or given != sorted(given, reverse=True):
            what = f"{len(given)} chances in rank order have to sum to 1 over {len(ratios)} arms, the largest first."
            yield Finding(path, what, "Write one for each arm, from the best rank to the worst.")


def _fraction(value: Any) -> Fraction | None:
    try:
        return Fraction(str(value)) if not isinstance(value, bool) else None
    except (ValueError, ZeroDivisionError):
        return None
