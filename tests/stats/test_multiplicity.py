"""Holm's adjustment, in the order the comparisons were planned in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trial.stats.multiplicity import holm

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def test_holm_gives_the_figures_of_r(closed_forms_by_r: Any) -> None:
    for case in closed_forms_by_r["holm"]:
        assert holm(case["p"]) == pytest.approx(case["adjusted"], rel=1e-12)


def test_holm_gives_the_figures_known_beforehand() -> None:
    expected = (0.006, 0.05, 0.08, 0.09, 0.09, 0.2)
    assert holm([0.001, 0.01, 0.02, 0.03, 0.04, 0.2]) == pytest.approx(expected, rel=1e-12)


def test_one_comparison_is_not_adjusted_and_none_is_none() -> None:
    assert holm([0.03]) == (0.03,)
    assert holm([]) == ()


@settings(derandomize=True, deadline=None)
@given(p_values, st.randoms(use_true_random=False))
def test_each_comparison_keeps_its_place_and_its_rank(p: list[float], dice: Any) -> None:
    order = list(range(len(p)))
    dice.shuffle(order)
    adjusted = holm(p)
    assert holm([p[index] for index in order]) == tuple(adjusted[index] for index in order)
    ranked = [adjusted[index] for index in sorted(range(len(p)), key=lambda each: p[each])]
    assert ranked == sorted(ranked)
    assert all(before <= after <= min(1, before * len(p)) for before, after in zip(p, adjusted, strict=True))


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_p_value_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.2, wrong])
