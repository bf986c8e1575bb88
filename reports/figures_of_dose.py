"""How much of what was asked of them people did, as a figure: the share of an arm who did so many exercises or more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports.drawing import Drawing
from reports.figures import MOST_TICKS, drawn, series
from reports.labels import Labels
from reports.numbers import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def caption(results: Mapping[str, Any], labels: Labels) -> str:
    """What the figure shows, of one arm or of several."""
    if labels.single:
        return "Share of people who did so many exercises or more: everyone enrolled, so that the line starts at all."
    if len(lines := _with_exercises(results)) == 1:
        return (
            f"Share of {labels.arm(lines[0]['arm'])} who did so many exercises or more: everyone allocated, so that "
            "the line starts at all of them. No exercise is counted in any other arm."
        )
    return (
        "Share of each arm who did so many exercises or more: everyone allocated, so that each line starts at all of "
        "them. Arms may be asked for different numbers of exercises."
    )


def _with_exercises(results: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The arms with a line: people in them, and exercises that count."""
    return [one for one in results["adherence"] if one["allocated"] and len(one["distribution"]) > 1]


def dose(results: Mapping[str, Any], labels: Labels) -> Drawing:
    """A falling line for each arm, from nobody left out to those who did everything."""
    found = _with_exercises(results)

    def draw(axes: Axes) -> None:
        for place, one in enumerate(found):
            shares = [100 * at["at_least"] / one["allocated"] for at in one["distribution"]]
            series(axes, place, labels.arm(one["arm"]), [at["done"] for at in one["distribution"]], shares)
        most = max(len(one["distribution"]) for one in found)
        if most <= MOST_TICKS:
            axes.set_xticks(range(most))
        axes.set_ylim(0, 102)
        axes.set_xlabel("Exercises done, at least")
        axes.set_ylabel(f"% of those {'enrolled' if labels.single else 'allocated'}")

    words = []
    for one in found:
        shares = [percent(at["at_least"], one["allocated"]) for at in one["distribution"]]
        words.append(f"{labels.arm(one['arm'])}, from none up: {', '.join(shares)}")
    return drawn("dose", "Exercises done, so many or more", ". ".join(words) + ".", draw, (4.7, 2.8), legend=True)
