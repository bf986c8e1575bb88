"""Wall-clock time where a person lives: the clocks' gaps and folds, whole days, and what lies between."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trial.core.durations import Length
from trial.core.local_time import instant, is_zone, later, local_day, relative_day, zones

BERLIN, LORD_HOWE = "Europe/Berlin", "Australia/Lord_Howe"
MANY = [
    BERLIN, LORD_HOWE, "Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Santiago",
    "America/Havana", "Africa/Casablanca", "Africa/Cairo", "Asia/Kathmandu", "Asia/Tokyo", "Asia/Beirut",
    "Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati", "Atlantic/Azores", "UTC",
]  # fmt: skip


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "expected"),
    [
        (BERLIN, "2026-01-15", "19:00", "2026-01-15T19:00+01:00"),
        (BERLIN, "2026-07-15", "19:00", "2026-07-15T19:00+02:00"),
        # skipped in spring: an hour later
        (BERLIN, "2026-03-29", "02:30", "2026-03-29T03:30+02:00"),
        (BERLIN, "2026-03-29", "02:00", "2026-03-29T03:00+02:00"),
        (BERLIN, "2026-03-29", "01:59", "2026-03-29T01:59+01:00"),
        # twice in autumn: the first
        (BERLIN, "2026-10-25", "02:30", "2026-10-25T02:30+02:00"),
        (BERLIN, "2026-10-25", "03:00", "2026-10-25T03:00+01:00"),
        # half an hour, on Lord Howe Island
        (LORD_HOWE, "2026-10-04", "02:15", "2026-10-04T02:45+11:00"),
        (LORD_HOWE, "2026-04-05", "01:45", "2026-04-05T01:45+11:00"),
        ("America/New_York", "2026-03-08", "02:30", "2026-03-08T03:30-04:00"),
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01T01:30-04:00"),
        # the clocks change at midnight
        ("Africa/Cairo", "2026-04-24", "00:30", "2026-04-24T01:30+03:00"),
        ("America/Havana", "2026-11-01", "00:30", "2026-11-01T00:30-04:00"),
        ("Asia/Kathmandu", "2026-03-29", "19:00", "2026-03-29T19:00+05:45"),
        # a whole day that Samoa never had
        ("Pacific/Apia", "2011-12-30", "12:00", "2011-12-31T12:00+14:00"),
    ],
)
def test_a_local_time_is_this_instant(zone: str, day: str, clock: str, expected: str) -> None:
    assert instant(date.fromisoformat(day), clock, zone) == utc(expected)


def readings(wall: datetime, zone: str) -> tuple[list[datetime], timedelta]:
    """Every instant at which clocks in the zone show `wall`, and by how much they jumped around it if none."""
    around = [
        (wall + timedelta(hours=hours)).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
        for hours in range(-30, 31, 6)
    ]
    offsets = [one for one in around if one is not None]
    instants = {(wall - offset).replace(tzinfo=UTC) for offset in offsets}
    fitting = sorted(one for one in instants if one.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall)
    return fitting, max(offsets) - min(offsets)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(MANY), st.dates(date(2024, 1, 1), date(2029, 12, 31)), st.integers(0, 23), st.integers(0, 59)
)  # fmt: skip
def test_clocks_show_the_asked_time_at_the_first_chance_or_the_gap_later(
    zone: str, day: date, hour: int, minute: int
) -> None:
    check_reading(datetime(day.year, day.month, day.day, hour, minute), zone)


def check_reading(wall: datetime, zone: str) -> bool:
    """Whether the time existed; fails where the instant is not the right one."""
    found = instant(wall.date(), f"{wall:%H:%M}", zone)
    fitting, jump = readings(wall, zone)
    if fitting:
        assert found == fitting[0]
    else:
        assert found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall + jump
    return bool(fitting)


@pytest.mark.parametrize(
    "zone", [one for one in MANY if one not in ("UTC", "Asia/Kathmandu", "Asia/Tokyo", "Pacific/Kiritimati")]
)
def test_every_quarter_of_an_hour_of_the_days_when_the_clocks_change(zone: str) -> None:
    """At least one quarter of an hour of the year is skipped and one comes twice, and each is read by the rule."""
    skipped = twice = 0
    for day in change_days(zone):
        for quarter in range(96):
            wall = datetime(day.year, day.month, day.day, quarter // 4, quarter % 4 * 15)
            skipped += not check_reading(wall, zone)
            twice += len(readings(wall, zone)[0]) == 2
    assert skipped >= 2
    assert twice >= 2


def change_days(zone: str) -> list[date]:
    """The days of 2026, and those around, on which the clocks in a zone change."""
    start = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone))
    days = [start + timedelta(days=n) for n in range(365)]
    changed = [one.date() for one in days if one.utcoffset() != (one + timedelta(days=1)).utcoffset()]
    return sorted({day + timedelta(days=n) for day in changed for n in (-1, 0, 1)})


@pytest.mark.parametrize(
    ("start", "length", "zone", "expected"),
    [
        # a calendar day keeps the wall clock, though it lasts 23 or 25 hours
        ("2026-03-28T19:00+01:00", Length(days=1), BERLIN, "2026-03-29T19:00+02:00"),
        ("2026-10-24T19:00+02:00", Length(days=1), BERLIN, "2026-10-25T19:00+01:00"),
        # hours are elapsed time
        ("2026-03-28T19:00+01:00", Length(minutes=20 * 60), BERLIN, "2026-03-29T16:00+02:00"),
        ("2026-10-24T19:00+02:00", Length(minutes=20 * 60), BERLIN, "2026-10-25T14:00+01:00"),
        # days first, then hours
        ("2026-03-28T02:30+01:00", Length(days=1, minutes=60), BERLIN, "2026-03-29T04:30+02:00"),
        ("2026-01-31T18:00+10:30", Length(days=14), "Australia/Adelaide", "2026-02-14T18:00+10:30"),
    ],
)
def test_a_length_later_is(start: str, length: Length, zone: str, expected: str) -> None:
    assert later(utc(start), length, zone) == utc(expected)


@pytest.mark.parametrize(
    ("origin", "moment", "zone", "day"),
    [
        ("2026-03-02T23:59+01:00", "2026-03-03T00:00+01:00", BERLIN, 1),
        ("2026-03-02T00:00+01:00", "2026-03-02T23:59+01:00", BERLIN, 0),
        ("2026-03-02T12:00+01:00", "2026-03-01T23:00+01:00", BERLIN, -1),
        # 22:30 UTC is tomorrow in Berlin and today in London
        ("2026-03-02T12:00+00:00", "2026-03-02T23:30+00:00", BERLIN, 1),
        ("2026-03-02T12:00+00:00", "2026-03-02T23:30+00:00", "Europe/London", 0),
        # across both changes of the clocks
        ("2026-03-28T19:00+01:00", "2026-03-30T00:10+02:00", BERLIN, 2),
        ("2026-10-24T19:00+02:00", "2026-10-26T00:10+01:00", BERLIN, 2),
        # over the date line
        ("2026-03-02T12:00+00:00", "2026-03-02T12:00+00:00", "Pacific/Kiritimati", 0),
    ],
)
def test_relative_days_are_counted_by_the_persons_calendar(origin: str, moment: str, zone: str, day: int) -> None:
    assert relative_day(utc(moment), utc(origin), zone) == day


def test_what_never_happened_has_no_relative_day() -> None:
    assert relative_day(None, utc("2026-03-02T12:00+00:00"), BERLIN) is None


def test_the_local_day_is_the_persons_and_not_the_servers() -> None:
    evening = utc("2026-03-02T22:00+00:00")
    assert local_day(evening, "Pacific/Auckland") == date(2026, 3, 3)
    assert local_day(evening, "America/Vancouver") == date(2026, 3, 2)


@pytest.mark.parametrize(
    "name",
    ["", "Berlin", "Europe/Atlantis", "../../etc/passwd", "/etc/localtime", "Europe/Berlin\0", "x" * 5000, "Europe"],
)
def test_what_is_no_zone_is_told_apart(name: str) -> None:
    assert not is_zone(name)


def test_the_zones_of_the_tests_are_known_without_the_systems_help() -> None:
    assert set(MANY) <= zones()
    assert all(is_zone(one) for one in MANY)
