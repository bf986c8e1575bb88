"""The dataset as the analysis reads it: from a file collected elsewhere, and from our own freeze by the same path.

One row per participant and timepoint; columns participant, arm, timepoint, the scores that the plan names and
the covariates of its models. Covariates count from the baseline row only. Empty is missing. `late`, where it is
there, says yes of a row with an answer after its window; `received` and `minimum_dose` say yes of people who received
what their arm offers, by the arm's own rule, or the minimum dose of it. `day` and columns that nothing names are not
read.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np

from reports.csv_text import CsvTable, Problems, read_csv
from reports.numbers import declared
from reports.variables import Variable, planned_covariates, planned_scores, possible_range, variables
from trial.protocol_files import ProtocolFolder
from trial.stats.arrays import FloatArray
from trial.stats.plan.limits import is_measurement
from trial.stats.plan.table import AnalysisTable
from trial.stats.reliability import reliable_changes

KEYS = ("participant", "arm", "timepoint")
LATE = "late"
TOLD = ("received", "minimum_dose")
YES_NO = ("", "yes", "no")
LONGEST_CODE = 100
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_MISSING_WORDS = {"na", "n/a", "nan", "null", "none", ".", "-", "missing"}


@dataclass(frozen=True, slots=True, eq=False)
class TrialData:
    """A dataset read: the table for the plan, who has a row at each timepoint, and the columns that were there.

    `late` is who answered after the window of a timepoint; None where the file does not say.
    """

    table: AnalysisTable
    answered: Mapping[str, frozenset[str]]
    columns: frozenset[str]
    digest: str
    warnings: tuple[str, ...] = ()
    late: Mapping[str, frozenset[str]] | None = None
    arm_of: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "arm_of", dict(zip(self.table.participants, self.table.arms, strict=True)))


Cell = float | str | None


def is_number(text: str) -> bool:
    """Whether a cell is empty or holds a number that can be a measurement."""
    return not text or (_NUMBER.fullmatch(text) is not None and is_measurement(float(text)))


@dataclass(slots=True)
class _Person:
    """What the rows of one participant say, and on which line each was said first."""

    arm: str
    line: int
    rows: dict[str, tuple[int, tuple[float | None, ...]]] = field(default_factory=dict)
    baseline: dict[str, Cell] = field(default_factory=dict)
    seen: dict[str, tuple[int, Cell]] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    told: dict[str, str] = field(default_factory=dict)


def read_data(folder: ProtocolFolder, data: bytes, file: str) -> TrialData:
    """Read a dataset against the protocol; raises DataInvalid with every problem, each with row and column."""
    table = read_csv(data, file)
    reader = _Reader(folder, table)
    reader.check_columns()
    for line, cells in table.rows:
        reader.row(line, cells)
    if not table.rows:
        reader.problems.add(None, None, "there are column names but no rows.", "Add one row per participant and visit.")
    reader.problems.refuse()
    return reader.result(hashlib.sha256(data).hexdigest())


class _Reader:
    """Collects people row by row, and problems as it goes."""

    def __init__(self, folder: ProtocolFolder, table: CsvTable) -> None:
        protocol = folder.protocol
        self.folder, self.table = folder, table
        self.problems = Problems(table.file)
        self.arms = [arm.id for arm in protocol.arms]
        self.timepoints = [point.id for point in protocol.timepoints]
        self.baseline = protocol.baseline.id
        self.place = {name: at for at, name in enumerate(table.header)}
        self.needed_scores, self.needed_covariates = planned_scores(folder), planned_covariates(folder)
        scores = [one.id for tool in folder.instruments.values() for one in tool.scores]
        self.scores = [name for name in scores if name in self.place]
        named = [*self.needed_covariates, *protocol.analysis.baseline_table]
        known = variables(folder, (name for name in named if name in self.place and name not in scores))
        self.covariates: dict[str, Variable] = known
        self.people: dict[str, _Person] = {}
        self.numbers: dict[str, float] = {}  # of each cell that is one: the same stands in many rows
        self.codes = {name: frozenset(code for code, _ in one.levels) for name, one in known.items()}

    def check_columns(self) -> None:
        """Every column that the plan needs is there."""
        missing = [name for name in (*KEYS, *self.needed_scores, *self.needed_covariates) if name not in self.place]
        for name in missing:
            near = get_close_matches(name, [other for other in self.table.header if other], n=1)
            mend = f"Is it the column {near[0]!r}?" if near else "Add it; leave its cells empty where nothing is known."
            self.problems.add(1, None, f"the column {name!r} is missing.", mend)
        self.problems.refuse()

    def row(self, line: int, cells: Sequence[str]) -> None:
        """Take in one row."""
        code, arm, timepoint = (cells[self.place[key]] for key in KEYS)
        if not code or len(code) > LONGEST_CODE:
            return self.wrong(line, "participant", "there is no participant here.", "Give every row a study code.")
        arm_known = self._known(line, "arm", arm, self.arms)
        if not (self._known(line, "timepoint", timepoint, self.timepoints) and arm_known):
            return None
        person = self.people.setdefault(code, _Person(arm, line))
        if person.arm != arm:
            what = f"participant {code!r} is in arm {arm!r} here and in arm {person.arm!r} on line {person.line}."
            return self.wrong(line, "arm", what, "A participant stays in the arm of the randomisation.")
        if timepoint in person.rows:
            what = f"participant {code!r} has a row for {timepoint!r} already on line {person.rows[timepoint][0]}."
            return self.wrong(line, "timepoint", what, "Keep one row per participant and timepoint.")
        person.rows[timepoint] = (line, tuple([self._number(line, name, cells) for name in self.scores]))
        if self._is_late(line, cells):
            person.late.add(timepoint)
        for name in TOLD:
            self._told(line, name, person, cells)
        self._covariates(line, code, timepoint, cells)
        return None

    def _told(self, line: int, name: str, person: _Person, cells: Sequence[str]) -> None:
        """What is said of a person as a whole: on one row or on each, the same."""
        said = cells[self.place[name]] if name in self.place else ""
        if said not in YES_NO:
            self.wrong(line, name, f"{said[:60]!r} is neither yes nor no.", "Write yes or no, or leave it empty.")
        elif said and person.told.setdefault(name, said) != said:
            what = f"it says {said} here and {person.told[name]} of the same person before."
            self.wrong(line, name, what, "Say it of a person once, or the same on every row.")

    def _is_late(self, line: int, cells: Sequence[str]) -> bool:
        said = cells[self.place[LATE]] if LATE in self.place else ""
        if said not in YES_NO:
            self.wrong(line, LATE, f"{said[:60]!r} is neither yes nor no.", "Write yes or no, or leave it empty.")
        return said == "yes"

    def _known(self, line: int, column: str, value: str, known: Sequence[str]) -> bool:
        if value in known:
            return True
        near = get_close_matches(value, known, n=1)
        mend = f"Did you mean {near[0]!r}?" if near else f"The protocol has: {', '.join(known)}."
        self.wrong(line, column, f"there is no {column} {value!r} in the protocol.", mend)
        return False

    def _covariates(self, line: int, code: str, timepoint: str, cells: Sequence[str]) -> None:
        person = self.people[code]
        for name, meaning in self.covariates.items():
            value = self._level(line, meaning, cells) if meaning.kind == "factor" else self._number(line, name, cells)
            if timepoint == self.baseline:
                person.baseline[name] = value
            if value is None:
                continue
            first, before = person.seen.setdefault(name, (line, value))
            if before != value:
                what = f"{name!r} of participant {code!r} is {value} here and {before} on line {first}."
                self.wrong(line, name, what, "A covariate is a baseline fact: give it on the baseline row only.")

    def _number(self, line: int, name: str, cells: Sequence[str]) -> float | None:
        text = cells[self.place[name]]
        if not text:
            return None
        if (known := self.numbers.get(text)) is not None:
            return known
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        if is_measurement(value):
            self.numbers[text] = value
            return value
        if math.isfinite(value):
            what, mend = "is too large or too small to be a measurement.", "Mend the number, or leave the cell empty."
            self.wrong(line, name, f"{text[:60]!r} {what}", mend)
            return None
        mend = "Write numbers such as 12 or 3.5; leave the cell empty where the value is missing."
        if text.lower() in _MISSING_WORDS:
            mend = "Leave the cell empty where the value is missing."
        elif re.fullmatch(r"-?\d+,\d+", text):
            mend = "Write the decimals after a point, not a comma."
        self.wrong(line, name, f"{text[:60]!r} is not a number.", mend)
        return None

    def _level(self, line: int, meaning: Variable, cells: Sequence[str]) -> str | None:
        text = cells[self.place[meaning.id]]
        if not text:
            return None
        if text in self.codes[meaning.id]:
            return text
        codes = [code for code, _ in meaning.levels]
        self.wrong(line, meaning.id, f"{text[:60]!r} is not a level of {meaning.id!r}.", f"Use one of {codes}.")
        return None

    def wrong(self, line: int, column: str, what: str, mend: str) -> None:
        """A mistake in one cell; the column is named as well as numbered."""
        self.problems.add(line, self.place[column] + 1, f"column {column!r}: {what}", mend)

    def result(self, digest: str) -> TrialData:
        """Everyone in the order of their codes, so that the order of the rows changes no estimate."""
        codes = sorted(self.people)
        people = [self.people[code] for code in codes]
        seen = {timepoint for person in people for timepoint in person.rows}
        table = AnalysisTable(
            participants=tuple(codes),
            arms=tuple(person.arm for person in people),
            scores={
                (name, at): _scores(people, place, at) for place, name in enumerate(self.scores) for at in sorted(seen)
            },
            numbers={
                name: _array([_as_number(person.baseline.get(name)) for person in people])
                for name, meaning in self.covariates.items()
                if meaning.kind == "number"
            },
            reliable_change=reliable_changes(self.folder.instruments.values()),
            received=self._of_people(people, "received"),
            minimum_dose=self._of_people(people, "minimum_dose"),
            factors={
                name: tuple(_as_level(person.baseline.get(name)) for person in people)
                for name, meaning in self.covariates.items()
                if meaning.kind == "factor"
            },
        )
        paired = list(zip(codes, people, strict=True))
        answered = {at: frozenset(code for code, one in paired if at in one.rows) for at in self.timepoints}
        late = {at: frozenset(code for code, one in paired if at in one.late) for at in self.timepoints}
        return TrialData(
            table,
            answered,
            frozenset(self.table.header),
            digest,
            self._out_of_range(table),
            late if LATE in self.place else None,
        )

    def _of_people(self, people: Sequence[_Person], name: str) -> tuple[bool, ...] | None:
        """Of whom it is said; None where the file has no such column."""
        return tuple(person.told.get(name) == "yes" for person in people) if name in self.place else None

    def _out_of_range(self, table: AnalysisTable) -> tuple[str, ...]:
        """A score that its instrument cannot give is kept, and said: it may be a code for missing."""
        found = []
        for name in self.scores:
            low, high = possible_range(self.folder, name)
            values = np.concatenate([values for (score, _), values in table.scores.items() if score == name])
            beyond = int(np.sum((values < low) | (values > high)))
            if beyond:
                ends = f"{declared(low)} to {declared(high)}"
                found.append(f"{beyond} of the values of {name} lie outside its possible range, {ends}.")
        return tuple(found)


def _scores(people: Sequence[_Person], place: int, timepoint: str) -> FloatArray:
    return _array([person.rows[timepoint][1][place] if timepoint in person.rows else None for person in people])


def _as_number(value: Cell) -> float | None:
    return value if isinstance(value, float) else None


def _as_level(value: Cell) -> str | None:
    return value if isinstance(value, str) else None


def _array(values: Sequence[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
