"""When people dropped out: the share of each arm that still takes part, day by day, with the numbers at risk.

Beside the diagram of attrition, which counts by occasion, this one counts by day and says how exact it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from reports import figures
from reports.attrition import DONE
from reports.data_file import TrialData
from reports.document import Block, Figure, Row, Table
from reports.drawing import Drawing
from reports.keys import plain
from reports.labels import Labels
from reports.numbers import NONE, count, number, percent, size
from reports.sentences import level
from trial.core.consort import closing_day
from trial.core.dataset import Disposition, EventRow
from trial.core.protocol import Timepoint, TrialProtocol
from trial.core.rows import cells
from trial.stats.kaplan_meier import Step, kaplan_meier

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WHY = {"stopped": "said so", "address_bounced": "address bounced", "silent": "fell silent"}
MOST_TICKS = 6
STEPS = (1, 2, 5, 7, 14, 28, 56, 91, 182, 364)
_LETTERS = 60  # of an arm's name in a line
_LINE = 12.0  # points
One = Mapping[str, Any]


def dropout(
    protocol: TrialProtocol, data: TrialData, dispositions: Sequence[Disposition], events: Sequence[EventRow]
) -> list[dict[str, Any]]:
    """Of each arm with a questionnaire after the baseline: who dropped out when and why, and the share still there.

    Whoever answered the last questionnaire did not drop out, and is followed to the day on which it closed. The others
    dropped out on the day on which they stopped the questionnaires or everything, or their address bounced; else on
    the last day on which they did anything. What they do after it has closed brings them back to no answer, and arms
    differ in what they are offered then (a waiting arm its exercises), so it does not count.
    """
    days: dict[str, list[int]] = {}
    for person, event, day in cells(events, "participant", "event", "day"):
        if event in DONE and day is not None:
            days.setdefault(person, []).append(day)
    by_arm: dict[str, list[Disposition]] = {}
    for each in dispositions:
        if each.stage == "randomized":
            by_arm.setdefault(each.arm, []).append(each)
    return [
        _arm(arm.id, people, end, data.answered[end.id], days, protocol.analysis.level)
        for arm in protocol.arms
        if (people := by_arm.get(arm.id)) and (end := _end(protocol, arm.id))
    ]


def _end(protocol: TrialProtocol, arm: str) -> Timepoint | None:
    """The last timepoint at which this arm has a questionnaire."""
    asked = [
        point
        for point in protocol.timepoints
        if point.anchor == "randomization"
        and point.stage is None
        and any(not protocol.is_exercise(one.id) for one in protocol.activities_at(point, arm))
    ]
    return max(asked, key=closing_day, default=None)


def _arm(
    arm: str,
    people: Sequence[Disposition],
    end: Timepoint,
    answered: frozenset[str],
    days: Mapping[str, Sequence[int]],
    level: float,
) -> dict[str, Any]:
    close = closing_day(end)
    left = {one.participant: _left(one, close, days) for one in people if one.participant not in answered}
    times = np.array([left[one.participant][0] if one.participant in left else close for one in people], dtype=float)
    steps = kaplan_meier(times, [one.participant in left for one in people], level)
    why = Counter(why for _, why in left.values())
    return {
        "arm": arm,
        "n": len(people),
        "timepoint": end.id,
        "end": close,
        "dropped": len(left),
        "why": {name: why[name] for name in WHY},
        "steps": [_step(one) for one in steps],
        "at_risk": [{"day": day, "n": int(np.sum(times >= day))} for day in days_of(close)],
    }


def _left(one: Disposition, close: int, days: Mapping[str, Sequence[int]]) -> tuple[int, str]:
    """The day of somebody's drop-out, and why: what came first, and never before the last thing they did."""
    did = max((day for day in days.get(one.participant, ()) if day <= close), default=0)
    stopped = one.stopped_day if one.stopped in ("questionnaires", "everything") else None
    told = ((stopped, "stopped"), (one.bounced_day, "address_bounced"))
    known = [(day, why) for day, why in told if day is not None]
    day, why = min(known, default=(did, "silent"))
    return (max(day, did), why) if day <= close else (did, "silent")


def _step(one: Step) -> dict[str, Any]:
    return {
        "day": int(one.time),
        "at_risk": one.at_risk,
        "dropped": one.events,
        "still": one.surviving,
        "se": one.se,
        "ci": None if one.ci is None else list(one.ci),
    }


def days_of(end: int) -> list[int]:
    """The days under which numbers at risk stand: evenly spaced from 0, and the last; few, to be read on a phone."""
    step = next((one for one in STEPS if end / one < MOST_TICKS), -(-end // (MOST_TICKS - 1)))
    days = list(range(0, end + 1, step))
    return [*days, end] if end - days[-1] >= step / 2 else days


def blocks(results: Mapping[str, Any], labels: Labels) -> list[Block]:
    """The curves with their numbers; nothing where nobody is asked anything after the baseline."""
    found = results["dropout"]
    if not found:
        return []
    banded = level(results["estimates"][0])
    caption = (
        f"Time to drop-out by arm: share still taking part (Kaplan and Meier), with its {banded} band. Whoever did not "
        "answer the last questionnaire dropped out: on the day on which they stopped or their address bounced, else of "
        "the last thing they did before it closed."
    )
    return [Figure("dropout-figure", caption, _drawing(plain(found), labels), table=_table(results, labels))]


def _drawing(found: Sequence[One], labels: Labels) -> Drawing:
    last = max(one["end"] for one in found)

    def draw(axes: Axes) -> None:
        for one in found:
            place = labels.arms.index(one["arm"])
            _curve(axes, place, labels.arm(one["arm"]), one)
            _numbers(axes, found.index(one), one, labels)
        axes.set_xticks(days_of(last))
        axes.set_xlim(0, last)
        axes.set_ylim(0, 102)
        axes.set_xlabel(f"Days since {'enrolment' if labels.single else 'randomisation'}; below: still taking part")
        axes.set_ylabel("Still taking part, %")

    words = " ".join(_words(one, labels) for one in found)
    return figures.drawn("dropout", "Time to drop-out, by arm", words, draw, (4.7, 2.9), legend=True)


def _curve(axes: Axes, place: int, label: str, one: One) -> None:
    """Steps from 100% on, with a mark at the end and the band between its edges."""
    colour, marker, dash = figures.look(place)
    x = [0, *(each["day"] for each in one["steps"]), one["end"]]
    y = [100.0, *(100 * each["still"] for each in one["steps"])]
    axes.step(x, [*y, y[-1]], where="post", color=colour, linestyle=dash, linewidth=1.7, zorder=3)
    axes.plot([one["end"]], [y[-1]], marker=marker, color=colour, markersize=5.5, zorder=4, clip_on=False)
    axes.plot([], [], color=colour, marker=marker, linestyle=dash, linewidth=1.7, markersize=5.5, label=label)
    banded = [each for each in one["steps"] if each["ci"]]
    if banded:
        days = [*(each["day"] for each in banded), one["end"]]
        ends = [[100 * end for end in each["ci"]] for each in (*banded, banded[-1])]
        figures.band(axes, place, list(zip(days, ends, strict=True)), steps=True)


def _numbers(axes: Axes, row: int, one: One, labels: Labels) -> None:
    """The arm's name, and below each tick how many still take part."""
    down = 42 + row * (2 * _LINE + 5)
    name = fill(labels.arm(one["arm"]), _LETTERS).partition("\n")[0]
    axes.annotate(name, (0, 0), xycoords="axes fraction", xytext=(-8, -down), textcoords="offset points", va="top",
                  fontsize=8.5)  # fmt: skip
    for each in one["at_risk"]:
        axes.annotate(
            count(each["n"]), (each["day"], 0), xycoords=("data", "axes fraction"), xytext=(0, -down - _LINE),
            textcoords="offset points", ha="center", va="top", fontsize=9,
        )  # fmt: skip


def _words(one: One, labels: Labels) -> str:
    return (
        f"{labels.arm(one['arm'])}: {count(one['dropped'])} of {count(one['n'])} people dropped out by day "
        f"{count(one['end'])}; {_still(one)} still took part at the end."
    )


def _still(one: One) -> str:
    """The share at the end with its interval."""
    if not one["steps"]:
        return percent(one["n"], one["n"])
    end = one["steps"][-1]
    shown = f"{number(100 * end['still'], 0)}%"
    return f"{shown} ({number(100 * end['ci'][0], 0)}% to {number(100 * end['ci'][1], 0)}%)" if end["ci"] else shown


def _table(results: Mapping[str, Any], labels: Labels) -> Table:
    found = results["dropout"]
    rows = [Row(("Dropped out", *(f"{count(one['dropped'])} ({percent(one['dropped'], one['n'])})" for one in found)))]
    rows += [
        Row((said.capitalize(), *(count(one["why"][name]) for one in found)), "under") for name, said in WHY.items()
    ]
    rows.append(
        Row((f"Still there at the end ({level(results['estimates'][0])}\u00a0CI)", *(_still(one) for one in found)))
    )
    rows.append(Row(("Last day of follow-up", *(count(one["end"]) for one in found))))
    for day in sorted({each["day"] for one in found for each in one["at_risk"]}):
        at = [next((each["n"] for each in one["at_risk"] if each["day"] == day), None) for one in found]
        rows.append(Row((f"Still there on day {day}", *(NONE if n is None else count(n) for n in at)), "under"))
    heads = ("", *(f"{labels.arm(one['arm'])} {size(one['n'])}" for one in found))
    return Table("dropout-table", "Who dropped out, in numbers", heads, tuple(rows))
