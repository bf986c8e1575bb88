"""The forest of differences between proportions, which are in percentage points and have no standard deviations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports.drawing import Drawing
from reports.figures import INK, ForestRow, beside, drawn, forest_row
from reports.labels import Labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CAPTION = (
    "The planned differences of proportions and their intervals, in percentage points. Right of the broken line "
    "favours the arm named first; signs are turned where fewer is better. The square is the primary estimate. "
    "Intervals are not adjusted for their number; ratios stand in the tables alone."
)


def forest(results: dict[str, Any], labels: Labels) -> Drawing:
    """Every planned risk difference with its interval, under its contrast."""
    by_contrast: dict[str, list[str | ForestRow]] = {}
    for one in results["estimates"]:
        if one["measure"] == "risk_difference" and one["ci"]:
            name = " v. ".join(labels.arm(arm) for arm in one["contrast"])
            by_contrast.setdefault(name, []).append(_row(one, labels))
    rows = [row for name, its in by_contrast.items() for row in (name, *its)]

    def draw(axes: Axes) -> None:
        for at, row in enumerate(rows):
            if isinstance(row, str):
                beside(axes, -at, row, left=True, weight="bold")
            else:
                forest_row(axes, -at, row)
        axes.axvline(0, color=INK, linewidth=0.8, dashes=(3, 2))
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_ylim(-len(rows) + 0.4, 0.6)
        axes.set_xlabel("Difference in percentage points")

    words = [row if isinstance(row, str) else f"{row.label}: {row.text}" for row in rows]
    title = "Planned differences of proportions"
    return drawn("risks", title, ". ".join(words) + ".", draw, (3.0, 0.6 + 0.29 * len(rows)))


def _row(one: dict[str, Any], labels: Labels) -> ForestRow:
    primary = one["analysis"] == "primary"
    what = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}" + (" (primary)" if primary else "")
    turned = -100 if one["better"] == "lower" else 100
    low, high = sorted(turned * end for end in one["ci"])
    return ForestRow(what, primary, turned * one["estimate"], (low, high), decimals=1)
