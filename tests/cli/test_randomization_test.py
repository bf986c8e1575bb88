"""`equipoise randomization test`: a frozen folder judged by new lists of its own rule; refusals in words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from reports.frozen import read_frozen
from tests.cli.conftest import Shell
from tests.reports.builder import build_freeze, resealed
from tests.reports.test_rerandomized import allocated
from tests.stats.lists import as_published
from tests.system.commands import whole_evidence
from trial.core.published_list import LIST, SEAL

FEW = ("--reps", "300")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A frozen folder with its list, made once."""
    folder = build_freeze(tmp_path_factory.mktemp("retested") / "frozen")
    files = as_published(allocated(read_frozen(folder)))
    return resealed(folder, files)


@pytest.fixture
def frozen(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "frozen"))


def test_every_planned_comparison_is_judged_the_primary_first(equipoise: Shell, frozen: Path) -> None:
    out = equipoise("randomization", "test", "frozen", *FEW).out
    assert out.startswith("300 lists by the rule of pretend")
    heads = [line for line in out.splitlines() if " minus " in line]
    assert heads == [
        "low_mood at week_2: gratitude minus chores",
        "low_mood at week_6: gratitude minus chores",
        "calmness at week_2: gratitude minus chores",
    ]
    assert out.count("t of the plan") == out.count("difference of means") == 3


def test_one_comparison_is_picked_by_its_outcome_and_timepoint_and_is_the_same_alone(
    equipoise: Shell, frozen: Path
) -> None:
    whole = json.loads(equipoise("randomization", "test", "frozen", *FEW, "--json").out)
    words = ("--outcome", "low_mood", "--timepoint", "week_6", "--json")
    alone = json.loads(equipoise("randomization", "test", "frozen", *FEW, *words).out)
    assert alone["tests"] == [whole["tests"][1]]
    other = json.loads(equipoise("randomization", "test", "frozen", *FEW, *words, "--seed", "another").out)
    assert other["tests"][0]["rerandomization"]["counts"] != alone["tests"][0]["rerandomization"]["counts"]


def test_a_rehearsed_trial_of_three_arms_is_judged_by_what_it_published(equipoise: Shell) -> None:
    done = equipoise("randomization", "test", whole_evidence().home, *FEW, "--json")
    assert done.code == 0, done.err
    primary = json.loads(done.out)["tests"][0]
    results = json.loads((whole_evidence().home / "results.json").read_text(encoding="utf-8"))["estimates"][0]
    assert primary["n"] == results["n"] and abs(primary["estimate"] - results["estimate"]) < 1e-9
    test = primary["rerandomization"]
    assert test["arms"] == 3 and abs(test["studentised"]["observed"] - results["estimate"] / results["se"]) < 1e-9
    said = equipoise("randomization", "test", whole_evidence().home, *FEW).out
    assert "all 3 arms were allocated anew" in said


def test_two_processes_say_what_one_says(equipoise: Shell, frozen: Path) -> None:
    words = ("randomization", "test", "frozen", "--reps", "1100", "--outcome", "calmness")
    assert equipoise(*words, "--workers", "2").out == equipoise(*words, "--workers", "1").out


def test_a_comparison_that_nobody_planned_and_a_folder_without_a_list_are_refused_in_words(
    equipoise: Shell, frozen: Path
) -> None:
    said = equipoise.refused(2, "randomization", "test", "frozen", "--outcome", "height")
    assert "the plan has no such comparison" in said and "low_mood at week_2" in said
    (frozen / LIST).unlink()
    (frozen / SEAL).unlink()
    resealed(frozen, {})
    assert "in which order people were allocated" in equipoise.refused(1, "randomization", "test", "frozen", *FEW)
