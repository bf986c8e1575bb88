"""Fixtures that hand out real servers, each started at most once per test process and stopped at its end."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.servers.postgres import PostgresServer
    from tests.servers.redis import RedisServer

_numbers = count(1)
# what was imported stays; looking through all of it every few hundred objects took a tenth of every test
gc.set_threshold(50_000, 20, 50)

# a busy machine is no mistake of the code: no example is judged by its time
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Keep the tests of one file in one process."""
    from tests.distribution import FileByFile

    return FileByFile(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process more than there are processors: browsers, servers and demos are waited for a good deal."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the work, the long files come first."""
    if hasattr(config, "workerinput"):
        from tests.distribution import place

        items.sort(key=lambda item: place(item.nodeid))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server; tests that kill or restart one start their own."""
    from tests.servers.postgres import PostgresServer

    with PostgresServer() as server:
        yield server


@pytest.fixture
def fresh_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a new, empty PostgreSQL database, dropped after the test."""
    name = f"trial_{next(_numbers)}"
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis server; tests that kill or restart one start their own."""
    from tests.servers.redis import RedisServer

    with RedisServer() as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, for one file: while it is open, asyncio.run cannot be called in the same thread."""
    from tests.servers.browser import chromium

    with chromium() as opened:
        yield opened
