"""Whom an alert would call, and a test of it, from the command line."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.cli.conftest import Shell

AT_HOME = ("--home", "home")


def test_without_anybody_who_can_be_reached_a_test_says_what_is_missing(equipoise: Shell, trial: str) -> None:
    assert "Nobody can be called" in equipoise("alert", "roster", trial, *AT_HOME).out
    assert "Nobody can be called" in equipoise.refused(1, "alert", "test", trial, *AT_HOME)
    assert equipoise.rows().tables["call"] == []


def test_a_test_calls_the_owner_where_nobody_is_on_duty(equipoise: Shell, trial: str) -> None:
    equipoise("member", "add", trial, "A. Person", "owner", *AT_HOME)
    with closing(sqlite3.connect(equipoise.folder / "home" / "equipoise.sqlite")) as rows, rows:
        rows.execute("update member set address = 'a@team.example'")
    shown = equipoise("alert", "roster", trial, *AT_HOME).out
    assert "1. A. Person" in shown and "A. Person has not acknowledged a test" in shown
    done = equipoise("alert", "test", trial, *AT_HOME)
    assert "A. Person is called" in done.out and f"/{trial}/roster" in done.out
    call = equipoise.rows().one("call")
    assert (call["purpose"], call["state"], call["matter_id"]) == ("test", "planned", None)
