"""A participant's calendar in each arm: each day with its hour, mail, activity and minutes."""

from __future__ import annotations

from collections.abc import Iterator

from reports.document import Block, Paragraph, Row, Subheading, Table
from reports.protocol_document import timetable
from reports.protocol_document.burden import sentence
from reports.protocol_document.mails import subject
from reports.protocol_document.names import Names
from trial.core.protocol import Calendar

COLUMNS = ("Day", "Hour", "Mail", "Activity", "Minutes")
Cells = tuple[str, ...]


def calendars(names: Names) -> list[Block]:
    """One table for each arm; arms whose calendars are the same word for word share one."""
    protocol = names.folder.protocol
    found: dict[tuple[Cells, ...], list[str]] = {}
    for arm in protocol.arms:
        found.setdefault(tuple(calendar(names, arm.id)), []).append(arm.id)
    blocks: list[Block] = [Paragraph(_how_to_read(names)), *_left_alone(protocol.calendar)]
    if len(found) == 1 and len(protocol.arms) > 1:
        blocks.append(Paragraph("What people see in their mailbox does not tell the arms apart: one calendar for all."))
    for number, (rows, arms) in enumerate(found.items(), start=1):
        named = ", ".join(names.arm(protocol.arm(one)) for one in arms)
        blocks.append(Subheading(f"calendar-{number}", named))
        lines = tuple(Row(cells) for cells in rows)
        blocks.append(Table(f"calendar-table-{number}", f"Calendar: {named}", COLUMNS, lines, alike=False, words=True))
    return blocks


def _how_to_read(names: Names) -> str:
    start = "is in" if names.folder.protocol.allocation.method == "none" else "is allocated"
    return (
        f"Day 0 is the day on which a person {start}, where that person lives; hours are local. Reminders come only "
        "while there is no answer. A person who stops gets no more of what was stopped."
    )


def _left_alone(calendar: Calendar) -> Iterator[Paragraph]:
    said = [
        f"The protocol keeps the hours from {calendar.quiet_from} to {calendar.quiet_until} quiet, and allows at most "
        f"{calendar.most_mails_a_week} mails a week."
    ]
    for one in calendar.blackout:
        what = "moved to the day after" if one.rule == "move" else "left out"
        said.append(f"From {one.first} to {one.last} (month-day) nothing is asked; what falls there is {what}.")
    yield Paragraph(" ".join(said))


def calendar(names: Names, arm: str) -> list[Cells]:
    """The rows of an arm, in the order in which mails and activities come."""
    rows: list[tuple[tuple[bool, int, int, int], Cells]] = []
    for ask in timetable.asks(names.folder.protocol, arm):
        point = ask.point
        opening = timetable.minute_of_day(point)
        for place, notice in enumerate(timetable.notices(point) or [timetable.Notice("")]):
            if notice.after is None:
                mail = subject(names, notice.message) if notice.message else "none: the page follows at once"
                cells = _opening(names, ask, mail)
                rows.append(((ask.day is not None, ask.day or 0, opening, place), cells))
            else:
                later, hour = timetable.later(point, notice.after)
                day = timetable.one_day(names.folder.protocol, ask, later)
                minutes = opening + notice.after.minutes
                short = "; its link asks for the primary outcome alone" if notice.primary_only else ""
                mail = f"{subject(names, notice.message)} (reminder, if there is no answer{short})"
                cells = (day, hour, mail, "", "")
                moment = (ask.day or 0) + notice.after.days + minutes // 1440
                rows.append(((ask.day is not None, moment, minutes % 1440, place), cells))
    return [cells for _, cells in sorted(rows, key=lambda one: one[0])]


def _opening(names: Names, ask: timetable.Ask, mail: str) -> Cells:
    closing = f"open for {ask.point.closes_after}"
    if ask.point.grace.days or ask.point.grace.minutes:
        closing += f", late answers taken for {ask.point.grace} more"
    what = f"{names.activity(ask.activity)} ({names.kind(ask.activity)}; {closing})"
    day = timetable.one_day(names.folder.protocol, ask)
    return day, sentence(timetable.hour(ask.point)), mail, what, str(ask.activity.minutes)
