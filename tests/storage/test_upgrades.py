"""A database of every earlier version, with a person in it, is brought to this version and loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from cryptography.exceptions import InvalidTag
from sqlalchemy import MetaData, Table, insert, select
from sqlalchemy.exc import DBAPIError

import trial.storage
from tests.core.protocols import FOLDER
from tests.storage.stores import BOTH, KEYS, opened
from trial.core.access import SYSTEM
from trial.core.matters import MatterAct, MatterKind, MatterState
from trial.core.randomization import STAGE, Kept
from trial.storage import (
    allocations,
    answer_sheets,
    archives,
    matters,
    participants,
    restored,
    schema,
    sealed_files,
    vault,
)
from trial.storage.archives import Archive
from trial.storage.columns import VAULT
from trial.storage.engine import sqlite_url
from trial.storage.sealed_files import Passphrase
from trial.storage.tables import words
from trial.storage.work import Store

THEN = datetime(2041, 3, 4, 9, 0, tzinfo=UTC)
ADDRESS, SIGNATURE, WRITING = "robin@mailbox.example", "R. Example", "what I wrote before"
KEY = b"k" * 32


@pytest.fixture(params=["0002", "0003", "0004", "0005"])
def version(request: pytest.FixtureRequest) -> str:
    """A version that real databases stand at."""
    return str(request.param)


@pytest.fixture(params=BOTH)
def before(request: pytest.FixtureRequest, version: str, tmp_path: Path) -> Iterator[Store]:
    """A database at an earlier version with one randomised person."""
    on_sqlite = request.param == "sqlite"
    url = sqlite_url(tmp_path / "before.sqlite") if on_sqlite else request.getfixturevalue("fresh_postgres_url")
    with opened(url) as store:
        config = Config()
        config.set_main_option("script_location", str(Path(trial.storage.__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        with store.engine.begin() as rows:
            config.attributes["connection"] = rows
            command.upgrade(config, version)
        assert schema.current(store.engine) == version
        _live(store, _rows() + (_rows_of_0003() if version > "0002" else []) + [_block(version)])
        yield store


def _tables(store: Store) -> dict[str, Table]:
    """The tables as they stand in the database."""
    found = MetaData()
    found.reflect(store.engine)
    if store.engine.dialect.name == "postgresql":
        found.reflect(store.engine, schema=VAULT)
    return {table.name: table for table in found.tables.values()}


def _live(store: Store, rows: list[tuple[str, dict[str, Any]]]) -> None:
    tables = _tables(store)
    with store.engine.begin() as work:
        for name, values in rows:
            work.execute(insert(tables[name]).values(values))


def _rows_of_0003() -> list[tuple[str, dict[str, Any]]]:
    """What people could do from 0003 on."""
    mine = {"trial_id": 1, "participant_id": 1}
    return [
        ("occasion", mine | {"timepoint": "evening", "occurrence": 1, "activity": "letter", "opens_at": THEN,
                             "closes_at": THEN, "passed_over_at": THEN}),
        ("draft", mine | {"occasion_id": 1, "opened_at": THEN, "saved_at": THEN, "goes_at": THEN}),
        ("muted", mine | {"activity": "letter", "muted_at": THEN}),
        ("flag", mine | {"signal": "fast", "detail": {"seconds": 4}, "raised_at": THEN}),
        ("review", mine | {"decision": "released", "reason": "known to us", "by": "member:1", "decided_at": THEN}),
        ("alert", mine | {"answer_sheet_id": 1, "rule": "low", "tier": "alert", "raised_at": THEN}),
        ("fresh_code", mine | {"purpose": "address", "generation": 2, "tries": 1, "expires_at": THEN}),
        ("wish", mine | {"kind": "withdraw_data", "asked_at": THEN, "takes_effect_at": THEN, "undone_at": THEN}),
    ]  # fmt: skip


def _block(version: str) -> tuple[str, dict[str, Any]]:
    """The open block of the one stratum, as it was kept before every method had one form of state."""
    kept = {"block": 1, "remaining": [0, 1]} if version < "0005" else {"state": {"block": 1, "left": [0, 1]}}
    return "allocation_state", {"trial_id": 1, "stage": "main", "stratum": "", "number": 1} | kept


def _rows() -> list[tuple[str, dict[str, Any]]]:
    sealed_key = vault.seal(KEYS.vault, KEY, "key|1")
    mine = {"trial_id": 1, "participant_id": 1}
    return [
        ("trial", {"slug": "evenings", "kind": "live", "state": "open", "target": 40, "base_url": "https://x.example",
                   "code_key": b"c" * 32, "opened_at": THEN}),
        ("protocol_version", {"trial_id": 1, "name": "evenings", "version": "1", "schema_version": 2,
                              "digest": FOLDER.digest, "files": dict(FOLDER.files), "registered_at": THEN}),
        ("participant", {"trial_id": 1, "number": 1, "code": "ABCDEFGH", "protocol_id": 1, "state": "randomized",
                         "language": "en", "zone": "Europe/Berlin", "source": "poster", "created_at": THEN,
                         "randomized_at": THEN, "code_generation": 1, "code_tries": 0, "code_expires_at": THEN}),
        ("screening", mine | {"screened_at": THEN, "eligible": True, "source": "poster", "answers": {"age": 34},
                              "submission": "s"}),
        ("consent", mine | {"version": "1", "statements": ["read", "free"], "signed_at": THEN}),
        ("allocation", mine | {"stage": "main", "sequence": 1, "stratum": "", "number": 1, "arm": "letter",
                               "record": {"draw": 1}, "allocated_at": THEN}),
        ("occasion", mine | {"timepoint": "baseline", "occurrence": 1, "activity": "before", "opens_at": THEN,
                             "closes_at": THEN, "done_at": THEN}),
        ("delivery", mine | {"message": "code", "stream": "service", "timepoint": "", "occurrence": 1, "reminder": 0,
                             "local_rule": "at once", "due_at": THEN, "not_after": THEN, "state": "accepted"}),
        ("answer_sheet", mine | {"occasion_id": 1, "activity": "before", "protocol_digest": FOLDER.digest,
                                 "submission": "one", "answers": {"feeling_1": 2}, "submitted_at": THEN, "by": "p"}),
        ("event", {"trial_id": 1, "at": THEN, "by": "system", "event": "trial_opened", "detail": {}}),
        ("identity", mine | {"blind_index": b"i" * 32, "wrapped_key": sealed_key,
                             "address": vault.seal(KEY, ADDRESS.encode(), "address|1")}),
        ("words", mine | {"kind": "signature", "about": "consent:1",
                          "sealed": vault.seal(KEY, SIGNATURE.encode(), "signature|consent:1|1")}),
        ("words", mine | {"kind": "answer", "about": "1:writing",
                          "sealed": vault.seal(KEY, WRITING.encode(), "answer|1:writing|1")}),
        ("adverse_event", mine | {"occasion_id": 1, "state": "open", "reported_at": THEN, "submission": "r"}),
    ]  # fmt: skip


def _content(store: Store) -> dict[str, list[dict[str, Any]]]:
    tables = _tables(store)
    with store.engine.begin() as rows:
        return {
            name: [dict(row._mapping) for row in rows.execute(select(table))]
            for name, table in tables.items()
            if name != "schema_version"
        }


def test_every_row_and_every_value_is_still_there(before: Store, version: str) -> None:
    was = _content(before)
    schema.upgrade(before.engine)
    assert schema.current(before.engine) == schema.HEAD
    now = _content(before)
    assert sum(len(rows) for rows in was.values()) == {"0002": 15, "0003": 23, "0004": 23, "0005": 23}[version]
    for name, rows in was.items():
        if name == "allocation_state":  # the one table whose form has changed: see below
            continue
        kept = [{column: row[column] for column in old} for old, row in zip(rows, now[name], strict=True)]
        assert kept == rows, name


def test_the_open_block_of_a_stratum_goes_on_where_it_was(before: Store) -> None:
    schema.upgrade(before.engine)
    with before.open_work(SYSTEM) as work:
        assert allocations.kept(work, 1, STAGE, "") == Kept(1, 1, {"block": 1, "left": [0, 1]})


def test_what_the_person_gave_before_is_read_and_what_they_give_now_is_sealed(before: Store) -> None:
    schema.upgrade(before.engine)
    with before.open_work(SYSTEM) as work:
        person = participants.by_id(work, 1)
        assert (person.fewer_reminders, person.paused_until, person.erased_at) == (False, None, None)
        assert vault.address_of(work, 1) == ADDRESS
        assert vault.words_of(work, 1, "signature", "consent:1") == SIGNATURE
        assert vault.words_of(work, 1, "answer", "1:writing") == WRITING
        assert answer_sheets.of_participant(work, 1)[0].answers == {"feeling_1": 2}
        vault.keep_words(work, 1, 1, "answer", "2:writing", "written after")
        assert vault.words_of(work, 1, "answer", "2:writing") == "written after"
        sealed = work.rows.execute(select(words.c.sealed).where(words.c.about == "2:writing")).scalar_one()
        with pytest.raises(InvalidTag):
            vault.unseal(KEY, sealed, "answer|2:writing|1")


@pytest.mark.parametrize("table", ["consent", "answer_sheet", "event", "allocation"])
def test_what_could_only_be_added_to_can_still_only_be_added_to(before: Store, table: str) -> None:
    schema.upgrade(before.engine)
    found = _tables(before)[table]
    with pytest.raises(DBAPIError, match="append-only"), before.engine.begin() as rows:
        rows.execute(found.delete())


def test_answers_from_before_are_not_used_once_they_are_taken_back(before: Store) -> None:
    schema.upgrade(before.engine)
    with before.open_work(SYSTEM) as work:
        participants.change(work, 1, data_withdrawn_at=work.now)
        vault.destroy_answers(work, 1)
        assert answer_sheets.of_participant(work, 1)[0].answers == {}


@pytest.mark.parametrize("version", ["0002"], indirect=True)
def test_a_second_consent_can_be_kept_after_it_and_not_before(before: Store) -> None:
    again = {"trial_id": 1, "participant_id": 1, "version": "2", "statements": ["read"], "signed_at": THEN}
    consent = _tables(before)["consent"]
    with pytest.raises(DBAPIError), before.engine.begin() as rows:
        rows.execute(insert(consent).values(again))
    schema.upgrade(before.engine)
    with before.engine.begin() as rows:
        rows.execute(insert(consent).values(again))


@pytest.mark.parametrize("version", ["0002", "0003"], indirect=True)
def test_what_nobody_has_looked_at_waits_on_the_lists_of_the_desk(before: Store, version: str) -> None:
    schema.upgrade(before.engine)
    kinds = {"0002": [MatterKind.ADVERSE_EVENT], "0003": [MatterKind.ADVERSE_EVENT, MatterKind.ALERT]}
    with before.open_work(SYSTEM) as work:
        waiting = matters.listed(work, 1)
        assert sorted(one.kind for one in waiting) == kinds[version]
        for waits in waiting:
            assert (waits.about, waits.participant_id) == (1, 1)
            assert (waits.state, waits.opened_at, waits.act_by) == (MatterState.OPEN, THEN, None)
            assert [one.act for one in matters.history(work, waits.id)] == [MatterAct.OPENED]


def test_a_backup_of_an_earlier_version_is_put_back_and_brought_up_to_date(
    before: Store, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_files, "WORK_FACTOR", 2)
    secret = Passphrase("words of a test")
    with before.snapshot(SYSTEM) as work:
        archives.write(work, tmp_path / "backup", [secret], keys="k", show=lambda _: None)
    archive = Archive(tmp_path / "backup", secret)
    manifest = archive.manifest()
    assert manifest.schema == version
    with opened(sqlite_url(tmp_path / "elsewhere.sqlite")) as other:
        with archives.put_in_place(other, SYSTEM, archive, manifest, lambda _: None) as work:
            assert vault.address_of(work, 1) == ADDRESS
            restored.hold(work)
        assert schema.current(other.engine) == schema.HEAD
