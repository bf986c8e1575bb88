"""What must hold where arms are compared with degrees of freedom of their own, and all at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trial.core.errors import AnalysisImpossible
from trial.stats.ancova import ancova
from trial.stats.arrays import FloatArray
from trial.stats.least_squares import Covariance
from trial.stats.several_arms import SeveralArms, several_arms

always = settings(derandomize=True, deadline=None, max_examples=15)
robust = st.sampled_from(["HC2", "HC3"])
ARMS = ["a"] * 7 + ["b"] * 9 + ["c"] * 12


def outcome_of(seed: int) -> tuple[FloatArray, FloatArray]:
    chance = np.random.default_rng(seed)
    baseline = chance.normal(20, 5, (28, 1))
    return 0.5 * baseline[:, 0] + chance.normal(0, 4, 28) * chance.uniform(0.5, 2, 28), baseline


def figures(result: SeveralArms) -> list[float]:
    rows = [(one.estimate, one.se, one.df, one.p, *one.ci) for one in result.contrasts.values()]
    return [figure for row in rows for figure in row] + [result.joint.f, result.joint.df2, result.joint.p]


@always
@given(st.integers(0, 2**32), st.sampled_from(["HC2", "HC3", "classical"]))
def test_every_pair_is_the_one_that_ancova_finds(seed: int, covariance: Covariance) -> None:
    outcome, baseline = outcome_of(seed)
    result = several_arms(outcome, ARMS, baseline, "b", covariance=covariance, degrees="satterthwaite")
    assert list(result.contrasts) == [("a", "b"), ("c", "b"), ("c", "a")]
    for pair, one in result.contrasts.items():
        alone = ancova(outcome, ARMS, baseline, pair, covariance=covariance, degrees="satterthwaite")
        assert (one.estimate, one.se, one.df, one.p) == (alone.estimate, alone.se, alone.df, alone.p)
        assert result.adjusted_means == alone.adjusted_means


@always
@given(st.integers(0, 2**32), robust, st.floats(-1e3, 1e3), st.floats(0.01, 100))
def test_order_scale_and_reference_do_not_change_the_joint_test(
    seed: int, covariance: Covariance, shift: float, factor: float
) -> None:
    outcome, baseline = outcome_of(seed)
    order = np.random.default_rng(seed).permutation(28)
    ours = several_arms(outcome, ARMS, baseline, "a", covariance=covariance, degrees="satterthwaite")
    moved = several_arms(
        (shift + factor * outcome)[order],
        [ARMS[place] for place in order],
        shift - factor * baseline[order],
        "c",
        covariance=covariance,
        degrees="satterthwaite",
    )
    assert (moved.joint.f, moved.joint.df2, moved.joint.p) == pytest.approx(
        (ours.joint.f, ours.joint.df2, ours.joint.p), rel=1e-6, abs=1e-12
    )
    assert moved.contrasts["b", "a"].df == pytest.approx(ours.contrasts["b", "a"].df, rel=1e-6)


def test_two_bare_arms_have_the_textbook_degrees_of_freedom() -> None:
    """Of s1^2/n1 + s2^2/n2 when both spreads are one: worked out apart from the code."""
    outcome, _ = outcome_of(3)
    result = ancova(outcome[:16], ARMS[:16], np.empty((16, 0)), ("a", "b"), covariance="HC2", degrees="satterthwaite")
    assert result.df == pytest.approx((1 / 7 + 1 / 9) ** 2 / (1 / (7**2 * 6) + 1 / (9**2 * 8)), rel=1e-12)
    assert [mean.df for mean in result.adjusted_means.values()] == pytest.approx([6, 8], rel=1e-12)


def test_the_classical_error_keeps_its_degrees_of_freedom_whatever_is_asked() -> None:
    outcome, baseline = outcome_of(4)
    asked, plain = (
        several_arms(outcome, ARMS, baseline, "a", covariance="classical", degrees=degrees)
        for degrees in ("satterthwaite", "residual")
    )
    assert figures(asked) == figures(plain)


def test_an_arm_without_people_and_an_arm_alone_are_refused_by_name() -> None:
    outcome, baseline = outcome_of(5)
    with pytest.raises(AnalysisImpossible, match="Arm 'letter' has no participant"):
        several_arms(outcome, ARMS, baseline, "letter")
    with pytest.raises(AnalysisImpossible, match="Only arm 'a' has participants"):
        several_arms(outcome[:7], ARMS[:7], baseline[:7], "a")


def test_arms_that_do_not_vary_are_refused_though_another_does() -> None:
    outcome = np.array([1.0] * 7 + [2.0] * 9 + [3, 7, 5, 4, 8, 6, 2, 9, 1, 5, 4, 3])
    with pytest.raises(AnalysisImpossible, match="does not vary"):
        several_arms(outcome, ARMS, np.empty((28, 0)), "c")


def test_pairs_of_people_are_too_few_to_judge_many_arms_together() -> None:
    arms = [letter for letter in "abcdef" for _ in range(2)]
    outcome = np.random.default_rng(6).normal(size=12)
    with pytest.raises(AnalysisImpossible, match="Too few people or clusters"):
        several_arms(outcome, arms, np.empty((12, 0)), "a", covariance="HC2", degrees="satterthwaite")


def test_degrees_of_freedom_that_there_are_not_are_a_mistake_of_the_caller() -> None:
    outcome, baseline = outcome_of(7)
    with pytest.raises(ValueError, match="one of residual, satterthwaite"):
        ancova(outcome, ARMS, baseline, ("a", "b"), degrees="kenward")  # type: ignore[arg-type]
