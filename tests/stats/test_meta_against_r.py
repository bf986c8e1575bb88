"""Every figure of a meta-analysis equals metafor's (tests/reference/meta_analysis.R)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.stats.conftest import read_json
from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.meta_analysis import Pooled, pool_studies, prediction_interval
from trial.stats.meta_effects import (
    ArmSummary,
    PrePost,
    fisher_z,
    mean_difference,
    pre_post_control,
    standardized_difference,
)
from trial.stats.meta_funnel import egger
from trial.stats.meta_heterogeneity import METHODS, Method
from trial.stats.meta_influence import by_group, leave_one_out

CLOSE = 1e-8
BY_R = read_json("meta_analysis.json")
SETS = tuple(BY_R["sets"])
RANDOM: tuple[Method, ...] = ("dl", "pm", "reml")
ONE_ESTIMATE = ("same",)


def studies(name: str) -> tuple[FloatArray, FloatArray]:
    found = BY_R["sets"][name]
    return np.array(found["estimates"], dtype=np.float64), np.array(found["variances"], dtype=np.float64)


def near(value: Any, *, tolerance: float = CLOSE) -> Any:
    return pytest.approx(value, rel=tolerance, abs=1e-11)


def assert_figures(ours: Pooled, by_r: Any) -> None:
    spread = ours.heterogeneity
    assert (ours.estimate, ours.se, *ours.ci) == near((by_r["estimate"], by_r["se"], by_r["low"], by_r["high"]))
    assert (ours.statistic, ours.p) == near((by_r["statistic"], by_r["p"]))
    # metafor lets H^2 of a common effect fall below 1, where Q is below its degrees of freedom
    assert (spread.tau2, spread.i2, spread.h2) == near((by_r["tau2"], by_r["i2"], max(1, by_r["h2"])))
    assert (spread.q, spread.p) == near((by_r["q"], by_r["q_p"]))
    assert ours.weights == near(tuple(by_r["weights"]))


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("method", METHODS)
def test_with_normal_intervals_each_method_gives_what_metafor_gives(name: str, method: Method) -> None:
    assert_figures(
        pool_studies(*studies(name), method, knapp_hartung=False), BY_R["sets"][name]["fits"][method]["normal"]
    )


@pytest.mark.parametrize("name", [one for one in SETS if one not in ONE_ESTIMATE])
@pytest.mark.parametrize("method", RANDOM)
def test_knapp_and_hartung_s_interval_is_that_of_metafor_with_and_without_its_guard(name: str, method: Method) -> None:
    by_r = BY_R["sets"][name]["fits"][method]
    assert_figures(pool_studies(*studies(name), method, safeguard=False), by_r["knapp_hartung"])
    assert_figures(pool_studies(*studies(name), method), by_r["guarded"])
    assert_figures(pool_studies(*studies(name), method, safeguard=False, level=0.9), by_r["ninety"])


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("method", RANDOM)
def test_the_interval_of_the_variance_between_studies_is_that_of_metafor(name: str, method: Method) -> None:
    by_r = BY_R["sets"][name]["fits"][method]["profile"]
    spread = pool_studies(*studies(name), method).heterogeneity
    assert spread.tau2_ci == near(tuple(by_r["tau2"]))
    assert spread.i2_ci == near(tuple(by_r["i2"]))
    assert spread.empty == (spread.tau2_ci == (0.0, 0.0))


@pytest.mark.parametrize("name", [one for one in SETS if one != "two"])
@pytest.mark.parametrize("method", RANDOM)
def test_the_prediction_interval_is_higgins_s_and_by_normal_quantiles_metafor_s(name: str, method: Method) -> None:
    by_r = BY_R["sets"][name]["fits"][method]["prediction"]
    ours = pool_studies(*studies(name), method, knapp_hartung=False)
    assert ours.prediction == near(tuple(by_r["higgins"]))
    assert prediction_interval(ours.estimate, ours.se, ours.heterogeneity.tau2, math.inf) == near(
        tuple(by_r["metafor"])
    )


@pytest.mark.parametrize("name", [one for one in SETS if one not in ("two", *ONE_ESTIMATE)])
def test_each_study_left_out_and_egger_s_line_are_those_of_metafor(name: str) -> None:
    by_r = BY_R["sets"][name]
    for ours, theirs in zip(leave_one_out(*studies(name), safeguard=False), by_r["leave_one_out"], strict=True):
        assert_figures(ours, theirs)
    line, their_line = egger(*studies(name)), by_r["egger"]
    assert (line.bias, line.se, line.t, line.p) == near(tuple(their_line[key] for key in ("bias", "se", "t", "p")))
    assert line.df == their_line["df"]
    assert (line.limit, *line.limit_ci) == near(tuple(their_line[key] for key in ("limit", "low", "high")))


def test_the_numbers_of_the_bcg_vaccine_trials_come_out() -> None:
    dl, reml, pm = (pool_studies(*studies("bcg"), method, knapp_hartung=False) for method in ("dl", "reml", "pm"))
    assert (dl.estimate, dl.se) == pytest.approx((-0.71411722, 0.17874209), abs=5e-9)
    # those of REML were taken where metafor stops by default, at about seven digits
    assert (reml.estimate, reml.se) == pytest.approx((-0.71453235, 0.17978153), abs=3e-8)
    spread = [one.heterogeneity for one in (dl, reml, pm)]
    assert [one.tau2 for one in spread[:2]] == pytest.approx([0.30876026, 0.31324333], abs=2e-7)
    # and by default metafor stops at four digits with Paule-Mandel; told to go on, it gives ours to 1e-8 (above)
    assert spread[2].tau2 == pytest.approx(0.31809371, rel=1e-4)
    assert spread[1].i2 == pytest.approx(0.922214, abs=5e-7)
    guarded = pool_studies(*studies("bcg"))
    assert guarded.se == pytest.approx(0.18079175, abs=3e-8)
    assert guarded.ci == pytest.approx((-1.108444, -0.320621), abs=5e-7)
    predicted = prediction_interval(reml.estimate, reml.se, spread[1].tau2, math.inf)
    assert predicted == pytest.approx((-1.8667, 0.4376), abs=5e-5)


def test_groups_of_studies_are_pooled_and_compared_as_metafor_does() -> None:
    by_r = BY_R["subgroups"]
    ours = by_group(*studies("bcg"), by_r["groups"], safeguard=False)
    assert list(ours.groups) == by_r["names"]
    for pooled, theirs in zip(ours.groups.values(), by_r["parts"], strict=True):
        assert pooled is not None
        assert_figures(pooled, theirs)
    assert (ours.q, ours.df, ours.p) == near((by_r["q"], 2, by_r["p"]))


def test_differences_of_means_from_summaries_are_those_of_escalc() -> None:
    for place, row in enumerate(BY_R["arms"]):
        one, other = (ArmSummary(row[f"n{at}i"], row[f"m{at}i"], row[f"sd{at}i"]) for at in (1, 2))
        for effect, by_r in ((standardized_difference, BY_R["smd"]), (mean_difference, BY_R["md"])):
            ours = effect(one, other)
            assert (ours.estimate, ours.variance) == near((by_r["yi"][place], by_r["vi"][place]))


def test_pre_post_control_differences_are_those_worked_out_in_r() -> None:
    for row in BY_R["pre_post_control"]:
        arms = [
            PrePost(row[f"n{at}"], row[f"pre{at}"], row[f"post{at}"], row[f"sd{at}"], row[f"r{at}"]) for at in (1, 2)
        ]
        ours = pre_post_control(*arms)
        assert (ours.estimate, ours.variance) == near((row["yi"], row["vi"]))


def test_correlations_are_those_of_escalc_and_corrected_ones_those_that_r_derives() -> None:
    by_r = BY_R["correlations"]
    for at, (r, n) in enumerate(zip(by_r["ri"], by_r["ni"], strict=True)):
        plain = fisher_z(r, int(n))
        corrected = fisher_z(r, int(n), by_r["rx"][at], by_r["ry"][at])
        assert (plain.estimate, plain.variance) == near((by_r["plain"][at], by_r["plain_v"][at]))
        assert (corrected.estimate, corrected.variance) == near((by_r["yi"][at], by_r["vi"][at]))


def test_where_all_estimates_are_the_same_knapp_and_hartung_are_refused_without_their_guard() -> None:
    with pytest.raises(AnalysisImpossible, match="without its guard"):
        pool_studies(*studies("same"), safeguard=False)
    assert pool_studies(*studies("same")).guarded
