"""Small drawings of the desk as inline SVG: presentation attributes alone, since the pages allow no inline style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from trial.core.recruitment import Progress

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 420, 180, 44, 26, 10
MOST_POINTS = 200
# a bar's parts, from below; told apart by how they are filled, not by colour alone
_FILLS = (
    'fill="currentColor"',
    'fill="none" stroke="currentColor" stroke-width="0.9"',
    'fill="url(#stripes)" stroke="currentColor" stroke-width="0.9" class="look"',
)
_STRIPES = (
    '<defs><pattern id="stripes" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="1.6" height="3" class="stripe"/></pattern></defs>'
)


def recruitment_plot(found: Progress) -> Markup | None:
    """Who came, day by day, and the plan as a dashed line; None while there is a day or less to show."""
    if len(found.days) < 2:
        return None
    highest = max(found.target, found.total, 1)
    lines = [_line(found.came, highest, "")]
    if found.planned:
        lines.append(_line(found.planned, highest, ' stroke-dasharray="6 5" stroke-opacity="0.7"'))
    zero, top = _y(0, highest), _y(highest, highest)
    first, last = (f"{day.day} {day:%b %Y}" for day in (found.days[0], found.days[-1]))
    parts = [
        f'<line x1="{LEFT}" y1="{zero}" x2="{WIDTH}" y2="{zero}" stroke="currentColor" stroke-opacity="0.4"/>',
        f'<text x="{LEFT - 6}" y="{zero}" text-anchor="end" class="tick">0</text>',
        f'<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end" class="tick">{highest}</text>',
        f'<text x="{LEFT}" y="{HEIGHT - 6}" class="tick">{first}</text>',
        f'<text x="{WIDTH}" y="{HEIGHT - 6}" text-anchor="end" class="tick">{last}</text>',
        *lines,
    ]
    drawn = "".join(parts)
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" class="plot" aria-hidden="true" focusable="false"'
    return Markup(f"<svg {box}>{drawn}</svg>")  # noqa: S704  (drawn from numbers and dates alone)


def _line(values: Sequence[float], highest: int, dashes: str) -> str:
    """A polyline through at most so many points, the last one always among them."""
    step = -(-len(values) // MOST_POINTS)
    chosen = [*range(0, len(values) - 1, step), len(values) - 1]
    points = " ".join(f"{_x(one, len(values)):.1f},{_y(values[one], highest):.1f}" for one in chosen)
    return f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2.5"{dashes}/>'


def _x(day: int, days: int) -> float:
    return LEFT + (WIDTH - LEFT) * day / (days - 1)


def _y(value: float, highest: int) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / highest


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour, counted from the present one: how many mails left, wait for their time, and ask to be looked at."""

    hour: int
    sent: int
    waits: int
    look: int

    @property
    def height(self) -> int:
        return self.sent + self.waits + self.look


def hours_plot(bars: Sequence[Bar]) -> Markup | None:
    """A bar for each hour, with a line at the present one; None where there is nothing in any."""
    highest = max((one.height for one in bars), default=0)
    if not highest:
        return None
    width = (WIDTH - LEFT) / len(bars)
    zero, top, now = _y(0, highest), _y(highest, highest), LEFT - bars[0].hour * width
    days = [one.hour for one in bars if one.hour % 24 == 0]
    parts = [
        _STRIPES,
        f'<line x1="{LEFT}" y1="{zero}" x2="{WIDTH}" y2="{zero}" stroke="currentColor" stroke-opacity="0.4"/>',
        f'<line x1="{now:.1f}" y1="{TOP}" x2="{now:.1f}" y2="{zero}" stroke="currentColor" stroke-dasharray="2 3"/>',
        f'<text x="{LEFT - 6}" y="{zero}" text-anchor="end" class="tick">0</text>',
        f'<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end" class="tick">{highest}</text>',
        *(_hour_named(hour, LEFT + (hour - bars[0].hour) * width) for hour in days),
        *(_bar(one, LEFT + place * width, width, highest) for place, one in enumerate(bars) if one.height),
    ]
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" class="plot" aria-hidden="true" focusable="false"'
    return Markup(f"<svg {box}>{''.join(parts)}</svg>")  # noqa: S704  (drawn from numbers alone)


def _hour_named(hour: int, x: float) -> str:
    said = "now" if not hour else f"{hour:+d} h".replace("-", "\u2212")
    anchor = "start" if x < LEFT + 1 else "end" if x > WIDTH - 30 else "middle"
    return f'<text x="{x:.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}" class="tick">{said}</text>'


def _bar(one: Bar, left: float, width: float, highest: int) -> str:
    drawn, below = [], 0
    for number, fill in zip((one.sent, one.waits, one.look), _FILLS, strict=True):
        if number:
            upper, lower = _y(below + number, highest), _y(below, highest)
            drawn.append(
                f'<rect x="{left + 0.6:.1f}" y="{upper:.1f}" width="{width - 1.2:.1f}" '
                f'height="{lower - upper:.1f}" {fill}/>'
            )
        below += number
    return "".join(drawn)


def swatch(which: int) -> Markup:
    """A small square filled as that part of a bar is, for what is written beside the plot."""
    box = 'viewBox="0 0 12 12" class="swatch" aria-hidden="true" focusable="false"'
    return Markup(f'<svg {box}><rect x="1" y="1" width="10" height="10" {_FILLS[which]}/></svg>')  # noqa: S704
