"""Effects of the factors of a factorial design as analyses of its plan: which arms they compare, and whether they can.

An analysis with `factors: [writing]` is the main effect of that factor, one with two factors their interaction. Its
`contrast` is two arms that differ in these factors alone, and follows from the arms where it is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trial.core.findings import Finding, Path, shown, texts_at, walk
from trial.core.protocol import PlannedAnalysis, TrialProtocol

_PLANNED = ("analysis.primary", "analysis.secondary.analyses.*", "analysis.exploratory.analyses.*")
# sensitivity analyses that are the planned model over other people
OF_FACTORS: frozenset[str] = frozenset({"complete_case", "per_protocol"})
# models with a mean of each arm, of which effects are combinations
METHODS: frozenset[str] = frozenset({"ancova", "mmrm", "clda"})
Sides = tuple[tuple[str, ...], tuple[str, ...]]


def sides(protocol: TrialProtocol, planned: PlannedAnalysis) -> tuple[tuple[str, ...], ...]:
    """The arms on both sides of an analysis: of a contrast one each, of a main effect all that have either level.

    Of an interaction those whose means it adds and those that it takes away; of a single arm that alone.
    """
    if not planned.factors:
        return tuple((arm,) for arm in planned.contrast)
    one, other = (protocol.arm(arm).factors for arm in planned.contrast)
    level = {name: (one[name], other[name]) for name in planned.factors}

    def adds(its: Mapping[str, str]) -> bool:
        return sum(its[name] == level[name][1] for name in planned.factors) % 2 == 0

    plus = tuple(arm.id for arm in protocol.arms if adds(arm.factors))
    return plus, tuple(arm.id for arm in protocol.arms if arm.id not in plus)


def find(tree: Any) -> Iterator[Finding]:
    """Every analysis of factors that the design or its own method cannot carry."""
    analyses = [each for pattern in _PLANNED for each in walk(tree, pattern) if isinstance(each[1], Mapping)]
    for path, one in analyses:
        if one.get("factors"):
            yield from _analysis(tree, path, one)
        elif not one.get("contrast") and "contrast" not in one:
            mend = "Add `contrast: [arm, reference]`, or in a factorial design `factors: [factor]`."
            yield Finding(path, "the analysis says not what it compares.", mend)
    of_primary = any(one.get("factors") for path, one in analyses if path == ("analysis", "primary"))
    for path, tried in walk(tree, "analysis.sensitivity.*") if of_primary else ():
        if isinstance(tried, Mapping) and tried.get("method") not in OF_FACTORS:
            what = f"{shown(tried.get('method'))} compares two arms, and the primary analysis is an effect of factors."
            yield Finding((*path, "method"), what, "Plan complete_case or per_protocol.")


def _analysis(tree: Any, path: Path, one: Mapping[str, Any]) -> Iterator[Finding]:
    place = (*path, "factors")
    named = texts_at(one, "factors.*")
    known = [each for _, each in walk(tree, "design.factors.*") if isinstance(each, Mapping)]
    levels = {str(each.get("id")): texts_at(each, "levels.*") for each in known}
    if not set(named) <= set(levels):
        return  # a factor that there is not is told by its name
    if len(set(named)) < len(named):
        yield Finding(place, "a factor is named twice.", "Name one factor, or two for their interaction.")
        return
    arms = {str(its.get("id")): its["factors"] for its in _arms(tree)}
    cells = {tuple(str(its.get(name)) for name in levels) for its in arms.values()}
    if [len(each) for each in levels.values()] != [2, 2] or len(cells) != 4 or len(arms) != 4:
        what = "effects of factors are worked out for two factors of two levels, each combination an arm."
        yield Finding(place, what, "Plan contrasts of arms instead.")
        return
    given = one.get("contrast")
    if given is not None and not _differ(arms, texts_at(one, "contrast.*"), named, levels):
        what = "these arms do not differ in just the factors that the analysis names."
        yield Finding((*path, "contrast"), what, "Take `contrast` out: it follows from the factors.")
    method = one.get("method") or "".join(texts_at(tree, "analysis.method"))
    if method not in METHODS:
        mend = "Write `method: ancova` in this analysis, and let its outcome be a mean."
        what = f"effects of factors are worked out by ancova, mmrm and clda, and the method is {shown(method)}."
        yield Finding(place, what, mend)


def _arms(tree: Any) -> list[Mapping[str, Any]]:
    found = [arm for _, arm in walk(tree, "arms.*") if isinstance(arm, Mapping)]
    return [arm for arm in found if isinstance(arm.get("factors"), Mapping)]


def _differ(arms: Mapping[str, Any], pair: list[str], named: list[str], levels: Mapping[str, Any]) -> bool:
    if len(pair) != 2 or not set(pair) <= set(arms):
        return False
    one, other = (arms[arm] for arm in pair)
    return {name for name in levels if one.get(name) != other.get(name)} == set(named)
