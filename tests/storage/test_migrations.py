"""The schema comes from migrations alone, is the one the code believes in, and is never taken for something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, inspect, text

from tests.services.scene import OPERATOR, START
from tests.storage.stores import BOTH, opened, run
from trial.core.errors import Refused, Unavailable
from trial.storage import clock, schema
from trial.storage.columns import VAULT
from trial.storage.engine import sqlite_url
from trial.storage.tables import metadata
from trial.storage.work import Store


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database without any table."""
    on_sqlite = request.param == "sqlite"
    url = sqlite_url(tmp_path / "empty.sqlite") if on_sqlite else request.getfixturevalue("fresh_postgres_url")
    with opened(url) as found:
        yield found


@pytest.fixture
def fresh(empty: Store) -> Store:
    """A migrated database of the test's own: what is done to its tables harms no other test."""
    schema.upgrade(empty.engine)
    return empty


def on(engine: Engine) -> MetaData:
    """The tables as the code declares them; SQLite has no schemas, so there the vault's lie among the others."""
    if engine.dialect.name == "postgresql":
        return metadata
    plain = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        table.to_metadata(plain, schema=None)  # type: ignore[arg-type]  # None: no schema
    return plain


def test_the_migrations_build_the_whole_schema_from_nothing(empty: Store) -> None:
    assert schema.current(empty.engine) is None
    schema.upgrade(empty.engine)
    assert schema.current(empty.engine) == schema.HEAD
    schema.require_current(empty.engine)
    schema.upgrade(empty.engine)
    assert schema.current(empty.engine) == schema.HEAD


def test_the_migrated_schema_is_the_declared_one(store: Store) -> None:
    options = {
        "include_schemas": True,
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _: kind != "schema" or name in (None, VAULT),
        "include_object": lambda _, name, kind, *__: (kind, name) != ("table", "schema_version"),
    }
    with store.engine.connect() as rows:
        found = compare_metadata(MigrationContext.configure(rows, opts=options), on(store.engine))
    assert found == []


def shape(engine: Engine) -> dict[str, Any]:
    """What alembic does not compare: checks, foreign keys by name, and the conditions of partial indexes."""
    looker = inspect(engine)
    schemas = (None, VAULT) if engine.dialect.name == "postgresql" else (None,)
    found: dict[str, Any] = {}
    for place in schemas:
        for name in looker.get_table_names(schema=place):
            if name == "schema_version":
                continue
            indexes = looker.get_indexes(name, schema=place)
            found[name] = {
                "checks": sorted(
                    (str(one["name"]), one["sqltext"]) for one in looker.get_check_constraints(name, place)
                ),
                "uniques": sorted(
                    (str(one["name"]), tuple(one["column_names"])) for one in looker.get_unique_constraints(name, place)
                ),
                "foreign": sorted(
                    (str(one["name"]), tuple(one["constrained_columns"]), one["referred_table"])
                    for one in looker.get_foreign_keys(name, place)
                ),
                "indexes": sorted((str(one["name"]), one["unique"], _conditions(one)) for one in indexes),
                "nullable": {one["name"]: one["nullable"] for one in looker.get_columns(name, place)},
            }
    return found


def _conditions(index: Any) -> tuple[str, ...]:
    return tuple(sorted(f"{name}: {value}" for name, value in index.get("dialect_options", {}).items()))


def test_checks_keys_and_partial_indexes_are_the_declared_ones(
    store: Store, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    on_sqlite = store.engine.dialect.name == "sqlite"
    url = sqlite_url(tmp_path / "declared.sqlite") if on_sqlite else request.getfixturevalue("fresh_postgres_url")
    with opened(url) as declared:
        with declared.engine.begin() as rows:
            if not on_sqlite:
                rows.execute(text(f"create schema {VAULT}"))
            on(declared.engine).create_all(rows)
        assert shape(store.engine) == shape(declared.engine)
        assert sum(len(one["checks"]) for one in shape(store.engine).values()) >= 6


def test_a_database_that_was_never_prepared_is_refused_with_the_command_that_prepares_it(empty: Store) -> None:
    with pytest.raises(Unavailable, match=r"equipoise migrate.*it is empty"):
        schema.require_current(empty.engine)


def test_a_database_of_another_version_is_refused(fresh: Store) -> None:
    run(fresh, "update schema_version set version_num = '0001'")
    with pytest.raises(Unavailable, match="version 0001, this code at"):
        schema.require_current(fresh.engine)


def rehearse(store: Store, kind: str = "rehearsal") -> None:
    """A database with one trial of this kind in it."""
    run(
        store,
        "insert into trial (slug, kind, state, target, base_url, code_key, opened_at) values "
        "('evenings', :kind, 'open', 3, '', :key, '2041-01-01')",
        kind=kind,
        key=b"k",
    )


def start_clock(store: Store) -> None:
    with store.open_work(OPERATOR) as work:
        clock.start(work, START)


def test_the_database_of_an_earlier_rehearsal_is_emptied_and_can_be_used_again(fresh: Store) -> None:
    start_clock(fresh)
    rehearse(fresh)
    schema.clear_rehearsal(fresh.engine)
    assert schema.current(fresh.engine) is None
    schema.upgrade(fresh.engine)
    assert run(fresh, "select count(*) from trial")[0][0] == 0
    # the guards are back as well
    rehearse(fresh)
    run(fresh, "insert into event (trial_id, at, by, event, detail) select id, opened_at, '', '', '{}' from trial")
    with pytest.raises(Exception, match="append-only"):
        run(fresh, "delete from event")


@pytest.mark.parametrize("kind", ["test", "live"])
def test_a_rehearsal_never_empties_a_database_with_a_real_trial(store: Store, kind: str) -> None:
    start_clock(store)
    rehearse(store)
    run(store, "update trial set kind = :kind", kind=kind)
    with pytest.raises(Refused, match="no rehearsal"):
        schema.clear_rehearsal(store.engine)
    assert run(store, "select kind from trial") == [(kind,)]


def test_a_rehearsal_without_the_pretend_clock_is_not_emptied_either(store: Store) -> None:
    rehearse(store)
    with pytest.raises(Refused, match="no rehearsal"):
        schema.clear_rehearsal(store.engine)
    assert run(store, "select count(*) from trial")[0][0] == 1


def test_a_rehearsal_never_empties_tables_that_are_not_ours(empty: Store) -> None:
    run(empty, "create table participant (id integer)")
    with pytest.raises(Refused, match="something else"):
        schema.clear_rehearsal(empty.engine)
    assert inspect(empty.engine).has_table("participant")


def test_an_empty_database_needs_no_clearing(empty: Store) -> None:
    schema.clear_rehearsal(empty.engine)
    assert inspect(empty.engine).get_table_names() == []
