"""The forest of differences between proportions, which are in percentage points and have no standard deviations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.drawing import Drawing
from reports.figures import ForestRow
from reports.labels import Labels
from reports.narrow_forest import both

CAPTION = (
    "The planned differences of proportions and their intervals, in percentage points. Right of the broken line "
    "favours the arm named first; signs are turned where fewer is better. The square is the primary estimate. "
    "Intervals are not adjusted for their number; ratios stand in the tables alone."
)


def forest(results: dict[str, Any], labels: Labels) -> tuple[Drawing, Drawing]:
    """Every planned risk difference with its interval, under its contrast; and the same for a phone."""
    by_contrast: dict[str, list[str | ForestRow]] = {}
    for one in labels.in_order(results["estimates"]):
        if one["measure"] == "risk_difference" and one["ci"] and one["analysis"] != "exploratory":
            name = " v. ".join(labels.arm(arm) for arm in one["contrast"])
            by_contrast.setdefault(name, []).append(_row(one, labels))
    rows = [row for name, its in by_contrast.items() for row in (name, *its)]
    return both("risks", "Planned differences of proportions", "Difference in percentage points", rows)


def _row(one: Mapping[str, Any], labels: Labels) -> ForestRow:
    primary = one["analysis"] == "primary"
    what = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}" + (" (primary)" if primary else "")
    turned = -100 if one["better"] == "lower" else 100
    low, high = sorted(turned * end for end in one["ci"])
    return ForestRow(what, primary, turned * one["estimate"], (low, high), decimals=1)
