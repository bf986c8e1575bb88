"""What must hold where people come in clusters, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trial.core.errors import AnalysisImpossible
from trial.stats.ancova import ancova
from trial.stats.cluster_ancova import ClusterAncovaResult, cluster_ancova
from trial.stats.cluster_sums import design_effect
from trial.stats.random_intercept import RandomInterceptResult, random_intercept

always = settings(derandomize=True, deadline=None, max_examples=8)
SIZES = [1, 4, 7, 2, 5, 3, 6, 8, 1, 4]
Data = dict[str, Any]


def made(seed: int, sizes: list[int] = SIZES, between: float = 3.0) -> Data:
    """Clusters turn about in the arms; a baseline; named so that sorting turns their order."""
    chance = np.random.default_rng(seed)
    cluster = [f"class {len(sizes) - place}" for place, size in enumerate(sizes) for _ in range(size)]
    arm = ["ab"[place % 2] for place, size in enumerate(sizes) for _ in range(size)]
    n = sum(sizes)
    shared = np.repeat(chance.normal(0, between, len(sizes)), sizes)
    baseline = chance.normal(20, 5, (n, 1))
    outcome = 0.4 * baseline[:, 0] + shared + chance.normal(0, 3, n)
    return {"outcome": outcome, "arm": arm, "cluster": cluster, "covariates": baseline, "contrast": ("a", "b")}


def figures(result: ClusterAncovaResult | RandomInterceptResult) -> tuple[float, ...]:
    return (result.estimate, result.se, result.df, result.p, *result.ci)


@always
@given(st.integers(0, 2**32))
def test_order_and_names_do_not_matter(seed: int) -> None:
    data = made(seed)
    order = np.random.default_rng(seed).permutation(len(data["arm"]))
    called = {"a": "zebra", "b": "ape"}
    moved = {
        "outcome": data["outcome"][order],
        "arm": [called[data["arm"][place]] for place in order],
        "cluster": ["x" + data["cluster"][place][::-1] for place in order],
        "covariates": data["covariates"][order],
        "contrast": ("zebra", "ape"),
    }
    for analyse in (cluster_ancova, random_intercept):
        assert figures(analyse(**moved)) == pytest.approx(figures(analyse(**data)), rel=1e-7, abs=1e-9)


@always
@given(st.integers(0, 2**32), st.floats(-1e3, 1e3), st.floats(0.01, 100))
def test_scale_and_origin_do_not_matter(seed: int, shift: float, factor: float) -> None:
    data = made(seed)
    moved = data | {"outcome": shift + factor * data["outcome"], "covariates": shift - factor * data["covariates"]}
    for analyse in (cluster_ancova, random_intercept):
        ours, theirs = analyse(**moved), analyse(**data)
        assert (ours.estimate, ours.se) == pytest.approx((factor * theirs.estimate, factor * theirs.se), rel=1e-6)
        assert (ours.df, ours.p) == pytest.approx((theirs.df, theirs.p), rel=1e-5)


def test_everyone_a_cluster_of_their_own_is_the_robust_error_of_people() -> None:
    data = made(1)
    alone = data | {"cluster": [str(place) for place in range(len(data["arm"]))]}
    ours = cluster_ancova(**alone)
    del data["cluster"]
    people = ancova(**data, covariance="HC2", degrees="satterthwaite")
    assert figures(ours) == pytest.approx((people.estimate, people.se, people.df, people.p, *people.ci), rel=1e-9)
    assert "41 of 41 clusters have one person only." in ours.warnings


def test_clusters_of_one_size_are_compared_by_their_means() -> None:
    """Balanced and unadjusted, both methods are the t test of cluster means: worked out apart from the code."""
    data = made(2, [4] * 9)
    data["covariates"] = data["covariates"][:, :0]
    means = data["outcome"].reshape(9, 4).mean(axis=1)
    test = stats.ttest_ind(means[::2], means[1::2], equal_var=True)
    ours = random_intercept(**data)
    assert (ours.t, ours.df, ours.p) == pytest.approx((test.statistic, 7, test.pvalue), rel=1e-6)
    robust = cluster_ancova(**data)
    by_means = np.var(means[::2], ddof=1) / 5 + np.var(means[1::2], ddof=1) / 4
    assert (robust.estimate, robust.se) == pytest.approx((ours.estimate, float(by_means) ** 0.5), rel=1e-9)


def test_the_interval_of_the_icc_is_the_classical_one_where_clusters_are_of_one_size() -> None:
    """F of a one-way analysis of variance within arms over its quantiles, as textbooks have it."""
    data = made(3, [5] * 8)
    data["covariates"] = data["covariates"][:, :0]
    table = data["outcome"].reshape(8, 5)
    means = table.mean(axis=1)
    between = 5 * (np.var(means[::2]) * 4 + np.var(means[1::2]) * 4) / 6
    within = float(np.sum((table - means[:, None]) ** 2)) / 32
    low, high = (between / within / stats.f.ppf(1 - tail, 6, 32) for tail in (0.025, 0.975))
    share = random_intercept(**data).icc
    assert share.ci == pytest.approx(((low - 1) / (low + 4), (high - 1) / (high + 4)), rel=1e-6)
    assert share.estimate == pytest.approx((between - within) / (between + 4 * within), rel=1e-6)


def test_the_design_effect_grows_with_unequal_sizes() -> None:
    assert design_effect(np.full(6, 20.0), 0.05) == pytest.approx(1.95)
    assert design_effect(np.array([10.0, 30.0]), 0.05) == pytest.approx(2.2)
    data = made(4)
    ours = random_intercept(**data)
    assert ours.design_effect == pytest.approx(design_effect(np.array(SIZES, dtype=float), ours.icc.estimate))
    assert random_intercept(**(data | {"arm": ["ab"[place % 2] for place in range(41)]})).design_effect is None


def test_an_arm_of_one_cluster_is_refused_and_an_arm_of_two_is_warned_of() -> None:
    one, two = made(5, [6, 5, 4, 5]), made(5, [6, 5, 4, 5])
    one["arm"] = ["b"] * 15 + ["a"] * 5
    for analyse in (cluster_ancova, random_intercept):
        with pytest.raises(AnalysisImpossible, match="Arm 'a' is one cluster"):
            analyse(**one)
    warned = cluster_ancova(**two).warnings
    assert any("Arm 'a' has only 2 clusters" in one for one in warned)
    assert any("degrees of freedom; below 4" in one for one in warned)


def test_one_cluster_with_most_people_of_its_arm_is_warned_of() -> None:
    warned = cluster_ancova(**made(12, [12, 4, 3, 5, 4, 6])).warnings
    assert [one for one in warned if "the people of" in one] == [
        "One cluster has 63% of the people of arm 'a', and that much of the say."
    ]


def test_one_cluster_of_everybody_is_refused() -> None:
    data = made(6)
    with pytest.raises(AnalysisImpossible, match="Everyone analysed is in one cluster"):
        cluster_ancova(**(data | {"cluster": ["here"] * 41}))


def test_one_cluster_that_alone_has_both_arms_decides_nothing() -> None:
    """Three clusters of b and one of both: with the clusters' own level as covariate, it alone compares."""
    data = made(7, [4, 4, 4, 8])
    data["arm"] = ["b"] * 12 + ["a", "b"] * 4
    own = np.array([[float(place // 4 == each) for each in (0, 1, 2)] for place in range(20)])
    with pytest.raises(AnalysisImpossible, match="Cluster 'class 1' alone determines the difference"):
        cluster_ancova(**(data | {"covariates": own}))


def test_only_single_people_cannot_have_an_intercept_of_their_cluster() -> None:
    data = made(8)
    with pytest.raises(AnalysisImpossible, match="No cluster has two people"):
        random_intercept(**(data | {"cluster": [str(place) for place in range(41)]}))


def test_people_who_are_all_like_their_cluster_leave_no_error() -> None:
    data = made(9)
    same = np.repeat(np.random.default_rng(9).normal(size=10), SIZES)
    with pytest.raises(AnalysisImpossible, match="no error is left"):
        random_intercept(**(data | {"outcome": same}))


def test_as_many_parameters_as_clusters_are_too_many() -> None:
    data = made(10, [4, 3, 5, 4])
    levels = np.repeat(np.array([[0.0, 1], [1, 0], [3, 1], [7, 2]]), [4, 3, 5, 4], axis=0)
    with pytest.raises(AnalysisImpossible, match="4 clusters cannot carry a model of 4 parameters"):
        random_intercept(**(data | {"covariates": levels}))


def test_arguments_that_do_not_fit_together_are_a_mistake_of_the_caller() -> None:
    data = made(11)
    for analyse in (cluster_ancova, random_intercept):
        with pytest.raises(ValueError, match="arm and cluster differ"):
            analyse(**(data | {"cluster": data["cluster"][1:]}))
        with pytest.raises(ValueError, match="between 0 and 1"):
            analyse(**data, level=95)
