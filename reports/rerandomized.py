"""What a report says of a randomisation test: what was run again, what came of it, and how far it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports import figures
from reports.document import Block, Figure
from reports.drawing import Drawing
from reports.labels import Labels
from reports.numbers import count, number, p_phrase
from reports.sentences import level

if TYPE_CHECKING:
    from matplotlib.axes import Axes

One = Mapping[str, Any]
FEW = 1000  # below so many different lists the smallest p that can come out is worth a word


def what_was_done(one: One, labels: Labels) -> str:
    """In sentences."""
    test = one["rerandomization"]
    main, plain = test["studentised"], test["difference"]
    return " ".join(
        (
            f"The rule that allocated people in this trial was run again {count(test['reps'])} times by other dice, "
            "for the same people in the same order, and the planned difference over its error (t) was worked out for "
            "each list, with every answer as it was.",
            f"The real list gave t\u00a0=\u00a0{number(main['observed'], 2)}; {_lists(main['extreme'])} gave one as "
            f"far from 0 or farther: {_judged(main)}.",
            *_critical(one),
            f"By the plain difference of means: {_judged(plain)}.",
            "The test is of the hypothesis that nobody's answer, nor whether it is there, depends on the arm; it "
            "assumes no distribution and holds under a drift over time. No interval belongs to it.",
            *_arms(test, labels),
            *_few(test),
            f"The dice are seeded by \u201c{test['seed']}\u201d: the same lists come out anywhere.",
        )
    )


def _lists(extreme: int) -> str:
    return "none of them" if extreme == 0 else f"{count(extreme)} of them"


def _judged(one: One) -> str:
    low, high = one["interval"]
    return (
        f"{p_phrase(one['p'])} (Monte Carlo standard error {number(one['error'], 4)}; all lists together would give "
        f"between {number(low, 4)} and {number(high, 4)}, with 95% confidence)"
    )


def _critical(one: One) -> list[str]:
    test = one["rerandomization"]
    if test["critical"] is None:
        return []
    return [
        f"{level(one)} of the lists keep t within \u00b1{number(test['critical'], 2)}; the t distribution, on which "
        f"the primary analysis stands, says \u00b1{number(test['critical_t'], 2)}."
    ]


def _arms(test: One, labels: Labels) -> list[str]:
    if test["arms"] == 2:
        return []
    return [
        f"All {test['arms']} arms were allocated anew, so the hypothesis is about all of them; it is judged by this "
        "comparison alone."
    ]


def _few(test: One) -> list[str]:
    """Where lists came twice, or could not give a statistic."""
    said = []
    if test["effective"] is not None and test["effective"] < FEW:
        said.append(
            f"The rule left few lists to chance: they came as often twice as if {count(round(test['effective']))} were "
            f"equally likely; the real one came {count(test['same'])} times, and no p below "
            f"{number((1 + test['same']) / (1 + test['reps']), 4)} could have come out."
        )
    if test["undefined"]:
        said.append(
            f"{count(test['undefined'])} of the lists gave no t (an arm with nobody or one person analysed); they "
            "count as at least as far from 0, which can only make p larger."
        )
    return said


def figure(one: One, labels: Labels) -> list[Block]:
    """How t is spread over the lists, with the real one."""
    arm, reference = (labels.arm(each) for each in one["contrast"])
    test = one["rerandomization"]
    caption = (
        f"t of {arm} minus {reference} in {count(test['reps'])} lists that the trial's own rule gave the same people. "
        "The upright line is the real one, the broken line its mirror image; p is the share of lists beyond the two. "
        "The ends hold all beyond."
    )
    return [Figure(f"rerandomization-figure-{one['id']}", caption, drawing(one))]


def drawing(one: One) -> Drawing:
    """The reference distribution as a histogram; what is as far from 0 as the real one is dark."""
    test = one["rerandomization"]
    edge, counts, real = test["edge"], test["counts"], test["studentised"]["observed"]
    width = 2 * edge / len(counts)
    middles = [-edge + width * (place + 0.5) for place in range(len(counts))]
    shares = [100 * each / test["reps"] for each in counts]

    def draw(axes: Axes) -> None:
        axes.bar(middles, shares, width=0.9 * width, color=figures.COLOURS[0], alpha=0.45, linewidth=0)
        for place, dashes in ((real, None), (-real, (4, 3))):
            line = axes.axvline(place, color=figures.INK, linewidth=1.4)
            if dashes:
                line.set_dashes(dashes)
        axes.annotate(
            f" {number(real, 2)} ", (real, 0.99), xycoords=("data", "axes fraction"),
            ha="right" if real < 0 else "left", va="top",
        )  # fmt: skip
        axes.set_ylim(0, 1.15 * max(shares))
        axes.set_xlim(-edge - width, edge + width)
        axes.set_xlabel("t: difference over its error")
        axes.set_ylabel("Lists, %")

    beyond = 100 * test["studentised"]["extreme"] / test["reps"]
    words = (
        f"The real list: {number(real, 2)}. As far from 0 or farther: {number(beyond, 2)}% of {count(test['reps'])} "
        f"lists. Most lie about 0, from {number(_edge_of(middles, counts, width, -1), 1)} to "
        f"{number(_edge_of(middles, counts, width, 1), 1)}."
    )
    return figures.drawn(f"rerandomization-{one['id']}", "t in lists of the same rule", words, draw, (4.7, 2.6))


def _edge_of(middles: list[float], counts: list[int], width: float, side: int) -> float:
    """The outer edge of the last bin with a list in it."""
    filled = [middle for middle, each in zip(middles, counts, strict=True) if each]
    return (max(filled) if side > 0 else min(filled)) + side * width / 2
