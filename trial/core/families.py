"""Whether a plan's parts fit one another: a family and its multiplicity rule, a sensitivity method and its error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trial.core.findings import Finding, Path, shown, texts_at, unknown, walk

_SLACK = 1e-9
_AT: Path = ("analysis", "secondary")
# methods that move the lost away from people like them: by their conditional mean, or by draws
OF_THE_LOST = ("jump_to_reference", "copy_reference", "copy_increments", "tipping_point")


def find(tree: Any) -> Iterator[Finding]:
    """Every mistake in the rule of the secondary family, and in how sensitivity analyses fill in."""
    for path, one in walk(tree, "analysis.sensitivity.*"):
        if isinstance(one, Mapping) and one.get("by") is not None and one.get("method") not in OF_THE_LOST:
            method = shown(one.get("method"))
            what = f"`by` says how the lost are filled in by a rule or a shift of the plan, and {method} has none."
            yield Finding((*path, "by"), what, "Take it out.")
        if isinstance(one, Mapping) and one.get("auxiliaries") and one.get("method") != "multiple_imputation":
            method = shown(one.get("method"))
            what = f"`auxiliaries` are what multiple imputation draws from, and {method} does without."
            yield Finding((*path, "auxiliaries"), what, "Take them out, or plan `multiple_imputation`.")
    for _, family in walk(tree, "analysis.secondary"):
        if not isinstance(family, Mapping):
            continue
        rule, graph = family.get("multiplicity"), family.get("graph")
        if rule == "none" and family.get("gate") is not None:
            mend = "Choose a rule for `multiplicity`, or take `gate` out."
            yield Finding((*_AT, "gate"), "a gate guards a family that shares a rule, and this one has none.", mend)
        if graph and rule != "graph":
            what = f"`graph` belongs to `multiplicity: graph`, and the rule is {shown(rule)}."
            yield Finding((*_AT, "graph"), what, "Choose one of the two.")
        if rule == "graph":
            yield from _graph(family)


def _graph(family: Mapping[str, Any]) -> Iterator[Finding]:
    named = texts_at(family, "analyses.*.id")
    given = texts_at(family, "graph.*.analysis")
    for path, one in walk(family, "analyses.*"):
        name = one.get("id") if isinstance(one, Mapping) else None
        if name is None:
            mend = "Give it an `id`, and an entry with that under `graph`."
            yield Finding((*_AT, *path), "a graph calls analyses by name, and this one has none.", mend)
        elif name not in given:
            what, mend = f"the graph says nothing of {shown(name)}.", f"Add `{{analysis: {name}, weight: 0}}`."
            yield Finding((*_AT, "graph"), what, mend)
    if (total := sum(_numbers(family, "graph.*.weight"))) > 1 + _SLACK:
        what = f"the weights add up to {total:g}: more than all of alpha."
        yield Finding((*_AT, "graph"), what, "Let them add up to 1.")
    for path, one in walk(family, "graph.*"):
        passes = one.get("passes") if isinstance(one, Mapping) else None
        if isinstance(passes, Mapping):
            yield from _passes((*_AT, *path, "passes"), one.get("analysis"), passes, named)


def _passes(path: Path, own: Any, passes: Mapping[Any, Any], named: list[str]) -> Iterator[Finding]:
    for to in passes:
        if to == own:
            what = f"{shown(own)} passes alpha to itself."
            yield Finding((*path, str(to)), what, "Name another analysis of the family.")
        elif to not in named:
            yield unknown((*path, str(to)), to, set(named), "secondary analysis with an `id`")
    if (total := sum(one for one in passes.values() if _is_number(one))) > 1 + _SLACK:
        what = f"{shown(own)} passes on {total:g} of its alpha: more than all of it."
        yield Finding(path, what, "Let the shares add up to 1.")


def _numbers(tree: Any, pattern: str) -> Iterator[float]:
    return (float(value) for _, value in walk(tree, pattern) if _is_number(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
