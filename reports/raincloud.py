"""How the primary outcome is spread in each arm at its timepoint: a density, a box, and everybody as rain below.

Whoever reads a mean sees here what it is the mean of. It is never part of a blind report.
"""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from reports import figures
from reports.data_file import TrialData
from reports.document import Block, Figure, Row, Table
from reports.drawing import Drawing
from reports.keys import plain
from reports.labels import Labels
from reports.numbers import NONE, count, decimals_for, number
from trial.protocol_files import ProtocolFolder
from trial.stats.arrays import FloatArray
from trial.stats.distribution import distribution

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_VALUES = 60  # of more values that differ, those near each other are counted together
MOST_DOTS = 150  # an arm of more people has bars of rain
FEWEST_VALUES = 3  # a yes or no has no distribution to look at
FEWEST_ON_A_PILE, MOST_ON_A_PILE = 6, 9  # of more no mark would be larger than two points
QUARTILES = ("low", "q1", "median", "q3", "high")
LANE, CLOUD, RAIN, BOX = 1.6, 0.55, 0.48, 0.09  # heights in a lane
INCHES = 0.85  # of such a height
_LETTERS = 54  # of an arm's name in a line
One = Mapping[str, Any]


def raincloud(folder: ProtocolFolder, data: TrialData) -> dict[str, Any] | None:
    """The score of the primary outcome at its timepoint: its spread in each arm, and how many have each value.

    None for a score with fewer than three values, and for levels in order, which have no distances. `step`: how wide
    the counts are, where values are counted together.
    """
    plan = folder.protocol.analysis.primary
    outcome = folder.protocol.outcome(plan.outcome)
    values = data.table.outcome(outcome.score, plan.timepoint)
    known = np.unique(values[np.isfinite(values)])
    if len(known) < FEWEST_VALUES or outcome.aggregation == "ordinal":
        return None
    arms = np.array(data.table.arms, dtype=object)
    step = None if len(known) <= MOST_VALUES else float(known[-1] - known[0]) / MOST_VALUES
    by_arm = [_arm(one.id, values[arms == one.id], float(known[0]), step) for one in folder.protocol.arms]
    return {"outcome": plan.outcome, "timepoint": plan.timepoint, "step": step, "arms": by_arm}


def _arm(arm: str, values: FloatArray, low: float, step: float | None) -> dict[str, Any]:
    found = distribution(values)
    if found is None:
        unknown = dict.fromkeys((*QUARTILES, "whiskers", "bandwidth"))
        return {"arm": arm, "n": 0, **unknown, "density": [], "values": []}
    density = [{"at": at, "density": each} for at, each in zip(found.at, found.density, strict=True)]
    return {
        "arm": arm,
        "n": found.n,
        **{name: getattr(found, name) for name in QUARTILES},
        "whiskers": list(found.whiskers),
        "bandwidth": found.bandwidth,
        "density": density,
        "values": _counted(values[np.isfinite(values)], low, step),
    }


def _counted(seen: FloatArray, low: float, step: float | None) -> list[dict[str, Any]]:
    """How many have each value; where there is a step, the middle of each stretch of that width stands for it."""
    if step is not None:
        place = np.minimum((seen - low) // step, MOST_VALUES - 1)
        seen = low + (place + 0.5) * step
    return [{"value": float(value), "n": int(n)} for value, n in zip(*np.unique(seen, return_counts=True), strict=True)]


def figure(results: Mapping[str, Any], labels: Labels) -> list[Block]:
    """The picture with its numbers; nothing where there is no distribution to look at."""
    found = results["raincloud"]
    if found is None:
        return []
    rain = "a mark for each person" if _dotted(found) else "bars as long as the share of the arm with that value"
    caption = (
        f"{_named(found, labels)} {labels.at(found['timepoint'])}, by arm, of everybody who has it. "
        "Above: density. Middle: median, quartiles, and whiskers as Tukey draws them. "
        f"Below: {rain}. As measured, not adjusted."
    )
    return [Figure("raincloud-figure", caption, _drawing(plain(found), labels), table=_table(found, labels))]


def _named(found: One, labels: Labels) -> str:
    """The outcome; of a proportion the score that says who responds, which more people may have."""
    outcome = labels.folder.protocol.outcome(found["outcome"])
    name = labels.outcome(found["outcome"])
    return f"Score behind “{name}”" if outcome.aggregation == "proportion" else name


def _dotted(found: One) -> bool:
    """Whether there is room for a mark for each person."""
    few = all(one["n"] <= MOST_DOTS for one in found["arms"])
    return few and all(each["n"] <= MOST_ON_A_PILE for one in found["arms"] for each in one["values"])


def _drawing(found: One, labels: Labels) -> Drawing:
    shown = [(place, one) for place, one in enumerate(found["arms"]) if one["n"]]
    outcome = labels.folder.protocol.outcome(found["outcome"])
    name, decimals = _named(found, labels), _decimals(found)
    highest = max((each["density"] for _, one in shown for each in one["density"]), default=1.0)
    rain = _drops if _dotted(found) else _bars
    most = max(each["n"] / (1 if rain is _drops else one["n"]) for _, one in shown for each in one["values"])

    def draw(axes: Axes) -> None:
        for lane, (place, one) in enumerate(shown):
            y = -LANE * lane
            _cloud(axes, y + BOX, one, highest, place)
            _box(axes, y, one)
            rain(axes, y - BOX, one, most, place)
            words = (
                f"{fill(labels.arm(one['arm']), _LETTERS)}\n{_median(one, decimals)}, n\u00a0=\u00a0{count(one['n'])}"
            )
            across = axes.get_yaxis_transform()
            axes.text(0, y + CLOUD + 0.07, words, transform=across, ha="left", va="bottom", linespacing=1.25)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_ylim(-LANE * (len(shown) - 1) - RAIN - 0.16, CLOUD + 0.42)
        axes.set_xlabel(fill(f"{name} ({outcome.better} is better)", _LETTERS))

    title = f"{name} {labels.at(found['timepoint'])}, everybody in each arm"
    said = (
        f"{labels.arm(one['arm'])}, {count(one['n'])} people: {_median(one, decimals)}, all of them "
        f"{number(one['low'], decimals)} to {number(one['high'], decimals)}."
        for _, one in shown
    )
    inches = (4.7, 0.55 + INCHES * LANE * len(shown))
    return figures.drawn("raincloud", title, " ".join(said), draw, inches)


def _cloud(axes: Axes, y: float, one: One, highest: float, place: int) -> None:
    """The density, on a scale that all arms share."""
    colour, _, dash = figures.look(place)
    at = [each["at"] for each in one["density"]]
    top = [y + (CLOUD - BOX) * each["density"] / highest for each in one["density"]]
    axes.fill_between(at, y, top, color=colour, alpha=0.28, linewidth=0)
    axes.plot(at, top, color=colour, linewidth=1.3, linestyle=dash)


def _box(axes: Axes, y: float, one: One) -> None:
    ink: Any = {"color": figures.INK, "solid_capstyle": "butt", "zorder": 4}
    (left, right), q1, q3, half = one["whiskers"], one["q1"], one["q3"], BOX / 2
    axes.plot([left, q1], [y, y], linewidth=1.1, **ink)
    axes.plot([q3, right], [y, y], linewidth=1.1, **ink)
    axes.plot([q1, q3, q3, q1, q1], [y - half, y - half, y + half, y + half, y - half], linewidth=1, **ink)
    axes.plot([one["median"]] * 2, [y - BOX, y + BOX], linewidth=2.6, **ink)


def _drops(axes: Axes, top: float, one: One, most: float, place: int) -> None:
    """A mark for each person, those of one value below one another; `most` are on the highest pile."""
    colour, marker, _ = figures.look(place)
    step = (RAIN - BOX) / max(most, FEWEST_ON_A_PILE)
    x = [each["value"] for each in one["values"] for _ in range(each["n"])]
    y = [top - step * (drop + 0.5) for each in one["values"] for drop in range(each["n"])]
    size = 0.8 * 72 * INCHES * step
    axes.plot(x, y, linestyle="", marker=marker, markersize=size, color=colour, markeredgewidth=0, zorder=3)


def _bars(axes: Axes, top: float, one: One, most: float, place: int) -> None:
    """A bar for each value, as long as the share of the arm that has it; the longest share is `most`."""
    x = [each["value"] for each in one["values"]]
    end = [top - (RAIN - BOX) * each["n"] / one["n"] / most for each in one["values"]]
    axes.vlines(x, end, top, color=figures.look(place)[0], linewidth=2.2)


def _median(one: One, decimals: int) -> str:
    middle = f"{number(one['q1'], decimals)} to {number(one['q3'], decimals)}"
    return f"median {number(one['median'], decimals)}, middle half {middle}"


def _decimals(found: One) -> int:
    """None where all quartiles are whole numbers, else one fewer than a mean has: they are halves of steps."""
    arms = [plain(one) for one in found["arms"] if one["n"]]
    if all(float(one[name]).is_integer() for one in arms for name in QUARTILES):
        return 0
    return max(1, decimals_for(max(one["q3"] - one["q1"] for one in arms) / 1.35) - 1)


def _table(found: One, labels: Labels) -> Table:
    decimals, rows = _decimals(found), []
    for one in found["arms"]:
        cells = [number(one[name], decimals) if one["n"] else NONE for name in QUARTILES]
        rows.append(Row((labels.arm(one["arm"]), count(one["n"]), *cells)))
    columns = ("", "n", "Lowest", "First quartile", "Median", "Third quartile", "Highest")
    caption = f"{_named(found, labels)} {labels.at(found['timepoint'])}, how it is spread"
    return Table("raincloud-table", caption, columns, tuple(rows))
