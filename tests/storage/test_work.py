"""The unit of work: all of it or none, one moment throughout, and a clock that only goes forward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import IntegrityError

from tests.servers.postgres import PostgresServer
from tests.servers.process import free_port
from tests.services.scene import OPERATOR, START, Scene
from tests.storage.stores import KEYS, ON_SQLITE, content, opened, run
from trial.core.access import SYSTEM
from trial.core.errors import ReadOnly, Refused, Unavailable
from trial.services import rehearsing
from trial.storage import clock, schema
from trial.storage.engine import connect, settle, sqlite_url
from trial.storage.work import Store


def test_an_error_takes_everything_back(store: Store) -> None:
    scene = Scene(store)
    before = content(store)

    def half_of_it() -> None:
        with scene.work() as work:
            clock.move(work, START + timedelta(days=1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_of_it()
    assert content(store) == before


def test_the_time_is_read_once_and_does_not_pass_within_a_unit_of_work(store: Store) -> None:
    scene = Scene(store)
    with scene.work() as work:
        clock.move(work, START + timedelta(days=1))
        assert work.now == START
    assert scene.now == START + timedelta(days=1)


def test_live_time_is_the_databases_own(store: Store) -> None:
    with store.open_work(SYSTEM, write=False) as work:
        assert work.now == work.machine_now
        assert work.now.tzinfo is UTC
    told = run(store, "select current_timestamp")[0][0]
    moment = datetime.fromisoformat(told).replace(tzinfo=UTC) if isinstance(told, str) else told
    assert abs(moment - work.now) < timedelta(seconds=30)


def test_in_a_rehearsal_the_machine_keeps_its_own_time(store: Store) -> None:
    scene = Scene(store)
    with scene.work() as before:
        pass
    scene.move(days=400)
    with scene.work() as after:
        assert after.now == START + timedelta(days=400)
        assert after.machine_now - before.machine_now < timedelta(seconds=60)


@pytest.mark.parametrize("step", [timedelta(microseconds=-1), timedelta(days=-1)])
def test_the_pretend_clock_never_goes_back(store: Store, step: timedelta) -> None:
    scene = Scene(store)
    scene.move(days=3)
    with scene.work(OPERATOR) as work, pytest.raises(Refused, match="forward"):
        clock.move(work, work.now + step)
    assert scene.now == START + timedelta(days=3)


def test_the_pretend_clock_waits_for_a_mail_that_is_due(store: Store) -> None:
    scene = Scene(store)
    scene.to_code()
    with scene.work(OPERATOR) as work, pytest.raises(Refused, match="still due"):
        rehearsing.move_clock(work, work.now + timedelta(hours=1))
    assert scene.now == START


def test_a_real_trial_has_no_clock_to_move(store: Store) -> None:
    with store.open_work(OPERATOR) as work, pytest.raises(Refused, match="only in a rehearsal"):
        clock.move(work, work.now + timedelta(days=1))
    with store.open_work(SYSTEM, write=False) as work:
        assert not rehearsing.is_pretend(work)


def test_there_is_one_pretend_clock_and_it_is_started_once(store: Store) -> None:
    with store.open_work(OPERATOR) as work:
        clock.start(work, START)
    with pytest.raises(IntegrityError), store.open_work(OPERATOR) as work:
        clock.start(work, START + timedelta(days=1))
    with store.open_work(SYSTEM, write=False) as work:
        assert (rehearsing.is_pretend(work), work.now) == (True, START)


def test_a_moment_without_a_zone_is_never_stored(store: Store) -> None:
    with pytest.raises(Exception, match="without a zone"), store.open_work(OPERATOR) as work:
        clock.start(work, datetime(2041, 1, 1))
    with store.open_work(SYSTEM, write=False) as work:
        assert not rehearsing.is_pretend(work)


def test_a_moment_comes_back_as_it_was_whatever_zone_it_was_given_in(store: Store) -> None:
    given = datetime(2041, 7, 1, 19, 0, 1, 250_000, tzinfo=ZoneInfo("Australia/Lord_Howe"))
    with store.open_work(OPERATOR) as work:
        clock.start(work, given)
    with store.open_work(SYSTEM, write=False) as work:
        assert work.now == given
        assert work.now.utcoffset() == timedelta(0)


def look(store: Store) -> None:
    with store.open_work(SYSTEM):
        pass


ASK: dict[str, Callable[[Store], object]] = {
    "any work": look,
    "the version": lambda store: schema.current(store.engine),
    "a migration": lambda store: schema.upgrade(store.engine),
    "a check of the version": lambda store: schema.require_current(store.engine),
    "a new rehearsal": lambda store: schema.clear_rehearsal(store.engine),
}


@pytest.mark.parametrize("what", ASK)
def test_a_postgresql_that_is_not_there_is_named_with_the_setting_that_points_at_it(what: str) -> None:
    with opened(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none") as store:
        with pytest.raises(Unavailable, match=r"The database does not answer.*EQUIPOISE_DATABASE_URL") as error:
            ASK[what](store)
        assert "EQUIPOISE_DATABASE_URL" in error.value.setting


@pytest.mark.servers
def test_a_postgresql_without_that_database_is_named_as_well(postgres_server: PostgresServer) -> None:
    url = postgres_server.url_of("never_made")
    with opened(url) as store, pytest.raises(Unavailable, match=r"EQUIPOISE_DATABASE_URL.*never_made"):
        look(store)


def test_a_file_that_cannot_be_opened_is_named_with_the_setting(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "no" / "folder" / "trial.sqlite")
    with opened(url) as store, pytest.raises(Unavailable, match="EQUIPOISE_DATABASE_URL"):
        look(store)


def test_a_file_that_is_no_database_is_named_with_the_setting(tmp_path: Path) -> None:
    (tmp_path / "trial.sqlite").write_bytes(b"these are no tables" * 400)
    url = sqlite_url(tmp_path / "trial.sqlite")
    with opened(url) as store, pytest.raises(Unavailable, match="EQUIPOISE_DATABASE_URL"):
        look(store)


def test_a_database_opened_for_looking_changes_nothing_and_says_so(store: Store) -> None:
    scene = Scene(store)
    scene.enrol()
    before = content(store)
    url = store.engine.url.render_as_string(hide_password=False)
    settle(store.engine)
    looking = Store(connect(url, read_only=True), KEYS)
    with looking.open_work(OPERATOR) as work:
        assert work.now == START
    with pytest.raises(ReadOnly), looking.open_work(OPERATOR) as work:
        clock.move(work, work.now + timedelta(days=1))
    looking.engine.dispose()
    assert content(store) == before


@ON_SQLITE
def test_a_settled_file_holds_everything_by_itself(store: Store, tmp_path: Path) -> None:
    Scene(store).enrol()
    before = content(store)
    settle(store.engine)
    only = tmp_path / "elsewhere.sqlite"
    only.write_bytes(Path(store.engine.url.database or "").read_bytes())
    with opened(sqlite_url(only)) as copy:
        assert content(copy) == before


def test_a_unit_of_work_does_not_show_keys_when_it_is_printed(store: Store) -> None:
    with store.open_work(SYSTEM, write=False) as work:
        assert "keys" not in repr(work)
