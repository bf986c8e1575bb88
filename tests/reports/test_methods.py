"""The methods say of every arm what it is, whatever the design."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports import figures_of_dose, methods
from reports.labels import Labels
from tests.reports.planned import plan, with_plan
from trial.protocol_files import read_folder, shipped
from trial.protocol_files.presets import DESIGNS


@pytest.mark.parametrize("design", DESIGNS)
def test_every_arm_of_every_design_is_described(design: str) -> None:
    folder = read_folder(shipped("examples") / design)
    described = methods.arms(Labels(folder)).items
    assert len(described) == len(folder.protocol.arms)
    for arm, (name, words) in zip(folder.protocol.arms, described, strict=True):
        assert arm.label["en"] in name and "(" in name and arm.description["en"].rstrip(".") in words


def test_an_arm_that_waits_or_gets_nothing_is_called_so() -> None:
    waiting = methods.arms(Labels(read_folder(shipped("examples") / "waitlist"))).items
    nothing = methods.arms(Labels(read_folder(shipped("examples") / "three-arm"))).items
    assert any("(waiting list)" in name for name, _ in waiting)
    assert any("(no treatment)" in name for name, _ in nothing)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("exercises_done >= 1", "at least 1 exercise done"),
        ("exercises_done >= 4", "at least 4 exercises done"),
        ("exercises_done == 0", "no exercise done"),
        ("exercises_done <= 0", "no exercise done"),
        ("exercises_done >= 0", "always, whatever was done"),
        ("exercises_done > 2 and exercises_done <= 9", "the number of exercises done is over 2 and the number of "
         "exercises done is at most 9"),
    ],
)  # fmt: skip
def test_no_rule_is_printed_as_the_protocol_writes_it(rule: str, said: str) -> None:
    assert methods.rule(rule) == said


def test_a_waiting_arm_waits_up_to_its_day_and_has_no_dose() -> None:
    labels = Labels(read_folder(shipped("examples") / "waitlist"))
    waits, now = labels.folder.protocol.arm("later"), labels.folder.protocol.arm("now")
    assert methods.counted(labels.folder.protocol, waits) == "Waited, as allocated: no exercise done up to day 42."
    assert methods.counted(labels.folder.protocol, now) == (
        "Received: at least 1 exercise done. Minimum dose: at least 4 exercises done."
    )
    adherence = [
        {"arm": "now", "allocated": 3, "distribution": [{"done": 0, "at_least": 3}, {"done": 1, "at_least": 2}]},
        {"arm": "later", "allocated": 3, "distribution": [{"done": 0, "at_least": 3}]},
    ]
    caption = figures_of_dose.caption({"adherence": adherence}, labels)
    assert caption.startswith("Share of Exercises now who did") and "each" not in caption
    assert "each line" in figures_of_dose.caption({"adherence": [adherence[0], adherence[0]]}, labels)


def test_the_number_of_planned_analyses_counts_every_kind(tmp_path: Path) -> None:
    protocol = read_folder(with_plan(tmp_path, plan("families"))).protocol
    explored = protocol.analysis.exploratory
    assert protocol.analysis.secondary and explored and explored.analyses and explored.subgroups
    said = methods.plan(protocol)
    for kind, number in (
        ("secondary", len(protocol.analysis.secondary.analyses)),
        ("exploratory", len(explored.analyses)),
        ("subgroup", len(explored.subgroups)),
    ):
        assert f"{number} {kind} {'analysis' if number == 1 else 'analyses'}" in said
    assert said.startswith("One primary analysis, ")


def test_an_analysis_that_goes_by_another_model_is_named_with_its_arms_and_the_others_are_not_listed(
    tmp_path: Path,
) -> None:
    text = plan("families").replace(
        "analyses:\n      - {outcome: calmness, timepoint: week_6, contrast: [gratitude, chores]}",
        "analyses:\n      - {outcome: calmness, timepoint: week_6, contrast: [gratitude, chores], method: anhecova}",
    )
    labels = Labels(read_folder(with_plan(tmp_path, text)))
    (own,) = [one for one in labels.folder.protocol.analysis.all if one.method == "anhecova"]
    for said in (methods.model(labels), methods.error(labels)):
        assert said.startswith("The primary analysis and every other that is not named below: ")
        where = f"{labels.outcome(own.outcome)} {labels.at(own.timepoint)}, {labels.compared(own.model_dump())}"
        assert said.count(f"{where} (exploratory): ") == 1
        assert said.count(labels.outcome(labels.folder.protocol.analysis.primary.outcome)) == 0
    assert methods.otherwise(labels.folder.protocol, own) == "; slopes of each arm"
    assert methods.otherwise(labels.folder.protocol, labels.folder.protocol.analysis.primary) == ""
    alone = methods.model(Labels(read_folder(with_plan(tmp_path / "alone", plan("families")))))
    assert alone.startswith("Analysis of covariance by least squares")
