"""Other help during the trial (CONSORT 2025, item 24b), where a questionnaire asked for it.

An item named `other_help`, in whatever instrument, is the question; so is every yes-or-no item of an instrument named
`other_help`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.data_file import TrialData
from reports.document import Block, Paragraph, Row, Table
from reports.harms import YES
from reports.labels import Labels
from reports.numbers import NONE, count, percent
from reports.variables import asked_at, questionnaire_timepoints
from trial.core.dataset import ItemRow
from trial.core.rows import cells
from trial.protocol_files import ProtocolFolder

NAME = "other_help"


def columns(folder: ProtocolFolder) -> dict[str, str]:
    """The columns of items.csv that hold such answers, each with its instrument."""
    return {
        tool.column(item): code
        for code, tool in folder.instruments.items()
        for item in tool.items
        if item.type == "yes_no" and NAME in (code, item.id)
    }


def other_help(folder: ProtocolFolder, data: TrialData, items: Sequence[ItemRow]) -> dict[str, Any]:
    """By timepoint after the baseline and arm: of those who answered the question, who said yes; nothing unasked."""
    named = columns(folder)
    protocol = folder.protocol
    answers: dict[tuple[str, str], dict[str, bool]] = {}
    for item, value, timepoint, person in cells(items, "item", "value", "timepoint", "participant") if named else ():
        if item in named and value:
            answers.setdefault((timepoint, item), {})[person] = value.lower() in YES
    rows = [
        _row(point.id, column, arm.id, data, answers.get((point.id, column), {}))
        for point in questionnaire_timepoints(protocol)
        if point.anchor != "consent"
        for column, code in named.items()
        if asked_at(folder, point, code)
        for arm in protocol.arms
        if asked_at(folder, point, code, arm.id)
    ]
    return {"other_help": rows} if rows else {}


def _row(timepoint: str, column: str, arm: str, data: TrialData, answers: Mapping[str, bool]) -> dict[str, Any]:
    mine = [yes for code, yes in answers.items() if data.arm_of.get(code) == arm]
    return {"timepoint": timepoint, "item": column, "arm": arm, "answered": len(mine), "yes": sum(mine)}


def blocks(results: Mapping[str, Any], labels: Labels) -> list[Block]:
    """A sentence and a table, or that nobody was asked."""
    if results["trial"]["kind"] == "outside":
        return []
    found = results.get("other_help")
    if not found:
        return [Paragraph("No questionnaire asked what other help people had during the trial.")]
    by_place = {(one["item"], one["timepoint"], one["arm"]): one for one in found}
    rows: list[Row] = []
    for item in dict.fromkeys(one["item"] for one in found):
        rows.append(Row((labels.variable(item),), "group"))
        for point in labels.in_time({one["timepoint"] for one in found if one["item"] == item}):
            cells = (_cell(by_place.get((item, point, arm))) for arm in labels.arms)
            rows.append(Row((f"Yes, {labels.timepoint(point)}", *cells), "under"))
    heads = ("", *(labels.arm(arm) for arm in labels.arms))
    note = "People who said yes, of those who answered the question."
    return [Table("other-help-table", "Other help during the trial, by arm", heads, tuple(rows), note)]


def _cell(one: Mapping[str, Any] | None) -> str:
    if one is None:
        return NONE
    among = f" ({percent(one['yes'], one['answered'])})" if one["answered"] else ""
    return f"{count(one['yes'])} of {count(one['answered'])}{among}"
