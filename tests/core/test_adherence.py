"""Which exercises are part of an arm's dose."""

from __future__ import annotations

from trial.core.adherence import beyond_the_dose
from trial.core.consort import rules_of
from trial.protocol_files import read_folder, shipped

WAITLIST = read_folder(shipped("examples") / "waitlist").protocol
SECOND_STAGE = read_folder(shipped("examples") / "second-stage").protocol


def test_what_a_waiting_arm_is_given_in_the_end_is_no_part_of_its_dose() -> None:
    assert beyond_the_dose(WAITLIST, "later") == {"evening_later"}
    assert not beyond_the_dose(WAITLIST, "now")


def test_nobody_discontinues_exercises_while_waiting_for_them() -> None:
    closes = rules_of(WAITLIST).exercises_close
    assert closes["later"] == -1 and closes["now"] >= 7


def test_what_a_further_stage_adds_is_no_part_of_the_dose_of_any_arm() -> None:
    added = {one.id for one in SECOND_STAGE.timepoints if one.stage is not None}
    assert added and all(beyond_the_dose(SECOND_STAGE, arm.id) == added for arm in SECOND_STAGE.arms)
