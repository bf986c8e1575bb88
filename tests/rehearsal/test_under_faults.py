"""The short form of the soak: a trial is lived while whoever sends is killed, and nothing is lost by it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.rehearsal.morning_walks import written
from tests.system.commands import equipoise
from trial.cli.under_faults import Faults, plan_of, say_faults
from trial.core.errors import BadInput, Refused
from trial.mail.mailbox_files import MISCHIEF
from trial.mail.mailbox_server import Mischief
from trial.rehearsal.faults import FaultPlan, PutDown, put_down
from trial.rehearsal.oracle.recount import Recount


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
    blame = told["put_down"]
    assert blame["doubled_by_kills"] + blame["unknown_by_kills"] <= told["faults"]["kills"]
    assert blame["doubled_by_connections"] <= told["faults"].get("taken_unsaid", 0)
    for what in ("doubled", "unknown"):
        assert blame[f"{what}_by_connections"] + blame[f"{what}_by_kills"] == told["mails"][what]
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


# --- each kind of fault answers for its own mails -----------------------------------------------------------------


HUNG_UP_ON = ("one", "two", "three", "four")


def said(place: Path, doubled: Counter[str], unknown: Counter[str], kills: int) -> None:
    """What is said of these mails after so many kills; the mail server took four others and hung up on them."""
    lines = [f"taken_unsaid <{mail}@trial.example>" for mail in HUNG_UP_ON] + ["put_off"]
    (place / MISCHIEF).write_text("".join(f"{line}\n" for line in lines))
    counts = Counter({"doubled": doubled.total(), "unknown": unknown.total()})
    found = Recount(counts, Counter(), (), doubled, unknown)
    say_faults(Faults(FaultPlan(6, 20), Counter(kills=kills)), place, found, place, quiet=False)


def test_mails_that_came_twice_beyond_the_kills_are_not_covered_by_connections_that_others_lost(tmp_path: Path) -> None:
    twice = Counter("abc")
    assert twice.total() <= 2 + len(HUNG_UP_ON)  # all faults together would have covered them
    with pytest.raises(Refused, match=r"3 by kills.* 2 kills cannot have done 3"):
        said(tmp_path, twice, Counter(), kills=2)
    kept = json.loads((tmp_path / "faults.json").read_text())
    assert (kept["mails"]["doubled"], kept["put_down"]["doubled_by_kills"]) == (3, 3)


def test_mails_in_doubt_count_against_the_same_kills(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="2 kills cannot have done 3"):
        said(tmp_path, Counter("ab"), Counter("c"), kills=2)


def test_a_mail_that_came_twice_by_its_own_lost_connection_needs_no_kill(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(tmp_path, Counter([*HUNG_UP_ON, "a"]), Counter(), kills=1)
    assert "5 doubled (4 by a lost connection of their own, 1 by kills), 0 unknown." in capsys.readouterr().out


def test_a_mail_that_came_three_times_by_one_lost_connection_needs_a_kill_too(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="0 kills cannot have done 1"):
        said(tmp_path, Counter({"one": 2}), Counter(), kills=0)


def test_a_mail_that_was_lost_with_its_connection_can_be_in_doubt_and_cannot_come_twice() -> None:
    mail, none = Counter(["mail"]), Counter[str]()
    assert put_down(mail, none, taken=none, lost=mail) == PutDown(0, 1, 0, 0)
    assert put_down(none, mail, taken=none, lost=mail) == PutDown(0, 0, 1, 0)
    assert put_down(mail, mail, taken=mail, lost=none) == PutDown(1, 0, 0, 1)
    assert put_down(mail, mail, taken=mail, lost=mail) == PutDown(1, 0, 1, 0)
