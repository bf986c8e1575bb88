"""The frozen record of a trial: what each file of a freeze holds, and how it is written and read again.

    dataset.csv      one row per person randomised and timepoint answered: scores; covariates on the baseline row.
                     `late` says that an answer came after its window; where the plan leaves such answers out, they
                     are in no score of the row
    items.csv        one row per closed item answered, of questionnaires and exercises; no free text
    contacts.csv     one row per planned mail and its end
    events.csv       one row per event of a person, in relative days
    harms.csv        one row per adverse event reported unasked or entered by the team, as it was last assessed, blind
    disposition.csv  one row per person assessed: how far, which arm, why not further
    stages.csv       one row per person who came into question at a further stage of allocation, where there are any
    codebook.csv     every column of the above
    conduct.json     the dates of the trial, how many came in each week, its versions, deviations counted: beside the
                     data, which hold no date

Study codes and relative days only: day 0 is the local date of randomisation (of giving an address, for those never
randomised). An empty cell is a missing value. Floats are written so that reading gives the same float.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from trial.core.rows import Row, read_table

Stage = Literal[
    "not_eligible",  # a criterion did not hold
    "address_not_confirmed",  # eligible, but the typed code never came
    "declined",  # read the information and said no
    "consent_not_given",  # confirmed the address, never answered the consent page
    "baseline_not_finished",  # consented, never finished the baseline
    "held",  # finished the baseline; nobody had looked at the enrolment when the data were frozen
    "refused",  # finished the baseline; a person looked at the enrolment and said no
    "recruitment_closed",  # finished the baseline after the last place was taken
    "randomized",
]


# why somebody who was randomised has no answers in the record
TOOK_BACK = "data_withdrawn"


@dataclass(frozen=True, slots=True)
class Disposition:
    """One person assessed for eligibility."""

    participant: str
    stage: Stage
    reason: str = ""  # the criterion's id, where not eligible; TOOK_BACK where somebody randomised took answers back
    source: str = ""  # where the person came from (`?from=`)
    arm: str = ""
    stratum: str = ""  # level ids joined by "/", in the order of the protocol's factors
    number: int | None = None  # order of randomisation in the trial, from 1
    exercises_due: int = 0
    exercises_done: int = 0
    received: bool | None = None  # the arm's own rule
    minimum_dose: bool | None = None
    stopped: Literal["", "exercises", "questionnaires", "everything"] = ""
    stopped_day: int | None = None
    stop_reason: str = ""
    bounced_day: int | None = None  # first mail refused for good
    data_sharing: bool | None = None  # agreed that answers are shared; None: never asked
    tries: int = 1  # how often the person was screened; they are counted once
    flags: str = ""  # what looked odd before randomisation, joined by "+"
    enrolled_in_error: str = ""  # why, where the team marked it so; the person stays allocated and in the analysis


@dataclass(frozen=True, slots=True)
class StageRow:
    """One person who came into question at a further stage, and what became of it."""

    participant: str
    stage: str
    state: Literal["waiting", "allocated", "did_not_fit", "unanswered", "stopped"]
    arm: str = ""  # the option
    number: int | None = None  # order of allocation in the stage, from 1
    day: int | None = None  # when it was decided


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One planned mail. `state` is the ledger's; days are relative."""

    participant: str
    message: str
    stream: str
    timepoint: str
    occurrence: int
    reminder: int  # 0 for the invitation, 1 for the first reminder
    due_day: int | None
    state: str
    reason: str
    attempts: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of one person; `detail` is a code, never free text."""

    participant: str
    day: int | None
    event: str
    detail: str


@dataclass(frozen=True, slots=True)
class HarmRow:
    """One adverse event. What only an assessment says is empty where there was none; `term` is the team's own word."""

    participant: str
    day: int | None  # when it was reported, or when the team learned of it
    source: Literal["participant", "team"]
    timepoint: str  # of the activity on whose page it was reported
    occurrence: int | None
    assessments: int
    term: str = ""
    serious: bool | None = None
    criteria: str = ""  # joined by "+"
    severity: str = ""
    relatedness: str = ""
    expectedness: str = ""
    onset_day: int | None = None
    outcome: str = ""
    stopped: str = ""  # what the person gave up because of it


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One closed item of a submitted answer sheet; one that was left out is empty, one that was not asked is not here.

    `late`: sent within the grace after the window. `short`: by a reminder that asks for the primary outcome alone.
    """

    participant: str
    timepoint: str
    occurrence: int
    activity: str
    item: str
    value: str
    late: bool = False
    short: bool = False


@dataclass(frozen=True, slots=True)
class CodebookRow:
    """What one column means; `values` lists codes and labels of closed variables."""

    file: str
    column: str
    label: str
    type: str
    values: str


DATASET_KEYS = ("participant", "arm", "timepoint", "day", "late")


def write_rows(rows: Iterable[Any], kind: type) -> str:
    """Frozen rows as CSV text, one column per field, in the fields' order."""
    names = [field.name for field in fields(kind)]
    return write_table(names, ([getattr(row, name) for name in names] for row in rows))


def write_table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Plain CSV text with newline endings; None is empty, booleans are yes and no, whole floats lose the .0."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def cell(value: Any) -> str:
    """One value as CSV text that reads back as the same value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def digest_of(files: Mapping[str, str]) -> str:
    """The digest of a freeze: SHA-256 over each file's name and text by name, each with its length before it."""
    total = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name].encode()):
            total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()


def read_rows(text: str, kind: Callable[..., Row]) -> list[Row]:
    """CSV text with a header back into rows of this kind; raises as `read_table` does, csv.Error for other text."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    return list(read_table(next(reader, ()), filter(None, reader), kind))


def dataset_header(scores: Sequence[str], covariates: Sequence[str]) -> list[str]:
    """The columns of dataset.csv."""
    return [*DATASET_KEYS, *scores, *covariates]


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """One participant at one timepoint; `day` is when the answer came, `late` whether any came after its window."""

    participant: str
    arm: str
    timepoint: str
    day: int | None
    late: bool
    scores: Mapping[str, float | None]
    covariates: Mapping[str, str | float | None]
