"""The commands on a real PostgreSQL: nothing is made there without being asked for."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Shell
from tests.system.evidence import read_postgres

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


def test_the_setting_in_the_environment_is_as_good_as_the_option(equipoise: Shell, fresh_postgres_url: str) -> None:
    assert equipoise("migrate", DATABASE_URL=fresh_postgres_url).code == 0
    assert "no trial named evenings" in equipoise.refused(2, "status", "evenings", DATABASE_URL=fresh_postgres_url)
    assert "trial" in read_postgres(fresh_postgres_url)
