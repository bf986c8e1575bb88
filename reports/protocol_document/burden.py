"""What taking part costs in minutes: by week and arm, as a figure and a table; and how many mails come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from reports.document import Block, Figure, Paragraph, Row, Table
from reports.drawing import FONT, SIZE, Canvas, Drawing, Line, wrap
from reports.methods import listed
from reports.protocol_document import timetable
from reports.protocol_document.names import Names

TITLE = "Minutes asked for"
INVITATIONS = "Mails that ask for something"
REMINDERS = "Reminders, at most"
NOTE = "Week 1 is days 1 to 7. “Start” is what comes before day 1. Weeks that ask for nothing are left out."
ROW = 20.0
NAME = 92.0
VALUE = 78.0
FEW = 3  # so many different loads are told one by one
_HOUR = 60


@dataclass(frozen=True, slots=True)
class Load:
    """Arms that are asked for the same minutes in every week, and for the same mails."""

    arms: tuple[str, ...]
    weeks: dict[int, int]
    invitations: int
    reminders: int

    @property
    def total(self) -> int:
        return sum(self.weeks.values())


def loads(names: Names) -> list[Load]:
    """What each arm is asked for, arms alike taken together."""
    found: dict[object, Load] = {}
    protocol = names.folder.protocol
    for arm in protocol.arms:
        asked = timetable.asks(protocol, arm.id)
        weeks, mails = timetable.minutes_by_week(asked), timetable.mails(asked)
        key = (tuple(weeks.items()), mails)
        arms = (*(found[key].arms if key in found else ()), arm.id)
        found[key] = Load(arms, weeks, *mails)
    return list(found.values())


def burden(names: Names) -> list[Block]:
    """The sums in words, the figure, and the table that says the same."""
    found = loads(names)
    words = [_sum(names, one) for one in found] if len(found) <= FEW else [_range(found)]
    most = max(max(one.weeks.values(), default=0) for one in found)
    where = sorted({week for one in found for week, minutes in one.weeks.items() if minutes == most})
    words.append(
        f"The fullest stretch is {listed([week_name(one).lower() for one in where[:3]])}, with {most} minutes. Minutes "
        "are those that the protocol states for each activity; reading mails and the information is not counted."
    )
    if len(found) > 1:
        words.insert(0, "The arms are not asked for the same.")
    elif len(names.folder.protocol.arms) > 1:
        words.insert(0, "Every arm is asked for the same, week by week.")
    by_week = len(found) <= FEW
    caption = (
        "Minutes asked for, by week. Weeks without a bar ask for nothing." if by_week else "Minutes in all, by arm."
    )
    drawing, narrow = (_drawing(names, found, width) for width in (768.0, 300.0))
    figure = Figure("burden-figure", caption, drawing, narrow)
    return [Paragraph(" ".join(words)), figure, _by_week(names, found) if by_week else _by_arm(names, found)]


def _sum(names: Names, load: Load) -> str:
    who = names.some_arms(load.arms)
    mails = f"{load.invitations} mail{'' if load.invitations == 1 else 's'} that ask for something"
    reminders = f", and at most {load.reminders} reminder{'' if load.reminders == 1 else 's'}"
    reminders = reminders if load.reminders else "; there are no reminders"
    return f"{sentence(who)}: {duration(load.total)} in all, {mails}{reminders}."


def _range(found: Sequence[Load]) -> str:
    totals, mails = [one.total for one in found], [one.invitations + one.reminders for one in found]
    return (
        f"From {duration(min(totals))} to {duration(max(totals))} in all, and from {min(mails)} to {max(mails)} mails "
        "with every reminder; the table has each arm."
    )


def duration(minutes: int) -> str:
    """`155 minutes (2 h 35 min)`, `1 minute`."""
    hours, rest = divmod(minutes, _HOUR)
    said = f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f"{said} ({hours} h {rest} min)" if hours else said


def sentence(text: str) -> str:
    """The text with a capital."""
    return text[:1].upper() + text[1:]


def week_name(week: int) -> str:
    """`Week 2`; before day 1 it is the start."""
    return f"Week {week}" if week else "Start"


def _weeks(found: Sequence[Load]) -> list[int]:
    return sorted({week for one in found for week in one.weeks})


def _by_week(names: Names, found: Sequence[Load]) -> Table:
    rows = [Row((week_name(week), *(str(one.weeks.get(week, 0)) for one in found))) for week in _weeks(found)]
    rows.append(Row(("All weeks", *(str(one.total) for one in found)), "strong"))
    rows.append(Row((INVITATIONS, *(str(one.invitations) for one in found))))
    rows.append(Row((REMINDERS, *(str(one.reminders) for one in found))))
    heads = ("Minutes", *(sentence(names.some_arms(one.arms)) for one in found))
    return Table("burden-table", "Minutes by week and arm", heads, tuple(rows), NOTE)


def _by_arm(names: Names, found: Sequence[Load]) -> Table:
    weeks = _weeks(found)
    heads = ("Minutes", *(week_name(week) for week in weeks), "All weeks", INVITATIONS, REMINDERS)
    rows = []
    for one in found:
        minutes = [one.weeks.get(week, 0) for week in weeks]
        counts = [*minutes, one.total, one.invitations, one.reminders]
        rows.append(Row((sentence(names.some_arms(one.arms)), *map(str, counts))))
    return Table("burden-table", "Minutes by arm and week", heads, tuple(rows), NOTE)


def _bars(names: Names, found: Sequence[Load]) -> list[tuple[str, int | None]]:
    """(name, minutes) of each line of the figure; a heading has no minutes."""
    if len(found) > FEW:
        return [line for one in found for line in ((sentence(names.some_arms(one.arms)), None), ("In all", one.total))]
    lines: list[tuple[str, int | None]] = []
    for one in found:
        if len(found) > 1:
            lines.append((sentence(names.some_arms(one.arms)), None))
        lines += [(week_name(week), minutes) for week, minutes in one.weeks.items()]
    return lines


def _drawing(names: Names, found: Sequence[Load], width: float) -> Drawing:
    canvas, y, key = Canvas(), 0.0, f"burden-{width:.0f}"
    lines = _bars(names, found)
    most = max([1, *(minutes for _, minutes in lines if minutes)])
    for name, minutes in lines:
        if minutes is None:
            y += 8 if y else 0
            for line in wrap([Line(name, bold=True)], width + 16):
                canvas.parts.append(f'<text x="0" y="{y + SIZE:.1f}" font-weight="bold">{escape(line.text)}</text>')
                y += ROW
            continue
        long = (width - NAME - VALUE) * minutes / most
        canvas.parts.append(
            f'<text x="0" y="{y + SIZE:.1f}">{escape(name)}</text><rect x="{NAME:g}" y="{y + 2:.1f}" '
            f'width="{long:.1f}" height="13" rx="2" fill="currentColor" fill-opacity="0.65"/>'
            f'<text x="{NAME + long + 6:.1f}" y="{y + SIZE:.1f}">{minutes} min</text>'
        )
        y += ROW
    words = ", ".join(name if minutes is None else f"{name.lower()} {minutes} minutes" for name, minutes in lines)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -1 {width:.0f} {y + 6:.0f}" width="{width:.0f}" '
        f'height="{y + 6:.0f}" role="img" aria-labelledby="{key}-title {key}-desc" font-family="{FONT}" '
        f'font-size="{SIZE:g}" fill="currentColor"><title id="{key}-title">{TITLE}</title>'
        f'<desc id="{key}-desc">{escape(words)}</desc>{"".join(canvas.parts)}</svg>'
    )
    return Drawing(svg, TITLE, words, width, y + 6)
