"""Recruitment against its plan: the course of the trial and of the plan, its finding in words and numbers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reports import recruiting
from reports.document import Figure
from reports.drawing import Drawing
from reports.frozen import read_frozen
from reports.labels import Labels
from reports.results import frozen_results
from reports.sections import document
from trial.core.protocol import TrialProtocol
from trial.protocol_files import ProtocolFolder

WEEKS = [12, 30, 0, 18]
OPENED = date(2026, 1, 5)


@pytest.fixture(scope="module")
def folder(frozen_trial: Path) -> ProtocolFolder:
    return read_frozen(frozen_trial).folder


def planned(protocol: TrialProtocol, start: str | None, end: str | None) -> TrialProtocol:
    dates = protocol.administrative.dates.model_copy(update={"recruitment_from": start, "recruitment_until": end})
    return protocol.model_copy(update={"administrative": protocol.administrative.model_copy(update={"dates": dates})})


def drawn(found: dict[str, Any], folder: ProtocolFolder) -> Drawing:
    (figure,) = recruiting.figure({"target": 60, **found}, Labels(folder))
    return figure.drawing


def test_the_totals_run_and_the_plan_is_read_at_the_end_of_each_week(folder: ProtocolFolder) -> None:
    found = recruiting.by_week(planned(folder.protocol, "2026-01-12", "2026-02-09"), 60, WEEKS, OPENED)
    assert [one["total"] for one in found["by_week"]] == [12, 42, 42, 60]
    assert [one["planned"] for one in found["by_week"]] == [0, 15, 30, 45]
    assert found["plan"] == {"from_week": 1, "until_week": 5}
    words = drawn(found, folder).description
    assert words == (
        "60 of 60 people sought came within 4 weeks. That is 15 more than the 45 planned by then. "
        "Most came in week 2: 30."
    )


@pytest.mark.parametrize(("start", "end"), [(None, None), ("2026-01", None), (None, "2026-03")])
def test_without_both_dates_there_is_the_number_sought_alone(
    folder: ProtocolFolder, start: str | None, end: str | None
) -> None:
    found = recruiting.by_week(planned(folder.protocol, start, end), 60, WEEKS, OPENED)
    assert found["plan"] is None and {one["planned"] for one in found["by_week"]} == {None}
    assert "planned" not in drawn(found, folder).description
    (figure,) = recruiting.figure({"target": 60, **found}, Labels(folder))
    assert figure.table and figure.table.caption == "Recruitment, in numbers" and figure.drawing.title == "Recruitment"


def test_a_folder_that_does_not_know_the_weeks_has_no_figure(folder: ProtocolFolder) -> None:
    found = recruiting.by_week(folder.protocol, 60, None, None)
    assert found == {"by_week": [], "plan": None}
    assert recruiting.figure({"target": 60, **found}, Labels(folder)) == []


def test_the_report_has_the_course_of_the_trial(frozen_trial: Path) -> None:
    frozen = read_frozen(frozen_trial)
    results = frozen_results(frozen)
    course = results["recruitment"]["by_week"]
    assert course[-1]["total"] == results["flow"]["randomised"] == sum(one["randomised"] for one in course)
    flow = next(one for one in document(results, frozen.folder).sections if one.id == "flow")
    assert "recruitment-figure" in [one.id for one in flow.blocks if isinstance(one, Figure)]


def test_ten_years_of_weeks_stay_a_short_table_that_counts_everybody(folder: ProtocolFolder) -> None:
    found = recruiting.by_week(folder.protocol, 5200, [10] * 520, OPENED)
    (figure,) = recruiting.figure({"target": 5200, **found}, Labels(folder))
    assert figure.table is not None and len(figure.table.rows) <= recruiting.MOST_ROWS
    assert sum(int(row.cells[1]) for row in figure.table.rows) == 5200
    assert len(figure.drawing.svg) < 60_000


@pytest.mark.parametrize(
    ("weeks", "known", "when"),
    [
        ([12, 30, 0, 18, 0], 8.0, ", the last of them in week 4 after the opening"),
        (None, 8.0, ", within 8 weeks"),
        (None, None, ""),
    ],
)
def test_the_sentence_names_the_week_of_the_last_who_came_and_no_end_of_recruitment(
    folder: ProtocolFolder, weeks: list[int] | None, known: float | None, when: str
) -> None:
    found = recruiting.by_week(folder.protocol, 60, weeks, None) | {"target": 80, "randomised": 60, "weeks": known}
    assert recruiting.said(found, Labels(folder)) == f"60 of the 80 people sought were randomised{when}."
