"""Another version of the protocol for somebody who is in: which windows open on another day, and which mails move.

Whatever has opened or is done stays. A day that has passed is not gone back to: that window keeps its day, and those
after it stay after it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from trial.rehearsal.oracle import clock
from trial.rehearsal.oracle.days import asked_on
from trial.rehearsal.oracle.facts import Plain
from trial.rehearsal.oracle.planned import LAST, Planner, Promise, Window

if TYPE_CHECKING:
    from trial.rehearsal.oracle.life import Life

TAKEN_OUT = "taken_out"


def follow(life: Life, old: Planner, now: datetime) -> None:
    """Everything that is to come, by the version that this person goes by from now on."""
    _move_the_last(life, old, now)
    for point in life.planner.protocol["timepoints"]:
        was = old.points.get(point["id"])
        if was is not None and point["anchor"] != "consent":
            _Timepoint(life, old, was, point, now).follow()


def _move_the_last(life: Life, old: Planner, now: datetime) -> None:
    before, after = (one.last_mail(life.allocated_on, life.zone, one.last_day) for one in (old, life.planner))
    if (before.due, before.latest) != (after.due, after.latest):
        for one in life.promises:
            if one.key[0] == LAST and not one.looked_at and one.due > now and after.due > now:
                one.due, one.latest = after.due, after.latest


class _Timepoint:
    """One timepoint, as it was and as it is, and the windows that somebody has of it."""

    def __init__(self, life: Life, old: Planner, was: Plain, point: Plain, now: datetime) -> None:
        self.life, self.old, self.was, self.point, self.now = life, old, was, point, now
        self.windows: Mapping[int, list[Window]] = defaultdict(list)
        for one in life.windows:
            if one.timepoint == point["id"]:
                self.windows[one.occurrence].append(one)
        self.asked = {one.activity for each in self.windows.values() for one in each}
        self.at_once = point["time"] == "at_once"

    def follow(self) -> None:
        other_hours, other_days = self._hours_differ(), self._days_differ()
        if not other_hours and not other_days and self.was["closes_after"] == self.point["closes_after"]:
            return
        last = date.min
        days = self._days() if other_days else {one: self._day(found[0]) for one, found in self.windows.items()}
        for occurrence in sorted({*days, *self.windows}):
            mine, day = self.windows.get(occurrence, []), days.get(occurrence)
            if any(one.opens <= self.now or one.done for one in mine):
                last = max(last, self._day(mine[0]))
                if other_hours:
                    self._remind_at_other_hours(one for one in mine if not one.done)
            elif day is None:
                self._take_out(mine)
            elif day > last and self._opening(occurrence, day) > self.now:
                last = day
                self._open(mine or list(self._new(occurrence)), self._opening(occurrence, day))
            elif mine:
                last = self._day(mine[0])
                if (opens := self._opening(occurrence, last)) > self.now:
                    self._open(mine, opens)

    def _hours_differ(self) -> bool:
        parts = ("time", "between", "reminders", "invitation")
        return any(self.was[one] != self.point[one] for one in parts) or self._use(self.old) != self._use(
            self.life.planner
        )

    def _use(self, planner: Planner) -> list[str]:
        """For how long each mail is of use."""
        point = planner.points[self.point["id"]]
        names = [point["invitation"], *(one["message"] for one in point["reminders"])]
        return [planner.messages[one]["latest"] for one in names if one]

    def _days_differ(self) -> bool:
        blackouts = [one.protocol["calendar"]["blackout"] for one in (self.old, self.life.planner)]
        same = sorted(self.was["days"]) == sorted(self.point["days"]) and self.was["weekly"] == self.point["weekly"]
        known = self.point["id"] in self.life.first_days
        return known and not (same and (self.at_once or blackouts[0] == blackouts[1]))

    def _days(self) -> dict[int, date]:
        first = self.life.first_days[self.point["id"]]
        return dict(asked_on(self.point, self.life.planner.protocol["calendar"]["blackout"], first))

    def _day(self, window: Window) -> date:
        return clock.local(window.opens, self.life.zone).date()

    def _opening(self, occurrence: int, day: date, planner: Planner | None = None) -> datetime:
        by = planner or self.life.planner
        point = by.points[self.point["id"]]
        return clock.at(day, by.hour(point, occurrence, self.life.hour, self.life.person.code), self.life.zone)

    def _new(self, occurrence: int) -> Iterable[Window]:
        planner = self.life.planner
        names = self.asked or {one for one in self.point["activities"] if planner.is_for(one, self.life.arms)}
        for name in sorted(names):
            yield Window(self.point["id"], occurrence, name, self.now, self.now, self.point["grace"])

    def _open(self, windows: list[Window], opens: datetime) -> None:
        """They open then, those that are new among them, with their mails."""
        life = self.life
        for one in windows:
            one.opens, one.closes = opens, clock.after(opens, self.point["closes_after"], life.zone)
            mails = life.planner.mails(one, life.zone)
            if one in life.windows:
                self._write(mails)
            else:
                life.windows.append(one)
                again = {mail.key for mail in mails}
                life.promises = [each for each in life.promises if each.key not in again]
                life.promises += [replace(mail, at=self.now) for mail in mails]
            for stage in life.planner.protocol["stages"]:
                if stage["id"] in life.stages and (one.timepoint, one.activity) == (stage["timepoint"], stage["after"]):
                    life.stages[stage["id"]] = clock.after(one.closes, one.grace, life.zone)

    def _remind_at_other_hours(self, windows: Iterable[Window]) -> None:
        """What was announced stays; mails that wait come as the new hours say, if that is still to come."""
        for one in windows:
            before, after = (self._mails_on_its_day(one, by) for by in (self.old, self.life.planner))
            kept = {(mail.key, mail.due) for mail in before}
            if [(mail.due, mail.latest) for mail in before] == [(mail.due, mail.latest) for mail in after]:
                continue
            self._write(mail for mail in after if mail.due > self.now or (mail.key, mail.due) in kept)

    def _mails_on_its_day(self, window: Window, planner: Planner) -> list[Promise]:
        opens = window.opens
        if not self.at_once:
            opens = self._opening(window.occurrence, self._day(window), planner)
        return planner.mails(replace(window, opens=opens), self.life.zone)

    def _write(self, mails: Iterable[Promise]) -> None:
        anew = {one.key: one for one in mails}
        for one in self.life.promises:
            if one.key in anew and not one.looked_at:
                one.due, one.latest = anew[one.key].due, anew[one.key].latest

    def _take_out(self, windows: list[Window]) -> None:
        for window in windows:
            self.life.windows = [one for one in self.life.windows if one is not window]
            for one in self.life.promises:
                if one.window is window and not one.looked_at:
                    one.end, one.reason, one.at, one.looked_at = "suppressed", TAKEN_OUT, self.now, True
