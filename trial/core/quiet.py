"""The hours in which nobody is written to, on the clock where the person lives."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from trial.core.local_time import instant
from trial.core.protocol import Calendar


def quiet_end(calendar: Calendar, moment: datetime, zone: str) -> datetime | None:
    """When the quiet hours end that this moment lies in; None outside of them."""
    local = moment.astimezone(ZoneInfo(zone))
    clock, first, last = f"{local:%H:%M}", calendar.quiet_from, calendar.quiet_until
    over_midnight = first > last
    if not ((clock >= first or clock < last) if over_midnight else first <= clock < last):
        return None
    day = local.date() + timedelta(days=1) if over_midnight and clock >= first else local.date()
    end = instant(day, last, zone)
    # in the hour that comes twice the end has been once already
    return end if end > moment else end + timedelta(hours=1)
