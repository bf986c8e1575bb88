"""Small drawings of the desk as inline SVG: presentation attributes alone, since the pages allow no inline style."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from trial.core.recruitment import Progress

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 420, 180, 44, 26, 10
MOST_POINTS = 200


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
