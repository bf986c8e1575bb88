"""Of one arm the outcome is a change: the recount too counts nobody as known whose baseline gives no score."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from trial.protocol_files import read_folder, shipped
from trial.rehearsal.oracle.facts import Sheet
from trial.rehearsal.oracle.flow import primary_of
from trial.rehearsal.oracle.frozen import counts_of_files

PLAIN: dict[str, Any] = json.loads(read_folder(shipped("neff-2007")).protocol.model_dump_json(by_alias=True))
FIRST = next(one for one in PLAIN["timepoints"] if one["anchor"] == "consent")
POINT = PLAIN["analysis"]["primary"]["timepoint"]
LAST = next(one for one in PLAIN["timepoints"] if one["id"] == POINT)
SCORE = next(one["score"] for one in PLAIN["outcomes"] if one["id"] == PLAIN["analysis"]["primary"]["outcome"])


def sheet(point: Any, score: float | None) -> Sheet:
    asks = {one["id"] for one in PLAIN["activities"] if one["type"] == "questionnaire"}
    activity = next(one for one in point["activities"] if one in asks)
    at = datetime(2026, 1, 5, tzinfo=UTC)
    return Sheet(1, at, point["id"], 1, activity, {}, {SCORE: score}, readable=True, late=False)


@pytest.mark.parametrize(("before", "after", "known"), [(3.1, 3.4, True), (None, 3.4, False), (3.1, None, False)])
def test_the_change_of_one_arm_takes_both_scores(before: float | None, after: float | None, known: bool) -> None:
    outcome, late, answered = primary_of(PLAIN, [sheet(FIRST, before), sheet(LAST, after)], POINT)
    assert (outcome, late, answered) == (known, False, True)


def test_the_frozen_files_are_counted_in_the_same_way() -> None:
    lines = ("participant,arm,timepoint," + SCORE, f"a,practice,{FIRST['id']},3.1", f"a,practice,{POINT},3.4",
             f"b,practice,{FIRST['id']},", f"b,practice,{POINT},3.4")  # fmt: skip
    files = {"dataset.csv": "\n".join(lines), "disposition.csv": "participant,tries,stage,reason\n"}
    assert counts_of_files(files, PLAIN)["arm practice: with the outcome"] == 1


def test_a_difference_between_arms_takes_the_last_score_alone() -> None:
    two = PLAIN | {"analysis": PLAIN["analysis"] | {"primary": PLAIN["analysis"]["primary"] | {"contrast": ["a", "b"]}}}
    assert primary_of(two, [sheet(FIRST, None), sheet(LAST, 3.4)], POINT) == (True, False, True)
