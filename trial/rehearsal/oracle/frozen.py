"""What the frozen files and the report say, as counts by the same names as those that were counted anew."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from trial.rehearsal.oracle.facts import Plain

Row = Mapping[str, str]


def read_table(text: str) -> list[Row]:
    """A CSV file as text, row by row."""
    return list(csv.DictReader(io.StringIO(text)))


def counts_of_files(files: Mapping[str, str], protocol: Plain) -> Counter[str]:
    """What disposition.csv and dataset.csv come to."""
    people = read_table(files["disposition.csv"])
    found: Counter[str] = Counter()
    found["screenings"] = sum(int(one["tries"]) for one in people)
    found["assessed"] = len(people)
    found["excluded"] = sum(one["stage"] != "randomized" for one in people)
    for one in people:
        found[one["stage"]] += 1
        if one["stage"] == "not_eligible" and one["reason"]:
            found[f"not_eligible: {one['reason']}"] += 1
        if one["stage"] == "randomized":
            name = f"arm {one['arm']}"
            found[f"stratum {one['stratum']}, {name}"] += 1
            found[f"{name}: allocated"] += 1
            found[f"{name}: {'received' if one['received'] == 'yes' else 'not received'}"] += 1
    for row in _with_outcome(files["dataset.csv"], protocol):
        found[f"arm {row['arm']}: with the outcome"] += 1
    return +found


def _with_outcome(text: str, protocol: Plain) -> Iterable[Row]:
    """Rows with the primary outcome; of one arm it is a change, which takes the baseline too."""
    planned = protocol["analysis"]["primary"]
    score = next(one["score"] for one in protocol["outcomes"] if one["id"] == planned["outcome"])
    rows = read_table(text)
    found = [row for row in rows if row["timepoint"] == planned["timepoint"] and row[score]]
    if len(planned["contrast"]) > 1:
        return found
    first = next(one["id"] for one in protocol["timepoints"] if one["anchor"] == "consent")
    before = {row["participant"] for row in rows if row["timepoint"] == first and row[score]}
    return [row for row in found if row["participant"] in before]


def counts_of_flow(flow: Mapping[str, Any]) -> Counter[str]:
    """What the flow of results.json says, which the report draws."""
    found: Counter[str] = Counter()
    found["screenings"], found["assessed"] = flow["screenings"], flow["assessed"]
    found["excluded"], found["randomized"] = flow["excluded"], flow["randomised"]
    for stage in flow["excluded_by_stage"]:
        found[stage["stage"]] = stage["n"]
        for one in stage["reasons"]:
            found[f"{stage['stage']}: {one['reason']}"] = one["n"]
    for arm in flow["arms"]:
        found.update(_counts_of_arm(arm))
    return +found


def _counts_of_arm(arm: Mapping[str, Any]) -> Counter[str]:
    name, found = f"arm {arm['arm']}", Counter[str]()
    for count in ("allocated", "received", "discontinued", "lost"):
        found[f"{name}: {count}"] = arm[count]
    found[f"{name}: not received"] = arm["not_received"]
    for count in ("discontinued", "lost"):
        for one in arm[f"{count}_reasons"]:
            found[f"{name}: {count}: {one['reason']}"] = one["n"]
    left_out = {one["reason"]: one["n"] for one in arm["excluded_from_analysis_reasons"]}
    # who is analysed by other answers is among the lost; whose answer no model can take has the outcome
    found[f"{name}: with the outcome"] = arm["analysed"] - arm["lost_analysed"] + left_out.get("model_impossible", 0)
    found[f"{name}: answered late"] = left_out.get("answered_late", 0)
    return found
