"""S: the calendar that people live through."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from trial.core.findings import Path
from trial.core.linting import asked, mails
from trial.core.linting.rules import Found, Rule, Severity, Subject, add, rule
from trial.core.protocol import Calendar, Questionnaire, Timepoint, Writing

ERROR, WARNING = Severity.ERROR, Severity.WARNING
MOST_MINUTES_A_WEEK = 210  # a product default: half an hour a day
SHORT_WINDOW = 4 * mails.DAY

add(Rule("S201", ERROR, "Reminder after the window",
         "A reminder of what can no longer be answered is a broken promise.",
         "Send it before the window closes, or close later.", None))  # fmt: skip


@rule("S202", WARNING, "Mail still sent when its window has closed",
      why="A mail that waited for the mail server until the window closed leads to a page that is shut.",
      mend="Shorten `latest` of the message, or send it earlier.")  # fmt: skip
def too_late(trial: Subject) -> Iterator[Found]:
    for place, point in enumerate(trial.protocol.timepoints):
        planned: list[tuple[Path, int, str]] = []
        if point.invitation:
            planned.append((("timepoints", place, "invitation"), 0, point.invitation))
        for number, one in enumerate(point.reminders):
            planned.append((("timepoints", place, "reminders", number), mails.minutes(one.after), one.message))
        for path, due, message in planned:
            if due + mails.minutes(trial.protocol.message(message).latest) > mails.minutes(point.closes_after):
                yield Found(path, f"the mail {message!r} may leave after {point.id!r} has closed.", point.id)


@rule("S203", WARNING, "Two mails on one day",
      why="Two requests on one day are one too many: the second is missed, or both are.",
      mend="Move one of the timepoints or reminders to another day.")  # fmt: skip
def two_mails_a_day(trial: Subject) -> Iterator[Found]:
    told = set()
    calendars = [list(mails.points(trial.protocol, arm.id)) for arm in trial.protocol.arms]
    different = {tuple(place for place, _ in each): each for each in calendars}
    for each in different.values():
        for weekday in range(7) if any(point.weekly for _, point in each) else range(1):
            first: dict[int, mails.Mail] = {}
            for one in mails.at(each, weekday):
                other = first.setdefault(one.day, one)
                if (other.timepoint, other.occurrence) == (one.timepoint, one.occurrence) or one.path in told:
                    continue
                told.add(one.path)
                what = f"day {one.day} brings {other.message!r} of {other.timepoint!r} and {one.message!r} of {one.timepoint!r}."  # noqa: E501
                yield Found(one.path, what, one.timepoint)


@rule("S204", WARNING, "Mail in quiet hours",
      why="A mail at night wakes people, or is buried under the morning's.",
      mend="Move the hour or the reminder, or change `calendar.quiet_from` and `quiet_until`.")  # fmt: skip
def quiet_hours(trial: Subject) -> Iterator[Found]:
    for place, point in enumerate(trial.protocol.timepoints):
        at: list[tuple[Path, int]] = []
        for start in mails.hours(point):
            at.append((("timepoints", place, _hour_key(point)), start))
            for number, one in enumerate(point.reminders):
                at.append((("timepoints", place, "reminders", number), (start + one.after.minutes) % mails.DAY))
        told = set()
        for path, minute in at:
            if path not in told and _quiet(trial.protocol.calendar, minute):
                told.add(path)
                what = f"a mail of {point.id!r} is due at {minute // 60:02}:{minute % 60:02}, in the quiet hours."
                yield Found(path, what, point.id)


def _hour_key(point: Timepoint) -> str:
    return "chosen_from" if point.chosen_from else "between" if point.between else "time"


def _quiet(calendar: Calendar, minute: int) -> bool:
    start, end = mails.clock(calendar.quiet_from), mails.clock(calendar.quiet_until)
    return start <= minute < end if start <= end else minute >= start or minute < end


@rule("S205", WARNING, "More mails in a week than the calendar allows",
      why="People who feel pestered stop everything, not only the mails.",
      mend="Drop reminders, or raise `calendar.most_mails_a_week` and say so in the information.")  # fmt: skip
def mails_a_week(trial: Subject) -> Iterator[Found]:
    most = trial.protocol.calendar.most_mails_a_week
    for place, arm in enumerate(trial.protocol.arms):
        planned = [one.day for one in mails.of(trial.protocol, arm.id)]
        day, count = _busiest([(one, 1) for one in planned])
        if count > most:
            yield Found(("arms", place), f"{arm.id!r} gets up to {count} mails in the week from day {day}.", arm.id)


@rule("S206", WARNING, "Primary outcome skipped on a holiday",
      why="A skipped day leaves the primary outcome missing for everybody whose day it is.",
      mend="Write `rule: move` for these days.")  # fmt: skip
def skipped_primary(trial: Subject) -> Iterator[Found]:
    for place, one in enumerate(trial.protocol.calendar.blackout):
        if one.rule == "skip":
            what = f"{trial.protocol.analysis.primary.timepoint!r} is left out where it falls on these days."
            yield Found(("calendar", "blackout", place), what)


@rule("S207", WARNING, "Follow-up that a holiday can swallow",
      why="Days count from each person's start, so some follow-ups fall on holidays; a short window is over "
          "before they end.",
      mend="Keep the window open for four days or more, or name the days under `calendar.blackout`.")  # fmt: skip
def holiday(trial: Subject) -> Iterator[Found]:
    plan = trial.protocol.analysis
    planned = {one.timepoint for one in [plan.primary, *(plan.secondary.analyses if plan.secondary else [])]}
    for place, point in enumerate(trial.protocol.timepoints):
        open_for = mails.minutes(point.closes_after) + mails.minutes(point.grace)
        at_once = point.time == "at_once" or point.anchor != "randomization"
        if point.id in planned and not at_once and open_for < SHORT_WINDOW and not trial.protocol.calendar.blackout:
            what = f"{point.id!r} is open for {point.closes_after} only, and no day is left free."
            yield Found(("timepoints", place, "closes_after"), what, point.id)


@rule("S208", WARNING, "Too much work in one week",
      why="Burden makes people leave, and those who stay are no longer like those who came.",
      mend="Spread the activities, shorten them, or waive it with the reason.")  # fmt: skip
def burden(trial: Subject) -> Iterator[Found]:
    for place, arm in enumerate(trial.protocol.arms):
        work = [
            (day, sum(one.minutes for one in trial.protocol.activities_at(point, arm.id)))
            for _, point in mails.points(trial.protocol, arm.id)
            if point.anchor == "randomization"
            for day in point.days
        ]
        day, minutes = _busiest(work)
        if minutes > MOST_MINUTES_A_WEEK:
            what = f"the arm {arm.id!r} has {minutes} minutes of work in the week from day {day}."
            yield Found(("arms", place), f"{what} The limit is {MOST_MINUTES_A_WEEK}.", arm.id)


def _busiest(amounts: list[tuple[int, int]]) -> tuple[int, int]:
    """(first day, total) of the seven days in a row with the most."""
    best, total, start = (0, 0), 0, 0
    ordered = sorted(amounts)
    for day, size in ordered:
        total += size
        while ordered[start][0] <= day - 7:
            total -= ordered[start][1]
            start += 1
        if total > best[1]:
            best = (ordered[start][0], total)
    return best


@rule("S209", ERROR, "Activity that an arm never comes to",
      why="What is written and never opened is a part of the trial that nobody gets.",
      mend="Name it in a timepoint that its arms come to, or take it out.")  # fmt: skip
def unreachable(trial: Subject) -> Iterator[Found]:
    protocol = trial.protocol
    reached = {arm.id: asked.reached(protocol, arm.id) for arm in protocol.arms}
    all_reached = set().union(*reached.values())
    everybody = [arm.id for arm in protocol.arms]
    for place, one in enumerate(protocol.activities):
        missed = [arm for arm in one.arms or everybody if one.id not in reached.get(arm, all_reached)]
        if missed:
            what = f"the activity {one.id!r} is never reached in {', '.join(map(repr, missed))}."
            yield Found(("activities", place), what, one.id)


@rule("S210", WARNING, "Instrument that is never asked",
      why="An instrument that no questionnaire holds is a slip: either it was forgotten, or it is not needed.",
      mend="Add it to a questionnaire, or take it out of `instruments`.")  # fmt: skip
def never_asked(trial: Subject) -> Iterator[Found]:
    named = {code for one in trial.protocol.activities if isinstance(one, Questionnaire) for code in one.instruments}
    planned = {asked.sources(trial).get(name) for name in asked.planned(trial.protocol)}  # P102 tells these
    for place, code in enumerate(trial.protocol.instruments):
        if code not in named | planned:
            yield Found(("instruments", place), f"no questionnaire holds {code!r}.", code)


@rule("S211", ERROR, "Shows writing that is not there yet",
      why="An exercise that builds on earlier words has nothing to show to people who were never asked for them.",
      mend="Ask for the earlier writing on an earlier day, in the same arm.")  # fmt: skip
def nothing_to_show(trial: Subject) -> Iterator[Found]:
    protocol = trial.protocol
    for place, one in enumerate(protocol.activities):
        if not isinstance(one, Writing) or one.shows_writing_of is None:
            continue
        everybody = [arm.id for arm in protocol.arms]  # what an option shows was written before its stage
        for arm in [each for each in one.arms if each in everybody] if one.arms else everybody:
            first = _first_days(trial, arm)
            if first.get(one.shows_writing_of, 99_999) >= first.get(one.id, 99_999):
                what = f"in the arm {arm!r}, {one.shows_writing_of!r} is not written before {one.id!r}."
                yield Found(("activities", place, "shows_writing_of"), what, one.id)
                break


def _first_days(trial: Subject, arm: str) -> dict[str, int]:
    first: dict[str, int] = {}
    for point in trial.protocol.timepoints:
        day = {"consent": -1, "completion": 50_000}.get(point.anchor, 20_000 if point.stage else 0) + min(point.days)
        for one in trial.protocol.activities_at(point, None if point.anchor == "consent" else arm):
            first[one.id] = min(day, first.get(one.id, day))
    return first


@rule("S212", WARNING, "The same page open twice at once",
      why="With two windows of one timepoint open, people answer the wrong one, or one answer stands for two days.",
      mend="Close each window before the next one opens.")  # fmt: skip
def open_twice(trial: Subject) -> Iterator[Found]:
    for place, point in enumerate(trial.protocol.timepoints):
        days = mails.days(point)
        gap = min((later - day for day, later in pairwise(days)), default=None)
        if gap is not None and mails.minutes(point.closes_after) > gap * mails.DAY:
            what = f"{point.id!r} opens again after {gap} day{'' if gap == 1 else 's'} and is open for {point.closes_after}."  # noqa: E501
            yield Found(("timepoints", place, "closes_after"), what, point.id)
