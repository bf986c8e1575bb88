"""The plots of a rehearsal: mails by hour and by day, the desk by week, who still took part, time to answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reports import figures
from reports.document import Figure, Row, Table
from reports.numbers import count, number, percent
from trial.core.rehearsed import Course

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = (4.7, 2.5)
HOURS = 24
BINS = 24


def plots(course: Course) -> list[Figure]:
    """Those that there is anything to draw of."""
    found = [_by_hour(course), _by_day(course), _desk(course), _kept(course), _waited(course)]
    return [one for one in found if one is not None]


def _by_hour(course: Course) -> Figure | None:
    if not any(course.by_hour):
        return None

    def draw(axes: Axes) -> None:
        axes.bar(range(HOURS), course.by_hour, color=figures.COLOURS[0])
        axes.set_xticks(range(0, HOURS, 3))
        axes.set_xlabel("Hour of the day where people live")
        axes.set_ylabel("Mails")
        axes.locator_params(axis="y", integer=True)

    busy = [(hour, n) for hour, n in enumerate(course.by_hour) if n]
    words = ", ".join(f"{count(hour)}:00 {count(n)}" for hour, n in busy) + "."
    drawn = figures.drawn("mails-by-hour", "Mails by hour of the day", words, draw, SIZE)
    rows = tuple(Row((f"{count(hour)}:00", count(n))) for hour, n in busy)
    table = Table("mails-by-hour-table", "Mails by hour, in numbers", ("Hour", "Mails"), rows)
    return Figure(
        "mails-by-hour", "Mails of timepoints by the hour at which they left, where people live.", drawn, table=table
    )


def _by_day(course: Course) -> Figure | None:
    if not course.by_day:
        return None

    def draw(axes: Axes) -> None:
        axes.bar([day for day, _ in course.by_day], [n for _, n in course.by_day], width=1.0, color=figures.COLOURS[0])
        axes.set_xlabel("Day since the trial opened")
        axes.set_ylabel("Mails")
        axes.locator_params(axis="y", integer=True)

    day, most = max(course.by_day, key=lambda one: one[1])
    total = sum(n for _, n in course.by_day)
    words = f"{count(total)} mails on {count(len(course.by_day))} days; most on day {count(day)}: {count(most)}."
    drawn = figures.drawn("mails-by-day", "Mails by day of the trial", words, draw, SIZE)
    return Figure("mails-by-day", f"Every mail that left, by day. {words}", drawn)


def _desk(course: Course) -> Figure | None:
    if not course.desk:
        return None
    kinds = list(dict.fromkeys(kind for _, its in course.desk for kind in its))

    def draw(axes: Axes) -> None:
        last = course.desk[-1][0]
        weeks, under = range(last + 1), [0] * (last + 1)
        its = dict(course.desk)
        for place, kind in enumerate(kinds):
            here = [its.get(week, {}).get(kind, 0) for week in weeks]
            axes.bar([week + 1 for week in weeks], here, bottom=under, label=kind, color=figures.COLOURS[place])
            under = [low + more for low, more in zip(under, here, strict=True)]
        axes.set_xlabel("Week since the trial opened")
        axes.set_ylabel("Came to the desk")
        axes.locator_params(axis="both", integer=True)

    rows = tuple(Row((count(week + 1), *(count(its.get(kind, 0)) for kind in kinds))) for week, its in course.desk)
    words = "; ".join(
        f"week {count(week + 1)}: " + ", ".join(f"{kind} {count(n)}" for kind, n in its.items())
        for week, its in course.desk
    )
    drawn = figures.drawn("desk-by-week", "What came to the desk, by week", words + ".", draw, SIZE, legend=True)
    table = Table("desk-table", "The desk by week, in numbers", ("Week", *kinds), rows)
    return Figure("desk-by-week", "What came to the desk in each week.", drawn, table=table)


def _kept(course: Course) -> Figure | None:
    arms = [(label, points) for label, points in course.kept if len(points) > 1]
    if not arms:
        return None

    def draw(axes: Axes) -> None:
        for place, (label, points) in enumerate(arms):
            figures.series(axes, place, label, [day for day, _ in points], [100 * share for _, share in points])
        axes.set_ylim(0, 102)
        axes.set_xlabel("Days from randomisation")
        axes.set_ylabel("Still taking part, %")

    words = ". ".join(f"{label}: {_shares(points)}" for label, points in arms) + "."
    drawn = figures.drawn("kept", "Who still took part, by arm", words, draw, (4.7, 2.9), legend=True)
    caption = "Of all who were randomised, the share who did what opened on that day or anything later, by arm."
    return Figure("kept-by-arm", caption, drawn)


def _shares(points: Sequence[tuple[int, float]]) -> str:
    return ", ".join(f"day {count(day)} {percent(round(1000 * share), 1000)}" for day, share in points)


def _waited(course: Course) -> Figure | None:
    if len(course.waited) < 2:
        return None

    def draw(axes: Axes) -> None:
        axes.hist(course.waited, bins=BINS, color=figures.COLOURS[0])
        axes.set_xlabel("Hours from the mail to the answer")
        axes.set_ylabel("Answers")
        axes.locator_params(axis="y", integer=True)

    ordered = sorted(course.waited)
    middle, late = ordered[len(ordered) // 2], ordered[int(0.9 * (len(ordered) - 1))]
    words = f"Half came within {number(middle, 1)} hours, nine in ten within {number(late, 1)}."
    drawn = figures.drawn("waited", "Time from a mail to the answer", words, draw, SIZE)
    caption = (
        f"How long people took from the last mail about something to doing it. {words} The profile gives these times."
    )
    return Figure("time-to-answer", caption, drawn)
