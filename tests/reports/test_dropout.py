"""Time to drop-out: each person's day by hand, and the curve from the rows of a freeze."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports import dropout
from reports.document import Figure
from reports.frozen import Frozen, read_frozen
from reports.labels import Labels
from reports.results import frozen_results
from trial.core.dataset import Disposition, EventRow

Row = dict[str, Any]
CLOSE = 49  # week_6 opens on day 42 and closes seven days later


@pytest.fixture(scope="module")
def frozen(frozen_trial: Path) -> Frozen:
    return read_frozen(frozen_trial)


def course(frozen: Frozen, people: list[Disposition], events: list[EventRow], answered: tuple[str, ...] = ()) -> Row:
    """The course of one arm of these people, of whom some answered the last questionnaire."""
    data = replace(frozen.data, answered={**frozen.data.answered, "week_6": frozenset(answered)})
    (one,) = dropout.dropout(frozen.folder.protocol, data, people, events)
    return one


def person(code: str, stopped: str = "", day: int | None = None, bounced: int | None = None) -> Disposition:
    return Disposition(code, "randomized", arm="gratitude", stopped=stopped, stopped_day=day, bounced_day=bounced)  # type: ignore[arg-type]


def test_each_way_of_dropping_out_has_its_day(frozen: Frozen) -> None:
    people = [
        person("stayed", "exercises", 3),  # gave up the exercises and answered to the end
        person("said", "everything", 5),
        person("bounced", bounced=8),
        person("both", "questionnaires", 9, bounced=6),  # what came first
        person("silent"),
        person("never"),
        person("after", "everything", 60),  # stopped once all was over, but had fallen silent on day 14
        person("later", "everything", 4),  # something came in after the stop
    ]
    events = [
        EventRow("silent", 2, "exercise_done", "evening:2"),
        EventRow("silent", 16, "questionnaire_done", "week_2:1"),
        EventRow("silent", 30, "screened", ""),
        EventRow("after", 14, "questionnaire_done", "week_2:1"),
        EventRow("later", 7, "exercise_done", "evening:3"),
    ]
    one = course(frozen, people, events, ("stayed",))
    assert (one["n"], one["end"], one["dropped"]) == (8, CLOSE, 7)
    assert one["why"] == {"stopped": 2, "address_bounced": 2, "silent": 3}
    assert [(step["day"], step["at_risk"], step["dropped"]) for step in one["steps"]] == [
        (0, 8, 1), (5, 7, 1), (6, 6, 1), (7, 5, 1), (8, 4, 1), (14, 3, 1), (16, 2, 1),
    ]  # fmt: skip
    assert one["steps"][-1]["still"] == pytest.approx(1 / 8)


def test_what_a_waiting_arm_is_given_after_the_last_questionnaire_brings_nobody_back(frozen: Frozen) -> None:
    people = [person("away"), person("half"), person("stayed")]
    events = [
        EventRow("away", CLOSE + 2, "exercise_done", "evening:1"),
        EventRow("half", 14, "questionnaire_done", "week_2:1"),
        EventRow("half", CLOSE + 3, "exercise_done", "evening:2"),
        EventRow("stayed", CLOSE + 1, "exercise_done", "evening:1"),
    ]
    one = course(frozen, people, events, ("stayed",))
    assert one["why"] == {"stopped": 0, "address_bounced": 0, "silent": 2}
    assert [(step["day"], step["dropped"]) for step in one["steps"]] == [(0, 1), (14, 1)]  # and no dip on the last day


def test_where_nobody_drops_out_there_is_a_whole_line(frozen: Frozen) -> None:
    one = course(frozen, [person("a"), person("b")], [], ("a", "b"))
    assert (one["dropped"], one["steps"]) == (0, [])
    results = {"dropout": [one], "estimates": [{"level": 0.95}]}
    (figure,) = dropout.blocks(results, Labels(frozen.folder))
    assert isinstance(figure, Figure)
    assert "0 of 2 people dropped out by day 49; 100% still took part at the end" in figure.drawing.description


def test_at_the_end_the_curve_is_the_share_who_answered_last(frozen: Frozen, frozen_trial: Path) -> None:
    with (frozen_trial / "dataset.csv").open(encoding="utf-8") as file:
        last = [one["arm"] for one in csv.DictReader(file) if one["timepoint"] == "week_6"]
    results = frozen_results(frozen)
    for one in results["dropout"]:
        stayed = last.count(one["arm"])
        assert one["n"] - one["dropped"] == stayed == one["n"] - sum(one["why"].values())
        assert one["steps"][-1]["still"] == pytest.approx(stayed / one["n"])
        assert one["at_risk"][0] == {"day": 0, "n": one["n"]} and one["at_risk"][-1] == {"day": CLOSE, "n": stayed}
    (figure,) = dropout.blocks(results, Labels(frozen.folder))
    assert isinstance(figure, Figure)
    for one in results["dropout"]:
        assert f"{one['dropped']} of {one['n']} people dropped out by day 49" in figure.drawing.description


def test_the_bands_of_two_arms_are_told_apart_without_colour_by_the_dash_of_their_edges(frozen: Frozen) -> None:
    found = frozen_results(frozen)
    (figure,) = dropout.blocks(found, Labels(frozen.folder))
    assert isinstance(figure, Figure)
    thin = re.findall(r'<path [^>]*style="([^"]*stroke-width: 0.6[^"]*)"', figure.drawing.svg)
    edges = [one for one in thin if "stroke-opacity: 0.75" in one]
    assert len(edges) == 2 * len(found["dropout"])
    assert len({(re.findall("stroke-dasharray: ([^;]*)", one) or ["whole"])[0] for one in edges}) == len(
        found["dropout"]
    )


@pytest.mark.parametrize("end", [0, 1, 6, 49, 199, 365, 1200, 3650])
def test_numbers_at_risk_stand_under_few_days_the_last_close_to_the_end(end: int) -> None:
    days = dropout.days_of(end)
    assert days[0] == 0 and days == sorted(set(days)) and len(days) <= dropout.MOST_TICKS + 1
    assert end - days[-1] <= max(1, (days[1] - days[0]) / 2 if len(days) > 1 else 1)


def test_data_from_elsewhere_tell_no_day(frozen: Frozen) -> None:
    assert dropout.blocks({"dropout": None}, Labels(frozen.folder)) == []
