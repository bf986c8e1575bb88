"""The names that a report gives to what a protocol writes as a code."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from reports.in_labels import in_labels
from reports.labels import KINDS, Labels
from tests.reports.builder import SMALL_TRIAL
from trial.core.protocol.design import ArmKind
from trial.protocol_files import read_folder, shipped


def test_every_kind_of_arm_has_a_name() -> None:
    assert set(KINDS) == set(get_args(ArmKind))
    assert KINDS["no_treatment"] == "no treatment"


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("1 month", "at 1 month"),
        ("After thirty practices", "after thirty practices"),
        ("Before the start", "before the start"),
        ("After", "at “After”"),
        ("Onset", "at “Onset”"),
        ("Last questions", "at “Last questions”"),
    ],
)
def test_a_timepoint_stands_in_a_sentence_with_one_preposition(label: str, said: str) -> None:
    folder = read_folder(SMALL_TRIAL)
    first, *rest = folder.protocol.timepoints
    points = [first.model_copy(update={"label": {"en": label}}), *rest]
    labels = Labels(replace(folder, protocol=folder.protocol.model_copy(update={"timepoints": points})))
    assert labels.at(first.id) == said


def test_the_question_about_age_is_a_row_called_age_with_its_unit() -> None:
    labels = Labels(read_folder(shipped("examples") / "waitlist"))
    assert labels.measured("age") == "Age (years)" and labels.variable("age") == "How old are you?"
    assert labels.measured("cesd") == labels.variable("cesd")


def test_a_reason_names_arms_timepoints_and_variables_by_their_labels() -> None:
    labels = Labels(read_folder(shipped("examples") / "waitlist"))
    told = {
        "problem": "Arm 'now' lacks 'week_2' of 'cesd' at 'nowhere'.",
        "id": "now",
        "all": [{"fallback": "In 'later'."}],
    }
    assert in_labels(told, labels) == {
        "problem": "Arm “Exercises now” lacks “2 weeks” of “Depression (CES-D)” at 'nowhere'.",
        "id": "now",
        "all": [{"fallback": "In “Exercises in six weeks”."}],
    }
    stratified = Labels(read_folder(shipped("larger-trial")))
    assert in_labels({"problem": "One alone determines 'cesd_level: high'."}, stratified) == {
        "problem": "One alone determines “Depression score at the start: 16 or more”."
    }


def test_a_reason_names_a_level_of_a_variable_by_both_labels() -> None:
    labels = Labels(read_folder(shipped("larger-trial")))
    said = in_labels({"problem": "'cesd_level: low' tells some from 'nobody: knows'."}, labels)["problem"]
    assert said == "“Depression score at the start: Under 16” tells some from 'nobody: knows'."
