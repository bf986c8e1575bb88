"""Recruitment against its plan."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trial.core.protocol.administrative import Dates
from trial.core.recruitment import WINDOW, by_week, first_day, last_day, progress

MONDAY = date(2041, 3, 4)


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def test_running_totals_stand_for_every_day_from_the_opening_to_today() -> None:
    found = progress({day(0): 2, day(3): 1}, target=10, first=day(0), today=day(4), planned_from=None, until=None)
    assert found.days == tuple(day(n) for n in range(5))
    assert found.came == (2, 2, 2, 3, 3)
    assert found.planned == () and found.behind == 0


def test_the_plan_is_a_straight_line_to_the_target() -> None:
    found = progress({}, target=40, first=day(0), today=day(6), planned_from=day(1), until=day(5))
    assert found.planned == (0, 0, 10, 20, 30, 40, 40)
    assert (found.total, found.behind) == (0, 40)


def test_who_is_ahead_of_the_plan_is_not_behind() -> None:
    found = progress({day(0): 30}, target=40, first=day(0), today=day(2), planned_from=day(0), until=day(4))
    assert found.behind == -10


@pytest.mark.parametrize(
    ("came", "today", "reached"),
    [
        ({0: 14}, 13, 13 + 6),  # one a day for two weeks, six are missing
        ({0: 9}, 6, None),  # too few to speak of a pace
        ({0: 20}, 6, None),  # the target is reached
        ({}, 6, None),  # at no pace it is never reached
        ({0: 14}, WINDOW + 5, None),  # they all came before the last four weeks
        ({10: 14}, WINDOW + 5, WINDOW + 5 + 12),  # 14 in 28 days: one in two days, six are missing
    ],
)
def test_the_day_of_the_target_is_drawn_from_the_last_four_weeks(
    came: dict[int, int], today: int, reached: int | None
) -> None:
    by_day = {day(number): people for number, people in came.items()}
    found = progress(by_day, target=20, first=day(0), today=day(today), planned_from=None, until=None)
    assert found.reaches_target_on == (None if reached is None else day(reached))


@given(st.dictionaries(st.integers(0, 60), st.integers(1, 30)), st.integers(1, 500), st.integers(0, 60))
def test_totals_never_fall_and_count_everybody_until_today(came: dict[int, int], target: int, today: int) -> None:
    by_day = {day(number): people for number, people in came.items()}
    found = progress(by_day, target=target, first=day(0), today=day(today), planned_from=day(0), until=day(30))
    assert list(found.came) == sorted(found.came) and list(found.planned) == sorted(found.planned)
    assert found.total == sum(people for number, people in came.items() if number <= today)
    if found.reaches_target_on is not None:
        assert found.reaches_target_on > day(today) and found.total < target


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2028", date(2028, 1, 1), date(2028, 12, 31)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2028-02-10", date(2028, 2, 10), date(2028, 2, 10)),
        (None, None, None),
    ],
)
def test_a_plan_in_months_or_years_begins_on_the_first_day_and_ends_on_the_last(
    written: str | None, first: date | None, last: date | None
) -> None:
    assert (first_day(written), last_day(written)) == (first, last)


@pytest.mark.parametrize("written", ["2027-02-29", "2027-04-31", "2027-13", "27-03-01"])
def test_a_planned_day_that_no_calendar_has_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        Dates(recruitment_until=written)
    assert Dates(recruitment_until="2028-02-29").recruitment_until == "2028-02-29"


def test_a_week_without_anybody_counts_and_those_after_the_last_do_not() -> None:
    opened = datetime(2041, 3, 4, 9, tzinfo=UTC)
    hours = [0, 24 * 7 - 1, 24 * 7 * 2]
    assert by_week(opened, [opened + timedelta(hours=each) for each in hours]) == (2, 0, 1)
    assert by_week(opened, []) == ()
