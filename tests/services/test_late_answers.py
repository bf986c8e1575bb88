"""An answer within the grace: it is told apart in every file, and counts or not as the plan says."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from reports.frozen import read_frozen
from reports.labels import Labels
from reports.methods import analysis
from reports.results import frozen_results
from tests.core.protocols import rewritten
from tests.services.scene import MOODS, OPERATOR, Scene
from trial.services import freeze, trials
from trial.storage.work import Store

WINDOW = "    closes_after: 7 days\n    invitation: questionnaire\n"
GRACE = (WINDOW, WINDOW + "    grace: 2 days\n")
PLAN = "  baseline_table: [age, low_mood, mood_level]\n"
PLANS = {
    "keep": (),
    "exclude": ((PLAN, PLAN + "  late_answers: exclude\n"),),
}


def one_in_time_one_late(store: Store, plan: str) -> dict[str, str]:
    """The frozen files of two people, one of whom sent the questionnaire a day after its window."""
    scene = Scene(store, folder=rewritten(GRACE, *PLANS[plan]))
    prompt, late = scene.enrol(), scene.enrol()
    (in_window,), (after_it,) = (scene.occasions(one, "week_2") for one in (prompt, late))
    scene.move_to(in_window.opens_at)
    assert scene.submit(prompt, in_window.id, MOODS[0]).state == "kept"
    scene.move(days=8)
    assert scene.submit(late, after_it.id, MOODS[1]).state == "kept"
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
    with scene.work(OPERATOR) as work:
        return freeze.freeze(work, scene.slug)


def rows(files: dict[str, str], name: str) -> list[dict[str, str]]:
    return [one for one in csv.DictReader(io.StringIO(files[name])) if one["timepoint"] == "week_2"]


def results_of(files: dict[str, str], folder: Path) -> tuple[dict[str, Any], Labels]:
    freeze.write_freeze(files, folder)
    frozen = read_frozen(folder)
    return frozen_results(frozen), Labels(frozen.folder)


@pytest.mark.parametrize("plan", ["keep", "exclude"])
def test_a_late_answer_is_told_apart_and_counts_in_a_score_only_where_the_plan_keeps_it(
    store: Store, plan: str
) -> None:
    files = one_in_time_one_late(store, plan)
    prompt, late = sorted(rows(files, "dataset.csv"), key=lambda one: one["late"])
    assert (prompt["late"], late["late"]) == ("no", "yes")
    assert prompt["low_mood"] and bool(late["low_mood"]) == (plan == "keep")
    items = [one for one in rows(files, "items.csv") if one["participant"] == late["participant"]]
    assert items and all(one["late"] == "yes" and one["value"] for one in items if one["item"].startswith("feeling_1"))
    said = next(line for line in files["codebook.csv"].splitlines() if line.startswith("dataset.csv,late,"))
    assert ("counts in no score" in said) == (plan == "exclude")


@pytest.mark.parametrize("plan", ["keep", "exclude"])
def test_the_report_says_how_many_came_late_and_what_was_done(store: Store, plan: str, tmp_path: Path) -> None:
    results, labels = results_of(one_in_time_one_late(store, plan), tmp_path / "frozen")
    late = results["late_answers"]
    assert late["rule"] == plan and sum(one["n"] for one in late["people"]) == 1
    said = dict(analysis(results, labels).items)["Late answers"]
    assert said.endswith("It happened once, counting each person once at each timepoint.")
    assert ("left out of every score" in said) == (plan == "exclude")
    assert results["estimates"][0]["n_with_data"] == (2 if plan == "keep" else 1)


def test_in_the_flow_a_late_answer_is_left_out_of_the_analysis_and_nobody_is_lost(store: Store, tmp_path: Path) -> None:
    results, _ = results_of(one_in_time_one_late(store, "exclude"), tmp_path / "frozen")
    reasons = [one for arm in results["flow"]["arms"] for one in arm["excluded_from_analysis_reasons"]]
    assert {"reason": "answered_late", "n": 1} in reasons
    assert sum(arm["lost"] for arm in results["flow"]["arms"]) == 0
