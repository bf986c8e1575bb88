"""Forests for a phone: each name stands over its interval, where beside it is no room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

from reports.drawing import Drawing
from reports.figures import INK, ForestRow, drawn, forest_of, forest_rows
from reports.labels import Labels
from reports.marks import without_keys
from reports.numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LETTERS = 48  # of a line
_LINE = 0.19  # inches
_INTERVAL = 1.3  # lines


def forest(results: Mapping[str, Any], labels: Labels) -> Drawing:
    """The same rows as beside the wide drawing, in the same order."""
    scale = "Difference in standard deviations"
    return _drawing("forest", "Planned estimates in standard deviations", scale, forest_rows(results, labels))


def both(
    name: str, title: str, scale: str, rows: Sequence[str | ForestRow], margins: Sequence[float] = ()
) -> tuple[Drawing, Drawing]:
    """A forest as it is drawn where there is room, and as it is drawn for a phone."""
    return forest_of(name, title, scale, rows, margins), _drawing(name, title, scale, rows, margins)


def _drawing(
    name: str, title: str, scale: str, rows: Sequence[str | ForestRow], margins: Sequence[float] = ()
) -> Drawing:
    words = [row if isinstance(row, str) else f"{row.label}: {row.text}" for row in rows]
    words += [f"Margin: {number(margin, 2)}" for margin in margins]
    shown = [_lines(row) for row in rows]
    tall = [
        one.count("\n") + 1 + (0.4 if isinstance(row, str) else _INTERVAL) for one, row in zip(shown, rows, strict=True)
    ]

    def draw(axes: Axes) -> None:
        top = 0.0
        for row, said, lines in zip(rows, shown, tall, strict=True):
            head = isinstance(row, str)
            axes.text(0, top - (0.3 if head else 0.0), said, transform=axes.get_yaxis_transform(), ha="left", va="top",
                      linespacing=1.2, fontsize=9, fontweight="bold" if head else "normal")  # fmt: skip
            top -= lines
            if not isinstance(row, str):
                _interval(axes, row, top + 0.65, margins)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.margins(x=0.04)
        axes.set_ylim(top - 0.1, 0.3)
        axes.set_xlabel(scale)

    return drawn(f"{name}-narrow", title, ". ".join(words) + ".", draw, (4.2, 0.6 + _LINE * sum(tall)))


def _lines(row: str | ForestRow) -> str:
    """The name and the numbers behind it, which stay in one piece."""
    if isinstance(row, str):
        return fill(without_keys(row), _LETTERS, break_on_hyphens=False)  # keys would count as letters of a line
    numbers = row.text.replace(" ", "\u00a0")
    return fill(without_keys(f"{row.label}: {numbers}"), _LETTERS, break_on_hyphens=False)


def _interval(axes: Axes, row: ForestRow, y: float, margins: Sequence[float]) -> None:
    """Pieces of the upright lines, which would cross the words if they were whole, and the interval over them."""
    axes.plot([0, 0], [y - 0.4, y + 0.4], color=INK, linewidth=0.9, dashes=(3, 2))
    for margin in margins:
        axes.plot([margin] * 2, [y - 0.4, y + 0.4], color=INK, linewidth=1.4, dashes=(1, 1.6))
    axes.plot(row.ci, [y, y], color=INK, linewidth=2.2 if row.primary else 1.1, solid_capstyle="butt")
    marker, size, filled = ("s", 7, INK) if row.primary else ("o", 5, "white")
    axes.plot([row.estimate], [y], marker=marker, color=INK, markersize=size, markerfacecolor=filled)
