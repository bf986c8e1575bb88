"""Tables of harm: what everyone was asked, and the events that were told unasked, as they were assessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.document import Row, Table
from reports.labels import Labels
from reports.numbers import NONE, count, percent, share, size
from trial.core.harm_words import HARM_LINES

Results = Mapping[str, Any]
_NOTE = (
    "People with at least one (share of everybody in the arm) / events. Somebody with several events stands once in "
    "each line that holds for any of them. Of the rest, lines that held of nobody in any arm are left out."
)
_RELATED = " Related: possibly, probably or definitely."


def asked(results: Results, labels: Labels, question: str) -> Table:
    """The systematic question at each timepoint, then over all of them, and who stopped because it was upsetting."""
    found = results["harms"]
    by_place = {(one["timepoint"], one["arm"]): one for one in found["systematic"]}
    rows = [Row((f"Asked of everyone: “{question}”",), "group")]
    for timepoint in labels.in_time({point for point, _ in by_place}):
        its = [by_place.get((timepoint, arm)) for arm in labels.arms]
        rows.append(Row((f"Yes, {labels.timepoint(timepoint)}", *(_of(one, "yes") for one in its)), "under"))
    ever = {one["arm"]: one for one in found["systematic_people"]}
    rows.append(Row(("Yes at least once", *(_of(ever[arm], "people") for arm in labels.arms)), "under"))
    rows.append(Row(("How often yes was said", *(count(ever[arm]["events"]) for arm in labels.arms)), "under"))
    upset = found["stopped_because_upset"]
    rows.append(Row(("Stopped because it was upsetting", *(count(upset[arm]) for arm in labels.arms))))
    columns = ("", *(labels.arm(arm) for arm in labels.arms))
    note = "People who said yes, of those who answered."
    return Table("harms-table", "Harm that was asked about, by arm", columns, tuple(rows), note)


def _of(one: Mapping[str, Any] | None, part: str) -> str:
    if one is None:
        return NONE
    among = f" ({percent(one[part], one['answered'])})" if one["answered"] else ""
    return f"{count(one[part])} of {count(one['answered'])}{among}"


def events(results: Results, labels: Labels) -> Table:
    """Adverse events that nobody asked about: how many and deaths, zero stated, and of the rest what there was."""
    arms = results["harms"]["spontaneous"]
    rows = [Row(("Any adverse event", *(people_and_events(one, one) for one in arms)), "strong")]
    deaths = [NONE if none_assessed(results) else people_and_events(one["deaths"], one) for one in arms]
    rows.append(Row(("Deaths", *deaths), "strong"))
    for part, (heading, lines) in HARM_LINES.items():
        happened = [value for value in lines if any(one["counts"][part][value]["events"] for one in arms)]
        rows += [Row((heading,), "group")] if happened else []
        for value in happened:
            cells = (people_and_events(one["counts"][part][value], one) for one in arms)
            rows.append(Row((lines[value], *cells), "under"))
    columns = ("", *(_column(one, labels) for one in arms))
    related = any(one["counts"]["serious"]["serious_related"]["events"] for one in arms)
    note = _NOTE + (_RELATED if related else "")
    return Table(
        "adverse-events-table", "Adverse events told unasked, by arm", columns, tuple(rows), note + unknown(results)
    )


def none_assessed(results: Results) -> bool:
    """Whether there were events, and nobody has judged any: what would be judged of them is not known to be none."""
    every = sum(one["events"] for one in results["harms"]["spontaneous"])
    return bool(every) and results["harms"]["not_assessed"] == every


def unknown(results: Results) -> str:
    """Beneath a table: of how many events it is not known what a line says."""
    waiting = results["harms"]["not_assessed"]
    if not waiting:
        return ""
    if none_assessed(results):
        return " No event was assessed, so that nobody knows how many were deaths, serious or severe."
    of = "1 event that was" if waiting == 1 else f"{count(waiting)} events that were"
    return f" Deaths, serious, severe and named ones are those of assessed events: of {of} not assessed nobody knows."


def terms(results: Results, labels: Labels) -> list[Table]:
    """What happened, in the team's words; no table where nothing was assessed."""
    arms, found = results["harms"]["spontaneous"], results["harms"]["terms"]
    if not found:
        return []
    rows = []
    for one in found:
        rows.append(Row((f"{one['term']}", *(people_and_events(one["arms"][each["arm"]], each) for each in arms))))
        if any(n["events"] for n in one["serious"].values()):
            rows.append(
                Row(("Serious", *(people_and_events(one["serious"][each["arm"]], each) for each in arms)), "under")
            )
    columns = ("", *(_column(one, labels) for one in arms))
    caption = "Adverse events by what happened, in the team's words"
    note = "People with at least one (share of everybody in the arm) / events; assessed events only."
    return [Table("adverse-event-terms-table", caption, columns, tuple(rows), note)]


def _column(one: Mapping[str, Any], labels: Labels) -> str:
    return labels.arm(one["arm"]) if one["of"] is None else f"{labels.arm(one['arm'])} {size(one['of'])}"


def people_and_events(n: Mapping[str, int], arm: Mapping[str, Any]) -> str:
    """As a cell: `3 (5%) / 4`: people, their share, events."""
    people = count(n["people"]) if arm["of"] is None else share(n["people"], arm["of"])
    return f"{people} / {count(n['events'])}"


def not_final(results: Results) -> list[str]:
    """What has to be said of a report in which some events are not assessed."""
    if results["harms"] is None or results["harms"]["final"]:
        return []
    every = sum(one["events"] for one in results["harms"]["spontaneous"])
    waiting = results["harms"]["not_assessed"]
    of = f"{count(waiting)} of {count(every)} adverse events {'was' if waiting == 1 else 'were'}"
    if every == 1:
        of = f"{count(every)} adverse event, the only one, was"
    return [f"This report is not final: {of} not assessed when the data were frozen."]
