"""An empty database beside the one in use, of the same kind, for as long as something is tried in it."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from trial.storage.engine import named_errors, sqlite_url


@contextmanager
def scratch_database(engine: Engine) -> Iterator[str | None]:
    """Its address; gone afterwards. None where the account of this installation may make none on its server."""
    if engine.dialect.name != "postgresql":
        with scratch_file() as url:
            yield url
        return
    name = f"equipoise_drill_{secrets.token_hex(6)}"
    if not _say(engine, f'create database "{name}"'):
        yield None
        return
    try:
        yield engine.url.set(database=name).render_as_string(hide_password=False)
    finally:
        _say(engine, f'drop database "{name}" with (force)')


@contextmanager
def scratch_file() -> Iterator[str]:
    """The same in a SQLite file."""
    with tempfile.TemporaryDirectory(prefix="equipoise-drill-") as place:
        yield sqlite_url(Path(place) / "drill.sqlite")


def _say(engine: Engine, statement: str) -> bool:
    """Whether the server did it; False where this account may not. Outside any transaction, as the server wants it."""
    with named_errors(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as rows:
        try:
            rows.execute(text(statement))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == "42501":  # insufficient privilege
                return False
            raise
    return True
