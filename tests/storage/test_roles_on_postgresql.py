"""On PostgreSQL the vault has its own schema, and the role for research has no way into it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from tests.services.scene import Scene
from tests.storage.stores import ON_POSTGRESQL
from trial.storage.work import Store

pytestmark = ON_POSTGRESQL
RESEARCH, KEEPER = "equipoise_research", "equipoise_vault"


@pytest.fixture
def lived(store: Store) -> Store:
    Scene(store).enrol()
    return store


def as_role(store: Store, role: str, statement: str) -> Any:
    with store.engine.begin() as rows:
        rows.execute(text(f"set local role {role}"))
        result = rows.execute(text(statement))
        return result.scalar() if result.returns_rows else result.rowcount


def let_pass(store: Store, role: str, statements: list[str]) -> list[str]:
    """The statements that the role was not denied."""
    passed = []
    for statement in statements:
        try:
            as_role(store, role, statement)
        except ProgrammingError as error:
            if "permission denied" in str(error):
                continue
        passed.append(statement)
    return passed


def test_research_cannot_read_or_change_the_vault(lived: Store) -> None:
    ways = [
        "select count(*) from vault.{}",
        "delete from vault.{}",
        "update vault.{} set trial_id = 1",
        "insert into vault.{} select * from vault.{}",
        "truncate vault.{}",
        "create temporary view mine as select * from vault.{}; select count(*) from mine",
        "copy vault.{} to stdout",
        "grant select on vault.{} to equipoise_research",
    ]
    statements = [way.replace("{}", table) for way in ways for table in ("identity", "words")]
    assert let_pass(lived, RESEARCH, statements) == []


def test_research_reads_what_the_trial_recorded(lived: Store) -> None:
    assert as_role(lived, RESEARCH, "select count(*) from answer_sheet") == 1
    assert as_role(lived, RESEARCH, "select count(*) from event") > 3


@pytest.mark.parametrize("role", [RESEARCH, KEEPER])
def test_neither_role_changes_the_trial(lived: Store, role: str) -> None:
    statements = [
        "update trial set target = 1",
        "delete from delivery",
        "delete from event",
        "truncate delivery",
        "alter table event disable trigger all",
        "drop table event",
    ]
    owner_only = [one for one in statements if one.startswith(("alter", "drop"))]
    assert let_pass(lived, role, [one for one in statements if one not in owner_only]) == []
    for statement in owner_only:
        with pytest.raises(ProgrammingError, match="must be owner"):
            as_role(lived, role, statement)


def test_the_keeper_of_the_vault_reads_it_but_holds_no_key(lived: Store) -> None:
    assert as_role(lived, KEEPER, "select count(*) from vault.identity") == 1
    assert as_role(lived, KEEPER, "select count(*) from vault.words") == 1


def test_nobody_signs_in_as_one_of_the_roles(lived: Store) -> None:
    with lived.engine.begin() as rows:
        found = rows.execute(
            text("select rolname, rolcanlogin, rolsuper from pg_roles where rolname in (:one, :other) order by 1"),
            {"one": RESEARCH, "other": KEEPER},
        )
        assert found.all() == [(RESEARCH, False, False), (KEEPER, False, False)]


def test_research_cannot_learn_the_arm_from_any_table(lived: Store) -> None:
    ways = [
        "select * from allocation",
        "select arm from allocation",
        "select * from allocation_state",
        "select sealed_seed from seal",
        "select activity from occasion",
        "select activity from answer_sheet",
        "select code_key from trial",
    ]
    assert let_pass(lived, RESEARCH, ways) == []
    assert as_role(lived, RESEARCH, "select count(answers) from answer_sheet") > 0
