"""The calendar of one arm: a picture of weeks and days, and the same as a table that says what came of each entry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from reports.document import Figure, Row, Table
from reports.drawing import FONT, Drawing
from reports.numbers import NONE, count, percent
from trial.core.rehearsed import ArmCalendar, CalendarEntry

CELL, HIGH, LEFT, TOP = 42.0, 40.0, 58.0, 26.0
DAYS = 7
SIGNS = {"asked": "●", "reminder": "▲", "at once": "○"}
LEGEND = "● a mail asks  ▲ reminder"
SECOND = "○ asked without a mail  ▒ a window is open"


def calendar(arm: ArmCalendar, number: int) -> list[Figure | Table]:
    """The picture with its table; what counts from another day than the randomisation stands in a table of its own."""
    own = [one for one in arm.entries if not one.after]
    found: list[Figure | Table] = []
    if own:
        caption = f"“{arm.label}”, {count(arm.people)} people: what arrives on each day from randomisation (day 0)."
        found.append(
            Figure(f"calendar-{number}", caption, _drawn(arm, own, number), table=_table(own, f"days-{number}"))
        )
    others = sorted({one.after for one in arm.entries if one.after})
    for place, after in enumerate(others, start=1):
        mine = [one for one in arm.entries if one.after == after]
        found.append(_table(mine, f"days-{number}-{place}", f", counted from “{after}”, for “{arm.label}”"))
    return found


def _table(entries: Sequence[CalendarEntry], name: str, more: str = "") -> Table:
    columns = ("Day", "Time", "What", "Minutes", "Open until day", "Planned", "Left", "Answered")
    rows = tuple(
        Row((
            count(one.day), one.clock or NONE, one.what, count(one.minutes) if one.minutes else NONE,
            count(one.open_until), count(one.planned), count(one.sent), _answered(one),
        ))
        for one in entries
    )  # fmt: skip
    caption = f"Each entry{more}, with how many were planned, left and were answered"
    return Table(name, caption, columns, rows, alike=False, words=True)


def _answered(one: CalendarEntry) -> str:
    if one.answered is None:
        return NONE
    return f"{count(one.answered)} ({percent(one.answered, one.planned)})" if one.planned else count(one.answered)


def _weeks(entries: Sequence[CalendarEntry]) -> list[int | None]:
    """The weeks in which something happens, in order; None where others lie between."""
    busy = sorted({one.day // DAYS for one in entries})
    found: list[int | None] = []
    for week in busy:
        if found and week != (found[-1] or 0) + 1:
            found.append(None)
        found.append(week)
    return found


def _drawn(arm: ArmCalendar, entries: Sequence[CalendarEntry], number: int) -> Drawing:
    by_day: dict[int, list[CalendarEntry]] = defaultdict(list)
    for one in entries:
        by_day[one.day].append(one)
    opened = {day for one in entries if one.open_until is not None for day in range(one.day, one.open_until + 1)}
    parts, y = [], TOP
    for day in range(DAYS):
        parts.append(_text(LEFT + CELL * (day + 0.5), TOP - 8, f"+{day}"))
    weeks = _weeks(entries)
    for place, week in enumerate(weeks):
        if week is None:
            before, after = weeks[place - 1], weeks[place + 1]
            parts.append(_text(LEFT + CELL * DAYS / 2, y + 14, _between(before, after)))
            y += 20
            continue
        parts.append(_text(LEFT - 8, y + HIGH / 2 + 4, f"day {week * DAYS}", anchor="end"))
        for day in range(DAYS):
            parts += _cell(LEFT + CELL * day, y, by_day.get(week * DAYS + day, []), week * DAYS + day in opened)
        y += HIGH
    parts += [_text(2, y + 18, LEGEND, anchor="start"), _text(2, y + 36, SECOND, anchor="start")]
    width, height = LEFT + CELL * DAYS + 2, y + 44
    title = f"Calendar of {arm.label}"
    words = ". ".join(_said(day, its) for day, its in sorted(by_day.items())) + "."
    name = f"calendar-{number}"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-labelledby="{name}-title {name}-desc" font-family="{FONT}" '
        f'font-size="12" fill="currentColor"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(words)}</desc>{"".join(parts)}</svg>'
    )
    return Drawing(svg, title, words, width, height)


def _between(before: int | None, after: int | None) -> str:
    first, last = ((before or 0) + 1) * DAYS, (after or 0) * DAYS - 1
    return f"… days {first} to {last}: nothing arrives …"


def _cell(x: float, y: float, its: Sequence[CalendarEntry], is_open: bool) -> Iterator[str]:
    fill = 'fill="currentColor" fill-opacity="0.08"' if is_open else 'fill="none"'
    yield (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{CELL:g}" height="{HIGH:g}" {fill} stroke="currentColor" '
        f'stroke-opacity="0.35" stroke-width="0.8"/>'
    )
    if its:
        signs = "".join(SIGNS[one.kind] for one in (its if len(its) <= 3 else its[:2])) + ("+" if len(its) > 3 else "")
        yield _text(x + CELL / 2, y + 17, signs)
        yield _text(x + CELL / 2, y + 33, count(_number(its)))


def _number(its: Sequence[CalendarEntry]) -> int:
    """The mails that left; of a day without a mail the people who were asked, once, whatever they were asked for."""
    if any(one.kind != "at once" for one in its):
        return sum(one.sent for one in its if one.kind != "at once")
    return max(one.sent for one in its)


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _said(day: int, its: Sequence[CalendarEntry]) -> str:
    what = "; ".join(f"{one.what} ({count(one.sent)} of {count(one.planned)} left)" for one in its)
    return f"Day {count(day)}: {what}"
