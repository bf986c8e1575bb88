"""A family of hypotheses that pass alpha on to one another along the arrows of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trial.stats.arrays import FloatArray
from trial.stats.multiplicity import check_p_values

_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Graph:
    """`weights` says which share of alpha each of `names` has at first, `passes` [i][j] which share i leaves to j.

    Once i is rejected its alpha goes to the others along its arrows. Shares of a row that do not add up to 1 are lost.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...]
    passes: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Rejections:
    """What the procedure says of each hypothesis, in the order of `names`.

    Each of `adjusted` can be held against alpha itself. `order` names the hypotheses as they were taken, `rejected` are
    those at `alpha`; `remarks` are the graph's, in words.
    """

    names: tuple[str, ...]
    adjusted: tuple[float, ...]
    rejected: tuple[str, ...]
    order: tuple[str, ...]
    alpha: float
    remarks: tuple[str, ...]


def graphical(graph: Graph, p_values: Sequence[float], alpha: float = 0.05) -> Rejections:
    """Test a graph's hypotheses by weighted Bonferroni tests, each rejection passing its alpha on.

    Again and again the hypothesis with the smallest p / weight is taken, and its adjusted p-value is the largest such
    ratio until then, at most 1. Its weight w goes to each j left as w g_j, and the arrows between those left become
    (g_jk + g_ji g_ik) / (1 - g_ji g_ij), i the one taken. The outcome does not depend on ties and holds the family's
    type I error whatever the dependence. Bretz F, Maurer W, Brannath W, Posch M (2009), A graphical approach to
    sequentially rejective multiple test procedures, Statistics in Medicine 28, 586-604.

    Raises ValueError for a graph that is none, naming every mistake, p-values outside 0 to 1 or of another number, or
    an alpha outside 0 to 1.
    """
    if mistakes := mistakes_of(graph):
        raise ValueError(" ".join(mistakes))
    check_p_values(p_values)
    if len(p_values) != len(graph.names):
        raise ValueError(f"{len(p_values)} p-values for {len(graph.names)} hypotheses")
    if not 0 < alpha < 1:
        raise ValueError("alpha lies between 0 and 1")
    weights, passes = np.array(graph.weights, dtype=np.float64), np.array(graph.passes, dtype=np.float64)
    left, adjusted, order, largest = list(range(len(p_values))), [1.0] * len(p_values), [], 0.0
    while left:
        ratio, taken = min((_ratio(p_values[index], weights[index]), index) for index in left)
        largest = max(largest, min(ratio, 1.0))
        adjusted[taken] = largest
        order.append(graph.names[taken])
        left.remove(taken)
        weights, passes = _pass_on(weights, passes, taken, left)
    rejected = tuple(name for name, p in zip(graph.names, adjusted, strict=True) if p <= alpha)
    return Rejections(graph.names, tuple(adjusted), rejected, tuple(order), alpha, remarks_of(graph))


def fallback(names: Sequence[str], weights: Sequence[float]) -> Graph:
    """Hypotheses in an order, each with a share of alpha of its own, which it hands to the next once rejected.

    Wiens BL (2003), A fixed sequence Bonferroni procedure for testing multiple endpoints, Pharmaceutical Statistics 2,
    211-215. All of alpha at the first makes the fixed sequence.
    """
    count = len(names)
    passes = tuple(tuple(1.0 if to == at + 1 else 0.0 for to in range(count)) for at in range(count))
    return Graph(tuple(names), tuple(weights), passes)


def mistakes_of(graph: Graph) -> tuple[str, ...]:
    """Everything that makes a graph no graph, in sentences; empty for a valid one."""
    count = len(graph.names)
    if count == 0:
        return ("The graph has no hypotheses.",)
    if len(set(graph.names)) < count:
        return ("Two hypotheses of the graph have the same name.",)
    if len(graph.weights) != count or len(graph.passes) != count or any(len(row) != count for row in graph.passes):
        return (f"{count} hypotheses need {count} weights, and {count} rows of {count} shares to pass on.",)
    found = [f"The weight of {name!r} is {w:g}, not from 0 to 1." for name, w in _outside(graph.names, graph.weights)]
    if sum(graph.weights) > 1 + _SLACK:
        found.append(f"The weights add up to {sum(graph.weights):g}: more than all of alpha.")
    for at, (name, row) in enumerate(zip(graph.names, graph.passes, strict=True)):
        found += [f"{name!r} passes {g:g} to {to!r}, not from 0 to 1." for to, g in _outside(graph.names, row)]
        if row[at] != 0:
            found.append(f"{name!r} passes alpha to itself.")
        if sum(row) > 1 + _SLACK:
            found.append(f"{name!r} passes on {sum(row):g} of its alpha: more than all of it.")
    return tuple(found)


def remarks_of(graph: Graph) -> tuple[str, ...]:
    """What is allowed in a valid graph and still worth saying: alpha nobody uses, hypotheses that are never tested."""
    found = []
    if sum(graph.weights) < 1 - _SLACK:
        found.append(f"Only {sum(graph.weights):g} of alpha is given to a hypothesis at first; the rest is never used.")
    reached = {at for at, weight in enumerate(graph.weights) if weight > 0}
    while more := {
        to for at in reached for to, share in enumerate(graph.passes[at]) if share > 0 and to not in reached
    }:
        reached |= more
    found += [
        f"{name!r} has no alpha and gets none from anybody: it can never be rejected."
        for at, name in enumerate(graph.names)
        if at not in reached
    ]
    return tuple(found)


def _outside(names: Sequence[str], shares: Sequence[float]) -> list[tuple[str, float]]:
    return [(name, share) for name, share in zip(names, shares, strict=True) if not -0.0 <= share <= 1 + _SLACK]


def _ratio(p: float, weight: float) -> float:
    return p / weight if weight > 0 else float("inf")


def _pass_on(weights: FloatArray, passes: FloatArray, taken: int, left: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    after, arrows = np.zeros_like(weights), np.zeros_like(passes)
    for one in left:
        after[one] = weights[one] + weights[taken] * passes[taken, one]
        back = passes[one, taken] * passes[taken, one]
        if back >= 1 - _SLACK:
            continue
        for other in left:
            if other != one:
                arrows[one, other] = (passes[one, other] + passes[one, taken] * passes[taken, other]) / (1 - back)
    return after, arrows
