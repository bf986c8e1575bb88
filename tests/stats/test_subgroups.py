"""Subgroups: an effect in each, and one test of whether they differ; never a p of a subgroup alone."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from tests.stats.conftest import Row, read_json
from trial.core.errors import AnalysisImpossible
from trial.stats.least_squares import Covariance
from trial.stats.satterthwaite import Degrees
from trial.stats.subgroups import SubgroupEffect, SubgroupsResult, subgroups

CLOSE = 1e-8
ALL = ("north", "south", "west")


@pytest.fixture(scope="module")
def by_r() -> Any:
    return read_json("linear_models.json")


def analyse(
    rows: list[Row], regions: tuple[str, ...] = ALL, covariance: Covariance = "HC3", degrees: Degrees = "residual"
) -> SubgroupsResult:
    analysed = [row for row in rows if row["outcome"] and row["region"] in regions]
    return subgroups(
        np.array([float(row["outcome"]) for row in analysed]),
        [row["arm"] for row in analysed],
        [row["region"] for row in analysed],
        np.array([[float(row["baseline"])] for row in analysed]),
        ("letter", "early_memory"),
        covariance=covariance,
        degrees=degrees,
        names=["baseline"],
    )


@pytest.mark.parametrize(("regions", "named"), [(ALL, "subgroups"), (ALL[:2], "two_subgroups")])
def test_effects_and_their_difference_are_those_of_r(
    three_arms: list[Row], by_r: Any, regions: tuple[str, ...], named: str
) -> None:
    own = analyse(three_arms, regions, "HC2", "satterthwaite")
    for effect in own.effects:
        theirs = by_r[named]["effects"][effect.subgroup]
        expected = [theirs[key] for key in ("estimate", "se", "df", "low", "high")]
        assert (effect.estimate, effect.se, effect.df, *effect.ci) == pytest.approx(expected, rel=CLOSE)
    for result, kind in ((own, "CR2"), (analyse(three_arms, regions), "HC3")):
        theirs = by_r[named][f"interaction_{kind}"]
        tested = (result.interaction.f, result.interaction.df1, result.interaction.df2, result.interaction.p)
        assert tested == pytest.approx([theirs[key] for key in ("f", "df1", "df2", "p")], rel=CLOSE)


def test_two_subgroups_differ_by_a_figure_with_an_interval(three_arms: list[Row]) -> None:
    result = analyse(three_arms, ALL[:2])
    assert result.difference is not None
    north, south = result.effects
    assert result.difference.estimate == pytest.approx(north.estimate - south.estimate)
    assert (result.difference.t**2, result.difference.p) == pytest.approx((result.interaction.f, result.interaction.p))
    assert analyse(three_arms).difference is None


def test_no_subgroup_has_a_p() -> None:
    assert "p" not in {field.name for field in fields(SubgroupEffect)}


def test_order_and_scale_of_the_outcome_leave_the_test_alone(three_arms: list[Row]) -> None:
    turned = [row | {"outcome": str(7 - 3 * float(row["outcome"]))} for row in three_arms[::-1] if row["outcome"]]
    one, other = analyse(three_arms), analyse(turned)
    assert other.interaction.p == pytest.approx(one.interaction.p, rel=1e-9)
    assert [effect.estimate for effect in other.effects] == pytest.approx([-3 * e.estimate for e in one.effects])


def test_one_level_alone_is_refused(three_arms: list[Row]) -> None:
    with pytest.raises(AnalysisImpossible, match="Everyone analysed is at the level 'north'"):
        analyse(three_arms, ("north",))


def test_a_level_where_an_arm_has_hardly_anybody_is_named(three_arms: list[Row]) -> None:
    there = [row for row in three_arms if row["arm"] == "letter" and row["region"] == "west" and row["outcome"]]
    left = [row for row in three_arms if row not in there[1:]]
    with pytest.raises(AnalysisImpossible, match="Arm 'letter' has 1 analysed at 'west'"):
        analyse(left)


def test_the_subgroup_again_as_a_covariate_is_named(three_arms: list[Row]) -> None:
    rows = [row for row in three_arms if row["outcome"]]
    north = np.array([[float(row["region"] == "north")] for row in rows])
    with pytest.raises(AnalysisImpossible, match="'region' cannot be told apart"):
        subgroups(
            np.array([float(row["outcome"]) for row in rows]),
            [row["arm"] for row in rows],
            [row["region"] for row in rows],
            north,
            ("letter", "early_memory"),
            names=["region"],
        )
