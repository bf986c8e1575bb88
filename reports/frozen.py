"""The frozen directory of a trial, read and verified: every file there, whole, and with the digest of the freeze."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationError

from reports.csv_text import CHANGED, Problems, plain_lines, read_bytes, read_csv
from reports.data_file import TrialData, read_data
from reports.frozen_conduct import Conduct, Part, PlanHistory
from trial.core.dataset import CodebookRow, ContactRow, Disposition, EventRow, HarmRow, ItemRow, StageRow
from trial.core.errors import DataInvalid
from trial.core.plan_history import Key, Later, as_counted
from trial.core.published_list import LIST, SEAL, AllocatedPeople, read_published
from trial.core.rows import Rows, read_lines, read_table, readers_of
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
STAGES_AND_ROWS = {**ROWS, STAGES: StageRow}
# the dates of the trial, which no file of data holds
CONDUCT = "conduct.json"

# bytes of one file: 100,000 people who answer eight items at 8 timepoints fill three tenths of it with items.csv
LARGEST = 1_000_000_000
# columns at the end that a folder frozen before version 0.3 does not have
ADDED = ("enrolled_in_error",)


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
    plan: PlanHistory | None = None
    rehearsal: Rehearsal | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Frozen:
    """A freeze as values. `folder` has the plan as it counts: what an amendment added too late is explored in it.

    `later` tells of analyses that amendments added or changed, by their place in that plan; None where no record does.
    """

    record: FreezeRecord
    folder: ProtocolFolder
    data: TrialData
    items: Sequence[ItemRow]
    contacts: Sequence[ContactRow]
    events: Sequence[EventRow]
    harms: list[HarmRow]
    dispositions: list[Disposition]
    allocated: AllocatedPeople | None
    codebook: list[CodebookRow]
    stages: list[StageRow]
    conduct: Conduct | None = None
    later: Mapping[Key, Later] | None = None


def read_frozen(directory: Path) -> Frozen:
    """Read a frozen directory; raises DataInvalid, with file and line, where it is damaged or was changed."""
    record = _read(directory / "freeze.json", FreezeRecord)
    folder = _protocol(directory, record)
    contents = _Files(directory)
    conduct = _read(directory / CONDUCT, Conduct) if (directory / CONDUCT).is_file() else None
    frozen = frozen_of(record, folder, contents, directory)
    later = {key: dated(one, conduct) for key, one in (frozen.later or {}).items()}
    return replace(frozen, conduct=conduct, later=None if frozen.later is None else later)


def dated(one: Later, conduct: Conduct | None) -> Later:
    """With its days, where a record of them is at hand."""
    if conduct is None:
        return one
    on = [each.registered for each in conduct.versions][one.amendment : one.amendment + 1]
    return replace(one, registered=on[0] if on else None, seen_on=conduct.seen.get(one.seen))


class _Files(Mapping[str, bytes]):
    """The files of a frozen directory, each read when it is asked for: together they need not fit in memory."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.names = directory, (*FILES, *_published(directory))
        if gone := [name for name in self.names if not (directory / name).is_file()]:
            read_bytes(directory / gone[0])

    def __getitem__(self, name: str) -> bytes:
        return read_bytes(self.directory / name, LARGEST)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def frozen_of(record: FreezeRecord, folder: ProtocolFolder, contents: Mapping[str, bytes], directory: Path) -> Frozen:
    """The values of such files; those of a cut before the lock never lie on a disk, and `directory` names them only."""
    total, published, read = hashlib.sha256(), {}, {}
    for name in sorted(contents):
        data = contents[name]
        _add(total, name, data)
        if name in PUBLISHED:
            published[name] = data
        elif name == "dataset.csv":
            found = read_data(folder, data, str(directory / name))
        else:
            read[name] = _rows(data, STAGES_AND_ROWS[name], str(directory / name))
    _verify(directory, record, total.hexdigest())
    counted, later = _counted(record, folder)
    return Frozen(
        record,
        counted,
        found,
        items=read["items.csv"],
        contacts=read["contacts.csv"],
        events=read["events.csv"],
        harms=list(read["harms.csv"]),
        dispositions=list(read["disposition.csv"]),
        allocated=_allocated(directory, published),
        codebook=list(read["codebook.csv"]),
        stages=list(read.get(STAGES, ())),
        later=later,
    )


def _counted(record: FreezeRecord, folder: ProtocolFolder) -> tuple[ProtocolFolder, Mapping[Key, Later] | None]:
    if record.plan is None:
        return folder, None
    protocol, later = as_counted(folder.protocol, [Later(**dict(one)) for one in record.plan.later])
    return replace(folder, protocol=protocol), later


def _published(directory: Path) -> list[str]:
    return [name for name in (*PUBLISHED, STAGES) if (directory / name).is_file()]


def _allocated(directory: Path, contents: Mapping[str, bytes]) -> AllocatedPeople | None:
    """How chance allocated everybody; None in a folder of a version that did not publish it."""
    if not all(name in contents for name in PUBLISHED):
        return None
    try:
        return read_published(contents[LIST].decode("utf-8-sig"), contents[SEAL].decode("utf-8-sig"))
    except (KeyError, TypeError, ValueError, csv.Error):
        problems = Problems(str(directory / LIST))
        what = f"this and {SEAL} cannot be read as a published allocation."
        problems.add(None, None, what, "Use the files as frozen, or freeze the trial again.")
        raise DataInvalid(problems.listed()) from None


def data_digest(contents: Mapping[str, bytes]) -> str:
    """The digest of a freeze: SHA-256 over each file's name and bytes by name, each with its length before it."""
    total = hashlib.sha256()
    for name in sorted(contents):
        _add(total, name, contents[name])
    return total.hexdigest()


def _add(total: hashlib._Hash, name: str, data: bytes) -> None:
    for part in (name.encode(), data):
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)


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


def _rows(data: bytes, kind: Callable[..., Any], file: str) -> Rows[Any]:
    """Rows of one file; each cell that cannot be read is named by its line and column."""
    names = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]
    headers = (names, tuple(name for name in names if name not in ADDED))
    try:
        lines = plain_lines(data)
        header = tuple(cell.strip() for cell in next(lines, "").split(","))
        if header in headers and "" not in set((rows := read_lines(header, lines, kind)).first):
            return rows
    except (KeyError, ValueError):
        pass
    table, problems = read_csv(data, file), Problems(file)
    if table.header not in headers:
        problems.add(1, None, f"the columns are not {', '.join(names)}.", "Freeze the trial again.")
        problems.refuse()
    reads = [readers_of(kind)[name] for name in table.header]
    for line, row in table.rows:
        for place, (name, reader, value) in enumerate(zip(table.header, reads, row, strict=True), start=1):
            if not _reads(reader, value) or (place == 1 and not value):
                problems.add(line, place, f"column {name!r}: {value[:60]!r} cannot be read.", CHANGED)
    problems.refuse()
    return read_table(table.header, (row for _, row in table.rows), kind)


def _reads(reader: Callable[[str], Any], value: str) -> bool:
    try:
        reader(value)
    except (KeyError, ValueError):
        return False
    return True


def _verify(directory: Path, record: FreezeRecord, digest: str) -> None:
    if digest != record.digest:
        problems = Problems(str(directory / "freeze.json"))
        what = "the CSV files here are not those that were frozen: their digest is another."
        problems.add(None, None, what, "Use the files as frozen, or freeze the trial again.")
        problems.refuse()
