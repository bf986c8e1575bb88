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

# what the desk keeps for ever, in the order in which one row needs the other
DESK = (
    "insert into matter (trial_id, participant_id, kind, about, opened_at) "
    "select trial_id, id, 'deviation', id, created_at from participant",
    "insert into matter_act (trial_id, matter_id, at, by, act, detail) "
    "select trial_id, id, opened_at, 'member:1', 'opened', '{}' from matter",
    "insert into adverse_event (trial_id, participant_id, state, reported_at, submission) "
    "select trial_id, id, 'open', created_at, 'once' from participant",
    "insert into adverse_event_assessment (trial_id, adverse_event_id, serious, criteria, severity, relatedness, "
    "expectedness, outcome, term, stopped, assessed_at, by) "
    "select trial_id, id, false, '[]', 'mild', 'unrelated', 'expected', 'recovered', 'ache', 'nothing', reported_at, "
    "'member:1' "
    "from adverse_event",
    "insert into deviation (trial_id, kind, important, happened_on, description, recorded_at, by) "
    "select id, 'other', false, '2041-03-04', 'late', opened_at, 'member:1' from trial",
    "insert into evidence (trial_id, line, digest, detail, at, by) "
    "select id, 'backup', 'none', '{}', opened_at, 'member:1' from trial",
    "insert into design_amendment (trial_id, protocol_id, configuration, rule_version, allocated_before, published_at) "
    "select trial_id, id, 'none', 'simple-1', 1, registered_at from protocol_version",
    "insert into enrolment_error (trial_id, participant_id, reason, recorded_at, by) "
    "select trial_id, id, 'duplicate', created_at, 'member:1' from participant",
    "insert into seed_part (trial_id, part, sealed, digest, at) select id, 'share', '', 'none', opened_at from trial",
    "insert into cluster_allocation (trial_id, cluster, sequence, stratum, number, arm, record, allocated_at) "
    "select id, 'north', 1, 'all', 1, 'letter', '{}', opened_at from trial",
)


@pytest.fixture
def lived(store: Store) -> Iterator[Store]:
    """A database in which every append-only table has rows."""
    Scene(store).enrol()
    run(store, FLAG)
    run(store, REVIEW)
    for statement in DESK:
        run(store, statement)
    rows = content(store)
    assert all(rows[table] for table in APPEND_ONLY)
    yield store
    assert content(store) == rows


def test_the_record_of_events_allocations_answers_consents_and_protocols_is_guarded() -> None:
    first = {"event", "allocation", "answer_sheet", "consent", "protocol_version", "flag", "review"}
    desk = {"matter_act", "adverse_event_assessment", "deviation", "evidence"}
    since = {"design_amendment", "enrolment_error", "cluster_allocation", "seed_part"}
    assert set(APPEND_ONLY) == first | desk | since


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
