"""The schedule of activities: what is done in the rows, when in the columns, as vector graphics and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

from reports.document import Figure, Row, Table
from reports.drawing import FONT, LEADING, PAD, SIZE, Canvas, Drawing, Line, height_of, wrap
from reports.protocol_document import timetable
from reports.protocol_document.names import Names
from trial.core.protocol import Questionnaire, Timepoint

TITLE = "What is done when"
WIDTH = 768.0
NAMES = 168.0  # the column of rows' names
NARROW = 300.0
PER_BAND = 8
HEAD = 12.0  # the size of the headings' letters
PER_PAGE = 2  # bands


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading and when it comes; `mark` is what a row may have there."""

    key: str
    label: str
    when: str


@dataclass(frozen=True, slots=True)
class Activity:
    """One row: its name, its group, and how many times it is done in each column."""

    name: str
    group: str
    times: dict[str, int]


def schedule(names: Names) -> Figure:
    """The figure with its table, from the timetable and the activities alone."""
    columns, rows = _columns(names), _rows(names)
    bands = _bands(columns)
    caption = (
        "Schedule of activities. A dot: done once in every arm that is named in the row (in all of them where none is "
        "named); 7× and the like: so many times."
    )
    wide = _wide(bands, rows, "schedule-wide")
    pages = tuple(
        _wide(bands[at : at + PER_PAGE], rows, f"schedule-page-{at}") for at in range(0, len(bands), PER_PAGE)
    )
    return Figure("schedule-figure", caption, wide, _narrow(columns, rows), pages, _table(columns, rows))


def _columns(names: Names) -> list[Column]:
    protocol = names.folder.protocol
    found = [Column("joining", "Joining", "screening and consent")]
    for point in timetable.in_order(protocol):
        when = f"{timetable.days(protocol, point)}, {timetable.hour(point)}"
        if point.anchor == "consent":
            found.append(Column(point.id, names.point(point), "after consent"))
            if protocol.allocation.method != "none":
                found.append(Column("allocation", "Allocation", "day 0"))
        else:
            found.append(Column(point.id, names.point(point), when))
    return found


def _bands(columns: Sequence[Column]) -> list[Sequence[Column]]:
    """As few bands as hold them, of widths that differ by one column at most."""
    number = -(-len(columns) // PER_BAND)
    size, larger = divmod(len(columns), number)
    starts = [band * size + min(band, larger) for band in range(number + 1)]
    return [columns[first:last] for first, last in pairwise(starts)]


def _rows(names: Names) -> list[Activity]:
    protocol = names.folder.protocol
    found = [Activity("Questions about eligibility", "Joining", {"joining": 1})]
    found.append(Activity("Information and consent", "Joining", {"joining": 1}))
    if protocol.allocation.method != "none":
        found.append(Activity("Allocation by chance", "Joining", {"allocation": 1}))
    return [*found, *_exercises(names), *_instruments(names)]


def _exercises(names: Names) -> list[Activity]:
    protocol, found = names.folder.protocol, []
    for one in protocol.activities:
        times = {point.id: len(point.days) for point in protocol.timepoints if one.id in point.activities}
        if isinstance(one, Questionnaire) or not times:
            continue
        whose = f"{names.some_arms(one.arms)}: " if one.arms else ""
        found.append(Activity(f"{whose}{names.activity(one)}", "Exercises", times))
    return found


def _instruments(names: Names) -> list[Activity]:
    """A row for each instrument, and one more for each other set of arms that it is asked of."""
    protocol = names.folder.protocol
    found: dict[tuple[str, tuple[str, ...]], dict[str, int]] = {}
    for point in protocol.timepoints:
        for arms, codes in _asked(names, point).items():
            for code in codes:
                times = found.setdefault((code, arms), {})
                times[point.id] = times.get(point.id, 0) + len(point.days)
    order = {code: place for place, code in enumerate(protocol.instruments)}
    rows = []
    for (code, arms), times in sorted(found.items(), key=lambda one: (order[one[0][0]], one[0][1])):
        whose = f"{names.some_arms(arms)}: " if arms else ""
        rows.append(Activity(f"{whose}{names.instrument(code)}", "Questions", times))
    return rows


def _asked(names: Names, point: Timepoint) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for name in point.activities:
        activity = names.folder.protocol.activity(name)
        if isinstance(activity, Questionnaire):
            found.setdefault(tuple(sorted(activity.arms)), []).extend(activity.instruments)
    return found


def _table(columns: Sequence[Column], rows: Sequence[Activity]) -> Table:
    lines: list[Row] = []
    for group in dict.fromkeys(row.group for row in rows):
        lines.append(Row((group,), "group"))
        for row in rows:
            if row.group == group:
                cells = tuple(f"{row.times[one.key]}×" if one.key in row.times else "" for one in columns)
                lines.append(Row((row.name, *cells), "under"))
    heads = ("Activity", *(f"{one.label} ({one.when})" for one in columns))
    return Table("schedule-table", "The schedule as a table", heads, tuple(lines))


def _wide(bands: Sequence[Sequence[Column]], rows: Sequence[Activity], key: str) -> Drawing:
    canvas, y = Canvas(), 0.0
    for place, band in enumerate(bands):
        y = _band(canvas, band, rows, y + (26.0 if place else 0.0))
    return _drawing(canvas, key, WIDTH, y + 2, _words([one for band in bands for one in band], rows))


def _band(canvas: Canvas, columns: Sequence[Column], rows: Sequence[Activity], y: float) -> float:
    """One matrix of some columns; returns its lowest edge."""
    across = (WIDTH - NAMES) / max(len(columns), 5)
    room = (across - 4) * SIZE / HEAD + 2 * PAD
    heads = [wrap([Line(one.label, bold=True), Line(one.when)], room) for one in columns]
    height = max(len(one) for one in heads) * LEADING + 8
    for place, head in enumerate(heads):
        _text(canvas, NAMES + place * across + across / 2, y + SIZE, head, HEAD)
    y += height
    right = NAMES + across * len(columns)
    _rule(canvas, 0, y, right, strong=True)
    group = ""
    for row in rows:
        if not any(one.key in row.times for one in columns):
            continue
        if row.group != group:
            group = row.group
            canvas.parts.append(f'<text x="0" y="{y + 19:.1f}" font-weight="bold">{escape(group)}</text>')
            y += 26
        y = _row(canvas, row, columns, across, y, right)
    return y


def _row(canvas: Canvas, row: Activity, columns: Sequence[Column], across: float, y: float, right: float) -> float:
    lines = wrap([Line(row.name)], NAMES + 2 * PAD - 14)
    height = len(lines) * LEADING + 8
    for place, line in enumerate(lines):
        canvas.parts.append(f'<text x="8" y="{y + SIZE + 3 + place * LEADING:.1f}">{escape(line.text)}</text>')
    for place, one in enumerate(columns):
        times = row.times.get(one.key, 0)
        x, middle = NAMES + place * across + across / 2, y + height / 2
        if times == 1:
            canvas.parts.append(f'<circle cx="{x:.1f}" cy="{middle:.1f}" r="5" fill="currentColor"/>')
        elif times:
            _text(canvas, x, middle + SIZE / 2 - 2, [Line(f"{times}×", bold=True)])
    _rule(canvas, 0, y + height, right)
    return y + height


def _text(canvas: Canvas, x: float, y: float, lines: Sequence[Line], size: float = SIZE) -> None:
    for place, line in enumerate(lines):
        weight = ' font-weight="bold"' if line.bold else ""
        at = f'x="{x:.1f}" y="{y + place * LEADING:.1f}" font-size="{size:g}"'
        canvas.parts.append(f'<text {at} text-anchor="middle"{weight}>{escape(line.text)}</text>')


def _rule(canvas: Canvas, left: float, y: float, right: float, *, strong: bool = False) -> None:
    drawn = 'stroke-width="1.4"' if strong else 'stroke-width="0.7" stroke-opacity="0.45"'
    canvas.parts.append(f'<path d="M{left:.1f} {y:.1f} H{right:.1f}" stroke="currentColor" {drawn}/>')


def _narrow(columns: Sequence[Column], rows: Sequence[Activity]) -> Drawing:
    """For a phone: one box for each column, one below the other."""
    canvas, y = Canvas(), 0.0
    for place, one in enumerate(columns):
        lines = [Line(one.label, bold=True), Line(sentence_of(one.when))]
        for row in rows:
            if one.key in row.times:
                times = row.times[one.key]
                lines.append(Line(f"{'•' if times == 1 else f'{times}×'} {row.name}", 10))
        fitted = wrap(lines, NARROW)
        if place:
            canvas.arrow((NARROW / 2, y), (NARROW / 2, y + 18))
            y += 18
        canvas.box(1, y, NARROW - 2, height_of(fitted), fitted)
        y += height_of(fitted)
    return _drawing(canvas, "schedule-narrow", NARROW, y + 2, _words(columns, rows))


def sentence_of(text: str) -> str:
    """The text with a capital."""
    return text[:1].upper() + text[1:]


def _words(columns: Sequence[Column], rows: Sequence[Activity]) -> str:
    said = []
    for one in columns:
        done = [row.name for row in rows if one.key in row.times]
        said.append(f"{one.label} ({one.when}): {', '.join(done) or 'nothing'}")
    return ". ".join(said)


def _drawing(canvas: Canvas, key: str, width: float, height: float, words: str) -> Drawing:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -1 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-labelledby="{key}-title {key}-desc" font-family="{FONT}" '
        f'font-size="{SIZE:g}" fill="currentColor"><title id="{key}-title">{escape(TITLE)}</title>'
        f'<desc id="{key}-desc">{escape(words)}</desc>{"".join(canvas.parts)}</svg>'
    )
    return Drawing(svg, TITLE, words, width, height)
