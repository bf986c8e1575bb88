"""What a report says of a factorial design: both factors' effects and their interaction, read together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports import figures, narrow_forest
from reports.document import Block, Figure, Paragraph, Row, Table
from reports.labels import Labels, plain
from reports.numbers import (
    NONE,
    count,
    decimals_for,
    declared,
    distance,
    enough_decimals,
    interval,
    number,
    p_phrase,
    p_value,
)

One = Mapping[str, Any]

MODEL = (
    "Effects of factors: one model with a mean of each of the four arms, and the same terms. A main effect is the mean "
    "of the factor's effects at both levels of the other, each weighing alike; the interaction is the effect at the "
    "one level less that at the other."
)
READ = (
    "A main effect answers for both levels of the other factor only as far as the interaction is small, and a trial of "
    "the size for main effects has a quarter of the information on an interaction: read its interval, not p alone."
)
_NOTE = (
    "All from one model. p stands beside what the plan asks. The interaction is by how much a factor's effect at the "
    "first level of the other exceeds that at the second, whichever factor is taken; two intervals of a pair never "
    "show that effects differ."
)


def sizes(one: One, n: Mapping[str, int]) -> str:
    """`52 v. 48`: the people of both sides; of an interaction, everyone in the model."""
    totals = [sum(n.get(arm, 0) for arm in side) for side in one["sides"]]
    return count(sum(totals)) if is_interaction(one) else " v. ".join(map(count, totals))


def interaction(one: One, labels: Labels, decimals: int) -> str:
    """An interaction in one sentence."""
    first, second = (_names(its, labels) for its in one["factorial"]["factors"])
    apart = distance(one["estimate"], decimals)
    return (
        f"the effect of {first[0]} ({first[1]} against {first[2]}) is an estimated {apart} "
        f"with “{second[0]}: {second[1]}” than with “{second[0]}: {second[2]}” (interaction "
        f"{number(one['estimate'], decimals)}, {declared(100 * one['level'])}% confidence interval "
        f"{interval(one['ci'], decimals)}, {p_phrase(one['p'])})."
    )


def meaning_of_interaction(one: One, decimals: int) -> str:
    """What the interval of an interaction leaves open."""
    low, high = one["ci"]
    span = f"from {number(low, decimals)} to {number(high, decimals)} points"
    if low <= 0 <= high:
        return (
            f"The interval includes no interaction: the data agree with anything {span}. That is not evidence that the "
            "factors leave each other's effects as they are."
        )
    return f"The whole interval leaves out no interaction: the data agree with {span}."


def blocks(results: Mapping[str, Any], kind: str, labels: Labels) -> Iterator[Block]:
    """Beneath estimates of a kind: once for each outcome and timepoint, the factors' effects as table and figure."""
    shown: dict[tuple[str, str], One] = {}
    for one in results["estimates"]:
        if one["factorial"]:
            shown.setdefault((one["outcome"], one["timepoint"]), one)
    for (outcome, timepoint), one in shown.items():
        if one["analysis"] == kind:
            same = [
                each
                for each in results["estimates"]
                if each["factorial"] and (each["outcome"], each["timepoint"]) == (outcome, timepoint)
            ]
            yield _table(one, same, labels)
            yield _figure(one, labels)
            yield Paragraph(READ)


def _table(one: One, planned: Sequence[One], labels: Labels) -> Table:
    decimals = _decimals(one)
    asked = {tuple(each["factors"]): each["p"] for each in planned}
    rows = []
    other = list(reversed(one["factorial"]["factors"]))
    for its, beside in zip(one["factorial"]["factors"], other, strict=True):
        name, level, reference = _names(its, labels)
        rows.append(Row((f"{name}: {level} minus {reference}",), "group"))
        p = asked.get((its["factor"],))
        rows.append(_row("Main effect" + _planned(p), its["main"], decimals, p))
        rows += [
            _row(f"Where {labels.factor(beside['factor'])}: {plain(at['level'])}", at, decimals, None)
            for at in its["at"]
        ]
    p = next((its for names, its in asked.items() if len(names) > 1), None)
    rows.append(Row((f"Interaction: {_both(one, labels)}",), "group"))
    rows.append(_row("Either pair, first minus second" + _planned(p), one["factorial"]["interaction"], decimals, p))
    ci = f"({declared(100 * one['level'])}%\u00a0CI)"
    caption = f"{labels.outcome(one['outcome'])} {labels.at(one['timepoint'])}: the factors' effects"
    columns = ("", f"Adjusted difference {ci}", "p")
    return Table(f"factors-{one['outcome']}-{one['timepoint']}", caption, columns, tuple(rows), _NOTE, alike=False)


def _planned(p: float | None) -> str:
    return "" if p is None else " (planned)"


def _row(name: str, its: One, decimals: int, p: float | None) -> Row:
    text = f"{number(its['estimate'], decimals)} ({interval(its['ci'], decimals)})"
    return Row((name, text, NONE if p is None else p_value(p)), "under")


def _figure(one: One, labels: Labels) -> Figure:
    turned = -1 if one["better"] == "lower" else 1
    decimals = _decimals(one)

    def row(name: str, its: One, *, main: bool) -> figures.ForestRow:
        low, high = sorted(turned * end for end in its["ci"])
        return figures.ForestRow(name, main, turned * its["estimate"], (low, high), decimals)

    rows: list[str | figures.ForestRow] = []
    factors = one["factorial"]["factors"]
    for its, beside in zip(factors, reversed(factors), strict=True):
        name, level, reference = _names(its, labels)
        rows += [f"{name}: {level} v. {reference}", row("Main effect", its["main"], main=True)]
        rows += [
            row(f"Where {labels.factor(beside['factor'])}: {plain(at['level'])}", at, main=False) for at in its["at"]
        ]
    rows += ["Interaction", row(_both(one, labels), one["factorial"]["interaction"], main=True)]
    caption = (
        f"{labels.outcome(one['outcome'])} {labels.at(one['timepoint'])}: main effects and interaction "
        "(squares), and each factor's effect at either level of the other (circles), in points. Right of the broken "
        "line favours the level named first; of the interaction it says that the effect is more in favour at the "
        "first level of the other factor. Signs are turned where lower is better."
    )
    name = f"factors-{one['outcome']}-{one['timepoint']}"
    drawings = narrow_forest.both(name, "The factors' effects", "Difference in points", rows)
    return Figure(f"{name}-figure", caption, *drawings)


def _both(one: One, labels: Labels) -> str:
    return " × ".join(labels.factor(its["factor"]) for its in one["factorial"]["factors"])


def _names(its: One, labels: Labels) -> tuple[str, str, str]:
    return labels.factor(its["factor"]), plain(its["level"]), plain(its["reference"])


def is_interaction(one: One) -> bool:
    """Whether an estimate is an interaction of two factors."""
    return len(one.get("factors") or ()) > 1


def _decimals(one: One) -> int:
    spread = one["arms"][one["contrast"][0]]["sd"]
    whole = one["factorial"]
    every = [
        whole["interaction"],
        *(its["main"] for its in whole["factors"]),
        *(at for its in whole["factors"] for at in its["at"]),
    ]
    return enough_decimals(
        decimals_for(spread), *(value for each in every for value in (each["estimate"], *each["ci"]))
    )
