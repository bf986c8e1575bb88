"""Tables of the people: the flow in numbers, the baseline, who answered, who stopped, where they came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reports import reasons
from reports.document import Row, Table
from reports.labels import STAGES, Labels, plain, reason, sentence, signals
from reports.numbers import NONE, count, decimals_for, mean_sd, number, share, size

Results = Mapping[str, Any]
BOXES = (
    ("allocated", "Allocated"),
    ("received", "Received the exercises"),
    ("not_received", "Did not receive them"),
    ("discontinued", "Discontinued the exercises"),
    ("lost", "Lost to follow-up for the primary outcome"),
    ("analysed", "Analysed for the primary outcome"),
    ("excluded_from_analysis", "Excluded from the analysis"),
)


# where some arm waits or gets nothing
_AS_ALLOCATED = {"received": "Got what was allocated", "not_received": "Did not get it"}


def flow(results: Results, labels: Labels) -> Table:
    """The counts of the diagram, with every reason."""
    arms = results["flow"]["arms"]
    rows = enrolment(results["flow"], labels)
    for name, heading in BOXES[1:] if labels.single else BOXES:  # everyone enrolled is in the one arm
        heading = _AS_ALLOCATED.get(name, heading) if labels.some_without_exercises else heading
        if any(one[name] is not None for one in arms):
            rows.append(Row((heading, *(count(one[name]) for one in arms), _sum(one[name] for one in arms))))
            rows += _reason_rows(name, arms)
        if name == "lost" and any(one["lost_analysed"] for one in arms):
            cells = (count(one["lost_analysed"]) for one in arms)
            both = _sum(one["lost_analysed"] for one in arms)
            rows.append(Row(("Of these, analysed by their other answers", *cells, both), "under"))
    columns = ("", *(labels.arm(one["arm"]) for one in arms), "All")
    return Table("flow-counts", "Flow of participants, in numbers", columns, tuple(rows))


def enrolment(flow: Mapping[str, Any], labels: Labels) -> list[Row]:
    """Everyone assessed, and why some were not randomised: in the last column, which is everybody."""
    arms = len(flow["arms"])
    rows: list[Row] = []
    if flow["assessed"] is not None:
        if flow.get("repeated"):
            rows.append(_across("Screenings", flow["screenings"], arms))
            rows.append(_across("Repeated tries, counted once", flow["repeated"], arms, "under"))
        rows.append(_across("Assessed for eligibility", flow["assessed"], arms))
        if flow.get("flagged"):
            rows.append(_across("Flagged by automatic checks", flow["flagged"], arms))
            rows += [_across(f"Flagged: {signals(one['reason'])}", one["n"], arms, "under") for one in flow["flags"]]
        rows.append(_across("Excluded", flow["excluded"], arms))
        for stage in flow["excluded_by_stage"]:
            name = STAGES.get(stage["stage"], plain(stage["stage"]))
            rows.append(_across(name, stage["n"], arms, "under"))
            whys = ((f"{name}: {labels.criterion(one['reason'])}", one["n"]) for one in stage["reasons"])
            rows += [_across(why, n, arms, "under") for why, n in whys]
    rows.append(_across(sentence(labels.joined), flow["randomised"], arms))
    return rows


def _across(heading: str, n: int, arms: int, kind: Any = "plain") -> Row:
    return Row((heading, *[""] * arms, count(n)), kind)


def _sum(values: Iterable[int | None]) -> str:
    return count(sum(value or 0 for value in values))


def _reason_rows(name: str, arms: Sequence[Mapping[str, Any]]) -> list[Row]:
    by_arm = [{one["reason"]: one["n"] for one in arm.get(f"{name}_reasons", [])} for arm in arms]
    rows = []
    for code in reasons.in_order(by_arm):
        its = [one.get(code, 0) for one in by_arm]
        rows.append(Row((sentence(reason(code)), *map(count, its), _sum(its)), "under"))
    return rows


def baseline(results: Results, labels: Labels) -> Table:
    """Mean and SD, or n and %, by arm and overall. No tests: any difference between the arms came by chance."""
    arms = [one["arm"] for one in results["flow"]["arms"]]
    sizes = [*(one["allocated"] for one in results["flow"]["arms"]), results["flow"]["randomised"]]
    rows = [row for one in results["baseline"] for row in baseline_rows(one, arms, labels)]
    names = [*(labels.arm(arm) for arm in arms), "All"]
    columns = ("", *(f"{name} {size(n)}" for name, n in zip(names, sizes, strict=True)))
    if labels.single:  # everybody is in the one arm
        rows, columns = [replace(row, cells=row.cells[:2]) for row in rows], columns[:2]
    note = "Mean (SD) or number (%). Percentages are of those with a value."
    return Table("baseline-table", "Participants at baseline", columns, tuple(rows), note)


def baseline_rows(one: Mapping[str, Any], arms: Sequence[str], labels: Labels) -> list[Row]:
    """One variable: a row of means, or one for each level; the last column is everybody."""
    its = [*(one["arms"][arm] for arm in arms), one["overall"]]
    heading = labels.measured(one["variable"])
    if one["kind"] == "number":
        decimals = decimals_for(one["overall"]["sd"])
        cells = [mean_sd(d["mean"], d["sd"], decimals) for d in its]
        rows = [Row((heading, *cells))]
    else:
        rows = [Row((heading,), "group")]
        for place, each in enumerate(one["overall"]["levels"]):
            cells = [share(d["levels"][place]["count"], d["n"]) for d in its]
            rows.append(Row((labels.level(one["variable"], each["level"]), *cells), "under"))
    if one["overall"]["missing"]:
        rows.append(Row(("Missing", *(count(d["missing"]) for d in its)), "under"))
    return rows


def missing(results: Results, labels: Labels) -> Table:
    """Who answered at each timepoint, and why the others did not."""
    found = {(one["timepoint"], one["arm"]): one for one in results["missing"]}
    outside = results["trial"]["kind"] == "outside"
    caption = (
        "Rows expected and in the data file, by arm" if outside else "Questionnaires expected and answered, by arm"
    )
    first, rows = reasons.of_flow(results["flow"]["arms"], "lost_reasons"), list[Row]()
    for timepoint in labels.in_time({point for point, _ in found}):
        its = [found.get((timepoint, arm)) for arm in labels.arms]
        rows.append(Row((labels.timepoint(timepoint),), "group"))
        rows.append(Row(("Expected", *(count(one["expected"] if one else None) for one in its)), "under"))
        cells = (share(one["answered"], one["expected"]) if one else NONE for one in its)
        rows.append(Row(("In the data file" if outside else "Answered", *cells), "under"))
        for code in reasons.as_in_flow(first, [one["reasons"] for one in its if one]):
            cells = (count(one["reasons"].get(code, 0)) if one else NONE for one in its)
            rows.append(Row((f"Missing: {reason(code)}", *cells), "under"))
    columns = ("", *(labels.arm(arm) for arm in labels.arms))
    note = f"Expected are all who were {labels.joined}, whatever they stopped." if rows else ""
    return Table("missing-table", caption, columns, tuple(rows), note)


def withdrawals(results: Results, labels: Labels) -> Table:
    """Who stopped, how much, why and when."""
    headings = {"exercises": "Stopped the exercises only", "questionnaires": "Stopped the questionnaires only"}
    headings["everything"] = "Stopped everything"
    found = {(one["stopped"], one["arm"]): one for one in results["withdrawals"]}
    first, rows = reasons.of_flow(results["flow"]["arms"], "discontinued_reasons"), list[Row]()
    for stopped, heading in headings.items():
        its = [found[stopped, arm] for arm in labels.arms]
        rows.append(Row((heading,), "group"))
        rows.append(Row(("People", *(count(one["n"]) for one in its)), "under"))
        for code in reasons.as_in_flow(first, [one["reasons"] for one in its]):
            rows.append(Row((sentence(reason(code)), *(count(one["reasons"].get(code, 0)) for one in its)), "under"))
        if any(one["n"] for one in its):
            rows.append(Row(("Median day", *(number(one["median_day"], 0) for one in its)), "under"))
    columns = ("", *(labels.arm(arm) for arm in labels.arms))
    return Table("withdrawal-table", "Participants who stopped, by arm", columns, tuple(rows), _until(results))


def _until(results: Results) -> str:
    """Why more may stand here than in the flow diagram."""
    stopped = sum(one["n"] for one in results["withdrawals"] if one["stopped"] != "questionnaires")
    if stopped <= sum(one["discontinued"] or 0 for one in results["flow"]["arms"]):
        return ""
    return (
        "Over the whole trial; the flow diagram counts who stopped while exercises of the comparison were left to do."
    )


def sources(results: Results, labels: Labels) -> Table:
    """Where people came from."""
    rows = [
        Row((one["source"] or "No source kept", count(one["assessed"]), count(one["randomised"])))
        for one in results["recruitment"]["sources"]
    ]
    columns = ("Source", "Assessed", sentence(labels.joined))
    return Table("source-table", "Where participants came from", columns, tuple(rows))
