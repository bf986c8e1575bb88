"""The effects in subgroups below one another, each variable with its test of interaction, beside the effect in all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

from reports import figures
from reports.document import Block, Figure
from reports.drawing import Drawing
from reports.keys import plain
from reports.labels import Labels
from reports.numbers import count, p_phrase
from reports.sentences import decimals_by_outcome, estimate_text, level

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LETTERS = 56  # of a line over an interval
_SIDE = 26  # of one arm's name below the axis
_LINE = 0.21  # inches
_GAP, _REACH = 0.4, 0.36  # lines
One = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Row:
    """Words, and the interval below them where there is one."""

    words: str
    one: One | None = None
    whole: bool = False
    head: bool = False

    @property
    def lines(self) -> float:
        """How tall it is, in lines of text."""
        return self.words.count("\n") + 1 + (1.15 if self.one else 0.0) + (_GAP if self.head else 0.0)


def blocks(results: Mapping[str, Any], labels: Labels) -> list[Block]:
    """A figure for each comparison that was looked at in subgroups."""
    by_what: dict[tuple[Any, ...], list[One]] = {}
    for one in results["subgroups"]:
        if one["effects"]:
            by_what.setdefault((one["outcome"], one["timepoint"], *one["contrast"]), []).append(one)
    parts: list[Block] = []
    for place, found in enumerate(by_what.values(), start=1):
        whole = whole_of(results, found[0])
        beside = "The square and the dotted line are the effect in everybody. " if whole else ""
        caption = (
            f"Exploratory: {labels.outcome(found[0]['outcome'])} {labels.at(found[0]['timepoint'])}, "
            f"difference in each subgroup with its {level(found[0])} interval. {beside}The broken line is no "
            "difference. Only the test of interaction says whether effects differ."
        )
        drawing = _drawing(place, plain(found), plain(whole) if whole else None, labels)
        parts.append(Figure(f"subgroups-figure-{place}", caption, drawing))
    return parts


def whole_of(results: Mapping[str, Any], one: One) -> One | None:
    """The planned estimate of the same comparison in everybody, if there is one."""
    same = ("outcome", "timepoint", "contrast")
    return next(
        (
            each
            for each in results["estimates"]
            if all(each[name] == one[name] for name in same) and each["ci"] and each["measure"] == "mean_difference"
        ),
        None,
    )


def in_order(one: One, labels: Labels) -> list[One]:
    """The effects, levels in the order in which the protocol or the question names them."""
    known = labels.levels(one["variable"])
    return sorted(one["effects"], key=lambda its: known.index(its["level"]) if its["level"] in known else len(known))


def _rows(found: Sequence[One], whole: One | None, labels: Labels) -> Iterator[_Row]:
    if whole:
        n = " v. ".join(count(whole["n"].get(arm, 0)) for arm in whole["contrast"])
        yield _Row(fill(f"Everybody: {estimate_text(whole)}, n\u00a0{n}", _LETTERS), whole, whole=True)
    for one in found:
        test = f"{labels.variable(one['variable'])} (interaction {p_phrase(one['interaction']['p'])})"
        yield _Row(fill(test, _LETTERS), head=True)
        every = [{**one, **its, "g": whole and whole["g"]} for its in in_order(one, labels)]
        decimals = decimals_by_outcome(every).get(one["outcome"])
        for its in every:
            n = " v. ".join(count(its["n"].get(arm, 0)) for arm in one["contrast"])
            text = estimate_text(its, decimals)
            yield _Row(fill(f"{labels.level(one['variable'], its['level'])}: {text}, n\u00a0{n}", _LETTERS), its)


def _drawing(place: int, found: Sequence[One], whole: One | None, labels: Labels) -> Drawing:
    rows = list(_rows(found, whole, labels))
    tall = sum(row.lines for row in rows)

    def draw(axes: Axes) -> None:
        top = 0.0
        for row in rows:
            _words_of(axes, row, top)
            top -= row.lines
            if row.one:
                _interval(axes, row.one, top + 0.62, whole["estimate"] if whole else None, strong=row.whole)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.margins(x=0.04)
        axes.set_ylim(top - 0.1, 0.3)
        _sides(axes, found[0], labels)

    about = f"{labels.outcome(found[0]['outcome'])} {labels.at(found[0]['timepoint'])}"
    words = ". ".join(row.words.replace("\n", " ") for row in rows)
    return figures.drawn(f"subgroups-{place}", f"{about}, by subgroup", f"{words}.", draw, (4.5, 0.7 + _LINE * tall))


def _words_of(axes: Axes, row: _Row, top: float) -> None:
    """Words from the left edge on, above the interval: names have no room beside it on a phone."""
    axes.text(
        0, top - (_GAP if row.head else 0.0), row.words, transform=axes.get_yaxis_transform(), ha="left", va="top",
        linespacing=1.2, fontweight="bold" if row.head or row.whole else "normal", fontsize=9,
    )  # fmt: skip


def _interval(axes: Axes, one: One, y: float, everybody: float | None, *, strong: bool) -> None:
    """The interval with its estimate, between short pieces of the upright lines, which would cross the words."""
    ink: Any = {"color": figures.INK}
    axes.plot([0, 0], [y - _REACH, y + _REACH], linewidth=0.9, dashes=(3, 2), **ink)
    if everybody is not None:
        axes.plot([everybody] * 2, [y - _REACH, y + _REACH], linewidth=1, dashes=(1, 1.6), **ink)
    axes.plot(one["ci"], [y, y], linewidth=2.2 if strong else 1.2, solid_capstyle="butt", **ink)
    marker, filled = ("s", figures.INK) if strong else ("o", "white")
    axes.plot([one["estimate"]], [y], marker=marker, markersize=6.5, markerfacecolor=filled, **ink)


def _sides(axes: Axes, one: One, labels: Labels) -> None:
    """What a difference is of, and whom each side of zero favours."""
    first, second = (labels.arm(arm) for arm in one["contrast"])
    left, right = (first, second) if one["better"] == "lower" else (second, first)
    scale = fill(f"Difference: {labels.contrast(list(one['contrast']))}", _LETTERS)
    axes.set_xlabel(scale)
    down = 34 + 12 * (scale.count("\n") + 1)
    for x, ha, words in ((0, "left", f"\u2190 favours {left}"), (1, "right", f"favours {right} \u2192")):
        axes.annotate(fill(words, _SIDE), (x, 0), xycoords="axes fraction", xytext=(0, 6 - down), va="top", ha=ha,
                      textcoords="offset points", fontsize=8.5)  # fmt: skip
