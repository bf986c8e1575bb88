"""Reasons to be lost or to stop stand in one order in every box of the flow diagram and in every table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from reports import reasons, tables_people
from reports.flow_diagram import flow_diagram
from reports.frozen import read_frozen
from reports.labels import Labels
from reports.results import frozen_results

SAID = ["Found it upsetting", "No time"]  # most frequent over both arms first; by code it is the other way round
UPSET, BUSY = "upset_me", "no_time"


@pytest.fixture
def made(frozen_trial: Path) -> tuple[dict[str, Any], Labels]:
    """A trial of two arms in which each arm has another reason on top."""
    frozen = read_frozen(frozen_trial)
    results = frozen_results(frozen)
    counted = ({UPSET: 4, BUSY: 1}, {BUSY: 2, UPSET: 1})
    arms, stops = [], []
    for arm, found in zip(results["flow"]["arms"], counted, strict=True):
        whys = [{"reason": code, "n": n} for code, n in found.items()]
        n = sum(found.values())
        arms.append(arm | {"discontinued": n, "discontinued_reasons": whys, "lost": n, "lost_reasons": whys})
        stops += [
            one | {"n": n, "reasons": dict(sorted(found.items()))}
            for one in results["withdrawals"]
            if one["arm"] == arm["arm"] and one["stopped"] == "exercises"
        ]
    nobody = {"n": 0, "reasons": {}, "median_day": None}
    rest = [one | nobody for one in results["withdrawals"] if one["stopped"] != "exercises"]
    missing = [one | {"reasons": dict(sorted(counted[0].items()))} for one in results["missing"]]
    flow = results["flow"] | {"arms": arms}
    return results | {"flow": flow, "withdrawals": [*stops, *rest], "missing": missing}, Labels(frozen.folder)


@pytest.mark.parametrize("narrow", [False, True])
def test_both_arms_of_the_flow_diagram_have_their_reasons_in_the_same_order(
    made: tuple[dict[str, Any], Labels], narrow: bool
) -> None:
    results, labels = made
    svg = flow_diagram(results["flow"], labels, narrow=narrow).svg
    assert re.findall("|".join(SAID), svg) == SAID * 4  # lost and discontinued, in two arms


def test_the_tables_of_missing_data_and_of_withdrawals_have_the_order_of_the_diagram(
    made: tuple[dict[str, Any], Labels],
) -> None:
    results, labels = made
    for table in (tables_people.missing(results, labels), tables_people.withdrawals(results, labels)):
        said = [one for row in table.rows for one in SAID if one.lower() in row.cells[0].lower()]
        assert said and said == SAID * (len(said) // 2), table.caption
    stopped = tables_people.withdrawals(results, labels)
    assert [row.cells for row in stopped.rows[:2]] == [("Stopped the exercises only",), ("People", "5", "3")]


def test_a_reason_that_the_diagram_does_not_have_comes_after_its_own() -> None:
    assert reasons.as_in_flow(["b", "c"], [{"a": 9, "c": 1}, {"b": 1}]) == ["b", "c", "a"]
