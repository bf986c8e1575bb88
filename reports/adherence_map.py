"""Who did which exercise: people below one another, those who did most first, and the exercises in order of their days.

Many people share a row and many exercises a column, so that no picture grows with the trial.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from reports import figures
from reports.delivery import exercise_timepoints, finished
from reports.document import Block, Figure, Row, Table
from reports.drawing import Drawing
from reports.keys import plain
from reports.labels import Labels
from reports.numbers import NONE, count, percent, size
from trial.core.dataset import Disposition, EventRow
from trial.core.protocol import TrialProtocol
from trial.stats.arrays import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_COLUMNS = 42
MOST_CELLS = 3000
FEWEST_ROWS, MOST_ROWS = 8, 60
# up to which share a cell is so dark; the first is of those who did none
SHADES = ((0.0, 0.1), (0.25, 0.26), (0.5, 0.44), (0.75, 0.62), (0.9999, 0.8), (1.0, 1.0))
NAMES = ("none", "up to 25%", "up to 50%", "up to 75%", "under 100%", "all")
HEIGHT, BETWEEN = 1.0, 0.42  # of an arm, and of the words over it; an arm is as high as INCHES
INCHES = 1.15
_LETTERS = 56
_GAP = 0.06  # between columns, of their width
_MOST_TICKS = 10
One = Mapping[str, Any]
Place = tuple[str, int]


def adherence_map(
    protocol: TrialProtocol, dispositions: Sequence[Disposition], events: Sequence[EventRow]
) -> dict[str, Any] | None:
    """Of each arm with exercises: rows of people, sorted, with the share of each column's exercises that they did.

    None without exercises. `columns` are days, first and last; a share is None where the arm has no exercise then.
    """
    places = {arm.id: _places(protocol, arm.id) for arm in protocol.arms}
    by_arm = {arm: [one for one in dispositions if one.arm == arm and one.stage == "randomized"] for arm in places}
    shown = [arm for arm in places if places[arm] and by_arm[arm]]
    if not shown:
        return None
    days = sorted({day for arm in shown for day in places[arm].values()})
    every = -(-len(days) // MOST_COLUMNS)
    column_of = {day: at // every for at, day in enumerate(days)}
    columns = [days[at : at + every] for at in range(0, len(days), every)]
    rows = min(max(MOST_CELLS // (len(columns) * len(shown)), FEWEST_ROWS), MOST_ROWS)
    did = finished(events)
    return {
        "columns": [{"day": its[0], "to_day": its[-1]} for its in columns],
        "arms": [
            {"arm": arm}
            | _arm(
                _done(by_arm[arm], places[arm], did),
                [column_of[day] for day in places[arm].values()],
                len(columns),
                rows,
            )
            for arm in shown
        ],
    }


def _places(protocol: TrialProtocol, arm: str) -> dict[Place, int]:
    """The exercises of an arm with their days, in the order of days."""
    found = {
        (point.id, occurrence): day
        for point in exercise_timepoints(protocol, arm)
        for occurrence, day in protocol.occurrences(point)
    }
    return dict(sorted(found.items(), key=lambda one: one[1]))


def _done(people: Sequence[Disposition], places: Mapping[Place, int], did: Mapping[str, set[Place]]) -> FloatArray:
    """1 for what was done (people, exercises), those who did most first, then those who did the earlier ones."""
    nothing: set[Place] = set()
    found = np.array([[one in did.get(each.participant, nothing) for one in places] for each in people], dtype=float)
    order = np.lexsort((*reversed(-found.T), -found.sum(axis=1)))
    return np.asarray(found[order])


def _arm(done: FloatArray, column_of: Sequence[int], columns: int, most_rows: int) -> dict[str, Any]:
    n, every = len(done), -(-len(done) // most_rows)
    totals = done.sum(axis=1)
    rows = []
    for start in range(0, n, every):
        its = done[start : start + every]
        shares = {column: float(its[:, [at for at, _ in group]].mean()) for column, group in _grouped(column_of)}
        rows.append({"people": len(its), "done": [shares.get(at) for at in range(columns)]})
    by_column = [
        {"column": column, "done": int(done[:, at].sum()), "of": n * len(at)}
        for column, group in _grouped(column_of)
        if (at := [place for place, _ in group])
    ]
    return {
        "n": n,
        "exercises": done.shape[1],
        "done": int(totals.sum()),
        "did_all": int(np.sum(totals == done.shape[1])),
        "did_none": int(np.sum(totals == 0)),
        "by_column": by_column,
        "rows": rows,
    }


def _grouped(column_of: Sequence[int]) -> list[tuple[int, list[tuple[int, int]]]]:
    """The places of the exercises in each column; days are in order, so columns are."""
    return [(column, list(group)) for column, group in groupby(enumerate(column_of), key=lambda one: one[1])]


def blocks(results: Mapping[str, Any], labels: Labels) -> list[Block]:
    """The map with its numbers; nothing without exercises."""
    found = results["adherence_map"]
    if found is None:
        return []
    shared = any(one["people"] > 1 for arm in found["arms"] for one in arm["rows"])
    whom = "a row is a group of people with similar numbers done" if shared else "a row is a person"
    several = any(one["day"] != one["to_day"] for one in found["columns"])
    when = "the exercises of several days" if several else "the exercise of a day"
    caption = (
        f"Exercises done by those {labels.joined}, by arm: {whom}, those who did most on top; a column is {when}. The "
        "stronger the colour, the larger the share done."
    )
    return [Figure("adherence-map", caption, _drawing(plain(found), labels), table=_table(found, labels))]


def _drawing(found: One, labels: Labels) -> Drawing:
    arms, columns = found["arms"], found["columns"]
    step = HEIGHT + BETWEEN
    shares = {share for arm in arms for row in arm["rows"] for share in row["done"] if share is not None}

    def draw(axes: Axes) -> None:
        for place, arm in enumerate(arms):
            _cells(axes, arm, -place * step)
            words = f"{fill(labels.arm(arm['arm']), _LETTERS)}\n{_said(arm)}"
            axes.text(-0.5, -place * step + 0.05, words, va="bottom", ha="left")
        every = -(-len(columns) // _MOST_TICKS)
        ticks = range(0, len(columns), every)
        axes.set_xticks(list(ticks), [str(columns[at]["day"]) for at in ticks])
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_ylim(-step * (len(arms) - 1) - HEIGHT - 0.04, 0.3)
        axes.set_xlabel("Exercise of day")
        _legend(axes, binary=shares <= {0.0, 1.0})

    words = " ".join(f"{labels.arm(arm['arm'])}, {count(arm['n'])} people: {_said(arm)}." for arm in arms)
    height = 0.9 + INCHES * step * len(arms)
    return figures.drawn("adherence-map", "Exercises done, by person and day", words, draw, (4.7, height))


def _said(arm: One) -> str:
    share, did_all, did_none = arm["n"] * arm["exercises"], arm["did_all"], arm["did_none"]
    return (
        f"{percent(arm['done'], share)} done; {percent(did_all, arm['n'])} did all, {percent(did_none, arm['n'])} none"
    )


def _cells(axes: Axes, arm: One, top: float) -> None:
    """One path for each shade, in which equal cells of a column below one another are one piece."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    people = [0, *np.cumsum([row["people"] for row in arm["rows"]])]
    pieces: dict[int, list[Path]] = {}
    for column in range(len(arm["rows"][0]["done"])):
        shades = [_shade(row["done"][column]) for row in arm["rows"]]
        for shade, group in groupby(enumerate(shades), key=lambda one: one[1]):
            its = [at for at, _ in group]
            if shade is not None:
                high, low = (top - HEIGHT * people[at] / arm["n"] for at in (its[0], its[-1] + 1))
                left, right = column - 0.5 + _GAP, column + 0.5 - _GAP
                corners = [(left, high), (right, high), (right, low), (left, low), (left, high)]
                pieces.setdefault(shade, []).append(Path(corners, closed=True))
    for shade, paths in sorted(pieces.items()):
        whole = Path.make_compound_path(*paths)
        axes.add_patch(PathPatch(whole, facecolor=figures.COLOURS[0], alpha=SHADES[shade][1], linewidth=0))


def _shade(share: float | None) -> int | None:
    return None if share is None else next(at for at, (most, _) in enumerate(SHADES) if share <= most)


def _legend(axes: Axes, *, binary: bool) -> None:
    """What the shades are; a yes or no has the two ends alone."""
    from matplotlib.patches import Patch

    chosen = [0, len(SHADES) - 1] if binary else range(len(SHADES))
    names = {0: "not done", len(SHADES) - 1: "done"} if binary else dict(enumerate(NAMES))
    patches = [Patch(facecolor=figures.COLOURS[0], alpha=SHADES[at][1], linewidth=0, label=names[at]) for at in chosen]
    axes.legend(
        handles=patches, loc="upper left", bbox_to_anchor=(-0.02, 0), ncols=3, handlelength=1.1, columnspacing=1.2,
        borderaxespad=3.4, fontsize=9,
    )  # fmt: skip


def _table(found: One, labels: Labels) -> Table:
    rows = []
    for at, column in enumerate(found["columns"]):
        its = [next((one for one in arm["by_column"] if one["column"] == at), None) for arm in found["arms"]]
        days = [count(column["day"])] + ([count(column["to_day"])] if column["to_day"] != column["day"] else [])
        rows.append(Row((" to ".join(days), *(percent(one["done"], one["of"]) if one else NONE for one in its))))
    heads = ("Exercise of day", *(f"{labels.arm(arm['arm'])} {size(arm['n'])}" for arm in found["arms"]))
    return Table("adherence-map-table", "Share of the exercises of each day that were done", heads, tuple(rows))
