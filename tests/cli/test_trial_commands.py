"""Opening a trial from the command line, looking at it, and moving it on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import LOCATED, Shell

PROTOCOL = "shapira-mongrain-2010"
AT_HOME = ("--home", "home")


def test_a_trial_that_is_no_test_is_not_opened_and_nothing_is_made(equipoise: Shell, tmp_path: Path) -> None:
    said = equipoise.refused(1, "open", PROTOCOL, *AT_HOME)
    assert "--test" in said
    assert not (tmp_path / "home").exists()


def test_opening_tells_the_digests_that_the_database_keeps_and_who_did_it(equipoise: Shell) -> None:
    done = equipoise(
        "open", PROTOCOL, "--test", "--placeholder-wording", *AT_HOME, "--base-url", "https://trial.example.org"
    )
    lived = equipoise.rows()
    assert f"https://trial.example.org/{PROTOCOL}" in done.out
    assert f"seed digest      {lived.one('seal')['digest']}" in done.out
    assert f"protocol digest  {lived.one('protocol_version')['digest']}" in done.out
    assert lived.one("trial")["kind"] == "test"
    events = lived.tables["event"]
    assert [one["event"] for one in events] == ["protocol_registered", "seed_sealed", "trial_opened"]
    assert {one["by"].partition(":")[0] for one in events} == {"operator"} and len(events[0]["by"]) > 9


def test_two_trials_of_one_protocol_get_different_seeds(equipoise: Shell, trial: str) -> None:
    assert equipoise("open", PROTOCOL, "--test", "--placeholder-wording", "--name", "mornings", *AT_HOME).code == 0
    seals = equipoise.rows().tables["seal"]
    assert len({one["digest"] for one in seals}) == 2


def test_a_name_is_given_once(equipoise: Shell, trial: str) -> None:
    said = equipoise.refused(1, "open", PROTOCOL, "--test", "--placeholder-wording", "--name", trial, *AT_HOME)
    assert trial in said and "--name" in said
    assert len(equipoise.rows().tables["trial"]) == 1


@pytest.mark.parametrize("name", ["Evening Trial", "go", "static", "x" * 80, "../up"])
def test_a_name_that_cannot_stand_in_an_address_is_refused(equipoise: Shell, name: str) -> None:
    said = equipoise.refused(2, "open", PROTOCOL, "--test", "--placeholder-wording", "--name", name, *AT_HOME)
    assert "--name" in said
    assert equipoise.rows().tables["trial"] == []


@pytest.mark.parametrize("address", ["garbage", "ftp://trial.example.org", "http://", "https://h/?a=b"])
def test_links_in_mails_are_never_made_from_what_is_no_web_address(equipoise: Shell, address: str) -> None:
    said = equipoise.refused(2, "open", PROTOCOL, "--test", "--placeholder-wording", *AT_HOME, BASE_URL=address)
    assert "--base-url" in said


def test_a_finished_demo_takes_in_no_other_trial(equipoise: Shell, trial: str) -> None:
    """Its clock is pretended for ever."""
    import sqlite3

    with sqlite3.connect("home/equipoise.sqlite") as rows:
        rows.execute("insert into clock (id, instant) values (1, '2026-01-05 08:00:00')")
    rows.close()
    assert "rehearsal" in equipoise.refused(
        1, "open", PROTOCOL, "--test", "--placeholder-wording", "--name", "other", *AT_HOME
    )


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("pause",),
        ("resume",),
        ("close",),
        ("freeze", "--out", "frozen"),
        ("member", "list"),
        ("member", "add", "A. Person", "owner"),
    ],
)
def test_a_trial_that_is_not_there_is_named(
    equipoise: Shell, trial: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    at = 2 if words[0] == "member" else 1
    said = equipoise.refused(2, *words[:at], "nosuch", *words[at:], *AT_HOME)
    assert "no trial named nosuch" in said
    assert not (tmp_path / "frozen").exists()


def test_the_status_tells_where_the_trial_stands_and_no_arm(equipoise: Shell, trial: str) -> None:
    text = equipoise("status", trial, *AT_HOME).out
    told = json.loads(equipoise("status", trial, *AT_HOME, "--json").out)
    lived = equipoise.rows()
    assert f"{trial} (test, open)" in text and "0 of 687" in text
    assert told["seed_digest"] == lived.one("seal")["digest"] and told["seed_digest"] in text
    assert (told["trial"]["state"], told["assessed"], told["randomized"]) == ("open", 0, 0)
    assert not re.search("letter|optimism|early_memory", text + json.dumps(told))


def test_a_trial_is_paused_resumed_and_closed_and_each_step_is_on_record(equipoise: Shell, trial: str) -> None:
    for verb, state in (("pause", "paused"), ("resume", "open"), ("close", "closed"), ("pause", "paused")):
        assert equipoise(verb, trial, *AT_HOME).out == f"{trial} is {state}.\n"
    assert equipoise("resume", trial, *AT_HOME).out == f"{trial} is closed.\n"
    steps = [one["event"] for one in equipoise.rows().tables["event"]][3:]
    assert steps == ["trial_paused", "trial_resumed", "recruitment_closed", "trial_paused", "trial_resumed"]


@pytest.mark.parametrize(("before", "verb"), [((), "resume"), (("pause",), "pause"), (("close",), "close")])
def test_a_step_that_does_not_follow_is_refused_and_leaves_no_event(
    equipoise: Shell, trial: str, before: tuple[str, ...], verb: str
) -> None:
    for one in before:
        assert equipoise(one, trial, *AT_HOME).code == 0
    events = equipoise.rows().tables["event"]
    assert "cannot become" in equipoise.refused(1, verb, trial, *AT_HOME)
    assert equipoise.rows().tables["event"] == events


def test_an_open_trial_is_not_frozen(equipoise: Shell, trial: str, tmp_path: Path) -> None:
    assert "close recruitment" in equipoise.refused(1, "freeze", trial, "--out", "frozen", *AT_HOME)
    assert not (tmp_path / "frozen").exists()


def test_a_closed_trial_is_frozen_with_a_digest_and_can_be_frozen_again(equipoise: Shell, trial: str) -> None:
    equipoise("close", trial, *AT_HOME)
    first, second = (equipoise("freeze", trial, "--out", name, *AT_HOME) for name in ("one", "two"))
    digest = json.loads(Path("one/freeze.json").read_text())["digest"]
    assert digest in first.out and digest in second.out
    assert Path("one/protocol/protocol.yaml").is_file()
    assert equipoise.rows().one("trial")["state"] == "frozen"


def test_where_the_frozen_files_cannot_be_written_the_trial_is_not_frozen(equipoise: Shell, trial: str) -> None:
    equipoise("close", trial, *AT_HOME)
    Path("taken").write_text("a file, no folder")
    said = equipoise.refused(2, "freeze", trial, "--out", "taken", *AT_HOME)
    assert said.startswith("taken") and LOCATED.match(said.splitlines()[0])
    assert equipoise.rows().one("trial")["state"] == "closed"


def test_the_team_is_kept_with_roles_and_each_addition_is_on_record(equipoise: Shell, trial: str) -> None:
    assert "Nobody is on the team" in equipoise("member", "list", trial, *AT_HOME).out
    for name, role in (("B. Person", "statistician"), ("A. Person", "owner"), ("A. Person", "custodian")):
        assert equipoise("member", "add", trial, name, role, *AT_HOME).code == 0
    team = json.loads(equipoise("member", "list", trial, *AT_HOME, "--json").out)
    pairs = [("A. Person", "custodian"), ("A. Person", "owner"), ("B. Person", "statistician")]
    assert [(one["name"], one["role"]) for one in team] == pairs
    text = equipoise("member", "list", trial, *AT_HOME).out
    assert re.search(r"A\. Person +owner\n", text)
    added = equipoise.rows().all("event", event="member_added")
    assert len(added) == 3 and all("Person" not in json.dumps(one["detail"]) for one in added)


def test_a_role_is_given_once_and_only_a_role_that_there_is(equipoise: Shell, trial: str) -> None:
    assert equipoise("member", "add", trial, "A. Person", "owner", *AT_HOME).code == 0
    assert "already" in equipoise.refused(1, "member", "add", trial, "A. Person", "owner", *AT_HOME)
    said = equipoise.refused(2, "member", "add", trial, "A. Person", "king", *AT_HOME)
    assert "king" in said and "unblinded_statistician" in said and "operator" not in said
    assert len(equipoise.rows().all("event", event="member_added")) == 1


def test_a_database_is_brought_up_from_nothing_and_a_second_time_changes_nothing(equipoise: Shell) -> None:
    first, second = (equipoise("migrate", *AT_HOME) for _ in range(2))
    assert first.code == second.code == 0 and first.out == second.out
    version = equipoise.rows().one("schema_version")["version_num"]
    assert f"version {version}" in first.out


def test_a_database_of_a_later_version_is_refused_and_left_alone(equipoise: Shell, trial: str) -> None:
    import sqlite3

    with sqlite3.connect("home/equipoise.sqlite") as rows:
        rows.execute("update schema_version set version_num = '9999'")
    rows.close()
    for words in (("status", trial), ("migrate",)):
        said = equipoise.refused(1, *words, *AT_HOME)
        assert "9999" in said
    assert equipoise.rows().one("schema_version")["version_num"] == "9999"


def test_each_line_of_the_status_has_a_gap_between_its_name_and_its_value(equipoise: Shell, trial: str) -> None:
    for line in equipoise("status", trial, *AT_HOME).out.splitlines():
        assert line[22:24] == "  " and line[:22].strip() and line[24:].strip(), line
