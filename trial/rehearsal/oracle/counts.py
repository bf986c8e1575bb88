"""The counts of the flow worked out anew against those of the frozen files and of the report; who is in which arm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from trial.rehearsal.oracle.facts import Record
from trial.rehearsal.oracle.flow import count_flow
from trial.rehearsal.oracle.frozen import counts_of_files, counts_of_flow, read_table
from trial.rehearsal.oracle.mails import Compared, whose

# what only the report says, as it needs the analysis or the reasons of the plan
_OF_THE_REPORT = (": discontinued", ": lost", ": answered late")


def compare_counts(record: Record, compared: Compared) -> Counter[str]:
    """Counts from the facts against disposition.csv and dataset.csv; gives the counts, for the report to be held to."""
    counted = count_flow(record)
    here = {name for name in counted if not any(one in name for one in _OF_THE_REPORT)}
    found = counts_of_files(record.files, record.protocol)
    _compare(counted, found, here | found.keys(), "the frozen files say", compared)
    _compare_people(record, compared)
    return counted


def compare_report(counted: Mapping[str, int], flow: Mapping[str, Any], compared: Compared) -> None:
    """The same counts against the flow that the report draws."""
    found = counts_of_flow(flow)
    wanted = {name for name in {*counted, *found} if not name.startswith("stratum ")}
    _compare(counted, found, wanted, "the report says", compared)


def _compare(
    counted: Mapping[str, int], found: Mapping[str, int], names: Collection[str], whose_word: str, compared: Compared
) -> None:
    for name in sorted(names):
        compared.counts["counts"] += 1
        here, there = counted.get(name, 0), found.get(name, 0)
        if here != there:
            said = name if ":" in name or "," in name else name.replace("_", " ")
            sentence = f"{said[0].upper()}{said[1:]}: {here} by the recount, and {whose_word} {there}."
            compared.differs("count", "", sentence)


def _compare_people(record: Record, compared: Compared) -> None:
    """Everybody's arm: in the allocations, in disposition.csv and in the published list."""
    arms = {record.people[one.person].code: one.arm for one in record.allocated if one.stage == "main"}
    known = {one.code: one for one in record.people.values()}
    said = {one["participant"]: one["arm"] for one in read_table(record.files["disposition.csv"]) if one["arm"]}
    listed = {
        one["participant"]: one["arm"]
        for one in read_table(record.files.get("allocation.csv", ""))
        if one["stage"] == "main"
    }
    compared.counts["allocations"] += len(arms)
    for where, others in (("disposition.csv", said), ("allocation.csv", listed)):
        for code in sorted(arms.keys() | others.keys()) if others else ():
            if arms.get(code) != others.get(code):
                name = whose(known[code]) if code in known else f"Participant {code}"
                sentence = f"{name} was allocated to {arms.get(code)}, and {where} says {others.get(code)}."
                compared.differs("allocation", code, sentence)
