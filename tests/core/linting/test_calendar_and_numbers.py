"""What the linter counts: days of weekly patterns, the busiest week, and the people that assumptions ask for."""

from __future__ import annotations

import time

import pytest

from tests.core.linting.planted import MAIN, QUIET, found, read
from trial.core.linting import mails
from trial.core.linting.numbers import required
from trial.core.linting.timetable import _busiest

# (difference in SD, people to randomise in two arms): 80 % power, two-sided .05, correlation .6, 40 % lost.
# Worked out with the t distribution [computed], so a little above the normal approximation where the arms are small.
NEEDED = [(0.10, 3354), (0.15, 1494), (0.20, 844), (0.25, 540), (0.30, 376), (0.40, 214), (0.50, 140)]
WEEKLY = "    weekly: {on: [mon, thu], weeks: 2, from_day: 1}"


def with_weekly(words: str = WEEKLY, *, days: str = "    days: [1, 2, 3]") -> dict[str, str]:
    return {**QUIET, MAIN: QUIET[MAIN].replace(days, words)}


@pytest.mark.parametrize(("difference", "table"), NEEDED)
def test_the_people_that_assumptions_ask_for_are_those_of_the_table(difference: float, table: int) -> None:
    text = QUIET[MAIN].replace("difference: 1.5\n", f"difference: {5 * difference:g}\n")
    needed = required(read({**QUIET, MAIN: text}).protocol)
    assert needed is not None and 0.95 * table <= needed <= table


@pytest.mark.parametrize(
    ("weekday", "days"), [(0, [3, 7, 10, 14]), (2, [1, 5, 8, 12]), (3, [4, 7, 11, 14]), (6, [1, 4, 8, 11])]
)
def test_weekly_days_follow_the_weekday_on_which_a_person_starts(weekday: int, days: list[int]) -> None:
    protocol = read(with_weekly()).protocol
    assert mails.days(protocol.timepoint("evening"), weekday) == days


def test_two_mails_on_one_day_are_found_for_people_who_start_on_any_weekday() -> None:
    told = [one for one in found(with_weekly()) if one.code == "S203"]
    assert told and all(one.where == "evening" for one in told)
    assert any("'card_day'" in one.what or "'week_2'" in one.what for one in told)
    assert "S203" not in {
        one.code
        for one in found(with_weekly(WEEKLY.replace("weeks: 2", "weeks: 1").replace("from_day: 1", "from_day: 24")))
    }


@pytest.mark.parametrize(
    ("amounts", "busiest"),
    [([], (0, 0)), ([(1, 5)], (1, 5)), ([(1, 1), (7, 1), (8, 1)], (1, 2)), ([(1, 1), (7, 3), (8, 3)], (7, 6))],
)
def test_the_busiest_week_is_seven_days_in_a_row(amounts: list[tuple[int, int]], busiest: tuple[int, int]) -> None:
    assert _busiest(amounts) == busiest


def test_years_of_daily_mails_are_linted_in_moments() -> None:
    daily = "    weekly: {on: [mon, tue, wed, thu, fri, sat, sun], weeks: 104}"
    began = time.process_time()
    assert found(with_weekly(daily))
    assert time.process_time() - began < 2
