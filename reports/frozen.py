"""The frozen directory of a trial, read and verified: every file there, whole, and with the digest of the freeze."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reports.csv_text import Problems, read_bytes, read_csv
from reports.data_file import TrialData, read_data
from trial.core import dataset
from trial.core.dataset import CodebookRow, ContactRow, Disposition, EventRow, HarmRow, ItemRow, StageRow
from trial.core.errors import DataInvalid
from trial.core.published_list import LIST, SEAL, AllocatedPeople, read_published
from trial.protocol_files import ProtocolFolder, read_folder

ROWS: dict[str, type] = {
    "items.csv": ItemRow,
    "contacts.csv": ContactRow,
    "events.csv": EventRow,
    "harms.csv": HarmRow,
    "disposition.csv": Disposition,
    "codebook.csv": CodebookRow,
}
FILES = ("dataset.csv", *ROWS)
# within the digest where they are; a folder that was frozen before version 0.3 has none of them
PUBLISHED = (LIST, SEAL)
# written where the protocol has further stages of allocation
STAGES = "stages.csv"
# the dates of the trial, which no file of data holds
CONDUCT = "conduct.json"


# columns at the end that a folder frozen before version 0.3 does not have
ADDED = ("enrolled_in_error",)


class Part(BaseModel):
    """A piece of freeze.json; keys that a later version adds are let pass."""

    model_config = ConfigDict(frozen=True, extra="ignore")


_Whole = TypeVar("_Whole", bound=Part)


class FrozenTrial(Part):
    slug: str
    kind: Literal["rehearsal", "test", "live"]


class FrozenProtocol(Part):
    id: str
    version: str
    digest: str


class FrozenEpoch(Part):
    """What allocation went by from one number on, where an amendment changed it, as the protocol said it."""

    epoch: int
    first: int
    people: int
    version: str
    configuration: str
    allocation: dict[str, Any] | None
    ratios: dict[str, int]


class FrozenContribution(Part):
    """What was told of a seed from two contributions: the commitment, who contributed, and the receipt."""

    commitment: str
    given_by: str | None
    receipt: str | None


class FrozenRandomization(Part):
    rule_version: str
    seed_digest: str
    published: str
    epochs: list[FrozenEpoch] = []
    contribution: FrozenContribution | None = None


class FrozenRecruitment(Part):
    target: int
    weeks: float | None = None


class FrozenSoftware(Part):
    name: str
    version: str


class TrueEffect(Part):
    """What a rehearsal knows and a trial never does."""

    outcome: str
    timepoint: str
    contrast: tuple[str, ...]
    factors: tuple[str, ...] = ()
    effect: float


class Rehearsal(Part):
    participants: int
    seed: int | str
    effect: float
    truth: list[TrueEffect]
    power: float | None = None
    participants_needed: int | None = None


class Acts(Part):
    """Acts of two people of one kind: how many were done, and how many of them by one person alone."""

    act: str
    done: int
    solo: int


class Lock(Part):
    """One lock or unlock of the data: when, in whose roles, why, over what, and the digest of the data then."""

    what: Literal["locked", "unlocked"]
    at: str
    asked_by: str = ""
    decided_by: str = ""
    solo: bool = False
    reason: str = ""
    digest: str | None = None
    open: dict[str, int] = {}


class RegisteredVersion(Part):
    """A version of the protocol that ran, and since when; `class` is that of the amendment, the first has none."""

    version: str
    registered: str
    change: str | None = Field(default=None, alias="class")


class Deviations(Part):
    """How many departures of one kind the team wrote down, and how many of them it called important."""

    kind: str
    n: int
    important: int


class Conduct(Part):
    """The whole of conduct.json: the dates of the trial, its versions, and what departed from them.

    It stands apart, as no file of data holds a date; a folder of an earlier version, or one to be shared, has none.
    """

    opened: str
    recruitment_closed: str | None = None
    frozen: str
    randomised_by_week: list[int] = []
    versions: list[RegisteredVersion] = []
    deviations: list[Deviations] = []


class FreezeRecord(Part):
    """The whole of freeze.json."""

    trial: FrozenTrial
    protocol: FrozenProtocol
    randomization: FrozenRandomization
    recruitment: FrozenRecruitment
    software: FrozenSoftware
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    acts: list[Acts] = []
    locks: list[Lock] = []
    looks: list[float] = []
    rehearsal: Rehearsal | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Frozen:
    """A freeze as values."""

    record: FreezeRecord
    folder: ProtocolFolder
    data: TrialData
    items: list[ItemRow]
    contacts: list[ContactRow]
    events: list[EventRow]
    harms: list[HarmRow]
    dispositions: list[Disposition]
    allocated: AllocatedPeople | None
    codebook: list[CodebookRow]
    stages: list[StageRow]
    conduct: Conduct | None = None


def read_frozen(directory: Path) -> Frozen:
    """Read a frozen directory; raises DataInvalid, with file and line, where it is damaged or was changed."""
    record = _read(directory / "freeze.json", FreezeRecord)
    folder = _protocol(directory, record)
    contents = {name: read_bytes(directory / name) for name in (*FILES, *_published(directory))}
    conduct = _read(directory / CONDUCT, Conduct) if (directory / CONDUCT).is_file() else None
    return replace(frozen_of(record, folder, contents, directory), conduct=conduct)


def frozen_of(record: FreezeRecord, folder: ProtocolFolder, contents: Mapping[str, bytes], directory: Path) -> Frozen:
    """The values of such files; those of a cut before the lock never lie on a disk, and `directory` names them only."""
    stages = _rows(contents[STAGES], StageRow, str(directory / STAGES)) if STAGES in contents else []
    rows = {name: _rows(contents[name], kind, str(directory / name)) for name, kind in ROWS.items()}
    data = read_data(folder, contents["dataset.csv"], str(directory / "dataset.csv"))
    _verify(directory, record, contents)
    return Frozen(
        record,
        folder,
        data,
        items=rows["items.csv"],
        contacts=rows["contacts.csv"],
        events=rows["events.csv"],
        harms=rows["harms.csv"],
        dispositions=rows["disposition.csv"],
        allocated=_allocated(directory, contents),
        codebook=rows["codebook.csv"],
        stages=stages,
    )


def _published(directory: Path) -> list[str]:
    return [name for name in (*PUBLISHED, STAGES) if (directory / name).is_file()]


def _allocated(directory: Path, contents: Mapping[str, bytes]) -> AllocatedPeople | None:
    """How chance allocated everybody; None in a folder of a version that did not publish it."""
    if not all(name in contents for name in PUBLISHED):
        return None
    try:
        return read_published(contents[LIST].decode("utf-8-sig"), contents[SEAL].decode("utf-8-sig"))
    except (KeyError, TypeError, ValueError):
        problems = Problems(str(directory / LIST))
        what = f"this and {SEAL} cannot be read as a published allocation."
        problems.add(None, None, what, "Use the files as frozen, or freeze the trial again.")
        raise DataInvalid(problems.listed()) from None


def data_digest(contents: Mapping[str, bytes]) -> str:
    """The digest of a freeze: SHA-256 over each file's name and bytes by name, each with its length before it."""
    total = hashlib.sha256()
    for name in sorted(contents):
        for part in (name.encode(), contents[name]):
            total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()


def _read(path: Path, kind: type[_Whole]) -> _Whole:
    problems = Problems(str(path))
    try:
        return kind.model_validate_json(read_bytes(path))
    except ValidationError as error:
        for one in error.errors(include_url=False):
            key = ".".join(str(part) for part in one["loc"]) or "the file"
            problems.add(None, None, f"`{key}`: {one['msg']}.", "Freeze the trial again.")
    raise DataInvalid(problems.listed())


def _protocol(directory: Path, record: FreezeRecord) -> ProtocolFolder:
    folder = read_folder(directory / "protocol")
    if folder.digest != record.protocol.digest:
        problems = Problems(str(directory / "protocol"))
        problems.add(None, None, "this is not the protocol that was registered.", "Freeze the trial again.")
        problems.refuse()
    return folder


def _rows(data: bytes, kind: type, file: str) -> list[Any]:
    """Rows of one file; the first that cannot be read is named by its line and column."""
    table = read_csv(data, file)
    problems = Problems(file)
    names = tuple(field.name for field in fields(kind))
    needed = tuple(field.name for field in fields(kind) if field.name not in ADDED)
    if table.header not in (names, needed):
        problems.add(1, None, f"the columns are not {', '.join(names)}.", "Freeze the trial again.")
        problems.refuse()
    text = data.decode("utf-8-sig")
    try:
        return dataset.read_rows(text, kind)
    except (KeyError, ValueError):
        for line, cells in table.rows:
            _check_row(kind, table.header, line, cells, problems)
        problems.refuse()
        raise


def _check_row(kind: type, names: tuple[str, ...], line: int, cells: list[str], problems: Problems) -> None:
    good = dict.fromkeys(names, "") | {field.name: "0" for field in fields(kind) if str(field.type) == "int"}
    for place, (name, value) in enumerate(zip(names, cells, strict=True), start=1):
        try:
            dataset.read_rows(dataset.write_table(names, [list((good | {name: value}).values())]), kind)
        except (KeyError, ValueError):
            what = f"column {name!r}: {value[:60]!r} cannot be read."
            problems.add(line, place, what, "The file was changed after the freeze: freeze the trial again.")


def _verify(directory: Path, record: FreezeRecord, contents: Mapping[str, bytes]) -> None:
    if data_digest(contents) != record.digest:
        problems = Problems(str(directory / "freeze.json"))
        what = "the CSV files here are not those that were frozen: their digest is another."
        problems.add(None, None, what, "Use the files as frozen, or freeze the trial again.")
        problems.refuse()
