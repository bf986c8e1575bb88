"""What a report says where an interval may not hold what it promises."""

from __future__ import annotations

from typing import Any

from reports.cautions import blocks, warnings
from reports.document import Paragraph
from reports.labels import Labels
from tests.reports.builder import SMALL_TRIAL
from trial.protocol_files import read_folder, shipped

LABELS = Labels(read_folder(SMALL_TRIAL))


def one(*its: dict[str, Any], **more: Any) -> dict[str, Any]:
    entry = {"analysis": "primary", "outcome": "low_mood", "timepoint": "week_2", "method": "mmrm"}
    return entry | {"warnings": list(its)} | more


def spreads(about: str = "estimate", share: float = 0.8) -> dict[str, Any]:
    return {"kind": "unlike_spreads", "about": about, "sd": [4.2, 2.1], "error_share": share}


def test_spreads_that_differ_are_told_once_with_both_and_with_how_far_the_error_is_off() -> None:
    (said,) = warnings(one(spreads(), spreads("g")), LABELS)
    assert "the standard deviations of the two arms are 4.20 and 2.10" in said and "0.80 times" in said
    (said,) = warnings(one(spreads(share=0.99)), LABELS)
    assert "times what it should be" not in said


def test_in_a_trial_of_three_arms_those_whose_spreads_differ_have_their_names() -> None:
    three = Labels(read_folder(shipped("shapira-mongrain-2010")))
    entry = one(spreads("g"), outcome="depression", timepoint="month_6", method="ancova")
    entry["sides"] = [["optimism"], ["early_memory"]]
    (said,) = warnings(entry, three)
    assert "the standard deviations of Letter from a good future and Early memory are 4.20 and 2.10" in said
    assert "two arms" not in said


def test_an_ancova_is_warned_of_its_g_and_of_hc2_alone() -> None:
    (said,) = warnings(one(spreads("g"), method="ancova"), LABELS)
    assert "Hedges g takes them to be the same" in said and "read the difference itself" in said
    (said,) = warnings(one(spreads(), spreads("g"), method="ancova"), LABELS)
    assert "with HC2" in said and "HC3" in said


def test_those_not_known_are_told_by_arm_and_what_that_does_to_the_method() -> None:
    many = {"kind": "many_unknown", "about": "estimate", "share": {"gratitude": 0.4, "chores": 0.25}}
    (said,) = warnings(one(many, method="g_computation"), LABELS)
    assert f"40% with {LABELS.arm('gratitude')} and 25% with {LABELS.arm('chores')}" in said
    many = {"kind": "many_unknown", "about": "estimate", "share": {"gratitude": 0.4}}
    (said,) = warnings(one(many, method="mean_change"), LABELS)
    assert "is not known for 40%. The mean change takes" in said


def test_an_arm_whose_people_all_have_one_level_is_named() -> None:
    (said,) = warnings(one({"kind": "arm_of_one_level", "about": "estimate", "arms": ["chores"]}), LABELS)
    assert f"everyone of {LABELS.arm('chores')} has the same level" in said and "read the counts" in said


def test_how_few_are_left_is_told_by_arm_with_what_to_plan_instead() -> None:
    few = {"kind": "few_left", "about": "estimate", "n": {"gratitude": 12, "chores": 14}}
    (said,) = warnings(one(few, method="clda"), LABELS)
    assert f"12 of {LABELS.arm('gratitude')} and 14 of {LABELS.arm('chores')} have the outcome there" in said
    assert "Kenward and Roger" in said


def test_warnings_stand_with_the_estimates_of_their_kind() -> None:
    results = {"estimates": [one(spreads()), one(analysis="secondary"), one(spreads(), analysis="exploratory")]}
    assert len(list(blocks(results, "primary", LABELS))) == 1
    assert list(blocks(results, "secondary", LABELS)) == []
    (mark,) = blocks(results, "exploratory", LABELS)
    assert isinstance(mark, Paragraph) and mark.style == "mark"
