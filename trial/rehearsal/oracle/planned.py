"""Which windows open for a person, and which mails speak of them, as the protocol promises it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from trial.rehearsal.oracle import clock
from trial.rehearsal.oracle.days import asked_on, last_mail_day
from trial.rehearsal.oracle.facts import Key, Plain

LAST = "own:study_over"
WORTH_SENDING = "60 days"


@dataclass(slots=True)
class Window:
    """A time in which one thing can be done; it moves with its person's zone and hour while it has not opened."""

    timepoint: str
    occurrence: int
    activity: str
    opens: datetime
    closes: datetime
    grace: str
    done: bool = False
    passed_over: bool = False
    left: datetime | None = None  # when the latest mail about it left


@dataclass(slots=True)
class Promise:
    """A mail to come: when it is due and until when it is of use, and what became of it."""

    key: Key
    stream: str
    due: datetime
    latest: datetime
    window: Window | None = None
    last_reminder: bool = False
    at_once: bool = False
    end: str = "planned"
    reason: str | None = None
    at: datetime | None = None
    looked_at: bool = False
    unsure: str = field(default="")


class Planner:
    """The protocol as promises; `share` is what chance gave a person between two hours."""

    def __init__(self, protocol: Plain, hour_key: bytes) -> None:
        self.protocol = protocol
        self.points = {one["id"]: one for one in protocol["timepoints"]}
        self.activities = {one["id"]: one for one in protocol["activities"]}
        self.messages = {one["id"]: one for one in protocol["messages"]}
        self.last_day = last_mail_day(protocol)
        self.hour_key = hour_key

    def is_exercise(self, activity: str) -> bool:
        return bool(self.activities[activity]["type"] != "questionnaire")

    def windows(
        self,
        wanted: Callable[[Plain], bool],
        arms: Sequence[str],
        origin: datetime,
        zone: str,
        hour: str | None,
        code: str,
    ) -> Iterator[tuple[Window, list[Promise]]]:
        """Every window of the timepoints that are wanted, with its mails, for somebody of these arms and options."""
        for point in self.protocol["timepoints"]:
            mine = [one for one in point["activities"] if self.is_for(one, arms)]
            if not wanted(point) or not mine:
                continue
            for occurrence, opens in self._openings(point, origin, zone, hour, code):
                for activity in mine:
                    closes = clock.after(opens, point["closes_after"], zone)
                    window = Window(point["id"], occurrence, activity, opens, closes, point["grace"])
                    yield window, self.mails(window, zone)

    def is_for(self, activity: str, arms: Iterable[str]) -> bool:
        """Whether these arms do an activity; one without arms is everybody's."""
        own = self.activities[activity]["arms"]
        return not own or bool(set(own) & set(arms))

    def _openings(
        self, point: Plain, origin: datetime, zone: str, hour: str | None, code: str
    ) -> Iterator[tuple[int, datetime]]:
        if point["anchor"] == "consent" or point["time"] == "at_once":
            yield 1, origin
            return
        first = clock.local(origin, zone).date()
        for occurrence, day in asked_on(point, self.protocol["calendar"]["blackout"], first):
            yield occurrence, clock.at(day, self.hour(point, occurrence, hour, code), zone)

    def hour(self, point: Plain, occurrence: int, hour: str | None, code: str) -> str:
        if hour and hour in point["chosen_from"]:
            return hour
        if not point["between"]:
            return str(point["time"])
        earliest, latest = (int(one[:2]) * 60 + int(one[3:]) for one in point["between"])
        drawn = hmac.new(self.hour_key, f"hour|{code}|{point['id']}|{occurrence}".encode(), hashlib.sha256).digest()
        minute = earliest + int.from_bytes(drawn[:6], "big") * (latest - earliest) // 2**48
        return f"{minute // 60:02d}:{minute % 60:02d}"

    def mails(self, window: Window, zone: str) -> list[Promise]:
        """The invitation and the reminders of a window that opens then."""
        point = self.points[window.timepoint]
        found = []
        named = [(point["invitation"], "0 minutes")] if point["invitation"] else []
        named += [(one["message"], one["after"]) for one in point["reminders"]]
        for place, (name, wait) in enumerate(named):
            reminder = place if point["invitation"] else place + 1
            due = clock.after(window.opens, wait, zone)
            latest = clock.after(due, self.messages[name]["latest"], zone)
            key = (name, window.timepoint, window.occurrence, reminder)
            is_last = reminder == len(point["reminders"])
            at_once = point["time"] == "at_once" and not reminder  # a reminder finds nobody awake
            found.append(Promise(key, self.messages[name]["stream"], due, latest, window, is_last, at_once))
        return found

    def moved(self, window: Window, zone: str, to_zone: str, hour: str | None) -> datetime | None:
        """When a window opens after its person moved or chose another hour; None where it has no hour of its own."""
        point = self.points[window.timepoint]
        if point["anchor"] == "consent" or point["time"] == "at_once":
            return None
        shown = clock.local(window.opens, zone)
        own = hour if hour and hour in point["chosen_from"] else f"{shown:%H:%M}"
        return clock.at(shown.date(), own, to_zone)

    def last_mail(self, first: date, zone: str, day: int) -> Promise:
        """The mail that says that the study is over: on that day, when the night of the trial is over."""
        quiet = self.protocol["calendar"]
        wakes = quiet["quiet_until"]
        morning = wakes if quiet["quiet_from"] < wakes else max("10:00", wakes)
        due = clock.at(first + timedelta(days=day), morning, zone)
        return Promise((LAST, "", 1, 0), "service", due, clock.after(due, WORTH_SENDING, zone))

    def day_of_no_further(self, consented: datetime, zone: str) -> int:
        """The day of that mail for who comes no further than the baseline: the one after its window and grace."""
        point = next(one for one in self.protocol["timepoints"] if one["anchor"] == "consent")
        closed = clock.after(clock.after(consented, point["closes_after"], zone), point["grace"], zone)
        return clock.days_between(consented, closed, zone) + 1
