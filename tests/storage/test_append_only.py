"""What happened stays on record: the database itself refuses to change or forget it, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import DBAPIError

from tests.services.scene import Scene
from tests.storage.stores import ON_POSTGRESQL, content, dialect, run
from trial.storage.tables import APPEND_ONLY
from trial.storage.work import Store

# a change that would not even change anything is refused as well
CHANGES = {
    "update": "update {table} set id = id",
    "update of one row": "update {table} set trial_id = trial_id where id = (select min(id) from {table})",
    "delete": "delete from {table}",
    "delete of one row": "delete from {table} where id = (select min(id) from {table})",
}


FLAG = (
    "insert into flag (trial_id, participant_id, signal, detail, raised_at) "
    "select trial_id, id, 'fast', '{}', created_at from participant"
)
REVIEW = (
    "insert into review (trial_id, participant_id, decision, reason, by, decided_at) "
    "select trial_id, id, 'released', 'looked at', 'member:1', created_at from participant"
)


@pytest.fixture
def lived(store: Store) -> Iterator[Store]:
    """A database in which every append-only table has rows."""
    Scene(store).enrol()
    run(store, FLAG)
    run(store, REVIEW)
    rows = content(store)
    assert all(rows[table] for table in APPEND_ONLY)
    yield store
    assert content(store) == rows


def test_the_record_of_events_allocations_answers_consents_and_protocols_is_guarded() -> None:
    assert set(APPEND_ONLY) == {"event", "allocation", "answer_sheet", "consent", "protocol_version", "flag", "review"}


def test_no_row_of_the_record_can_be_changed_or_deleted(lived: Store) -> None:
    for table in APPEND_ONLY:
        for change in CHANGES.values():
            with pytest.raises(DBAPIError, match=f"{table} is append-only"):
                run(lived, change.format(table=table))


REPLACE = {
    # deletes the old row, by default without a word to the triggers
    "sqlite": "insert or replace into {table} select * from {table}",
    "postgresql": "insert into {table} select * from {table} on conflict (id) do update set id = excluded.id",
}


def test_a_row_of_the_record_cannot_be_replaced_by_another_with_its_key(lived: Store) -> None:
    for table in APPEND_ONLY:
        with pytest.raises(DBAPIError, match=f"{table} is append-only"):
            run(lived, REPLACE[dialect(lived)].format(table=table))


@ON_POSTGRESQL
def test_the_record_cannot_be_emptied(lived: Store) -> None:
    for table in APPEND_ONLY:
        with pytest.raises(DBAPIError, match="append-only"):
            run(lived, f"truncate {table} cascade")
    with pytest.raises(DBAPIError, match="append-only"):
        run(lived, "truncate trial cascade")


def test_what_may_change_still_can(store: Store) -> None:
    """Were everything refused, the tests above would say nothing."""
    Scene(store).enrol()
    assert run(store, "update delivery set reason = 'changed'") > 0
    assert run(store, "delete from delivery") > 0
