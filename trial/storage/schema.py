"""The schema, built by migrations alone: in a demo, a test and a real trial alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from trial.core.errors import Refused, Unavailable
from trial.storage.engine import named_errors
from trial.storage.tables import metadata
from trial.storage.work import Work

HEAD = "0007"


def current(engine: Engine) -> str | None:
    """The version that this database stands at; None for an empty one."""
    with named_errors(), engine.connect() as rows:
        if not inspect(rows).has_table("schema_version"):
            return None
        return rows.execute(text("select version_num from schema_version")).scalar_one_or_none()


def fits(work: Work) -> bool:
    """Whether the database of this transaction stands at the version of this code."""
    return work.rows.execute(text("select version_num from schema_version")).scalar_one_or_none() == HEAD


def holds_trials(engine: Engine) -> bool:
    """Whether anything but rehearsals lies in this database: what was sealed in it needs its keys."""
    if current(engine) is None:
        return False
    with named_errors(), engine.connect() as rows:
        return rows.execute(text("select 1 from trial where kind <> 'rehearsal' limit 1")).first() is not None


def upgrade(engine: Engine) -> None:
    """Bring a database to the version of this code; does nothing where it is there already."""
    found = current(engine)
    if found != HEAD:
        with named_errors(), _changing(engine) as rows:
            migrate(rows, found)


def migrate(rows: Connection, found: str | None, to: str = "head") -> None:
    """Run the migrations from the version `found` in this transaction."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = rows
    try:
        command.upgrade(config, to)
    except CommandError as error:
        unknown = found if to == "head" else to
        what = f"The data stand at version {unknown}, which this code (version {HEAD}) does not know."
        raise Refused(f"{what} Use the Equipoise that made them, or a newer one.") from error


@contextmanager
def rebuilt(engine: Engine, version: str) -> Iterator[Connection]:
    """Within one transaction: whatever of ours lies in the database goes, and empty tables of a version stand there."""
    found = current(engine)
    with named_errors(), _changing(engine) as rows:
        if found is None and any(inspect(rows).has_table(name) for name in metadata.tables):
            raise Refused("This database holds tables of something else. Name another.")
        if found is not None:
            _drop(rows)
        migrate(rows, None, version)
        yield rows


def _drop(rows: Connection) -> None:
    metadata.drop_all(rows)
    rows.execute(text("drop table schema_version"))
    if rows.dialect.name == "postgresql":
        rows.execute(text("drop function if exists refuse_change cascade"))


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """One transaction for all migrations. SQLite changes a table by making it anew, which foreign keys would forbid.

    They are switched off meanwhile (within a transaction SQLite ignores the switch) and looked at before the commit.
    """
    if engine.dialect.name != "sqlite":
        with engine.begin() as rows:
            yield rows
        return
    with engine.connect() as rows:
        driver = rows.connection.driver_connection
        assert driver is not None
        rows.rollback()
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with rows.begin():
                yield rows
                broken = rows.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise Refused(f"The migration would leave {len(broken)} rows without what they belong to.")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def require_current(engine: Engine) -> None:
    """Refuse a database that another version of the code made."""
    found = current(engine)
    if found != HEAD:
        detail = "it is empty" if found is None else f"it stands at version {found}, this code at {HEAD}"
        raise Unavailable("The database schema", "EQUIPOISE_DATABASE_URL, or run `equipoise migrate`", detail)


def clear_rehearsal(engine: Engine) -> None:
    """Empty a database that an earlier rehearsal used; Refused where it holds anything else."""
    if current(engine) is None:
        with named_errors(), engine.connect() as rows:
            if any(inspect(rows).has_table(name) for name in metadata.tables):
                raise Refused("This database holds tables of something else. Name an empty one.")
        return
    with named_errors(), engine.begin() as rows:
        real = rows.execute(text("select count(*) from trial where kind <> 'rehearsal'")).scalar_one()
        pretend = rows.execute(text("select count(*) from clock")).scalar_one()
        trials = rows.execute(text("select count(*) from trial")).scalar_one()
        if real or (trials and not pretend):
            raise Refused("This database holds a trial that is no rehearsal. Name an empty database for the demo.")
        _drop(rows)
