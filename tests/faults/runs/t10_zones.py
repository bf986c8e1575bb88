"""T10: the clocks of 26 zones change, people move, the rules of a zone change: each slot once, at its local hour."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from tests.core.protocols import PROTOCOL, changed
from tests.faults.runs.frame import Chance, Result, Run, Watch
from trial.core.protocol import TrialProtocol
from trial.core.quiet import quiet_end
from trial.core.schedule import PlannedOccasion, moved, plan_arm, plan_completion

ZONES = (
    "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Chisinau", "Atlantic/Azores",
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/St_Johns",
    "America/Halifax", "America/Havana", "America/Santiago", "America/Asuncion", "America/Nuuk", "America/Miquelon",
    "Africa/Cairo", "Africa/Casablanca", "Asia/Jerusalem", "Asia/Beirut", "Asia/Gaza", "Australia/Sydney",
    "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham",
)  # fmt: skip
FIRST, LAST = date(2026, 1, 1), date(2028, 1, 1)
# hours that the clocks skip or repeat somewhere, the edges of the night, and an evening
CLOCKS = ("00:00", "00:30", "01:30", "02:00", "02:15", "02:30", "03:00", "06:59", "07:00", "19:00", "22:00", "23:45")
# what is asked on each day of two years
YEARLY = ("days at 02:30", "days at 19:00", "weekly")
BETWEEN = ("00:30", "03:45")
# reminders after these, in the order of the protocol below
REMINDERS = ((0, 90), (1, 0), (2, 0))
OPEN_FOR, LATEST = (3, 0), (1, 0)
ARM = "letter"
# other rules for one zone: summer from April to early September, an hour further east
OTHER_ZONE, OTHER_RULES = "Europe/Berlin", "EET-2EEST,M4.1.0/3,M9.1.0/4"
QUIET = (22 * 60, 7 * 60)


class Wall:
    """The wall clock of one zone as a list of stretches with one offset: from UTC to local alone, never back."""

    def __init__(self, zone: str) -> None:
        info = ZoneInfo(zone)
        begin = datetime.combine(FIRST - timedelta(days=40), clock_time(), UTC)
        end = datetime.combine(LAST + timedelta(days=80), clock_time(), UTC)

        def offset(moment: datetime) -> timedelta:
            return moment.astimezone(info).replace(tzinfo=None) - moment.replace(tzinfo=None)

        self.starts, self.offsets = [begin], [offset(begin)]
        moment, step = begin, timedelta(hours=12)
        while moment < end:
            if offset(moment + step) != self.offsets[-1]:
                low, high = moment, moment + step
                while high - low > timedelta(minutes=1):
                    middle = low + (high - low) / 2
                    middle -= timedelta(seconds=middle.second, microseconds=middle.microsecond)
                    low, high = (middle, high) if offset(middle) == self.offsets[-1] else (low, middle)
                self.starts.append(high)
                self.offsets.append(offset(high))
            moment += step

    @property
    def changes(self) -> list[datetime]:
        return [one for one in self.starts[1:] if FIRST <= one.date() < LAST]

    def local(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=None) + self.offsets[bisect_right(self.starts, moment) - 1]

    def at(self, day: date, clock: str) -> datetime:
        """The first instant at which the wall shows this; where it never does, as the clock before would have said."""
        wanted = datetime.combine(day, clock_time.fromisoformat(clock))
        for place, shift in enumerate(self.offsets):
            moment = (wanted - shift).replace(tzinfo=UTC)
            ends = self.starts[place + 1] if place + 1 < len(self.starts) else None
            if ends is None or moment < ends:
                return moment if place == 0 or moment >= self.starts[place] else self._skipped(wanted, place)
        raise AssertionError

    def _skipped(self, wanted: datetime, place: int) -> datetime:
        return (wanted - self.offsets[place - 1]).replace(tzinfo=UTC)

    def after(self, moment: datetime, length: tuple[int, int]) -> datetime:
        """Days at the same wall clock, then minutes as they pass."""
        days, minutes = length
        if days:
            local = self.local(moment)
            moment = self.at(local.date() + timedelta(days=days), f"{local:%H:%M}")
        return moment + timedelta(minutes=minutes)

    def is_night(self, moment: datetime) -> bool:
        local = self.local(moment)
        minute = local.hour * 60 + local.minute
        return minute >= QUIET[0] or minute < QUIET[1]


@dataclass
class Count:
    """What was compared, and every difference in words."""

    slots: int = 0
    mails: int = 0
    nights: int = 0
    changes: int = 0
    gaps: int = 0
    folds: int = 0
    moves: int = 0
    wrong: list[str] = field(default_factory=list)

    def compare(self, what: str, found: Any, expected: Any) -> None:
        if found != expected:
            self.wrong.append(f"{what}: {found} where {expected} was expected")


def _point(**parts: Any) -> dict[str, Any]:
    reminders = [
        {"after": "90 minutes", "message": "evening_reminder"},
        {"after": "1 day", "message": "evening_reminder"},
        {"after": "2 days", "message": "evening_reminder"},
    ]
    usual = {"id": "evening", "label": {"en": "Evenings"}, "activities": ["letter", "list"], "closes_after": "3 days",
             "invitation": "evening", "reminders": reminders}  # fmt: skip
    return usual | parts


def protocol(**parts: Any) -> TrialProtocol:
    """The small trial with one timepoint of a kind, and no blackout but what is named."""
    kept = [one.model_dump(by_alias=True) for one in PROTOCOL.timepoints if one.id != "evening"]
    messages = [{"id": one.id, "stream": one.stream, "latest": "1 day"} for one in PROTOCOL.messages]
    calendar = parts.pop("calendar", {})
    return changed(timepoints=[kept[0], _point(**parts), kept[1]], messages=messages, calendar=calendar)


Slots = Callable[[date], Iterator[tuple[date, str]]]


@dataclass(frozen=True)
class Kind:
    """One way to say when: the protocol, how it is planned, and which local days and clocks must come of it."""

    name: str
    protocol: TrialProtocol
    plan: Callable[[TrialProtocol, datetime, str], list[PlannedOccasion]]
    slots: Slots


def _by_arm(hour: str | None = None, share: float = 0.0) -> Callable[..., list[PlannedOccasion]]:
    def plan(one: TrialProtocol, origin: datetime, zone: str) -> list[PlannedOccasion]:
        return plan_arm(one, ARM, origin, zone, lambda *_: share, hour=hour)

    return plan


def _after_the_questionnaire(one: TrialProtocol, origin: datetime, zone: str) -> list[PlannedOccasion]:
    return plan_completion(one, ARM, "later", origin, zone)


def _each(days: Sequence[int], clock: str) -> Slots:
    return lambda first: ((first + timedelta(days=day), clock) for day in days)


def _mondays_and_sundays(weeks: int, clock: str) -> Slots:
    def slots(first: date) -> Iterator[tuple[date, str]]:
        for later in range(7 * weeks):
            day = first + timedelta(days=1 + later)
            if day.isoweekday() in (1, 7):
                yield day, clock

    return slots


def _without(first_day: str, last_day: str, slots: Slots) -> Slots:
    """Days of the year on which nothing is asked, left out."""
    return lambda first: (slot for slot in slots(first) if not first_day <= f"{slot[0]:%m-%d}" <= last_day)


def kinds(days: list[int], weeks: int) -> Iterator[Kind]:
    """Every way in which the language says when."""
    for clock in CLOCKS:
        yield Kind(f"days at {clock}", protocol(days=days, time=clock), _by_arm(), _each(days, clock))
    for clock in ("02:30", "19:00"):
        weekly = {"on": ["mon", "sun"], "weeks": weeks}
        yield Kind("weekly", protocol(weekly=weekly, time=clock), _by_arm(), _mondays_and_sundays(weeks, clock))
        chosen = {"days": days, "time": "12:00", "chosen_from": ["12:00", clock]}
        yield Kind("chosen hour", protocol(**chosen), _by_arm(hour=clock), _each(days, clock))
        after = {"days": [one for one in days if one], "time": clock, "anchor": "completion", "after": "later"}
        yield Kind("completion", protocol(**after), _after_the_questionnaire, _each(after["days"], clock))
    for share, clock in ((0.0, "00:30"), (0.62, "02:30"), (0.99, "03:43")):
        yield Kind("between", protocol(days=days, between=BETWEEN), _by_arm(share=share), _each(days, clock))
    at_once = {"anchor": "completion", "after": "later", "time": "at_once", "days": [0]}
    yield Kind("at once", protocol(**at_once), _after_the_questionnaire, lambda first: iter([(first, "10:07")]))
    calendar = {"blackout": [{"first": "03-28", "last": "03-30", "rule": "skip"}]}
    left_out = protocol(days=days, time="19:00", calendar=calendar)
    yield Kind("blackout", left_out, _by_arm(), _without("03-28", "03-30", _each(days, "19:00")))


def compare(zone: str, wall: Wall, kind: Kind, first: date, count: Count) -> list[PlannedOccasion]:
    """Plan from this local day on, and compare each slot and each of its mails with the wall clock."""
    origin = wall.at(first, "10:07")
    planned = [one for one in kind.plan(kind.protocol, origin, zone) if one.timepoint == "evening"]
    expected = list(kind.slots(first))
    where = f"{zone}, {kind.name}, from {first}"
    count.compare(f"{where}: number of slots", len(planned), len(expected))
    for one, (day, clock) in zip(sorted(planned, key=lambda one: one.occurrence), expected, strict=False):
        opens = wall.at(day, clock)
        count.slots += 1
        count.compare(f"{where}: opens on {day} at {clock}", one.opens_at, opens)
        count.compare(f"{where}: closes", one.closes_at, wall.after(opens, OPEN_FOR))
        local = wall.local(opens)
        count.gaps += (local.date(), f"{local:%H:%M}") != (day, clock)
        count.folds += (
            wall.local(opens + timedelta(hours=1)) == local or wall.local(opens + timedelta(minutes=30)) == local
        )
        dues = [opens, *(wall.after(opens, after) for after in REMINDERS)]
        count.compare(f"{where}: mails on {day}", [mail.due_at for mail in one.contacts], dues)
        for mail in one.contacts:
            count.mails += 1
            count.compare(f"{where}: of use until", mail.not_after, wall.after(mail.due_at, LATEST))
            _night(zone, wall, kind, mail.due_at, count)
    return planned


def _night(zone: str, wall: Wall, kind: Kind, due: datetime, count: Count) -> None:
    """What the sender would do with it at that moment: never at night, and not a minute later than need be."""
    end = quiet_end(kind.protocol.calendar, due, zone)
    count.compare(f"{zone}: whether {due} is night", end is not None, wall.is_night(due))
    if end is not None:
        count.nights += 1
        count.compare(f"{zone}: the night of {due} is over at {end}", wall.is_night(end), False)
        count.compare(f"{zone}: and not before {end}", wall.is_night(end - timedelta(minutes=1)), True)


def somebody_moves(
    planned: Sequence[PlannedOccasion], kind: Kind, zone: str, other: str, walls: dict[str, Wall], count: Count
) -> None:
    """Half-way through they live in another zone: the same local days and clocks there, each once."""
    if not kind.name.startswith("days"):
        return
    clock = kind.name.rpartition(" ")[2]
    for one in planned[len(planned) // 2 :]:
        local = walls[zone].local(one.opens_at)
        found = moved(kind.protocol, one, zone, to_zone=other, hour=None)
        count.moves += 1
        shown = f"{local:%H:%M}"
        expected = walls[other].at(local.date(), shown)
        count.compare(f"{zone} to {other}: {clock} on {local.date()}", found and found.opens_at, expected)


def walk(zones: Sequence[str], years: bool, chance: Chance) -> Count:
    """Every kind in every zone: around each change of the clocks, and where asked on every day of two years."""
    count, walls = Count(), {zone: Wall(zone) for zone in zones}
    around, weeks = list(range(7)), 2
    some = list(kinds(around, weeks))
    for place, (zone, wall) in enumerate(walls.items()):
        count.changes += len(wall.changes)
        other = zones[(place + 1 + int(chance.uniform("to", zone) * (len(zones) - 1))) % len(zones)]
        for change in wall.changes:
            for kind in some:
                first = wall.local(change).date() - timedelta(days=3)
                planned = compare(zone, wall, kind, first, count)
                somebody_moves(planned, kind, zone, other, walls, count)
    if years:
        days = list(range((LAST - FIRST).days))
        for kind in (one for one in kinds(days, 104) if one.name in YEARLY):
            for zone, wall in walls.items():
                compare(zone, wall, kind, FIRST, count)
    return count


def _naive(zones: Sequence[str]) -> int:
    """What many write: so many times 24 hours after the first one. How many slots are off their hour."""
    wrong = 0
    for zone in zones:
        wall = Wall(zone)
        for change in wall.changes:
            first = wall.local(change).date() - timedelta(days=3)
            began = wall.at(first, "19:00")
            wrong += sum(
                began + timedelta(days=day) != wall.at(first + timedelta(days=day), "19:00") for day in range(7)
            )
    return wrong


def other_rules(folder: Path) -> dict[str, str]:
    """The environment of a process in which one zone has other rules, as after an update of the time zone data."""
    place = folder / "zones" / OTHER_ZONE
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(zone_file(OTHER_RULES))
    return dict(os.environ) | {"PYTHONTZPATH": str(folder / "zones")}


def zone_file(rules: str) -> bytes:
    """RFC 8536, version 2: no single change, and a footer with the rules for ever."""
    names = b"EET\0"
    block = struct.pack(">4s1s15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, len(names))
    body = struct.pack(">lBB", 7200, 0, 0) + names
    return block + body + block + body + b"\n" + rules.encode() + b"\n"


def _elsewhere(folder: Path, seed: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.faults.runs.t10_zones", str(seed)]
    done = subprocess.run(command, env=other_rules(folder), capture_output=True, text=True, check=True, timeout=600)
    return json.loads(done.stdout)


def do(given: SimpleNamespace, watch: Watch) -> Result:
    began = time.monotonic()
    zones = ZONES[:: given.every]
    count = walk(zones, given.years > 0, watch.chance)
    watch.say(f"{count.slots} slots compared")
    naive = _naive(zones)
    elsewhere = _elsewhere(watch.folder, watch.chance.seed)
    bounds = {
        "each local-day slot once, at its hour, by the rules for gaps and folds": not count.wrong,
        "gaps and folds were met": count.gaps > 0 and count.folds > 0,
        "the same under other rules of a zone": not elsewhere["wrong"] and elsewhere["other"],
        "the naive control, 24 hours later each, is off": naive > 0,
    }
    words = (
        f"{count.slots} slots and {count.mails} mails compared with a wall clock of its own, {count.gaps} in a gap, "
        f"{count.folds} in a fold, {count.moves} moved to another zone, {count.nights} mails put off from a night: "
        f"{len(count.wrong)} violations; {elsewhere['slots']} slots under other rules for one zone: "
        f"{len(elsewhere['wrong'])}. Adding 24 hours each time put {naive} slots on another hour."
    )
    return Result(
        f"{len(zones)} zones, {count.changes} changes of the clocks{', each day of 2 years' if given.years else ''}.",
        {"change of the clocks": count.changes, "move to another zone": count.moves}, bounds, words,
        drain_s=round(time.monotonic() - began, 1),
        more={"slots": count.slots, "mails": count.mails, "violations": len(count.wrong), "first": count.wrong[:5],
              "naive": naive, "elsewhere": elsewhere},
    )  # fmt: skip


RUN = Run(
    "T10",
    "Each slot of a local day comes once, at its hour where the person lives, whatever the clocks do; never at night.",
    {"short": {"every": 4, "years": 0}, "two-years": {"every": 1, "years": 1}},
    do,
)

if __name__ == "__main__":
    found = walk((OTHER_ZONE, "Europe/London"), False, Chance(int(sys.argv[1])))
    summer = Wall(OTHER_ZONE).local(datetime(2026, 4, 10, 12, tzinfo=UTC)).hour
    print(json.dumps({"slots": found.slots, "wrong": found.wrong[:5], "other": summer == 15}))
