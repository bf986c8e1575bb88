"""A 2 x 2 factorial trial: one model gives both main effects and their interaction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.stats.conftest import read_json
from trial.core.errors import AnalysisImpossible
from trial.stats.factorial import FactorialResult, factorial
from trial.stats.least_squares import Covariance
from trial.stats.satterthwaite import Degrees

CLOSE = 1e-8
LEVELS = (("kind", "plain"), ("yes", "no"))
Row = dict[str, Any]


@pytest.fixture(scope="module")
def by_r() -> Any:
    return read_json("linear_models.json")["factorial"]


def analyse(
    rows: list[Row],
    covariance: Covariance = "HC3",
    degrees: Degrees = "residual",
    levels: tuple[tuple[str, str], tuple[str, str]] = LEVELS,
) -> FactorialResult:
    return factorial(
        np.array([row["outcome"] for row in rows], dtype=np.float64),
        [row["mail"] for row in rows],
        [row["call"] for row in rows],
        np.array([[row["baseline"]] for row in rows], dtype=np.float64),
        levels,
        covariance=covariance,
        degrees=degrees,
        names=["baseline"],
    )


def test_effects_are_those_of_r_with_codes_of_one_half(by_r: Any) -> None:
    robust = analyse(by_r["data"])
    own = analyse(by_r["data"], "HC2", "satterthwaite")
    pairs = [(robust.first, own.first, "x1", "x1"), (robust.second, own.second, "x2", "x2")]
    for hc3, cr2, name, coded in [*pairs, (robust.interaction, own.interaction, "both", "x1:x2")]:
        theirs = by_r["HC3"][name]
        assert (hc3.estimate, hc3.se, hc3.p) == pytest.approx(
            [theirs[key] for key in ("estimate", "se", "p")], rel=CLOSE
        )
        figures = (cr2.estimate, cr2.se, cr2.df, *cr2.ci, cr2.p)
        expected = [by_r["CR2"][coded][key] for key in ("estimate", "se", "df", "low", "high", "p")]
        assert figures == pytest.approx(expected, rel=CLOSE)


def test_each_factor_is_shown_at_either_level_of_the_other(by_r: Any) -> None:
    result = analyse(by_r["data"])
    shown = {
        "mail_with_call": result.first_at["yes"],
        "mail_without_call": result.first_at["no"],
        "call_with_kind": result.second_at["kind"],
        "call_with_plain": result.second_at["plain"],
    }
    for name, effect in shown.items():
        assert (effect.mean, effect.se) == pytest.approx([by_r[name]["estimate"], by_r[name]["se"]], rel=CLOSE)
    assert result.interaction.estimate == pytest.approx(result.first_at["yes"].mean - result.first_at["no"].mean)
    assert sum(result.n.values()) == 70


def test_exchanging_levels_or_people_only_turns_signs(by_r: Any) -> None:
    one = analyse(by_r["data"])
    other = analyse(by_r["data"][::-1], levels=(("plain", "kind"), ("yes", "no")))
    assert (other.first.estimate, other.interaction.estimate) == pytest.approx(
        (-one.first.estimate, -one.interaction.estimate), rel=1e-9
    )
    assert (other.second.estimate, other.second.p, other.interaction.p) == pytest.approx(
        (one.second.estimate, one.second.p, one.interaction.p), rel=1e-9
    )


def test_a_combination_that_nobody_is_left_in_is_named(by_r: Any) -> None:
    rows = [row for row in by_r["data"] if (row["mail"], row["call"]) != ("plain", "yes")]
    with pytest.raises(AnalysisImpossible, match="Nobody with 'plain × yes'"):
        analyse(rows)


def test_a_combination_with_one_person_is_named(by_r: Any) -> None:
    cell = [row for row in by_r["data"] if (row["mail"], row["call"]) == ("plain", "yes")]
    rows = [row for row in by_r["data"] if row not in cell[1:]]
    with pytest.raises(AnalysisImpossible, match="the mean of arm 'plain × yes'"):
        analyse(rows)


def test_levels_that_do_not_fit_are_a_mistake_of_the_caller(by_r: Any) -> None:
    with pytest.raises(ValueError, match="two different levels"):
        analyse(by_r["data"], levels=(("kind", "kind"), ("yes", "no")))
    with pytest.raises(ValueError, match="not a combination"):
        analyse(by_r["data"], levels=(("kind", "stern"), ("yes", "no")))
