"""Who still took part as time went on: at each occasion those who did it, and those who did it or any later one.

The second is what CONSORT-EHEALTH (Eysenbach, J Med Internet Res 2011;13(4):e126) asks to draw: it only ever falls, and
tells who had gone from who skipped one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reports import figures
from reports.data_file import TrialData
from reports.document import Block, Figure, Row, Table
from reports.drawing import Drawing
from reports.keys import plain
from reports.labels import Labels
from reports.numbers import count, percent, share, size
from reports.variables import questionnaire_timepoints
from trial.core.dataset import EventRow
from trial.core.protocol import TrialProtocol
from trial.core.rows import Meanings, cells, occasion

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DONE = ("exercise_done", "questionnaire_done")
MOST_TICKS = 9
Place = tuple[str, int]


def attrition(protocol: TrialProtocol, data: TrialData, events: Sequence[EventRow] | None) -> list[dict[str, Any]]:
    """At each occasion after the baseline and in each arm: of all allocated, who did it, who did it or a later one.

    Occasions are those of the timetable of every arm, by day; without events (data from elsewhere) the questionnaires
    alone of which the file has a row. Further stages and what follows a completion are left out: their days differ
    from person to person.
    """
    places = _occasions(protocol, events is not None)
    if events is None:
        places = [one for one in places if data.answered[one[0][0]]]
    order = {place: at for at, (place, _) in enumerate(places)}
    did = _did(data, events, order)
    last = {one: max(its) for one, its in did.items()}
    by_arm: dict[str, list[str]] = {}
    for person, arm in data.arm_of.items():
        by_arm.setdefault(arm, []).append(person)
    return [
        {
            "timepoint": point,
            "occurrence": occurrence,
            "day": day,
            "arm": arm.id,
            "of": len(people),
            "did": sum(at in did.get(one, ()) for one in people),
            "still": sum(last.get(one, -1) >= at for one in people),
        }
        for at, ((point, occurrence), day) in enumerate(places)
        for arm in protocol.arms
        if (people := by_arm.get(arm.id)) and _asked(protocol, point, arm.id)
    ]


def _occasions(protocol: TrialProtocol, with_exercises: bool) -> list[tuple[Place, int]]:
    wanted = {one.id for one in questionnaire_timepoints(protocol)}
    found = [
        ((point.id, occurrence), day)
        for point in protocol.timepoints
        if point.anchor == "randomization" and point.stage is None and (with_exercises or point.id in wanted)
        for occurrence, day in protocol.occurrences(point)
    ]
    return sorted(found, key=lambda one: one[1])


def _did(data: TrialData, events: Sequence[EventRow] | None, order: Mapping[Place, int]) -> dict[str, set[int]]:
    """The places of what each person did."""
    found: dict[str, set[int]] = {}
    if events is None:
        for (point, occurrence), at in order.items():
            for person in data.answered[point] if occurrence == 1 else ():
                found.setdefault(person, set()).add(at)
        return found
    occasions = Meanings(occasion)
    for person, event, detail in cells(events, "participant", "event", "detail"):
        if event in DONE:
            point, number = occasions[detail]
            place = (point, 1 if number is None else number)
            if place in order:
                found.setdefault(person, set()).add(order[place])
    return found


def _asked(protocol: TrialProtocol, point: str, arm: str) -> bool:
    return bool(protocol.activities_at(protocol.timepoint(point), arm))


def blocks(results: Mapping[str, Any], labels: Labels) -> list[Block]:
    """The diagram with its numbers; nothing where nothing was asked after the baseline."""
    found, outside = results["attrition"], results["trial"]["kind"] == "outside"
    if not found or (outside and len({one["timepoint"] for one in found}) == 1):
        return []
    did = "have a row" if outside else "did a questionnaire or exercise"
    caption = (
        f"Attrition: of all who were {labels.joined}, the share who {did} of that occasion or of any later one, "
        "by arm. Occasions are evenly spaced."
    )
    return [Figure("attrition-figure", caption, _drawing(plain(found), labels), table=_table(found, labels))]


def _drawing(found: Sequence[Mapping[str, Any]], labels: Labels) -> Drawing:
    places = list(dict.fromkeys((one["timepoint"], one["occurrence"], one["day"]) for one in found))
    at_of = {place: at for at, place in enumerate(places)}

    def draw(axes: Axes) -> None:
        for place, arm in enumerate(labels.arms):
            mine = [one for one in found if one["arm"] == arm]
            x = [at_of[one["timepoint"], one["occurrence"], one["day"]] for one in mine]
            figures.series(axes, place, labels.arm(arm), x, [100 * one["still"] / one["of"] for one in mine])
        step = -(-len(places) // MOST_TICKS)
        shown = sorted({*range(0, len(places), step), len(places) - 1})
        shown = [at for at in shown if at == len(places) - 1 or len(places) - 1 - at >= step]
        axes.set_xticks(shown, [str(places[at][2]) for at in shown])
        axes.set_ylim(0, 102)
        axes.set_xlabel("Day of the occasion")
        axes.set_ylabel(f"Still taking part, % of those {labels.joined}")

    words = [
        f"{labels.arm(arm)}: "
        + ", ".join(f"day {one['day']} {percent(one['still'], one['of'])}" for one in found if one["arm"] == arm)
        for arm in labels.arms
    ]
    return figures.drawn(
        "attrition", "Who still took part, by arm", ". ".join(words) + ".", draw, (4.7, 2.9), legend=True
    )


def _table(found: Sequence[Mapping[str, Any]], labels: Labels) -> Table:
    by_place = {(one["timepoint"], one["occurrence"], one["arm"]): one for one in found}
    rows: list[Row] = []
    for timepoint, occurrence, day in dict.fromkeys((one["timepoint"], one["occurrence"], one["day"]) for one in found):
        its = [by_place.get((timepoint, occurrence, arm)) for arm in labels.arms]
        rows.append(Row((f"{labels.timepoint(timepoint)}, day {day}",), "group"))
        for part, heading in (("did", "Did it"), ("still", "Did it or a later one")):
            cells = (share(one[part], one["of"]) if one else count(None) for one in its)
            rows.append(Row((heading, *cells), "under"))
    sizes = {one["arm"]: one["of"] for one in found}
    heads = ("", *(f"{labels.arm(arm)} {size(sizes.get(arm))}" for arm in labels.arms))
    return Table("attrition-table", "Who still took part, in numbers", heads, tuple(rows))
