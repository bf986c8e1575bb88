"""A backup: every row of the database as one moment saw it, packed, sealed, and summed up at its end.

The first line says what this is and which version of the schema it holds; then each table with its rows, each row a
line; the last line has the count and the digest of every table. Keys are never in it.
"""

from __future__ import annotations

import gzip
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, text

from trial.core.access import Actor
from trial.core.errors import BadInput, Problem, Refused
from trial.storage import schema
from trial.storage.engine import named_errors
from trial.storage.exporting import Sum, Summed, count_on, lines_of, put_back, summed, tables_of
from trial.storage.sealed_files import CHUNK, OpenedFile, Opens, SealingFile, Seals
from trial.storage.work import Store, Work, work_on

FORMAT = 1
SUFFIX = ".backup"
Show = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TrialInside:
    """One trial of a backup, as a preview names it."""

    slug: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `keys` tells which keys it was sealed with, and not what they are."""

    schema: str
    taken_at: datetime
    keys: str
    trials: list[TrialInside]
    tables: dict[str, Summed]

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.tables.values())


def trials_in(rows: Connection) -> list[TrialInside]:
    """The trials of a database of whatever version."""
    found = rows.execute(text("select slug, kind, state from trial order by id"))
    return [TrialInside(row.slug, row.kind, row.state) for row in found]


def write(work: Work, path: Path, recipients: list[Seals], *, keys: str, show: Show) -> Manifest:
    """Everything that this transaction sees, into a new file that is whole or not there."""
    version = work.rows.execute(text("select version_num from schema_version")).scalar_one()
    manifest = Manifest(str(version), work.machine_now, keys, trials_in(work.rows), {})
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with unfinished.open("xb") as below:
            with (
                io.BufferedWriter(SealingFile(below, recipients), CHUNK) as sealing,
                gzip.GzipFile(fileobj=sealing, mode="wb", mtime=0) as packed,
            ):
                _write_lines(work.rows, manifest, lambda line: packed.write(line.encode() + b"\n"), show)
            below.flush()
            os.fsync(below.fileno())
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(path)
    return manifest


def _write_lines(rows: Connection, manifest: Manifest, put: Callable[[str], Any], show: Show) -> None:
    head = {"taken_at": manifest.taken_at.isoformat(), "trials": [asdict(one) for one in manifest.trials]}
    put(json.dumps({"equipoise": FORMAT, "schema": manifest.schema, "keys": manifest.keys} | head))
    for table in tables_of(rows):
        put(json.dumps({"table": table.name, "columns": [one.name for one in table.columns]}))
        total = Sum()
        for line in lines_of(rows, table):
            put(line)
            total.add(line)
        manifest.tables[table.name] = total.done()
        show(table.name)
    put(json.dumps({"end": {name: [one.rows, one.digest] for name, one in manifest.tables.items()}}))


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup and the secret that opens it."""

    path: Path
    secret: Opens

    def manifest(self) -> Manifest:
        """Read it to its end; BadInput where a byte is not as it was written."""
        tables: dict[str, Sum] = {}
        with self._lines() as lines:
            head = self._object(next(lines, ""))
            current, end = Sum(), None
            for line in lines:
                if line.startswith("["):
                    current.add(line)
                    continue
                said = self._object(line)
                if "end" in said:
                    end = said["end"]
                else:
                    current = tables[said["table"]] = Sum()
        found = {name: one.done() for name, one in tables.items()}
        if head.get("equipoise") != FORMAT or end != {name: [one.rows, one.digest] for name, one in found.items()}:
            raise self._broken()
        inside = [TrialInside(**one) for one in head["trials"]]
        return Manifest(head["schema"], datetime.fromisoformat(head["taken_at"]), head["keys"], inside, found)

    def put_back(self, rows: Connection, tables: list[Table], show: Show) -> None:
        """Into empty tables of the same version."""
        known = {one.name: one for one in tables}
        with self._lines() as lines:
            next(lines)
            line = next(lines)
            while "end" not in (said := self._object(line)):
                section = _Section(lines)
                put_back(rows, known[said["table"]], said["columns"], section)
                show(said["table"])
                line = section.after
        count_on(rows, known.values())

    @contextmanager
    def _lines(self) -> Iterator[Iterator[str]]:
        with OpenedFile(self.path, self.secret) as opened:
            packed = gzip.GzipFile(fileobj=io.BufferedReader(opened, 1024 * 1024))
            yield self._text(packed)

    def _text(self, packed: gzip.GzipFile) -> Iterator[str]:
        try:
            for line in packed:
                yield line.decode().rstrip("\n")
        except (EOFError, gzip.BadGzipFile, UnicodeDecodeError):
            raise self._broken() from None

    def _object(self, line: str) -> dict[str, Any]:
        try:
            found = json.loads(line)
        except ValueError:
            raise self._broken() from None
        if not isinstance(found, dict):
            raise self._broken()
        return found

    def _broken(self) -> BadInput:
        what = "this is no backup, or its end is missing."
        return BadInput([Problem(str(self.path), None, None, what, "Nothing was changed. Use another copy.")])


class _Section:
    """The rows of one table; `after` is the line that follows them."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self.after = lines, ""

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            if not line.startswith("["):
                self.after = line
                return
            yield line


def standing(engine: Engine) -> list[TrialInside]:
    """The trials that lie in a database now; none where it is empty."""
    if schema.current(engine) is None:
        return []
    with named_errors(), engine.connect() as rows:
        return trials_in(rows)


@contextmanager
def put_in_place(target: Store, by: Actor, archive: Archive, manifest: Manifest, show: Show) -> Iterator[Work]:
    """A work on the database as the backup had it; with an error in it everything stays as it was before."""
    with schema.rebuilt(target.engine, manifest.schema) as rows:
        load(rows, archive, manifest, show)
        yield work_on(rows, by, target.keys)


def load(rows: Connection, archive: Archive, manifest: Manifest, show: Show) -> None:
    """Put everything back into empty tables, read it once more, and bring it to the version of this code."""
    tables = tables_of(rows)
    archive.put_back(rows, tables, show)
    now = {table.name: summed(lines_of(rows, table)) for table in tables}
    if wrong := [name for name, was in manifest.tables.items() if now.get(name) != was]:
        raise Refused(f"What was put back is not what was saved ({', '.join(wrong)}). Nothing was changed.")
    schema.migrate(rows, manifest.schema)
