"""The commands on a real PostgreSQL: nothing is made there without being asked for."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.cli.conftest import Shell
from tests.system.evidence import read_postgres
from trial.storage import sealed_files
from trial.storage.engine import connect
from trial.storage.scratch import scratch_database

pytestmark = pytest.mark.servers
PROTOCOL = "shapira-mongrain-2010"


def test_an_empty_database_is_named_with_the_command_that_fills_it(equipoise: Shell, fresh_postgres_url: str) -> None:
    said = equipoise.refused(3, "status", "evenings", "--database-url", fresh_postgres_url)
    assert "EQUIPOISE_DATABASE_URL" in said and "equipoise migrate" in said and "empty" in said
    assert read_postgres(fresh_postgres_url) == {}


def test_a_trial_is_opened_seen_and_closed_there(equipoise: Shell, fresh_postgres_url: str) -> None:
    at = ("--database-url", fresh_postgres_url)
    assert equipoise("migrate", *at).out == equipoise("migrate", *at).out
    assert equipoise("open", PROTOCOL, "--test", "--placeholder-wording", "--name", "evenings", *at).code == 0
    assert "evenings (test, open)" in equipoise("status", "evenings", *at).out
    assert equipoise("member", "add", "evenings", "A. Person", "owner", *at).code == 0
    assert "already" in equipoise.refused(1, "member", "add", "evenings", "A. Person", "owner", *at)
    assert equipoise("close", "evenings", *at).code == 0
    assert equipoise("freeze", "evenings", "--out", "frozen", *at).code == 0
    events = [one["event"] for one in read_postgres(fresh_postgres_url)["event"]]
    assert events[-3:] == ["member_added", "recruitment_closed", "dataset_frozen"]


def test_a_drill_tries_the_same_kind_of_database_and_leaves_none_behind(
    equipoise: Shell, fresh_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_files, "WORK_FACTOR", 2)
    (equipoise.folder / "one").write_text("the data of one trial\n")
    at = ("--database-url", fresh_postgres_url)
    equipoise("migrate", *at)
    equipoise("open", PROTOCOL, "--test", "--placeholder-wording", "--name", "evenings", *at)
    done = equipoise("drill", "kept", "--passphrase-file=one", *at)
    assert done.code == 0 and "put back into    postgresql" in done.out and "was not tried" not in done.out, done
    elsewhere = ("--into", f"sqlite:///{equipoise.folder}/elsewhere.sqlite")
    done = equipoise("drill", "kept2", "--passphrase-file=one", *at, *elsewhere)
    assert "put back into    sqlite" in done.out and "the trials lie in postgresql" in done.out, done
    seen = [one["detail"]["into"] for one in read_postgres(fresh_postgres_url)["evidence"]]
    assert seen == ["postgresql", "sqlite"]
    assert left_behind(fresh_postgres_url) == []


def left_behind(url: str) -> list[str]:
    """The databases of drills on this server."""
    engine = connect(url)
    with engine.connect() as rows:
        found = rows.execute(text("select datname from pg_database where datname like 'equipoise_drill%'")).scalars()
        names = list(found)
    engine.dispose()
    return names


def test_an_account_that_may_make_no_database_gets_none(fresh_postgres_url: str) -> None:
    engine = connect(fresh_postgres_url)
    with engine.begin() as rows:
        rows.execute(text("create role plain login"))
    plain = connect(engine.url.set(username="plain").render_as_string())
    try:
        with scratch_database(plain) as url:
            assert url is None
        with scratch_database(engine) as url:
            assert url is not None and left_behind(url) == [url.rpartition("/")[2]]
    finally:
        plain.dispose()
        with engine.begin() as rows:
            rows.execute(text("drop role plain"))
        engine.dispose()
    assert left_behind(fresh_postgres_url) == []


def test_the_setting_in_the_environment_is_as_good_as_the_option(equipoise: Shell, fresh_postgres_url: str) -> None:
    assert equipoise("migrate", DATABASE_URL=fresh_postgres_url).code == 0
    assert "no trial named evenings" in equipoise.refused(2, "status", "evenings", DATABASE_URL=fresh_postgres_url)
    assert "trial" in read_postgres(fresh_postgres_url)
