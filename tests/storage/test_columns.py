"""Every column says what it holds: which class of privacy, and which of the two clocks."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Column, DateTime

from tests.services.scene import START, Scene
from tests.storage.stores import cells, run, tables
from trial.core.access import SYSTEM, Privacy
from trial.storage import claims
from trial.storage.columns import VAULT
from trial.storage.types import MachineTime, TrialTime
from trial.storage.work import Store

EVERY = [column for table in tables() for column in table.columns]
# belongs to the installation, not to one trial
OF_NO_TRIAL = {
    "clock", "trial", "member", "member_secret", "member_session", "send_pace", "send_trouble", "mail_count",
    "handed_over", "heartbeat",
}  # fmt: skip


@pytest.mark.parametrize("column", EVERY, ids=str)
def test_every_column_has_a_class_of_privacy(column: Column[Any]) -> None:
    assert isinstance(column.info.get("privacy"), Privacy)


def test_what_tells_who_somebody_is_lies_in_the_vault_and_nothing_else_does() -> None:
    identifying = {column for column in EVERY if column.info["privacy"] is Privacy.IDENTIFYING}
    assert identifying == {column for column in EVERY if column.table.schema == VAULT}


@pytest.mark.parametrize(
    "name",
    [
        "allocation.arm", "allocation.stratum", "allocation.record", "allocation_state.state", "seal.sealed_seed",
        "cluster_allocation.arm", "cluster_allocation.cluster", "cluster_allocation.record", "seed_part.sealed",
        # an exercise is one arm's, so its name tells the arm
        "occasion.activity", "answer_sheet.activity",
    ],
)  # fmt: skip
def test_what_tells_the_arm_is_classed_as_allocation(name: str) -> None:
    column = next(one for one in EVERY if str(one) == name)
    assert column.info["privacy"] is Privacy.ALLOCATION


def test_the_ledger_of_mails_tells_no_arm() -> None:
    ledger = [one for one in EVERY if one.table.name in ("delivery", "event")]
    assert ledger
    assert not any(one.info["privacy"] is Privacy.ALLOCATION for one in ledger)


def test_the_trials_id_stands_on_every_row_that_belongs_to_one() -> None:
    without = {table.name for table in tables() if "trial_id" not in table.columns}
    assert without == OF_NO_TRIAL


@pytest.mark.parametrize(
    "column", [one for one in EVERY if isinstance(one.type, DateTime | TrialTime | MachineTime)], ids=str
)
def test_every_time_is_the_trials_or_the_machines(column: Column[Any]) -> None:
    assert type(column.type) in (TrialTime, MachineTime)


def test_leases_back_off_and_signing_in_alone_run_on_the_machines_clock() -> None:
    machine = {str(one) for one in EVERY if isinstance(one.type, MachineTime)}
    queues = {f"{table}.{column}" for table in ("delivery", "call") for column in ("lease_until", "retry_from")}
    assert queues < machine
    # and all of signing in: a rehearsal's clock, which jumps by weeks, ends nobody's session
    assert {one.partition(".")[0] for one in machine - queues} == {
        "member_secret",
        "member_session",
        "invitation",
        "send_pace",
        "send_trouble",
        "mail_count",
        "handed_over",
        "heartbeat",
    }


def test_no_column_is_ever_written_with_the_other_clock(store: Store) -> None:
    """The pretend time is years from the machine's: whatever was written says which clock it came from."""
    scene = Scene(store)
    scene.enrol()
    scene.screen(age="12")
    scene.move(days=1, hours=12)
    with scene.work(SYSTEM) as work:
        taken = claims.claim(work, owner="worker", limit=50)
        assert len(taken) > 1
        machine_now = work.machine_now
    run(store, "update delivery set retry_from = lease_until where state = 'claimed'")
    seen: dict[type, set[str]] = {TrialTime: set(), MachineTime: set()}
    for column, value in cells(store):
        kind = type(column.type)
        if kind in seen:
            seen[kind].add(str(column))
            years = (value - (START if kind is TrialTime else machine_now)).days / 365
            assert abs(years) < 1, f"{column} holds {value}"
    assert len(seen[TrialTime]) > 12
    assert seen[MachineTime] == {"delivery.lease_until", "delivery.retry_from"}


def test_the_two_clocks_of_these_tests_are_years_apart(store: Store) -> None:
    Scene(store)
    with store.open_work(SYSTEM) as work:
        assert abs((work.now - work.machine_now).days) > 3650
