"""What a rehearsal leaves behind, read without the product: mails, rows, the protocol, tables and results.

Nothing here or in the oracles imports `trial`: what they work out is a second opinion.
"""

from __future__ import annotations

import csv
import email
import email.policy
import json
import re
import sqlite3
from base64 import b64decode
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from ruamel.yaml import YAML

Row = dict[str, Any]
Tables = dict[str, list[Row]]

CSV_FILES = ("dataset", "items", "contacts", "events", "harms", "disposition", "codebook")
_JSON = {"answers", "record", "detail", "statements", "files", "remaining"}
_TIMES = {"at", "not_after", "lease_until", "retry_from", "instant"}
_TOKEN = re.compile(r"/go/([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Mail:
    """One file of the mailbox; `sent` is its Date, `tokens` the personal links in its text."""

    number: int
    recipient: str
    message_id: str
    sent: datetime
    subject: str
    text: str
    tokens: frozenset[str]


class Evidence:
    """All of one rehearsal; `tables` are every row of its database, by raw SQL."""

    def __init__(self, home: Path, tables: Tables) -> None:
        self.home = home
        self.tables = tables
        if tables.get("answer_sheet") and "identity" in tables:
            self._open_answers()

    def _open_answers(self) -> None:
        """The closed answers lie sealed under each person's answers key, which the vault key wraps."""
        vault, keys = AESGCM(self.key("vault")), {}
        for row in self.tables["identity"]:
            wrapped, place = row["wrapped_answers_key"], f"answers key|{row['participant_id']}"
            if wrapped is not None:
                keys[row["participant_id"]] = AESGCM(vault.decrypt(wrapped[:12], wrapped[12:], place.encode()))
        for sheet in self.tables["answer_sheet"]:
            person, sealed = sheet["participant_id"], b64decode(sheet["answers"]["sealed:1"])
            place = f"sheet|{person}|{sheet['submission']}"
            opened = keys[person].decrypt(sealed[:12], sealed[12:], place.encode()) if person in keys else b"{}"
            sheet["answers"] = json.loads(opened)

    @cached_property
    def mails(self) -> list[Mail]:
        return [_mail(path) for path in sorted((self.home / "mailbox").glob("*.eml"))]

    @cached_property
    def refused(self) -> set[str]:
        """Addresses that the mail server turned away at the end."""
        path = self.home / "mailbox" / "refused.txt"
        return set(path.read_text().split()) if path.exists() else set()

    @cached_property
    def stops(self) -> dict[int, list[dict[str, Any]]]:
        """When people stopped what, as the record of events has it."""
        found: dict[int, list[dict[str, Any]]] = {}
        for one in self.tables["event"]:
            if one["event"].startswith("stopped_"):
                found.setdefault(one["participant_id"], []).append(one)
        return found

    @cached_property
    def protocol(self) -> dict[str, Any]:
        return read_yaml(self.home / "protocol" / "protocol.yaml")

    @cached_property
    def instruments(self) -> dict[str, dict[str, Any]]:
        found = [read_yaml(path) for path in sorted((self.home / "protocol" / "instruments").glob("*.yaml"))]
        return {one["code"]: one for one in found}

    @cached_property
    def csv(self) -> dict[str, list[dict[str, str]]]:
        return {name: read_csv(self.home / f"{name}.csv") for name in CSV_FILES}

    @cached_property
    def results(self) -> dict[str, Any]:
        return dict(json.loads((self.home / "results.json").read_text()))

    def key(self, name: str) -> bytes:
        """A key that lies outside the database."""
        return bytes.fromhex((self.home / "keys" / f"{name}.key").read_text())

    def one(self, table: str, **wanted: Any) -> Row:
        """The only row with these values."""
        (row,) = self.all(table, **wanted)
        return row

    def all(self, table: str, **wanted: Any) -> list[Row]:
        """Every row with these values, in the order of their ids."""
        return [row for row in self.tables[table] if all(row[name] == value for name, value in wanted.items())]

    @cached_property
    def people(self) -> dict[int, Row]:
        """Participants by id."""
        return {row["id"]: row for row in self.tables["participant"]}

    @cached_property
    def windows(self) -> dict[int, Row]:
        """Occasions by id."""
        return {row["id"]: row for row in self.tables["occasion"]}

    @cached_property
    def arm_of(self) -> dict[int, str]:
        """Participant id to arm, for everyone randomised."""
        return {row["participant_id"]: row["arm"] for row in self.tables["allocation"]}

    def days_since(self, person: Row, moment: datetime | None) -> int | None:
        """Local calendar days since randomisation."""
        if moment is None:
            return None
        zone, randomized_at = ZoneInfo(person["zone"]), person["randomized_at"]
        assert isinstance(randomized_at, datetime)
        return (moment.astimezone(zone).date() - randomized_at.astimezone(zone).date()).days


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file as plain values."""
    return dict(YAML(typ="safe", pure=True).load(path.read_text()))


def read_csv(path: Path) -> list[dict[str, str]]:
    """A CSV file as text, row by row."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_sqlite(path: Path) -> Tables:
    """Every row of every table of a SQLite file."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as rows:
        rows.row_factory = sqlite3.Row
        names = [one[0] for one in rows.execute("select name from sqlite_master where type = 'table'")]
        return {name: _typed(dict(one) for one in rows.execute(f"select * from {name}")) for name in names}


def read_postgres(url: str) -> Tables:
    """Every row of every table of a PostgreSQL database, but those of the vault."""
    import psycopg
    from psycopg.rows import dict_row

    tables = "select table_name from information_schema.tables where table_schema = 'public'"
    with psycopg.connect(url.replace("+psycopg", "")) as rows:
        names = [one[0] for one in rows.execute(tables)]
        with rows.cursor(row_factory=dict_row) as cursor:
            return {name: _typed(cursor.execute(f'select * from "{name}"').fetchall()) for name in names}


def _typed(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """SQLite's texts as instants and JSON; PostgreSQL brings both by itself."""
    typed = [{name: _value(name, value) for name, value in row.items()} for row in rows]
    return sorted(typed, key=lambda row: row.get("id") or 0)


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name.endswith("_at") or name in _TIMES:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return json.loads(value) if name in _JSON and isinstance(value, str) else value


def _mail(path: Path) -> Mail:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    return Mail(
        number=int(path.stem),
        recipient=str(message["X-Envelope-To"]),
        message_id=str(message["Message-ID"]),
        sent=parsedate_to_datetime(str(message["Date"])),
        subject=str(message["Subject"]),
        text=text,
        tokens=frozenset(_TOKEN.findall(text)),
    )
