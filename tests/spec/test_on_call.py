from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spec.tables import rows
from trial.core.durations import parse_length
from trial.core.on_call import Chain, Duty, due_at, full_hour, ladder, step_after, unwatched

LINE = re.compile(r"(\d) (\w) from ([\d-]+)(?: to ([\d-]+))?")
OPENED = datetime(2041, 3, 2, 9, 0, tzinfo=UTC)


def moment(words: str) -> datetime:
    return datetime.fromisoformat(f"2041-{words}").replace(tzinfo=UTC)


def names(words: str) -> list[int]:
    return [] if words == "none" else [ord(one) for one in words.split(", ")]


def roster(words: str) -> list[Duty]:
    found = [LINE.fullmatch(one) for one in words.split("; ")] if words != "none" else []
    assert None not in found, words
    return [
        Duty(number, ord(one[2]), int(one[1]), moment(one[3]), moment(one[4]) if one[4] else None)
        for number, one in enumerate(found)
        if one
    ]


@pytest.mark.parametrize("row", rows("on_call.md", "In turn"), ids=lambda row: f"{row['roster']}, {row['at']}")
def test_the_roster_says_who_is_called_in_turn(row: dict[str, str]) -> None:
    assert ladder(roster(row["roster"]), names(row["owners"]), moment(row["at"])) == tuple(names(row["called in turn"]))


@pytest.mark.parametrize("row", rows("on_call.md", "Next"), ids=lambda row: f"{row['people']}, {row['now']}")
def test_the_next_one_is_called_when_the_promised_time_has_passed(row: dict[str, str]) -> None:
    length = parse_length(row["within"])
    within = timedelta(days=length.days, minutes=length.minutes)
    now = moment(f"03-02 {row['now']}")
    step = step_after(int(row["done"]), int(row["people"]), OPENED, within, now)
    assert (step, f"{due_at(OPENED, within, step):%H:%M}") == (int(row["next"]), row["due"])


@pytest.mark.parametrize("row", rows("on_call.md", "Watched"), ids=lambda row: f"{row['roster']}, {row['from']}")
def test_a_stretch_of_time_is_watched_when_somebody_is_on_duty_at_every_moment_of_it(row: dict[str, str]) -> None:
    found = unwatched(roster(row["roster"]), moment(row["from"]), moment(row["to"]))
    assert found is (row["watched"] == "no")


@pytest.mark.parametrize("row", rows("on_call.md", "Not urgent"), ids=lambda row: f"{row['act by']}, {row['step']}")
def test_what_is_not_urgent_calls_on_the_full_hour(row: dict[str, str]) -> None:
    length = parse_length(row["within"])
    chain = Chain(moment(row["act by"]), timedelta(days=length.days, minutes=length.minutes), hourly=True)
    assert f"{chain.due_at(int(row['step'])):%m-%d %H:%M}" == row["due"]


@given(st.integers(0, 1000), st.integers(1, 5000), st.integers(0, 80_000), st.booleans())
def test_the_step_whose_turn_it_is_was_the_last_to_fall_due(
    seconds: int, minutes: int, away: int, hourly: bool
) -> None:
    chain = Chain(OPENED + timedelta(seconds=seconds), timedelta(minutes=minutes), hourly=hourly)
    now = chain.start + timedelta(minutes=away)
    step = chain.turn(now)
    assert chain.due_at(step) <= full_hour(now)
    assert chain.due_at(step + 1) > now


@given(st.integers(0, 6), st.integers(1, 3000), st.integers(0, 40_000))
def test_after_a_downtime_nobody_is_called_twice_at_once_and_then_all_is_on_time(
    rungs: int, minutes: int, away: int
) -> None:
    """Everything that is due at one moment is carried out in a row, as a worker does that comes back."""
    within, now = timedelta(minutes=minutes), OPENED + timedelta(minutes=away)
    step, called = 0, []
    while due_at(OPENED, within, step) <= now:
        called.append(step)
        step = step_after(step, rungs, OPENED, within, now)
    assert len(called) <= max(rungs, 1)
    assert len({one % max(rungs, 1) for one in called}) == len(called)
    assert now < due_at(OPENED, within, step) <= now + max(within, timedelta(minutes=5))
