"""The secondary family under its multiplicity rule: p-values that can each be held against alpha itself."""

from __future__ import annotations

from collections.abc import Sequence

from trial.core.protocol import Secondary
from trial.stats.gatekeeping import Graph, graphical
from trial.stats.multiplicity import fixed_sequence, hochberg, holm
from trial.stats.plan.margin import gate_p
from trial.stats.plan.table import Estimate


def adjust(family: Secondary, primary: Estimate, estimates: Sequence[Estimate]) -> None:
    """Give each estimate of the family its adjusted p-value, in the order of the plan.

    With the primary analysis as the gate, each becomes the larger of it and the primary's p: the family is tested at
    alpha once the primary is rejected at alpha, and then no error is spent twice (a closed test; as in a graph where
    the primary has all of alpha first and passes it on). The p of a margin is brought to that alpha. An analysis that
    could not be carried out counts as if its p were 1, and gets none.
    """
    if family.multiplicity == "none":
        return
    floor = gate_p(primary) if family.gate else 0.0
    adjusted = _adjusted(family, [_p(one) for one in estimates])
    for one, p in zip(estimates, adjusted, strict=True):
        one["adjusted_by"] = family.multiplicity
        one["p_adjusted"] = None if one["p"] is None else max(p, floor)


def graph_of(family: Secondary) -> Graph:
    """The declared graph, its hypotheses in the order of the analyses."""
    names = tuple(str(one.id) for one in family.analyses)
    said = {one.analysis: one for one in family.graph}
    passes = tuple(tuple(said[name].passes.get(to, 0.0) for to in names) for name in names)
    return Graph(names, tuple(said[name].weight for name in names), passes)


def _adjusted(family: Secondary, p_values: list[float]) -> tuple[float, ...]:
    if family.multiplicity == "graph":
        return graphical(graph_of(family), p_values).adjusted
    rules = {"holm": holm, "hochberg": hochberg, "fixed_sequence": fixed_sequence}
    return rules[family.multiplicity](p_values)


def _p(one: Estimate) -> float:
    return 1.0 if one["p"] is None else float(one["p"])
