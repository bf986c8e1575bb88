"""A rehearsal lived in steps: on the way to another moment everything happens in order, each thing at its own time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.stepped import stepped
from trial.core.errors import NotFound, Refused
from trial.mail.mailbox_files import read_mailbox
from trial.protocol_files import shipped
from trial.rehearsal.moments import read_moment
from trial.rehearsal.stepping import TimeMachine
from trial.storage import allocations, deliveries

SHIPPED = sorted(path.parent.name for path in shipped("").glob("*/protocol.yaml"))


def arms(machine: TimeMachine) -> list[str]:
    with machine.parts.open_work(machine.parts.by, write=False) as work:
        return [one.arm for one in allocations.of_trial(work, 1)]


@pytest.mark.parametrize("name", SHIPPED)
def test_of_every_shipped_protocol_a_person_of_each_arm_is_at_hand_and_lives_to_day_5_at_19_05(
    tmp_path: Path, name: str
) -> None:
    with stepped(tmp_path, name) as machine:
        for arm in machine.protocol.arms:
            last = machine.make(arm.id, name=f"One of {arm.id}")[-1]
            found = machine.standing(last)
            assert found is not None and found.arm == arm.id and last.name == f"One of {arm.id}"
            assert found.next_mail is not None
        machine.until(read_moment("day 5, 19:05", machine.here(last)))
        assert (machine.here(last).day, machine.here(last).clock) == (5, "19:05")


def test_every_mail_on_the_way_leaves_at_its_own_time_and_in_order(tmp_path: Path) -> None:
    with stepped(tmp_path, "soothing-touch") as machine:
        kept = machine.make("touch")[-1]
        start = machine.now
        gone = machine.until(read_moment("day 5, 19:05", machine.here(kept)))
        dates = [one.date for one in read_mailbox(machine.parts.mailbox)]
        assert dates == sorted(dates, key=lambda one: one or start)
        with machine.parts.open_work(machine.parts.by, write=False) as work:
            sent = [one for one in deliveries.of_trial(work, 1) if one.due_at > start and one.state.value == "accepted"]
        assert len(sent) == gone.mails > 3
        written = [one for one in dates if one is not None and one > start]
        assert written == sorted(one.due_at.replace(microsecond=0) for one in sent)


def test_the_same_seed_brings_people_into_the_same_arms_again(tmp_path: Path) -> None:
    lived = []
    for run in ("one", "two"):
        (tmp_path / run).mkdir()
        with stepped(tmp_path / run, "leary-2007-study5", seed=5) as machine:
            machine.make("no_writing")
            lived.append(arms(machine))
    assert lived[0] == lived[1] and lived[0][-1] == "no_writing"


def test_the_engine_answers_a_mail_once_and_says_so_the_second_time(tmp_path: Path) -> None:
    with stepped(tmp_path, "soothing-touch") as machine:
        kept = machine.make("tapping")[-1]
        machine.to_next_mail(kept)
        newest = machine.mails_of(kept)[0]
        assert machine.answer(newest) == 1
        with pytest.raises(Refused, match="it was done before"):
            machine.answer(newest)
        code = machine.mails_of(kept)[-1]
        with pytest.raises(Refused, match="no personal link"):
            machine.answer(code)


def test_people_are_found_again_when_the_machine_is_started_once_more(tmp_path: Path) -> None:
    with stepped(tmp_path, "soothing-touch") as machine:
        machine.people.add("Zoë Ångström")
        machine.people.add("Zoë Ångström")
        made = machine.make("touch", name="Kim")[-1]
        anew = TimeMachine(machine.parts, machine.slug, machine.seed)
        assert [one.address for one in anew.everybody()][:2] == [
            "zoe.angstrom@mailbox.example",
            "zoe.angstrom.2@mailbox.example",
        ]
        assert anew.kept(made.number) == made and made.participant is not None
        anew.close()
        with pytest.raises(NotFound):
            machine.kept(99)


def test_a_person_made_in_german_is_written_to_in_german(tmp_path: Path) -> None:
    with stepped(tmp_path, "soothing-touch") as machine:
        kept = machine.make("touch", language="de")[-1]
        machine.to_next_mail(kept)
        assert machine.mail(machine.mails_of(kept)[0]).headers["content-language"] == "de"


def test_where_nobody_waits_for_a_mail_the_machine_says_so_and_stands_still(tmp_path: Path) -> None:
    with stepped(tmp_path, "soothing-touch") as machine:
        kept = machine.people.add("Nobody yet")
        with pytest.raises(Refused, match="No further mail is planned for Nobody yet"):
            machine.to_next_mail(kept)
        with pytest.raises(Refused, match="Nothing more happens by itself"):
            machine.to_next()


def test_an_arm_that_is_asked_for_has_its_person_who_is_made_once(tmp_path: Path) -> None:
    with stepped(tmp_path, "soothing-touch") as machine:
        made = {arm: machine.somebody_in(arm, None) for arm in ("tapping", "touch")}
        for arm, kept in made.items():
            found = machine.standing(kept)
            assert found is not None and found.arm == arm
        people = len(machine.everybody())
        assert machine.somebody_in("touch", made["touch"]).number == made["touch"].number
        assert len(machine.everybody()) == people
