"""Families of hypotheses keep their error: adjusted p-values are those of the closed test of every intersection."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from trial.stats.gatekeeping import Graph, fallback, graphical, mistakes_of, remarks_of
from trial.stats.multiplicity import fixed_sequence, hochberg, holm

FEW = settings(derandomize=True, deadline=None, max_examples=60)
NAMES = ("mood", "sleep", "mood later", "sleep later")
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=6)


def built(case: Any) -> Graph:
    return Graph(NAMES[: len(case["p"])], tuple(case["weights"]), tuple(tuple(row) for row in case["passes"]))


def evenly(count: int) -> Graph:
    others = 1 / max(count - 1, 1)
    passes = tuple(tuple(0.0 if to == at else others for to in range(count)) for at in range(count))
    return Graph(tuple(f"H{at}" for at in range(count)), (1 / count,) * count, passes)


def test_hochberg_and_the_fixed_sequence_give_the_figures_of_r(multiplicity_by_r: Any) -> None:
    for case in multiplicity_by_r["hochberg"]:
        assert hochberg(case["p"]) == pytest.approx(case["adjusted"], rel=1e-12)
    for case in multiplicity_by_r["fixed_sequence"]:
        assert fixed_sequence(case["p"]) == pytest.approx(case["adjusted"], rel=1e-12)
    for case in multiplicity_by_r["holm"]:
        assert holm(case["p"]) == pytest.approx(case["adjusted"], rel=1e-12)


def test_graphs_give_what_the_closed_test_of_every_intersection_gives(multiplicity_by_r: Any) -> None:
    for case in multiplicity_by_r["graphs"]:
        assert graphical(built(case), case["p"]).adjusted == pytest.approx(case["adjusted"], rel=1e-10)
    for case in multiplicity_by_r["fallback"]:
        found = graphical(fallback(NAMES[:3], case["weights"]), case["p"])
        assert found.adjusted == pytest.approx(case["adjusted"], rel=1e-10)


@FEW
@given(p_values)
def test_holm_and_the_fixed_sequence_are_graphs(p: list[float]) -> None:
    graph = evenly(len(p))
    assert graphical(graph, p).adjusted == pytest.approx(holm(p), rel=1e-9)
    first = fallback(graph.names, [1.0] + [0.0] * (len(p) - 1))
    assert graphical(first, p).adjusted == pytest.approx(fixed_sequence(p), rel=1e-9)
    assert all(one <= other for one, other in zip(hochberg(p), holm(p), strict=True))


@FEW
@given(st.lists(st.floats(0, 1), min_size=4, max_size=4), st.permutations(range(4)), st.sampled_from([0.01, 0.05, 0.3]))
def test_the_order_in_which_hypotheses_are_written_changes_nothing(
    p: list[float], order: list[int], alpha: float
) -> None:
    passes = ((0, 0.5, 0.5, 0), (0.5, 0, 0, 0.5), (0, 1, 0, 0), (1, 0, 0, 0))
    graph = Graph(NAMES, (0.6, 0.4, 0, 0), passes)
    turned = Graph(
        tuple(NAMES[at] for at in order),
        tuple(graph.weights[at] for at in order),
        tuple(tuple(passes[at][to] for to in order) for at in order),
    )
    one, other = graphical(graph, p, alpha), graphical(turned, [p[at] for at in order], alpha)
    assert other.adjusted == pytest.approx([one.adjusted[at] for at in order], rel=1e-9)
    assert set(other.rejected) == set(one.rejected)
    assert set(one.rejected) == {name for name, its in zip(NAMES, one.adjusted, strict=True) if its <= alpha}
    assert all(raw <= its for raw, its in zip(p, one.adjusted, strict=True))


def test_a_secondary_outcome_waits_for_its_primary() -> None:
    waits = Graph(NAMES, (0.5, 0.5, 0, 0), ((0, 0, 1, 0), (0, 0, 0, 1), (0, 1, 0, 0), (1, 0, 0, 0)))
    found = graphical(waits, [0.2, 0.01, 0.0001, 0.02])
    assert found.rejected == ("sleep", "sleep later")
    assert found.order[0] == "sleep"
    assert found.adjusted[2] >= found.adjusted[0] > 0.05


def test_no_true_hypothesis_is_rejected_too_often() -> None:
    """1,500 families, seeded, correlated .5, three of four without an effect; four binomial standard errors."""
    chance = np.random.default_rng(82)
    graph = Graph(NAMES, (0.5, 0.5, 0, 0), ((0, 0.5, 0.5, 0), (0.5, 0, 0, 0.5), (0, 1, 0, 0), (1, 0, 0, 0)))
    wrong = 0
    for _ in range(1500):
        z = chance.normal() * 0.5**0.5 + chance.normal(size=4) * 0.5**0.5 + np.array([3.0, 0, 0, 0])
        rejected = graphical(graph, [float(each) for each in special.ndtr(-z)]).rejected
        wrong += any(name in rejected for name in NAMES[1:])
    assert wrong / 1500 < 0.05 + 4 * (0.05 * 0.95 / 1500) ** 0.5


@pytest.mark.parametrize(
    ("graph", "says"),
    [
        (Graph((), (), ()), "no hypotheses"),
        (Graph(("a", "a"), (0.5, 0.5), ((0, 1), (1, 0))), "same name"),
        (Graph(("a", "b"), (1,), ((0, 1), (1, 0))), "need 2 weights"),
        (Graph(("a", "b"), (0.7, 0.6), ((0, 1), (1, 0))), "more than all of alpha"),
        (Graph(("a", "b"), (-0.1, 0.6), ((0, 1), (1, 0))), "weight of 'a' is -0.1"),
        (Graph(("a", "b"), (0.5, 0.5), ((0.2, 0.8), (1, 0))), "'a' passes alpha to itself"),
        (Graph(("a", "b", "c"), (1, 0, 0), ((0, 0.8, 0.7), (0, 0, 1), (0, 0, 0))), "'a' passes on 1.5"),
        (Graph(("a", "b"), (0.5, 0.5), ((0, float("nan")), (1, 0))), "'a' passes nan to 'b'"),
    ],
)
def test_what_is_no_graph_is_refused_in_words(graph: Graph, says: str) -> None:
    assert any(says in mistake for mistake in mistakes_of(graph))
    with pytest.raises(ValueError, match=says):
        graphical(graph, [0.1] * len(graph.names))


def test_alpha_that_nobody_uses_and_hypotheses_that_nobody_tests_are_named() -> None:
    graph = Graph(("a", "b", "c"), (0.5, 0.3, 0), ((0, 1, 0), (1, 0, 0), (1, 0, 0)))
    assert mistakes_of(graph) == ()
    assert [remark.split(" ")[0] for remark in remarks_of(graph)] == ["Only", "'c'"]
    assert graphical(graph, [0.001, 0.2, 0.0]).adjusted[2] == 1
    assert remarks_of(evenly(3)) == ()


def test_p_values_that_are_none_or_too_few_are_refused() -> None:
    for adjust in (hochberg, fixed_sequence):
        with pytest.raises(ValueError, match="between 0 and 1"):
            adjust([0.1, float("nan")])
    with pytest.raises(ValueError, match="2 p-values for 3"):
        graphical(evenly(3), [0.1, 0.2])
    with pytest.raises(ValueError, match="between 0 and 1"):
        graphical(evenly(2), [0.1, 1.2])
    with pytest.raises(ValueError, match="alpha lies"):
        graphical(evenly(2), [0.1, 0.2], alpha=0)
