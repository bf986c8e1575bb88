"""What a report says beside a number that leans on less than was planned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from reports import cautions, sensitivity, tables_outcomes
from reports.data_file import read_data
from reports.document import Terms
from reports.labels import Labels
from reports.results import outside_results
from tests.reports.planned import DATA, with_plan
from trial.protocol_files import read_folder

PLAN = """analysis:
  method: {method}
  primary: {{outcome: low_mood, timepoint: week_6, contrast: [gratitude, chores]}}
  sensitivity:
    - {{id: followed, method: per_protocol, assumption: {{en: As said.}}}}
  baseline_table: [age]
"""
# of a row of small_trial.csv: who, in which arm, when, and at which level at the baseline
Row = tuple[str, str, str, str]


def found(folder: Path, method: str, kept: Callable[[Row], bool]) -> tuple[dict[str, Any], Labels]:
    """The results of those rows of the small trial's data that are kept."""
    head, *lines = DATA.read_text(encoding="utf-8").splitlines()
    at = [head.split(",").index(name) for name in ("participant", "arm", "timepoint", "mood_level")]
    rows = [line for line in lines if kept(tuple(line.split(",")[one] for one in at))]  # type: ignore[arg-type]
    read = read_folder(with_plan(folder, PLAN.format(method=method)))
    return outside_results(read, read_data(read, "\n".join([head, *rows]).encode(), DATA.name)), Labels(read)


def test_a_factor_with_one_level_left_is_said_not_to_be_in_the_model(tmp_path: Path) -> None:
    results, labels = found(tmp_path, "ancova", lambda row: row[3] in ("high", ""))
    (table,) = tables_outcomes.estimates(results, labels, "primary")
    assert results["estimates"][0]["problem"] is None
    assert "not in the model, the same for everyone analysed: Mood at the start." in table.note


def test_an_arm_with_one_person_at_the_timepoint_borrows_its_spread_and_the_report_warns(tmp_path: Path) -> None:
    kept: list[str] = []

    def one_of_chores(row: Row) -> bool:
        if row[1:3] == ("chores", "week_6"):
            kept.append(row[0])
            return len(kept) == 1
        return True

    results, labels = found(tmp_path, "mmrm", one_of_chores)
    (primary,) = results["estimates"]
    assert primary["problem"] is None
    (said,) = [one for one in cautions.warnings(primary, labels) if "only one person" in one]
    assert "only one person of Chores list has the outcome" in said


def test_a_sensitivity_analysis_by_another_covariance_than_planned_says_so(tmp_path: Path) -> None:
    results, labels = found(tmp_path, "mmrm", lambda row: True)
    tried = [{"structure": "unstructured", "why": "It does not settle.", "used": "toeplitz"}]
    results["sensitivity"][0]["fell_back"] = tried
    (terms,) = [one for one in sensitivity.blocks(results, labels) if isinstance(one, Terms)]
    assert "Tried before it: unstructured: It does not settle." in str(terms)
