"""What a capsule holds as tables: one description of every column, for CSV, SPSS, Stata and the codebook alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from reports.csv_text import CsvTable
from reports.frozen import Frozen
from reports.variables import LANGUAGE, score, variable
from trial.core import exercises
from trial.core.dataset import (
    DATASET_KEYS,
    ContactRow,
    Disposition,
    EventRow,
    HarmRow,
    ItemRow,
    StageRow,
    cell,
    write_table,
)
from trial.core.dose import DOSE
from trial.core.protocol import Exercise, Questionnaire
from trial.core.recall import GAP
from trial.core.rows import cells
from trial.core.texts import say
from trial.protocol_files import ProtocolFolder

YES_NO = (("yes", "Yes"), ("no", "No"))
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
# what names the row of an item, in the table and in the wide one
PLACE = ("participant", "timepoint", "occurrence", "activity")


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `levels` are (code, label) pairs of a factor."""

    name: str
    label: str
    kind: Literal["text", "number", "factor"]
    levels: tuple[tuple[str, str], ...] = ()

    def fits(self, value: str) -> bool:
        """Whether a cell can stand in this column: empty, a number, one of the levels, or any text."""
        if not value or self.kind == "text":
            return True
        if self.kind == "number":
            return NUMBER.fullmatch(value) is not None
        return any(value == code for code, _ in self.levels)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells as they stand in a CSV file."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def csv(self) -> bytes:
        return write_table([one.name for one in self.columns], self.rows).encode()

    def column(self, name: str) -> list[str]:
        """The cells of one column."""
        place = [one.name for one in self.columns].index(name)
        return [row[place] for row in self.rows]


def column_of(folder: ProtocolFolder, name: str) -> Column | None:
    """What a column of dataset.csv means; None for words, and for what the protocol does not know."""
    protocol = folder.protocol
    fixed = {
        "participant": Column(name, "Study code", "text"),
        "arm": Column(name, "Arm allocated", "factor", _labelled(protocol.arms)),
        "timepoint": Column(name, "Planned timepoint", "factor", _labelled(protocol.timepoints)),
        "day": Column(name, "Local days since randomisation when the answer came", "number"),
        "late": Column(name, "An answer came within the grace after the window", "factor", YES_NO),
    }
    if name in fixed:
        return fixed[name]
    if made := score(folder, name):
        label = f"{say(made.label, LANGUAGE)}; {made.method.replace('_', ' ')}, {made.better} is better"
        return Column(name, label, "number")
    found = variable(folder, name)
    return Column(name, found.label, found.kind, found.levels) if found else None


def item_columns(folder: ProtocolFolder) -> dict[str, Column]:
    """Every closed item of questionnaires and exercises and each exercise's dose, by the name in items.csv."""
    found: dict[str, Column] = {}
    for tool in folder.instruments.values():
        for item in tool.items:
            for name in tool.columns(item):
                if known := variable(folder, name):
                    found[name] = Column(name, known.label, known.kind, known.levels)
    for activity in folder.protocol.activities:
        if not isinstance(activity, Questionnaire):
            found |= {one.name: one for one in _of_exercise(activity)}
    return found


def _of_exercise(exercise: Exercise) -> Iterator[Column]:
    title = say(exercise.title, LANGUAGE)
    for one in exercises.closed(exercise):
        label = f"{title}: {say(one.item.topic, LANGUAGE).replace(GAP, '…')}"
        if one.item.type in ("number", "slider"):
            yield Column(one.column, label, "number")
        else:
            levels = tuple((str(each.value), say(each.label, LANGUAGE)) for each in one.item.choices)
            yield Column(one.column, label, "factor", levels or YES_NO)
    for part, meaning in DOSE:
        yield Column(exercises.column(exercise, part), f"{title}: {meaning}", "number")


def wide_items(folder: ProtocolFolder, items: Sequence[ItemRow], known: Mapping[str, Column]) -> Table:
    """One row for each person, occasion and activity, one column for each item that somebody was asked.

    An item that is not among the `known` is left out.
    """
    asked = {item for item, _ in set(cells(items, "item", "activity"))} & set(known)
    columns = [one for name, one in known.items() if name in asked]
    place = {one.name: at for at, one in enumerate(columns)}
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    said, empty = cells(items, "item", "value", *PLACE), [""] * len(columns)
    number = {n: str(n) for _, n in set(cells(items, "item", "occurrence"))}
    for item, value, participant, timepoint, occurrence, activity in said:
        if item in place:
            key = (participant, timepoint, number[occurrence], activity)
            if (row := rows.get(key)) is None:
                row = rows[key] = empty.copy()
            row[place[item]] = value
    return Table(
        "items",
        "Closed answers as they were given, one row for each person, occasion and activity",
        (*_places(folder), *columns),
        tuple((*key, *rows[key]) for key in sorted(rows)),
    )


def _places(folder: ProtocolFolder) -> tuple[Column, ...]:
    activities = tuple((one.id, say(one.title, LANGUAGE)) for one in folder.protocol.activities)
    timepoint = column_of(folder, "timepoint")
    assert timepoint is not None
    return (
        Column("participant", "Study code", "text"),
        timepoint,
        Column("occurrence", "Which day of the timepoint, from 1", "number"),
        Column("activity", "What was asked", "factor", activities),
    )


def dataset_columns(folder: ProtocolFolder, header: Iterable[str]) -> list[Column]:
    """The columns of dataset.csv; what the protocol does not know is text."""
    return [column_of(folder, name) or Column(name, name, "text") for name in header]


def is_score(folder: ProtocolFolder, name: str) -> bool:
    """Whether a column of dataset.csv is a score."""
    return score(folder, name) is not None


def is_baseline_fact(folder: ProtocolFolder, name: str) -> bool:
    """Whether a column says something of the person that others may know: neither a key nor a score."""
    return name not in DATASET_KEYS and not is_score(folder, name)


_TITLES: dict[str, tuple[type, str]] = {
    "disposition": (Disposition, "Everybody assessed: how far, which arm, why not further"),
    "contacts": (ContactRow, "Planned mails and their ends"),
    "events": (EventRow, "Events of each person, in relative days"),
    "harms": (HarmRow, "Adverse events as last assessed, blind"),
    "stages": (StageRow, "Who came into question at a further stage of allocation"),
}


def restricted_tables(frozen: Frozen, data: CsvTable) -> Iterator[Table]:
    """Everything of a freeze but its list of allocations, a table at a time; `data` is dataset.csv."""
    folder = frozen.folder
    title = "One row for each person randomised and timepoint answered"
    columns = tuple(dataset_columns(folder, data.header))
    yield _fitting(Table("dataset", title, columns, tuple(tuple(row) for _, row in data.rows)))
    known = item_columns(folder)
    named = dict.fromkeys(item for item, _ in cells(frozen.items, "item", "activity"))
    odd = {name: Column(name, name, "text") for name in named if name not in known}
    yield _fitting(wide_items(folder, frozen.items, known | odd))
    labels = {(one.file, one.column): one.label for one in frozen.codebook}
    kept: dict[str, Sequence[Any]] = {
        "disposition": frozen.dispositions,
        "contacts": frozen.contacts,
        "events": frozen.events,
        "harms": frozen.harms,
        "stages": frozen.stages,
    }
    for name, rows in kept.items():
        if rows:
            yield _fitting(_of_rows(name, rows, labels))


def _of_rows(name: str, rows: Sequence[Any], labels: Mapping[tuple[str, str], str]) -> Table:
    kind, title = _TITLES[name]
    columns = [
        _by_type(field.name, str(field.type), labels.get((f"{name}.csv", field.name), field.name))
        for field in fields(kind)
    ]
    return Table(name, title, tuple(columns), tuple(zip(*_cells(rows, [one.name for one in columns]), strict=True)))


def _cells(rows: Sequence[Any], names: Sequence[str]) -> Iterator[list[str]]:
    """The cells of each column as text, equal ones kept once."""
    for name in names:
        values = [value for value, _ in cells(rows, name, names[0])]
        known = {value: cell(value) for value in set(values)}
        yield [known[value] for value in values]


def _by_type(name: str, type_name: str, label: str) -> Column:
    if type_name.startswith("int"):
        return Column(name, label, "number")
    if type_name.startswith("bool"):
        return Column(name, label, "factor", YES_NO)
    return Column(name, label, "text")


def _fitting(table: Table) -> Table:
    """A column with a cell that is none of its levels or no number is text, so that no value is lost."""
    columns = [
        one
        if all(one.fits(value) for value in {row[place] for row in table.rows})
        else replace(one, kind="text", levels=())
        for place, one in enumerate(table.columns)
    ]
    return replace(table, columns=tuple(columns))


def _labelled(parts: Iterable[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((one.id, say(one.label, LANGUAGE)) for one in parts)
