"""One person from the first click to the last mail: the facts of the record gone through in order, and at each mail's
moment the question whether it was to leave.

At one instant mails come first, then what people do; what an act plans for that instant leaves after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from trial.rehearsal.oracle import cards, clock
from trial.rehearsal.oracle.amended import follow
from trial.rehearsal.oracle.facts import Allocated, Fact, Person, Plain, Record, Sheet
from trial.rehearsal.oracle.planned import LAST, Planner, Promise, Window
from trial.rehearsal.oracle.sending import send

# whom an amendment reaches at once that asks nobody
TAKE_PART = ("consented", "held", "randomized")


@dataclass(frozen=True, slots=True)
class Versions:
    """Every version of the protocol as a plan, by its number, and the number of each registration."""

    planners: Mapping[int, Planner]
    numbers: Mapping[str, int]


class Life:
    """What is true of one person at the moment that has been reached, and every mail that was promised to them."""

    def __init__(
        self,
        versions: Versions,
        record: Record,
        person: Person,
        facts: Iterable[Fact],
        sheets: Iterable[Sheet],
        allocated: Iterable[Allocated],
    ) -> None:
        self.versions = versions
        self.version = self.newest = min(versions.planners)  # their own, and that of the trial
        self.person = person
        self.facts = sorted(facts, key=lambda one: (one.at, one.number))
        self.ends_at = record.now
        self.zone, self.hour, self.fewer = _at_the_beginning(person, self.facts)
        self.to_do = list(sheets)
        self.sheets: list[Sheet] = []
        self.made = {one.stage: one.arm for one in allocated}
        self.arms: list[str] = []
        self.refused_at = {one.at for one in self.facts if one.what == "address_bounced"}
        self.promises: list[Promise] = []
        self.windows: list[Window] = []
        self.stages: dict[str, datetime] = {}
        self.first_days: dict[str, date] = {}  # of each timepoint that is planned, from which day it counts
        self.stopped: str | None = None
        self.stands: str = ""
        self.allocated_on = date.min
        self.paused_until: datetime | None = None
        self.muted: set[str] = set()
        self.bounced = self.suspended = self.erased = self.trial_paused = self.trial_over = self.closed = False

    @property
    def planner(self) -> Planner:
        """The version of the protocol that this person goes by."""
        return self.versions.planners[self.version]

    def live(self) -> list[Promise]:
        """All the promises made to this person, each with its end."""
        place = 0
        while place < len(self.facts):
            now = self.facts[place].at
            self._send_until(now)
            while place < len(self.facts) and self.facts[place].at == now:
                self._take(self.facts[place])
                place += 1
        self._send_until(self.ends_at)
        return self.promises

    # --- what people and the team do ---------------------------------------------------------------------------

    def _take(self, fact: Fact) -> None:
        act: Callable[[Fact], None] | None = getattr(self, f"_{fact.what}", None)
        if act is not None:
            act(fact)

    def _protocol_registered(self, fact: Fact) -> None:
        before, self.newest = self.newest, self.versions.numbers.get(fact.detail["digest"], self.newest)
        if not self.stands:
            self.version = self.newest
        elif not fact.detail.get("asks", 1) and self.version == before and self.stands in TAKE_PART:
            self._go_by(self.newest, fact.at)

    def _consented_again(self, fact: Fact) -> None:
        self._go_by(fact.detail["protocol"], fact.at)

    def _go_by(self, version: int, now: datetime) -> None:
        old, self.version = self.planner, version
        if self.stands == "randomized":
            follow(self, old, now)

    def _consented(self, fact: Fact) -> None:
        self.stands = "consented"
        self._plan(lambda point: point["anchor"] == "consent", [], fact.at)
        day = self.planner.day_of_no_further(fact.at, self.zone)
        first = clock.local(fact.at, self.zone).date()
        self._say_the_end(self.planner.last_mail(first, self.zone, day))

    def _randomized(self, fact: Fact) -> None:
        self.stands = "randomized"
        self.arms = [self.made["main"]]
        self._plan(lambda point: point["anchor"] == "randomization" and not point["stage"], self.arms, fact.at)
        self.allocated_on = clock.local(fact.at, self.zone).date()
        self._say_the_end(self.planner.last_mail(self.allocated_on, self.zone, self.planner.last_day))

    def _stage_allocated(self, fact: Fact) -> None:
        stage = fact.detail["stage"]
        self.stages.pop(stage, None)
        self.arms = [*self.arms, self.made[stage]]
        self._plan(lambda point: point["stage"] == stage, self.arms, fact.at)

    def _stage_passed_by(self, fact: Fact) -> None:
        self.stages.pop(fact.detail["stage"], None)

    def _exercise_done(self, fact: Fact) -> None:
        activity = self._sent_in(fact)
        if activity is not None and self.stands == "randomized":
            waiting = [one for one in self.planner.protocol["timepoints"] if one.get("after") == activity]
            known = {one.timepoint for one in self.windows}
            if waiting and not any(one["id"] in known for one in waiting):
                self._plan(lambda point: point.get("after") == activity, self.arms, fact.at)

    _questionnaire_done = _exercise_done

    def _exercise_passed_over(self, fact: Fact) -> None:
        """Said on the page that it is not for today, or by a mail's link."""
        if self._sent_in(fact) is None:
            for one in self._windows_of(fact):
                one.passed_over = True

    def _sent_in(self, fact: Fact) -> str | None:
        """The activity that was sent in, which is no longer to be done."""
        where = (fact.detail["timepoint"], fact.detail["occurrence"])
        for sheet in self.to_do:
            if (sheet.timepoint, sheet.occurrence) == where and sheet.at == fact.at:
                self.to_do.remove(sheet)
                self.sheets.append(sheet)
                for one in self._windows_of(fact):
                    one.done |= one.activity == sheet.activity
                return sheet.activity
        return None

    def _windows_of(self, fact: Fact) -> list[Window]:
        where = (fact.detail["timepoint"], fact.detail["occurrence"])
        return [one for one in self.windows if (one.timepoint, one.occurrence) == where]

    def _stopped_exercises(self, _: Fact) -> None:
        self.stopped = "exercises"

    def _stopped_questionnaires(self, _: Fact) -> None:
        self.stopped = "questionnaires"

    def _stopped_everything(self, _: Fact) -> None:
        self.stopped = "everything"

    def _erased(self, _: Fact) -> None:
        self.erased = True

    def _activity_muted(self, fact: Fact) -> None:
        self.muted |= {one.activity for one in self._windows_of(fact) if self.planner.is_exercise(one.activity)}

    def _activity_had_back(self, fact: Fact) -> None:
        self.muted -= {one.activity for one in self._windows_of(fact)}

    def _address_bounced(self, _: Fact) -> None:
        self.bounced = True

    def _address_changed(self, _: Fact) -> None:
        self.bounced = False

    _address_change_undone = _address_corrected = _address_changed

    def _suspended(self, _: Fact) -> None:
        self.suspended = True

    def _suspension_ended(self, fact: Fact) -> None:
        self.suspended = False
        self._take_up("held", "asked_to_stop", fact.at)

    def _trial_paused(self, _: Fact) -> None:
        self.trial_paused = True

    def _trial_resumed(self, fact: Fact) -> None:
        self.trial_paused = False
        self._take_up("held", None, fact.at)

    def _recruitment_closed(self, _: Fact) -> None:
        self.closed = True

    def _locked(self, _: Fact) -> None:
        self.trial_over = True

    def _dataset_frozen(self, _: Fact) -> None:
        self.trial_over = True

    def _paused(self, fact: Fact) -> None:
        self._pause_until(datetime.fromisoformat(str(fact.detail["until"])))

    def _pause_ended(self, fact: Fact) -> None:
        self.paused_until = None
        self._wait_until(fact.at)

    def _withdrawal_asked(self, fact: Fact) -> None:
        if "until" in fact.detail:
            self._paused(fact)

    _erasure_asked = _withdrawal_asked

    def _wish_undone(self, fact: Fact) -> None:
        if fact.detail.get("mails_again"):
            self._pause_ended(fact)

    def _pause_until(self, until: datetime) -> None:
        self.paused_until = until
        self._wait_until(until)

    def _wait_until(self, moment: datetime) -> None:
        for one in self.promises:
            if one.end == "retry" and one.reason == "paused":
                one.due = moment

    def _take_up(self, end: str, reason: str | None, now: datetime) -> None:
        """What was held goes back, and is looked at anew."""
        for one in self.promises:
            if one.end == end and (reason is None or one.reason == reason):
                one.end, one.reason, one.at = "due", None, now

    def _preferences_changed(self, fact: Fact) -> None:
        changed = str(fact.detail.get("changed", "")).split()
        if "taken_up_again" in fact.detail:
            self.stopped = None
        if "fewer_reminders" in changed:
            self.fewer = not self.fewer
        zone, hour = fact.detail.get("zone", self.zone), fact.detail.get("hour", self.hour) or None
        if {"zone", "chosen_hour"} & set(changed):
            self._move(fact.at, zone, hour)
        self.zone, self.hour = zone, hour

    def _move(self, now: datetime, zone: str, hour: str | None) -> None:
        for one in self.windows:
            if one.opens <= now or one.done:
                continue
            opens = self.planner.moved(one, self.zone, zone, hour)
            if opens is None or opens <= now or opens == one.opens:
                continue
            one.opens = opens
            one.closes = clock.after(opens, self.planner.points[one.timepoint]["closes_after"], zone)
            anew = {mail.key: mail for mail in self.planner.mails(one, zone)}
            for promise in self.promises:
                if promise.key in anew and not promise.looked_at:
                    promise.due, promise.latest = anew[promise.key].due, anew[promise.key].latest

    def _turned_away(self, fact: Fact) -> None:
        """Nothing more follows: the end is said at once, or by the mail that says there is no place."""
        if self.stands == "held":
            self._end_told_otherwise(fact.at)
        else:
            mail = Promise((LAST, "", 1, 0), "service", fact.at, fact.at + timedelta(days=60), at_once=True)
            self._say_the_end(mail)
        self.stands = "recruitment_closed"

    def _enrolment_held(self, _: Fact) -> None:
        self.stands = "held"

    def _enrolment_refused(self, fact: Fact) -> None:
        if self.stopped is None and not self.erased:
            self._end_told_otherwise(fact.at)
        self.stands = "refused"

    def _end_told_otherwise(self, now: datetime) -> None:
        for one in self.promises:
            if one.key[0] == LAST and not one.looked_at:
                one.end, one.reason, one.at, one.looked_at = "suppressed", "told_with_another", now, True

    def _plan(self, wanted: Callable[[Plain], bool], arms: list[str], now: datetime) -> None:
        today = clock.local(now, self.zone).date()
        self.first_days |= {one["id"]: today for one in self.planner.protocol["timepoints"] if wanted(one)}
        found = list(self.planner.windows(wanted, arms, now, self.zone, self.hour, self.person.code))
        for window, mails in found:
            self.windows.append(window)
            for mail in mails:
                mail.at = now  # what falls due before it was planned leaves as it is planned
            self.promises += mails
        for stage in self.planner.protocol["stages"]:
            if stage["arms_before"] and not set(stage["arms_before"]) & set(self.arms):
                continue
            for window, _ in found:
                if (window.timepoint, window.activity) == (stage["timepoint"], stage["after"]):
                    self.stages[stage["id"]] = clock.after(window.closes, window.grace, self.zone)

    def _say_the_end(self, mail: Promise) -> None:
        """In place of the one that was planned before."""
        self.promises = [one for one in self.promises if one.key[0] != LAST]
        self.promises.append(mail)

    # --- what is true at a mail's moment -----------------------------------------------------------------------

    def _send_until(self, moment: datetime) -> None:
        while True:
            waiting = [one for one in self.promises if one.end in ("planned", "due", "retry")]
            due = [one for one in waiting if max(one.due, one.at or one.due) <= moment]
            if not due:
                return
            first = min(due, key=lambda one: (max(one.due, one.at or one.due), one.key[3], one.key))
            send(self, first, max(first.due, first.at or first.due))

    def takes(self, stream: str) -> bool:
        if stream == "service" or self.stopped is None:
            return True
        return self.stopped != "everything" and self.stopped != stream

    def known(self, about: str | None, now: datetime) -> dict[str, Any]:
        """What a rule can speak of: answers, scores and counts, the latest first."""
        found: dict[str, Any] = dict(self.person.screened)
        done = {"exercises_done": 0, "questionnaires_done": 0}
        for one in self.sheets:
            found |= one.known
            exercise = self.planner.is_exercise(one.activity)
            left_out = one.known.get(f"{one.activity}_done") == "not_today"
            done["exercises_done" if exercise else "questionnaires_done"] += not (exercise and left_out)
        decks = [one for one in self.planner.protocol["activities"] if one["type"] == "recall"]
        mine = [one for one in decks if one["id"] == about]
        mine = mine or [one for one in decks if self.planner.is_for(one["id"], self.arms)]
        return found | done | {"cards_due": cards.coming_back(mine, self.sheets, now, self.zone)}

    def last_window_over(self, now: datetime) -> datetime | None:
        """When nothing more can be done or follow; None for somebody who was never asked anything."""
        ends = [clock.after(one.closes, one.grace, self.zone) for one in self.windows]
        if ends:
            ends += [max(one, now + timedelta(hours=1)) for one in self.stages.values()]
        return max(ends, default=None)


def _at_the_beginning(person: Person, facts: list[Fact]) -> tuple[str, str | None, bool]:
    """Zone, hour and wish for fewer reminders before the first change: each change says what was before."""
    zone, hour = person.zone, person.hour
    for one in reversed([one for one in facts if one.what == "preferences_changed"]):
        zone = str(one.detail.get("zone_before", zone))
        hour = str(one.detail["hour_before"]) or None if "hour_before" in one.detail else hour
    return zone, hour, False
