"""An empty database for a run, on either kind; a server that was lent is used, else one is started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from tests.faults.runs.frame import Watch
from trial.storage.engine import sqlite_url

_numbers = count(1)


@contextmanager
def database(watch: Watch, kind: str) -> Iterator[str]:
    """The address of an empty database, gone afterwards; a server of our own keeps its promises about the disk."""
    if kind == "sqlite":
        yield sqlite_url(watch.folder / f"trial{next(_numbers)}.sqlite")
        return
    from tests.servers.postgres import PostgresServer

    if "postgres" in watch.lent:
        server = watch.lent["postgres"]
        name = f"run_{next(_numbers)}"
        yield server.create_database(name)
        server.drop_database(name)
        return
    with PostgresServer(durable=True) as own:
        yield own.create_database("run")
