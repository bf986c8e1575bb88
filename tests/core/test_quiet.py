"""The quiet hours: in whose night a moment lies, and when that night ends."""

from __future__ import annotations

from datetime import datetime

import pytest

from trial.core.protocol import Calendar
from trial.core.quiet import quiet_end

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("hours", "zone", "moment", "end"),
    [
        (("22:00", "07:00"), BERLIN, "2026-01-15T21:59+01:00", None),
        (("22:00", "07:00"), BERLIN, "2026-01-15T22:00+01:00", "2026-01-16T07:00+01:00"),
        (("22:00", "07:00"), BERLIN, "2026-01-16T06:59+01:00", "2026-01-16T07:00+01:00"),
        (("22:00", "07:00"), BERLIN, "2026-01-16T07:00+01:00", None),
        # it is the person's clock that counts
        (("22:00", "07:00"), "Asia/Tokyo", "2026-01-15T21:00+01:00", "2026-01-16T07:00+09:00"),
        (("22:00", "07:00"), "America/New_York", "2026-01-15T23:00+01:00", None),
        # hours on one day, and none at all
        (("12:00", "14:00"), BERLIN, "2026-01-15T13:00+01:00", "2026-01-15T14:00+01:00"),
        (("12:00", "14:00"), BERLIN, "2026-01-15T23:00+01:00", None),
        (("00:00", "00:00"), BERLIN, "2026-01-15T23:00+01:00", None),
        # the clocks change in this night: one hour shorter, one hour longer
        (("22:00", "07:00"), BERLIN, "2026-03-28T23:00+01:00", "2026-03-29T07:00+02:00"),
        (("22:00", "07:00"), BERLIN, "2026-10-24T23:00+02:00", "2026-10-25T07:00+01:00"),
        # it ends at an hour that is skipped, or that comes twice
        (("22:00", "02:30"), BERLIN, "2026-03-29T01:00+01:00", "2026-03-29T03:30+02:00"),
        (("22:00", "02:30"), BERLIN, "2026-10-25T02:10+02:00", "2026-10-25T02:30+02:00"),
        (("22:00", "02:30"), BERLIN, "2026-10-25T02:10+01:00", "2026-10-25T02:30+01:00"),
    ],
)
def test_a_night_ends_at_its_hour_where_the_person_lives(
    hours: tuple[str, str], zone: str, moment: str, end: str | None
) -> None:
    calendar = Calendar(quiet_from=hours[0], quiet_until=hours[1])
    found = quiet_end(calendar, datetime.fromisoformat(moment), zone)
    assert found == (datetime.fromisoformat(end) if end else None)
