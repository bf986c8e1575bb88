"""Beside what is asked people cheat, get upset, write back and move: all of it reaches the trial, on either path."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.rehearsal.people import lifelike_people
from tests.rehearsal.test_without_pages import DRAWN
from tests.system.evidence import Tables, read_sqlite
from trial.cli.living import Wish, live
from trial.protocol_files import read_folder, shipped
from trial.rehearsal.coordinator import COORDINATOR
from trial.rehearsal.driver import share_of_recruitment
from trial.rehearsal.forms import Field, Form
from trial.rehearsal.profile import lifelike
from trial.rehearsal.profile_file import read_profile
from trial.rehearsal.witness import Witness

DAY = timedelta(days=1)
PROTOCOL, PEOPLE = "soothing-touch", 36
FOLDER = read_folder(shipped(PROTOCOL))
LIVELY = replace(
    lifelike(read_profile("optimistic")),
    robots=0.12,
    comes_again=0.15,
    comes_as_another=0.1,
    upset=0.1,
    forwards=0.3,
    writes_back=0.3,
    writes_stop=0.1,
    is_away=0.3,
    changes_zone=0.3,
    changes_hour=0.3,
    pauses=0.2,
    fewer_reminders=0.3,
    opens_and_leaves=0.3,
)


def _lived(place: Path, *, fast: bool) -> tuple[dict[str, str], Tables, Witness | None]:
    wish = Wish(PROTOCOL, PEOPLE, 4, place, 0.3, None, None, True, LIVELY, fast=fast)
    with live(wish, quiet=True, watched=not fast) as lived:
        files, witness = lived.files, lived.witness
    return dict(files), read_sqlite(place / "equipoise.sqlite"), witness


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Tables]:
    return _lived(tmp_path_factory.mktemp("fast"), fast=True)[:2]


@pytest.fixture(scope="module")
def tables(fast: tuple[dict[str, str], Tables]) -> Tables:
    return fast[1]


def events_of(tables: Tables) -> Counter[str]:
    return Counter(str(one["event"]) for one in tables["event"])


def test_pages_and_mail_change_nothing_of_what_lively_people_leave_behind(
    fast: tuple[dict[str, str], Tables], tmp_path: Path
) -> None:
    files, tables, witness = _lived(tmp_path / "whole", fast=False)
    assert files == fast[0]
    # whoever comes once more, from another device, is one person still; whom a mail was forwarded to is none of them
    assert witness is not None
    came = 0
    for one in witness.seen.values():
        came |= one.met
    assert came == sum(2**number for number in range(1, PEOPLE + 1))
    for name, rows in tables.items():
        left_out = DRAWN.get(name, set()) | ({"about"} if name == "reply" else set())
        ours, theirs = (
            [{column: value for column, value in row.items() if column not in left_out} for row in one]
            for one in (fast[1][name], rows)
        )
        assert ours == theirs, name


def test_robots_are_held_and_a_pretend_coordinator_turns_them_away(tables: Tables) -> None:
    robots = [one for one in lifelike_people(PEOPLE, FOLDER, "optimistic", seed=4, robots=0.12)
              if one.quirks.robot]  # fmt: skip
    signs = Counter(str(one["signal"]) for one in tables["flag"])
    assert signs["honeypot"] == signs["no_proof"] == len(robots) > 0
    refused = [one for one in tables["review"] if one["decision"] == "refused"]
    assert len(refused) == len(robots) and {one["by"] for one in refused} == {str(COORDINATOR)}
    turned_away = {one["participant_id"] for one in refused}
    states = {one["id"]: one["state"] for one in tables["participant"]}
    assert {states[one] for one in turned_away} == {"refused"}


def test_nobody_waits_for_a_decision_at_the_end(tables: Tables) -> None:
    assert {one["state"] for one in tables["participant"]} & {"randomized"}
    assert not [one for one in tables["participant"] if one["state"] == "held"]


def test_who_comes_again_is_known_by_the_address_and_who_comes_as_another_is_not(tables: Tables) -> None:
    done = events_of(tables)
    assert done["address_known"] > 0
    assert done["address_given"] > PEOPLE * 0.8


def test_who_is_upset_says_so_and_the_team_hears_of_it(tables: Tables) -> None:
    reports = [one for one in tables["adverse_event"] if one["occasion_id"] is not None]
    assert len(reports) > 3


def test_people_write_back_ask_to_stop_and_their_machines_answer(tables: Tables) -> None:
    kinds = Counter(str(one["kind"]) for one in tables["reply"])
    assert kinds["human"] > 1 and kinds["stop"] > 0 and kinds["auto"] > 1
    assert all(one["participant_id"] is not None for one in tables["reply"])


def test_every_mail_that_a_person_wrote_is_answered_at_the_desk_on_the_next_morning(tables: Tables) -> None:
    replies = {one["id"]: one for one in tables["reply"] if one["kind"] in ("human", "stop")}
    matters = {one["about"]: one for one in tables["matter"] if one["kind"] == "reply"}
    assert replies.keys() == matters.keys()
    for number, matter in matters.items():
        assert matter["state"] == "closed"
        assert matter["closed_at"].hour == 9 and matter["closed_at"] - replies[number]["received_at"] <= DAY
    answers = [one for one in tables["delivery"] if one["message"] == "own:answer"]
    assert len(answers) == sum(one["kind"] == "human" for one in replies.values()) > 0
    assert {one["due_at"].hour for one in answers} == {9}


def test_who_asked_by_mail_to_stop_has_stopped_and_is_not_held_for_ever(tables: Tables) -> None:
    stopped = {one["participant_id"] for one in tables["reply"] if one["kind"] == "stop"}
    done = events_of(tables)
    assert stopped and done["suspended"] == done["suspension_ended"] == len(stopped)
    states = {one["id"]: one for one in tables["participant"]}
    assert {states[one]["stopped"] for one in stopped} == {"everything"}
    assert not [one for one in tables["delivery"] if one["state"] == "held"]


def test_people_change_their_zone_pause_and_want_fewer_reminders(tables: Tables) -> None:
    done = events_of(tables)
    assert done["preferences_changed"] > 2 and done["paused"] > 0
    assert any(one["fewer_reminders"] for one in tables["participant"])
    came_from = Counter(one.zone for one in lifelike_people(PEOPLE, FOLDER, "optimistic", seed=4))
    assert Counter(str(one["zone"]) for one in tables["participant"]) - came_from


def test_who_wants_another_hour_takes_one_of_those_offered() -> None:
    fields = {"hour": Field("hour", "select", "", ["", "08:00", "19:00"]), "zone": Field("zone", "select", "UTC")}
    form = Form("/me/mails", "post", fields)
    taken = [one.quirks.changed(form, {"changes_hour"}) for one in lifelike_people(30, FOLDER, "optimistic")]
    assert {one["hour"] for one in taken} == {"08:00", "19:00"} and all(set(one) == {"hour"} for one in taken)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.85])
def test_so_many_arrive_in_the_first_half_of_recruitment(share: float) -> None:
    profile = replace(LIVELY, in_first_half=share)
    days = [share_of_recruitment((at + 0.5) / 1000, profile) for at in range(1000)]
    assert days == sorted(days) and days[0] >= 0 and days[-1] <= 1
    assert sum(one < 0.5 for one in days) / 1000 == pytest.approx(share, abs=0.002)
