"""A real trial of counts over four periods, analysed by three methods in one plan and held against R.

The epilepsy trial of Thall and Vail (1990): 59 people, progabide or placebo. The counts are analysed as their
logarithms, which `tests/reference/epilepsy.R` took.
"""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell
from tests.reports.builder import SMALL_TRIAL
from tests.reports.elsewhere import folder_with, write_data
from tests.reports.reading import page_of
from trial.protocol_files import read_folder

REFERENCE = Path(__file__).parents[1] / "reference"
BY_R: dict[str, Any] = json.loads((REFERENCE / "epilepsy.json").read_text())
PERIODS = ("week_2", "week_4", "week_6", "week_8")
LABEL = {"en": "Seizures in two weeks, logarithm"}
# half as many seizures, or fewer: a fall by log 2
OUTCOMES = [
    {"id": "seizures", "label": LABEL, "score": "mood", "better": "lower"},
    {"id": "half", "label": {"en": "Half as many seizures or fewer"}, "score": "calm", "better": "lower",
     "aggregation": "proportion", "responder": {"improves_by": math.log(2), "source": "By definition."}},
]  # fmt: skip


def trial(folder: Path, measure: str, covariance: str, degrees: str) -> tuple[Path, Path]:
    """The primary analysis by ANCOVA at the last period; by the four periods together; and who has half as many."""
    last = {"outcome": "seizures", "timepoint": "week_8", "contrast": ["progabide", "placebo"]}
    halved = last | {"outcome": "half", "method": "g_computation", "estimand": "whole"}
    plan = {
        "method": "ancova",
        "covariance": covariance,
        "covariates": ["age"],
        "primary": last,
        "secondary": {"multiplicity": "none", "analyses": [last | {"method": "mmrm"}, halved]},
        "repeated": {"degrees_of_freedom": degrees},
        "baseline_table": ["age", "mood"],
    }
    whole = {"id": "whole", "population": {"en": "All"}, "treatment": {"en": "Either"}, "summary": measure}
    points = json.loads(read_folder(SMALL_TRIAL).protocol.model_dump_json(by_alias=True))["timepoints"]
    baseline, evening, visit = points[:3]
    visits = [visit | {"id": at, "label": {"en": at}, "days": [int(at[-1]) * 7], "reminders": []} for at in PERIODS]
    evening["activities"] = ["progabide", "placebo"]
    protocol = folder_with(
        folder / "protocol", outcomes=OUTCOMES, analysis=plan, arms=("progabide", "placebo"), score={"plus": -1},
        allocation={"method": "simple"}, estimands=[whole], timepoints=[baseline, evening, *visits],
    )  # fmt: skip
    with (REFERENCE / "epilepsy.csv").open(newline="") as file:
        people = list(csv.DictReader(file))
    rows: list[tuple[str, ...]] = []
    for one in people:
        who = one["id"], one["treatment"]
        rows.append((*who, "baseline", one["before"], one["total_before"], one["age"]))
        for at, name in zip(PERIODS, ("after1", "after2", "after3", "after4"), strict=True):
            rows.append((*who, at, one[name], one["total_after"] if at == "week_8" else "", ""))
    return protocol, write_data(folder / "data.csv", ("mood", "calm", "age"), rows)


@pytest.mark.parametrize(
    ("measure", "covariance", "degrees"),
    [
        ("risk_difference", "HC3", "satterthwaite"),
        ("risk_ratio", "HC2", "kenward_roger"),
        ("odds_ratio", "HC3", "kenward_roger"),
    ],
)
def test_seizures_on_progabide_and_placebo_differ_as_r_says(
    equipoise: Shell, tmp_path: Path, measure: str, covariance: str, degrees: str
) -> None:
    protocol, data = trial(tmp_path, measure, covariance, degrees)
    done = equipoise("analyse", protocol, "--data", data, "--out", tmp_path / "results")
    assert done.code == 0, done
    results = json.loads((tmp_path / "results" / "results.json").read_text())
    at_the_end, by_periods, halved = results["estimates"]
    assert [one["problem"] for one in results["estimates"]] == [None] * 3
    assert all(one["n"] == BY_R["n"] for one in results["estimates"])
    same(at_the_end, BY_R["ancova"][covariance], 1e-8)
    same(halved, BY_R["half"][covariance][measure] | {"df": BY_R["half"][covariance]["df"]}, 1e-8)
    assert halved["measure"] == measure and halved["fallback"] is None
    # nobody is lost, so each period of the model is what lm says of it alone, whatever the degrees of freedom
    visits = dict(zip(BY_R["each_by_lm"], by_periods["repeated"]["visits"], strict=True))
    for period, at in visits.items():
        same(at, BY_R["each_by_lm"][period], 1e-7)
    average = by_periods["repeated"]["average"]
    for model, close in (("gls", 1e-5), ("kenward_roger", 1e-6)):
        for period, its in BY_R[model].items():
            same(visits.get(period, average), its, close)
    page = page_of(tmp_path / "results")
    assert "Analysis of covariance" in page and "Mixed model for repeated measures" in page and "g-computation" in page


def same(found: dict[str, Any], told: dict[str, Any], close: float) -> None:
    for key, its in told.items():
        assert found[key] == pytest.approx(its, rel=close), key
