"""How a researcher may write where to jump to, and what is said where it cannot be understood."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from trial.core.errors import BadInput, Refused
from trial.rehearsal.moments import Here, read_moment, with_arm

# randomised on Monday 5 January; it is Wednesday, 19:30 in Berlin
BERLIN = Here(datetime(2026, 1, 7, 18, 30, tzinfo=UTC), "Europe/Berlin", date(2026, 1, 5))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("day 5, 19:05", "2026-01-10 18:05"),
        ("Day 5 at 7:05 pm", "2026-01-10 18:05"),
        ("  day 5   19.05 ", "2026-01-10 18:05"),
        ("d5, 19h05", "2026-01-10 18:05"),
        ("day 3, 12 am", "2026-01-07 23:00"),
        ("day 5", "2026-01-10 18:30"),
        ("tomorrow", "2026-01-08 18:30"),
        ("tomorrow 8:00", "2026-01-08 07:00"),
        ("today, 21:00", "2026-01-07 20:00"),
        ("21:05", "2026-01-07 20:05"),
        ("19:05", "2026-01-08 18:05"),  # it is over today
        ("in 3 hours", "2026-01-07 21:30"),
        ("in a week", "2026-01-14 18:30"),
        ("in 90 minutes", "2026-01-07 20:00"),
        ("2026-07-01 19:05", "2026-07-01 17:05"),  # summer time
        ("2026-03-29 02:30", "2026-03-29 01:30"),  # an hour that the clocks skip
        ("day 83, 02:30", "2026-03-29 01:30"),
    ],
)
def test_a_moment_is_read_where_the_person_lives(words: str, expected: str) -> None:
    assert f"{read_moment(words, BERLIN):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize(
    "words",
    ["", "soon", "5", "day", "day 5, 25:00", "day 5, 19:60", "13 pm", "2026-02-30", "in days", "day 5, 19:05 x"],
)
def test_what_is_not_understood_is_told_how_to_be_written(words: str) -> None:
    with pytest.raises(BadInput, match='Write "day 5, 19:05"'):
        read_moment(words, BERLIN)


def test_the_past_is_refused_and_starting_again_is_named() -> None:
    with pytest.raises(Refused, match="this clock goes forward only"):
        read_moment("day 1", BERLIN)


def test_a_slip_of_the_keyboard_does_not_send_the_mails_of_a_century() -> None:
    with pytest.raises(BadInput, match="more than five years ahead"):
        read_moment("day 5000", BERLIN)


def test_days_of_somebody_who_was_not_randomised_cannot_be_counted() -> None:
    with pytest.raises(BadInput, match="was not randomised yet"):
        read_moment("day 5, 19:05", Here(BERLIN.now, "UTC", None))


ARMS = [("touch", "Kind touch"), ("tapping", "Finger tapping")]


@pytest.mark.parametrize(
    ("words", "moment", "arm"),
    [
        ("day 5, 19:05, arm B", "day 5, 19:05", "tapping"),
        ("day 5 at 19:05 in arm a", "day 5 at 19:05", "touch"),
        ("tomorrow, arm Kind touch", "tomorrow", "touch"),
        ("in 2 days, ARM “Finger tapping”", "in 2 days", "tapping"),
        ("day 5, arm tapping", "day 5", "tapping"),
        ("day 5, 19:05", "day 5, 19:05", None),
    ],
)
def test_an_arm_may_be_named_by_its_letter_or_its_name(words: str, moment: str, arm: str | None) -> None:
    assert with_arm(words, ARMS) == (moment, arm)


def test_an_arm_that_there_is_not_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(BadInput, match=r"no arm 'c'.*A \(Kind touch\), B \(Finger tapping\)"):
        with_arm("day 5, arm C", ARMS)
