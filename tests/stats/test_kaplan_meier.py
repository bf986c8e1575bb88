"""Time to an event: the course, its error and interval as survfit gives them, and the two ends by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stats.conftest import read_json
from trial.stats.kaplan_meier import kaplan_meier

BY_R: Any = read_json("kaplan_meier.json")["cases"]


@pytest.mark.parametrize("case", BY_R, ids=lambda case: f"{len(case['time'])}-{case['level']}")
def test_course_error_and_interval_are_those_of_survfit(case: Any) -> None:
    found = kaplan_meier(np.array(case["time"], dtype=float), case["event"], case["level"])
    assert [one.time for one in found] == case["at"]
    assert [one.at_risk for one in found] == case["at_risk"]
    assert [one.events for one in found] == case["events"]
    assert [one.surviving for one in found] == pytest.approx(case["surviving"], rel=1e-8)
    for at, one in enumerate(found):
        if one.surviving == 0:
            assert one.ci is None and one.se is None and case["low"][at] is None
        else:
            assert one.ci is not None
            assert (one.se, *one.ci) == pytest.approx([case[key][at] for key in ("se", "low", "high")], rel=1e-8)


def test_with_everybody_followed_to_the_end_it_is_the_plain_share() -> None:
    times, happened = np.array([1.0, 1, 5, 9, 9, 9, 9, 9]), [True] * 3 + [False] * 5
    assert [one.surviving for one in kaplan_meier(times, happened)] == pytest.approx([6 / 8, 5 / 8])


def test_who_is_censored_at_the_time_of_an_event_is_at_risk_there() -> None:
    (one,) = kaplan_meier(np.array([4.0, 4.0, 4.0]), [True, False, False])
    assert (one.at_risk, one.surviving) == (3, pytest.approx(2 / 3))


def test_where_nothing_happens_there_is_no_step() -> None:
    assert kaplan_meier(np.array([3.0, 5.0]), [False, False]) == kaplan_meier(np.array([]), []) == ()


@pytest.mark.parametrize(
    ("times", "happened", "level", "why"),
    [([1.0], [True, False], 0.95, "as many"), ([-1.0], [True], 0.95, "0"), ([np.nan], [True], 0.95, "missing"),
     ([1.0], [True], 95, "between")],
)  # fmt: skip
def test_what_cannot_be_is_refused(times: list[float], happened: list[bool], level: float, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        kaplan_meier(np.array(times), happened, level)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=40), st.floats(0.1, 10))
def test_it_only_falls_and_the_unit_of_time_changes_nothing_else(people: list[tuple[int, bool]], unit: float) -> None:
    times, happened = np.array([float(time) for time, _ in people]), [one for _, one in people]
    found = kaplan_meier(times, happened)
    shares = [1.0, *(one.surviving for one in found)]
    assert shares == sorted(shares, reverse=True)
    assert [one.ci for one in kaplan_meier(times * unit, happened)] == [one.ci for one in found]
    assert all(one.ci is None or 0 <= one.ci[0] <= one.surviving <= one.ci[1] <= 1 for one in found)
