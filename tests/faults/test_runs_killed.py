"""Processes are killed, stopped and rolled, servers flushed and restarted: the short forms of T1 to T4 and T6 to T8."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.runs.frame import short_forms
from tests.faults.runs.pytest_forms import keeps_its_bounds
from tests.servers.nursery import Nursery
from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer
from trial.storage import schema
from trial.storage.engine import connect

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with Nursery(tmp_path_factory.mktemp("processes")) as started:
        yield started


@pytest.fixture(scope="module")
def migrated(postgres_server: PostgresServer) -> Iterator[str]:
    """The name of a database with our tables, to be copied: laying them down takes most of a second each time."""
    engine = connect(postgres_server.create_database("faults_migrated"))
    schema.upgrade(engine)
    engine.dispose()
    yield "faults_migrated"
    postgres_server.drop_database("faults_migrated")


@pytest.mark.parametrize(("name", "form"), short_forms("T1", "T2", "T3", "T4", "T6", "T7", "T8"))
def test_a_run_keeps_its_bounds(
    name: str,
    form: str,
    nursery: Nursery,
    postgres_server: PostgresServer,
    redis_server: RedisServer,
    migrated: str,
    tmp_path: Path,
) -> None:
    lent = {"nursery": nursery, "postgres": postgres_server, "redis": redis_server, "migrated": migrated}
    keeps_its_bounds(name, form, tmp_path, **lent)
