"""On which days a timepoint asks a person, and how late the last of them can be, from the protocol's plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from trial.rehearsal.oracle.clock import days_and_minutes
from trial.rehearsal.oracle.facts import Plain

_NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def asked_on(point: Plain, blackouts: list[Plain], origin: date) -> Iterator[tuple[int, date]]:
    """(occurrence, day): the days as written, each moved out of a blackout or left out by it.

    What is moved onto a day on which the timepoint asks anyway is left out.
    """
    wanted = list(_wanted(point, origin))
    used: set[date] = set()
    for occurrence, day in enumerate(wanted, start=1):
        found = _outside(day, blackouts)
        if found is None or (found != day and (found in wanted or found in used)):
            continue
        used.add(found)
        yield occurrence, found


def _wanted(point: Plain, origin: date) -> Iterator[date]:
    weekly = point.get("weekly")
    if not weekly:
        yield from (origin + timedelta(days=one) for one in sorted(point["days"]))
        return
    for one in range(weekly["from_day"], weekly["from_day"] + 7 * weekly["weeks"]):
        day = origin + timedelta(days=one)
        if _NAMES[day.weekday()] in weekly["on"]:
            yield day


def _outside(day: date, blackouts: list[Plain]) -> date | None:
    """The day, or the first one after the blackouts that it lies in; None where one of them leaves it out."""
    for _ in range(1 + sum(_length(one) for one in blackouts)):
        within = [one for one in blackouts if _covers(one, day)]
        if not within:
            return day
        if within[0]["rule"] == "skip":
            return None
        day += timedelta(days=1)
    return None


def _covers(blackout: Plain, day: date) -> bool:
    here = day.strftime("%m-%d")
    if blackout["first"] <= blackout["last"]:
        return bool(blackout["first"] <= here <= blackout["last"])
    return bool(here >= blackout["first"] or here <= blackout["last"])


def _length(blackout: Plain) -> int:
    """Days of a blackout in a leap year; one that goes over New Year has them on both sides."""
    first, last = (date.fromisoformat(f"2028-{blackout[one]}") for one in ("first", "last"))
    return (
        (last - first).days + 1 if first <= last else (date(2028, 12, 31) - first).days + last.timetuple().tm_yday + 1
    )


def last_day(protocol: Plain) -> int:
    """The day from randomisation by which every window, in any arm, is over whatever people do, and a day more."""
    black = sum(_length(one) for one in protocol["calendar"]["blackout"])
    over: dict[str, int] = {}
    stage_day = _stage_days(protocol, black)
    for completion in (False, True):
        for point in protocol["timepoints"]:
            if (point["anchor"] == "completion") != completion:
                continue
            asked = [
                over.get(one["id"], 0) for one in protocol["timepoints"] if point.get("after") in one["activities"]
            ]
            start = max(asked, default=0) if completion else stage_day.get(point.get("stage"), 0)
            over[point["id"]] = start + _latest_opening(point, black) + days_and_minutes(point["closes_after"])[0] + 1
    return max(over.values()) + 1


def _latest_opening(point: Plain, black: int) -> int:
    return int(max(point["days"])) + (6 if point.get("weekly") else 0) + black


def _stage_days(protocol: Plain, black: int) -> Mapping[Any, int]:
    """Stage to the last day on which it can allocate."""
    points = {one["id"]: one for one in protocol["timepoints"]}
    found: dict[Any, int] = {}
    for stage in protocol["stages"]:
        point = points[stage["timepoint"]]
        open_for = sum(days_and_minutes(point[one])[0] for one in ("closes_after", "grace")) + 2
        found[stage["id"]] = found.get(point.get("stage"), 0) + _latest_opening(point, black) + open_for
    return found


def last_mail_day(protocol: Plain) -> int:
    """The day of the mail that says that the study is over: after the last window with the longest grace."""
    graces = [days_and_minutes(one["grace"]) for one in protocol["timepoints"]]
    return last_day(protocol) + max(days + (minutes > 0) for days, minutes in graces)
