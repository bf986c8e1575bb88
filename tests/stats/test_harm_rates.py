"""Harm is told in people and in events, by arm, with an interval that says how much no event can mean."""

from __future__ import annotations

from typing import Any

import pytest

from trial.stats.harm_rates import Harmed, clopper_pearson, harm_line
from trial.stats.two_proportions import miettinen_nurminen

ARMS = [Harmed("letter", 3, 5, 60), Harmed("optimism", 0, 0, 58), Harmed("memory", 1, 1, 61)]


def test_exact_intervals_are_those_of_r(harms_by_r: Any) -> None:
    for case in harms_by_r["exact"]:
        ours = clopper_pearson(case["events"], case["n"], case["level"])
        assert ours == pytest.approx((case["low"], case["high"]), rel=1e-8)


def test_each_arm_states_its_people_its_events_and_its_zero() -> None:
    line = harm_line("low mood", "systematic", ARMS, "memory")
    assert [one.words for one in line.risks] == [
        "3 of 60, 5 events.",
        "None of 58; at most 6.2% by the interval.",
        "1 of 61, 1 event.",
    ]
    assert line.risks[0].risk == 0.05
    assert line.risks[0].events_per_person == pytest.approx(5 / 60)
    assert line.risks[1].risk == 0
    assert line.collection == "systematic"


def test_every_other_arm_is_held_against_the_reference_by_people_and_not_by_events() -> None:
    line = harm_line("low mood", "non-systematic", ARMS, "memory", 0.9)
    assert [(one.arm, one.reference) for one in line.differences] == [("letter", "memory"), ("optimism", "memory")]
    assert line.differences[0].difference == miettinen_nurminen((3, 1), (60, 61), 0.9)
    more = harm_line("low mood", "non-systematic", [Harmed("letter", 3, 50, 60), *ARMS[1:]], "memory", 0.9)
    assert more.differences == line.differences
    low, high = (
        harm_line("none", "systematic", [Harmed("a", 0, 0, 40), Harmed("b", 0, 0, 40)], "b")
        .differences[0]
        .difference.ci
    )
    assert low == pytest.approx(-high) and 0.05 < high < 0.12


def test_an_arm_in_which_nobody_was_asked_is_named_and_not_compared() -> None:
    line = harm_line("low mood", "systematic", [*ARMS, Harmed("wait", 0, 0, 0)], "memory")
    assert line.not_compared == ("wait",)
    assert line.risks[3].risk is None and line.risks[3].words == "Nobody was asked."
    alone = harm_line("low mood", "systematic", [ARMS[0], Harmed("wait", 0, 0, 0)], "wait")
    assert alone.differences == () and alone.not_compared == ("letter",)


@pytest.mark.parametrize(
    ("arms", "says"),
    [
        ([Harmed("a", 3, 2, 10), Harmed("b", 0, 0, 10)], "2 events in 3 people"),
        ([Harmed("a", 0, 2, 10), Harmed("b", 0, 0, 10)], "2 events in 0 people"),
        ([Harmed("a", 11, 12, 10), Harmed("b", 0, 0, 10)], "11 people with an event of 10"),
        ([Harmed("a", 0, 0, 10), Harmed("a", 0, 0, 10)], "stands once"),
        ([Harmed("a", 0, 0, 10), Harmed("c", 0, 0, 10)], "reference is one"),
    ],
)
def test_counts_that_cannot_be_are_refused(arms: list[Harmed], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        harm_line("low mood", "systematic", arms, "b")


def test_a_level_of_95_is_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        harm_line("low mood", "systematic", ARMS, "memory", 95)
