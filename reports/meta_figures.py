"""The figures of a meta-analysis: the forest, for a desk and for a phone, and the funnel.

The forest is as tall as it has studies, and each column as wide as its longest text, so that nothing lies on
anything. It is all in one ink: boxes, diamonds and lines differ in form.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from reports.drawing import Drawing
from reports.figures import COLOURS, INK, as_png, drawn
from reports.meta import Meta
from reports.numbers import decimals_for, interval, number
from trial.stats.intervals import quantile
from trial.stats.meta_analysis import Pooled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Draw = Callable[["Axes"], None]
PLOT, PLOT_NARROW = 3.2, 3.3  # inches across the axes
LONGEST_NAME, LONGEST_NARROW = 42, 34
_ROW, _ROW_NARROW = 0.235, 0.4  # inches down
_LETTER = 0.088  # inches, a wide digit of the figure's font and size
_SMALLEST_BOX, _LARGEST_BOX = 2.5, 7.0
_SPREAD = 4  # an interval may reach so many times beyond the estimates before it is cut and ends in an arrow


@dataclass(frozen=True, slots=True)
class Row:
    """One row on the scale that is read: a study with its weight, a result, or where one more study would lie."""

    name: str
    estimate: float
    ci: tuple[float, float]
    weight: float | None = None
    kind: Literal["study", "result", "prediction"] = "study"


def rows_of(meta: Meta) -> list[Row]:
    """The studies in their order, by group where there are groups, and the results."""
    rows = [
        Row(one.name, meta.back(one.effect.estimate), meta.ends(meta.ci(one)), meta.pooled.weights[at])
        for at, one in enumerate(meta.studies)
    ]
    if meta.subgroups is not None:
        rows += [_result(name, one, meta) for name, one in meta.subgroups.groups.items() if one is not None]
    rows.append(_result("All studies", meta.pooled, meta))
    if meta.pooled.prediction:
        predicted = meta.ends(meta.pooled.prediction)
        rows.append(Row("Prediction interval", rows[-1].estimate, predicted, kind="prediction"))
    return rows


def _result(name: str, one: Pooled, meta: Meta) -> Row:
    return Row(name, meta.back(one.estimate), meta.ends(one.ci), kind="result")


def decimals(meta: Meta) -> int:
    """Decimals that suit the error of the study in the middle."""
    errors = sorted(math.sqrt(one.effect.variance) for one in meta.studies)
    return decimals_for(5 * errors[len(errors) // 2])


def text_of(row: Row, places: int) -> str:
    """`0.41 (0.10 to 0.72)`; of a prediction the interval alone."""
    ends = interval(row.ci, places)
    return ends if row.kind == "prediction" else f"{number(row.estimate, places)} ({ends})"


def forest(meta: Meta) -> Drawing:
    """Names, plot, numbers and weights in columns."""
    draw, inches = _wide(meta)
    return _drawn(meta, "forest", draw, inches)


def forest_png(meta: Meta) -> bytes:
    """The same as a picture of dots."""
    return as_png(*_wide(meta))


def _wide(meta: Meta) -> tuple[Draw, tuple[float, float]]:
    rows, places = rows_of(meta), decimals(meta)
    texts = [text_of(row, places) for row in rows]
    right = 1.06 + max(18, *map(len, texts)) * _LETTER / PLOT
    ahead = _lines(meta, rows)

    def draw(axes: Axes) -> None:
        for at, row in zip(ahead, rows, strict=True):
            weight = "bold" if row.kind == "result" else "normal"
            across: Any = {"transform": axes.get_yaxis_transform(), "va": "center", "fontweight": weight}
            axes.text(-0.05, -at, _short(row.name, LONGEST_NAME), ha="right", **across)
            axes.text(right, -at, text_of(row, places), ha="right", **across)
            share = "" if row.weight is None else f"{100 * row.weight:.1f}%"
            axes.text(right + 0.62 / PLOT, -at, share, ha="right", **across)
        heads: Any = {"transform": axes.get_yaxis_transform(), "va": "center", "fontweight": "bold"}
        axes.text(-0.05, 1.1, "Study", ha="right", **heads)
        axes.text(right, 1.1, f"Estimate ({100 * meta.wish.level:g}% CI)", ha="right", **heads)
        axes.text(right + 0.62 / PLOT, 1.1, "Weight", ha="right", **heads)
        _plot(axes, meta, rows, ahead, 1.7)
        _guides(axes, rows[-1].estimate, [(-ahead[-1] - 0.9, 0.7)])

    return draw, (PLOT / 0.775, _tall(ahead[-1], _ROW, 1.7))


def narrow_forest(meta: Meta) -> Drawing:
    """For a phone: each name and its numbers stand above their line."""
    rows, places = rows_of(meta), decimals(meta)
    ahead = _lines(meta, rows)

    def draw(axes: Axes) -> None:
        for at, row in zip(ahead, rows, strict=True):
            weight = "bold" if row.kind == "result" else "normal"
            words: Any = {
                "transform": axes.get_yaxis_transform(),
                "va": "center",
                "fontweight": weight,
                "fontsize": 8.5,
            }
            numbers = text_of(row, places)
            room = max(10, LONGEST_NARROW + 12 - len(numbers))
            axes.text(0, 0.42 - at, _short(row.name, min(room, LONGEST_NARROW)), ha="left", **words)
            axes.text(1, 0.42 - at, numbers, ha="right", **words)
        _plot(axes, meta, rows, ahead, 0.7)
        _guides(axes, rows[-1].estimate, [(-0.24 - at, 0.18 - at) for at in ahead])

    return _drawn(meta, "forest-narrow", draw, (PLOT_NARROW / 0.775, _tall(ahead[-1], _ROW_NARROW, 0.7)))


def _drawn(meta: Meta, name: str, draw: Draw, inches: tuple[float, float]) -> Drawing:
    places = decimals(meta)
    words = ". ".join(f"{row.name}: {text_of(row, places)}" for row in rows_of(meta))
    return drawn(name, f"Forest plot of {len(meta.studies)} studies", f"{words}.", draw, inches)


def _lines(meta: Meta, rows: Sequence[Row]) -> list[float]:
    """How far down each row stands: a little room before the results."""
    return [at + (0.6 if at >= len(meta.studies) else 0) for at in range(len(rows))]


def _tall(last: float, row: float, top: float) -> float:
    """Inches of a figure whose axes take 77 % of its height, as matplotlib has it."""
    return (last + 0.9 + top) * row / 0.77


def _short(name: str, longest: int) -> str:
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"


def _plot(axes: Axes, meta: Meta, rows: Sequence[Row], ahead: Sequence[float], top: float) -> None:
    low, high = _limits(rows)
    for at, row in zip(ahead, rows, strict=True):
        if row.kind == "result":
            _diamond(axes, -at, row, low, high)
            continue
        _interval(axes, -at, row.ci, low, high, bars=row.kind == "prediction")
        if row.weight is not None:
            size = _SMALLEST_BOX + (_LARGEST_BOX - _SMALLEST_BOX) * math.sqrt(row.weight / max(meta.pooled.weights))
            axes.plot([row.estimate], [-at], marker="s", color=INK, markersize=size, linestyle="")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_ylim(-ahead[-1] - 0.9, top)
    axes.set_xlim(low, high)
    axes.locator_params(axis="x", nbins=6)
    measure = meta.shown_measure
    axes.set_xlabel(measure[:1].upper() + measure[1:], fontsize=9)


def _guides(axes: Axes, middle: float, spans: Sequence[tuple[float, float]]) -> None:
    """No effect and the result, down the rows; on a phone only beside the intervals, and not through the words."""
    low, high = axes.get_xlim()
    for bottom, top in spans:
        if low < 0 < high:
            axes.plot([0, 0], [bottom, top], color=INK, linewidth=0.8, dashes=(3, 2), zorder=1)
        axes.plot([middle, middle], [bottom, top], color=INK, linewidth=0.7, dashes=(1, 1.6), zorder=1)


def _limits(rows: Sequence[Row]) -> tuple[float, float]:
    """From the smallest to the largest end of an interval, but not far beyond where the estimates are."""
    points = [row.estimate for row in rows]
    points += [end for row in rows if row.kind == "result" for end in row.ci]
    halves = sorted((row.ci[1] - row.ci[0]) / 2 for row in rows)
    reach = max(max(points) - min(points), halves[len(halves) // 2]) * _SPREAD
    ends = [end for row in rows for end in row.ci]
    low, high = max(min(ends), min(points) - reach), min(max(ends), max(points) + reach)
    low, high = min(low, 0.0), max(high, 0.0)
    room = 0.03 * (high - low)
    return low - room, high + room


def _interval(axes: Axes, y: float, ends: tuple[float, float], low: float, high: float, *, bars: bool) -> None:
    """A line from end to end, with bars for a prediction; where it leaves the axes it ends in an arrow."""
    axes.plot([max(ends[0], low), min(ends[1], high)], [y, y], color=INK, linewidth=1.1, zorder=2)
    for end, edge, marker in ((ends[0], low, "<"), (ends[1], high, ">")):
        if not low <= end <= high:
            axes.plot([edge], [y], marker=marker, color=INK, markersize=5, linestyle="", clip_on=False)
        elif bars:
            axes.plot([end, end], [y - 0.2, y + 0.2], color=INK, linewidth=1.1)


def _diamond(axes: Axes, y: float, row: Row, low: float, high: float) -> None:
    """The result as a diamond from end to end of its interval."""
    left, right, half = max(row.ci[0], low), min(row.ci[1], high), 0.22
    axes.fill([left, row.estimate, right, row.estimate], [y, y + half, y, y - half], color=INK, linewidth=0, zorder=3)


def funnel(meta: Meta) -> Drawing:
    """Estimates across, standard errors downwards, on the scale of the analysis; where chance alone would put them."""
    estimates = [one.effect.estimate for one in meta.studies]
    errors = [math.sqrt(one.effect.variance) for one in meta.studies]
    deepest, middle = 1.08 * max(errors), meta.pooled.estimate
    reach = quantile(math.inf, (1 + meta.wish.level) / 2) * deepest

    def draw(axes: Axes) -> None:
        sides = [middle - reach, middle, middle + reach]
        limits = f"{100 * meta.wish.level:g}% limits around it"
        axes.plot([middle, middle], [0, deepest], color=INK, linewidth=0.9, label="All studies")
        axes.plot(sides, [deepest, 0, deepest], color=INK, linewidth=0.9, dashes=(4, 2.5), label=limits)
        if meta.line:
            ends = [meta.line.limit, meta.line.limit + meta.line.bias * deepest]
            axes.plot(ends, [0, deepest], color=COLOURS[1], linewidth=1.3, dashes=(1.2, 1.4), label="Egger's line")
        axes.plot(estimates, errors, marker="o", linestyle="", color=COLOURS[0], markersize=5.5, alpha=0.75, zorder=3)
        far = [*estimates, sides[0], sides[2]]
        room = 0.04 * (max(far) - min(far))
        axes.set_xlim(min(far) - room, max(far) + room)
        axes.set_ylim(deepest, 0)
        axes.set_xlabel(meta.measure[:1].upper() + meta.measure[1:], fontsize=9)
        axes.set_ylabel("Standard error")

    outside = sum(abs(one - middle) > reach * error / deepest for one, error in zip(estimates, errors, strict=True))
    lean = f" Egger's line moves by {number(meta.line.bias, 2)} for each unit of standard error." if meta.line else ""
    words = f"{len(estimates)} studies around {number(middle, 2)}; {outside} lie outside the limits.{lean}"
    return drawn("funnel", "Funnel plot", words, draw, (4.7, 3.6), legend=True)
