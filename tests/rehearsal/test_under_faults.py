"""The short form of the soak: a trial is lived while whoever sends is killed, and nothing is lost by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.rehearsal.morning_walks import written
from tests.system.commands import equipoise
from trial.cli.under_faults import plan_of
from trial.core.errors import BadInput
from trial.mail.mailbox_server import Mischief
from trial.rehearsal.faults import FaultPlan


def test_a_trial_lived_while_its_sender_is_killed_ends_as_the_oracle_says(tmp_path: Path) -> None:
    words = ("--participants", "10", "--seed", "6", "--out", "lived", "--faults", "--kills-a-minute", "40")
    done = equipoise("rehearse", written(tmp_path), *words, cwd=tmp_path)
    assert done.code == 0, done.err
    found = json.loads((tmp_path / "lived" / "oracle.json").read_text())
    told = json.loads((tmp_path / "lived" / "faults.json").read_text())
    assert found["differences"] == []
    assert found["compared"]["mails"] > 30
    assert told["faults"]["kills"] > 1
    assert told["faults"]["mails in the hands of the dead"] > 0
    assert {"put_off", "taken_unsaid", "lost_unsaid"} & set(told["faults"])
    assert told["mails"]["lost"] == 0
    assert "Faults by the plan of seed 6: " in done.out
    assert " no difference." in done.out


def test_the_plan_follows_from_the_seed_alone() -> None:
    plan, again, other = FaultPlan(3, 20), FaultPlan(3, 20), FaultPlan(4, 20)
    waits = [plan.seconds_before_kill(one) for one in range(2000)]
    assert waits == [again.seconds_before_kill(one) for one in range(2000)]
    assert waits != [other.seconds_before_kill(one) for one in range(2000)]
    assert min(waits) >= 1.5 and max(waits) <= 4.5
    assert sum(waits) / len(waits) == pytest.approx(3, abs=0.1)
    assert {plan.which(one, 3) for one in range(50)} == {0, 1, 2}


def test_the_mail_server_does_to_each_mail_what_its_seed_says() -> None:
    server = Mischief.read(FaultPlan(3, 20).mail_server)
    fates = [server.fate(one) for one in range(20_000)]
    assert fates == [Mischief(3, 3, 1, 1).fate(one) for one in range(20_000)]
    shares = {one: round(100 * fates.count(one) / len(fates), 1) for one in set(fates)}
    assert shares[""] == pytest.approx(95, abs=0.5)
    assert shares["put_off"] == pytest.approx(3, abs=0.4)
    assert (shares["taken_unsaid"], shares["lost_unsaid"]) == (pytest.approx(1, abs=0.3), pytest.approx(1, abs=0.3))


def test_faults_need_somebody_who_can_be_killed() -> None:
    with pytest.raises(BadInput, match="nothing is sent by a process"):
        plan_of(1, 20, fast=True, workers=True)
    with pytest.raises(BadInput, match="only workers that this command started"):
        plan_of(1, 20, fast=False, workers=False)
