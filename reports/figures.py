"""The figures of a report as SVG: outcome over time, adherence by occasion, the planned estimates side by side.

Arms differ by colour (Okabe and Ito's, told apart with any colour vision), by marker and by dash, so that grey is
enough. Black is written as `currentColor`, so that a figure is right on a dark page too. Nothing in a file depends
on when or where it was drawn.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from reports.drawing import FONT, Drawing
from reports.labels import Labels
from reports.marks import without_keys
from reports.numbers import decimals_for, declared, interval, number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe M, Ito K (2008), without yellow, orange and sky blue, which are too pale for a line on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#A6559D", "#7A5C00", "#5B5B5B")
MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.4)), (0, (6, 2, 1.2, 2)), (0, (3, 1.4)), (0, (8, 3)))
INK = "#010203"  # stands for currentColor until the file is written
MEASURED_IN = "DejaVu Sans"
MOST_TICKS = 15
_WIDTH_OF_A_LETTER = 0.034  # of the text size below, over the width of a forest
SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "equipoise",
    "font.family": [MEASURED_IN],
    "font.size": 9.5,
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.linewidth": 0.8,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}  # fmt: skip


def over_time(results: dict[str, Any], labels: Labels, outcome: str) -> Drawing:
    """Mean and confidence band of one outcome in each arm at each timepoint, timepoints evenly spaced."""
    points = [one for one in results["outcome_over_time"] if one["outcome"] == outcome]
    timepoints = labels.in_time({one["timepoint"] for one in points})
    by_place = {(one["arm"], one["timepoint"]): one for one in points}
    protocol_outcome = labels.folder.protocol.outcome(outcome)

    def draw(axes: Axes) -> None:
        for place, arm in enumerate(labels.arms):
            shift = 0.05 * (place - (len(labels.arms) - 1) / 2)
            seen = [
                (at + shift, by_place[arm, point])
                for at, point in enumerate(timepoints)
                if by_place[arm, point]["mean"] is not None
            ]
            series(axes, place, labels.arm(arm), [x for x, _ in seen], [one["mean"] for _, one in seen])
            banded = [(x, one["ci"]) for x, one in seen if one["ci"] is not None]
            band(axes, place, banded)
        axes.set_xticks(range(len(timepoints)), [_tick(labels, point) for point in timepoints])
        axes.set_xlim(-0.25, len(timepoints) - 0.75)
        better = protocol_outcome.better
        what, direction = "Mean", f"{better} is better"
        if protocol_outcome.aggregation == "proportion":
            what, direction = "Share", f"{'more' if protocol_outcome.more_is == 'higher' else 'fewer'} is better"
        axes.set_ylabel(f"{what} with {_level(labels)} CI ({direction})")

    title = f"{labels.outcome(outcome)} over time, by arm"
    return drawn("over-time", title, _over_time_words(labels, timepoints, by_place), draw, (4.7, 3.4), legend=True)


def adherence(results: dict[str, Any], labels: Labels) -> Drawing:
    """On each occasion, the share of those allocated who did the exercise."""

    def draw(axes: Axes) -> None:
        for place, one in enumerate(results["adherence"]):
            if in_time := sorted(one["occasions"], key=lambda at: at["day"]):
                done = [100 * at["n_done"] / max(one["allocated"], 1) for at in in_time]
                series(axes, place, labels.arm(one["arm"]), [at["day"] for at in in_time], done)
        days = sorted({at["day"] for one in results["adherence"] for at in one["occasions"]})
        if len(days) <= MOST_TICKS:
            axes.set_xticks(apart(days))
        axes.set_ylim(0, 102)
        axes.set_xlabel("Exercise of day")
        axes.set_ylabel(f"Done, % of those {'enrolled' if labels.single else 'allocated'}")

    words = []
    for one in results["adherence"]:
        in_time = sorted(one["occasions"], key=lambda at: at["day"])
        shares = [percent(at["n_done"], one["allocated"]) for at in in_time]
        words.append(f"{labels.arm(one['arm'])}: {', '.join(shares) or 'no exercise'}")
    title = "Exercises done, by arm"
    return drawn("adherence", title, ". ".join(words) + ".", draw, (4.7, 2.8), legend=True)


def apart(days: Sequence[int]) -> list[int]:
    """Those of the days, in order, whose numbers do not touch on an axis that spans them all; the first always."""
    least = (days[-1] - days[0]) / (MOST_TICKS + 3) if days else 0
    kept: list[int] = []
    for day in days:
        if not kept or day - kept[-1] >= least:
            kept.append(day)
    return kept


def forest(results: Mapping[str, Any], labels: Labels) -> Drawing:
    """Every planned difference and its interval over the pooled SD, under its contrast; right favours the first arm."""
    rows = forest_rows(results, labels)
    return forest_of("forest", "Planned estimates in standard deviations", "Difference in standard deviations", rows)


def forest_of(
    name: str, title: str, scale: str, rows: Sequence[str | ForestRow], margins: Sequence[float] = ()
) -> Drawing:
    """Rows below one another on one scale, with a broken line at no difference; a text is the head of those below.

    Dotted lines stand at `margins`.
    """

    longest = max((len(row.label) for row in rows if not isinstance(row, str)), default=0)
    words_at = -max(1.06, _WIDTH_OF_A_LETTER * longest)  # names end where the axes begin

    def draw(axes: Axes) -> None:
        for at, row in enumerate(rows):
            if isinstance(row, str):
                beside(axes, -at, row, words_at, weight="bold")
            else:
                forest_row(axes, -at, row, words_at)
        axes.axvline(0, color=INK, linewidth=0.8, dashes=(3, 2))
        for margin in margins:
            axes.axvline(margin, color=INK, linewidth=1.4, dashes=(1, 1.6))
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_ylim(-len(rows) + 0.4, 0.6)
        axes.set_xlabel(scale)

    words = [row if isinstance(row, str) else f"{row.label}: {row.text}" for row in rows]
    words += [f"Margin: {number(margin, 2)}" for margin in margins]
    return drawn(name, title, ". ".join(words) + ".", draw, (3.0, 0.6 + 0.29 * max(len(rows), 1)))


def tips_at(one: Mapping[str, Any]) -> float | None:
    """Where the finding is gone, if that is within what the figure shows."""
    tip: float | None = one["tipping"]["delta"]
    return tip if tip is not None and tip <= one["tipping"]["grid"][-1]["delta"] else None


def tipping(one: dict[str, Any], labels: Labels, said: str) -> Drawing:
    """The difference and its interval as the missing of the first arm are made worse; where the finding is gone.

    `said` is the finding in words, for those who do not see it.
    """
    grid, tip = one["tipping"]["grid"], tips_at(one)
    x = [at["delta"] for at in grid]
    decimals = decimals_for(one["tipping"]["sd"])

    def draw(axes: Axes) -> None:
        band(axes, 0, [(at["delta"], at["ci"]) for at in grid])
        series(axes, 0, "", x, [at["estimate"] for at in grid])
        axes.axhline(0, color=INK, linewidth=0.8, dashes=(3, 2))
        axes.set_xlim(*axes.get_xlim())
        if tip is not None:
            axes.axvline(tip, color=INK, linewidth=1.4)
            axes.axvspan(tip, axes.get_xlim()[1], color=INK, alpha=0.07, linewidth=0)
            words = f"finding gone from {number(tip, decimals)} on"
            left = tip < (x[0] + x[-1]) / 2
            axes.annotate(words, (tip, 1.02), xycoords=("data", "axes fraction"), ha="left" if left else "right")
        axes.set_xlabel("Points by which the missing are made worse")
        axes.set_ylabel(f"Difference with {_level(labels)} CI")

    words = [
        f"{number(at['delta'], decimals)}: {number(at['estimate'], decimals)} ({interval(at['ci'], decimals)})"
        for at in grid
    ]
    description = f"{said} Points worse, difference and interval: {'; '.join(words)}."
    return drawn(f"tipping-{one['id']}", "Tipping point", description, draw, (4.7, 2.9))


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One estimate beside its name; above zero is in favour of the first arm."""

    label: str
    primary: bool
    estimate: float
    ci: tuple[float, float]
    decimals: int = 2

    @property
    def text(self) -> str:
        return f"{number(self.estimate, self.decimals)} ({interval(self.ci, self.decimals)})"


def forest_rows(results: Mapping[str, Any], labels: Labels) -> list[str | ForestRow]:
    """The name of each contrast, then its estimates, ordered as in the tables."""
    by_contrast: dict[str, list[str | ForestRow]] = {}
    for one in labels.in_order(results["estimates"]):
        if one["g"] is not None and one["analysis"] != "exploratory":
            primary = one["analysis"] == "primary"
            what = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}"
            row = ForestRow(what + (" (primary)" if primary else ""), primary, *_favourable(one))
            name = labels.compared(one, "v.")
            by_contrast.setdefault(name, []).append(row)
    return [row for name, its in by_contrast.items() for row in (name, *its)]


def forest_row(axes: Axes, y: float, row: ForestRow, words_at: float) -> None:
    """The interval as a line, the estimate on it, words on both sides: its name from `words_at` on."""
    axes.plot(row.ci, [y, y], color=INK, linewidth=2.2 if row.primary else 1.1, solid_capstyle="butt")
    axes.plot(
        [row.estimate],
        [y],
        marker="s" if row.primary else "o",
        color=INK,
        markersize=7 if row.primary else 5,
        markerfacecolor=INK if row.primary else "white",
    )
    beside(axes, y, row.label, words_at)
    beside(axes, y, row.text, 1.04)


def beside(axes: Axes, y: float, text: str, x: float, weight: str = "normal") -> None:
    """Words beside a row of the forest, left or right of the axes, which reach from 0 to 1."""
    axes.text(x, y, text, transform=axes.get_yaxis_transform(), ha="left", va="center", fontweight=weight)


def _favourable(one: Mapping[str, Any]) -> tuple[float, tuple[float, float]]:
    """Estimate and interval in SD units; signs are turned where lower is better, so that above zero is in favour."""
    unit = one["g"]["standardiser_value"] * (-1 if one["better"] == "lower" else 1)
    low, high = sorted(end / unit for end in one["ci"])
    return one["estimate"] / unit, (low, high)


def _tick(labels: Labels, timepoint: str) -> str:
    day = labels.day(timepoint)
    return fill(labels.timepoint(timepoint), 12) + ("" if day is None else f"\nday {day}")


def _level(labels: Labels) -> str:
    return f"{declared(100 * labels.folder.protocol.analysis.level)}%"


def _over_time_words(labels: Labels, timepoints: Sequence[str], by_place: dict[tuple[str, str], dict[str, Any]]) -> str:
    said = []
    for arm in labels.arms:
        means = [by_place[arm, point] for point in timepoints]
        shown = [
            f"{labels.timepoint(one['timepoint'])} {number(one['mean'], decimals_for(one['sd']))}" for one in means
        ]
        said.append(f"{labels.arm(arm)}: {', '.join(shown)}")
    return "Means. " + ". ".join(said) + "."


def look(place: int) -> tuple[str, str, Any]:
    """Colour, marker and dash of an arm; past six arms the three come in new combinations."""
    turn, at = divmod(place, len(COLOURS))
    return COLOURS[at], MARKERS[(at + turn) % len(MARKERS)], DASHES[(at + 2 * turn) % len(DASHES)]


def series(axes: Axes, place: int, label: str, x: Sequence[float], y: Sequence[float]) -> None:
    """A line through points, told apart from the others by colour, marker and dash."""
    colour, marker, dash = look(place)
    axes.plot(x, y, color=colour, marker=marker, linestyle=dash, linewidth=1.7, markersize=5.5, label=label, zorder=3)


def band(axes: Axes, place: int, banded: Sequence[tuple[float, Sequence[float]]], *, steps: bool = False) -> None:
    """The band of a line, of its colour, whose edges have the line's dash: grey prints tell bands apart by them."""
    colour, _, dash = look(place)
    x = [at for at, _ in banded]
    low, high = [ci[0] for _, ci in banded], [ci[1] for _, ci in banded]
    filled: Any = {"step": "post"} if steps else {}
    axes.fill_between(x, low, high, color=colour, alpha=0.13, linewidth=0, zorder=1, **filled)
    for edge in (low, high):
        drawn_as = "steps-post" if steps else "default"
        axes.plot(x, edge, color=colour, linewidth=0.6, linestyle=dash, alpha=0.75, zorder=2, drawstyle=drawn_as)


def drawn(
    name: str, title: str, description: str, draw: Any, inches: tuple[float, float], *, legend: bool = False
) -> Drawing:
    """What `draw` puts on the axes, as SVG with a title and a description."""
    import matplotlib

    with matplotlib.rc_context(SETTINGS):
        return _as_drawing(_figure(draw, inches, legend=legend), name, title, without_keys(description))


def as_png(draw: Any, inches: tuple[float, float], *, legend: bool = False) -> bytes:
    """The same on white at 300 dots an inch, as journals ask for."""
    import matplotlib

    with matplotlib.rc_context(SETTINGS):
        out = io.BytesIO()
        made: Any = {"dpi": 300, "facecolor": "white", "bbox_inches": "tight", "metadata": {"Software": None}}
        _figure(draw, inches, legend=legend).savefig(out, format="png", **made)
        return out.getvalue()


def _figure(draw: Any, inches: tuple[float, float], *, legend: bool) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    figure = Figure(figsize=inches)
    axes = figure.add_subplot()
    draw(axes)
    for words in figure.findobj(Text):
        words.set_text(without_keys(words.get_text()))
    if legend:
        handles, texts = axes.get_legend_handles_labels()
        columns = 1 if max(map(len, texts), default=0) > 30 else 2
        axes.legend(handles, texts, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=columns, handlelength=3)
    return figure


def _as_drawing(figure: Figure, name: str, title: str, description: str) -> Drawing:
    out = io.StringIO()
    figure.savefig(out, format="svg", bbox_inches="tight", pad_inches=0.04, metadata={"Date": None})
    inner = re.search(r'<svg[^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>(.*)</svg>', out.getvalue(), re.DOTALL)
    if inner is None:
        raise AssertionError("matplotlib wrote no SVG")
    width, height = float(inner[1]), float(inner[2])
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", inner[3], flags=re.DOTALL)
    body = re.sub(r'(?<=id=")|(?<=url\(#)|(?<=href="#)', f"{name}-", body)
    body = body.replace(INK, "currentColor").replace(f"'{MEASURED_IN}'", FONT)
    body = re.sub(r">\s+<", "><", body)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width:g} {height:g}" width="{width:g}pt" height="{height:g}pt" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" stroke-linejoin="round" stroke-linecap="butt">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>{body}</svg>'
    )
    return Drawing(svg, title, description, width, height)
