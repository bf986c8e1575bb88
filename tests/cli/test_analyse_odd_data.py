"""Odd data from a file to the report: no traceback, no number without a reason, and each reason stands in the page."""

from __future__ import annotations

import csv
import html
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.conftest import Shell
from tests.reports.builder import SMALL_TRIAL
from tests.reports.reading import page_of
from tests.stats.odd import METHODS, ODD, SENSITIVITY, VISITS, one_arm, people, planned
from trial.stats.plan.table import AnalysisTable

# what the reading of the file refuses already
REFUSED = {"nobody": "there are column names but no rows", "an outcome mistyped": "too large or too small"}
# two methods for each kind, in turn
PAIRS = [(kind, METHODS[(at + more) % len(METHODS)]) for at, kind in enumerate(ODD) for more in (0, 2)]


def files(folder: Path, method: str, data: AnalysisTable) -> None:
    """The protocol's folder and the table as somebody's data file, with every sensitivity analysis of the method."""
    shutil.copytree(SMALL_TRIAL, folder / "protocol")
    protocol = planned(method, SENSITIVITY.get(method, ()))
    (folder / "protocol" / "protocol.yaml").write_text(protocol.model_dump_json(by_alias=True), encoding="utf-8")
    with (folder / "data.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(("participant", "arm", "timepoint", "mood", "mood_level"))
        for at, who in enumerate(data.participants):
            for point in ("baseline", *VISITS):
                value = data.scores["mood", point][at]
                cell = "" if np.isnan(value) else repr(float(value))
                level = (data.factors["mood_level"][at] or "") if point == "baseline" else ""
                if cell or point == "baseline":
                    out.writerow((who, data.arms[at], point, cell, level))


def reasons(results: dict[str, Any]) -> list[str]:
    """Why there is no number, or not the planned one."""
    found = [one["problem"] for one in (*results["estimates"], *results["sensitivity"])]
    for one in results["estimates"]:
        found.append(one["fallback"])
        found += [each["why"] for each in (one["repeated"] or {"fell_back": []})["fell_back"]]
        found.append("not in the model, the same for everyone analysed" if one["covariates_dropped"] else None)
    return [one for one in found if one]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("kind", "method"), PAIRS)
def test_a_report_of_odd_data_prints_each_reason_and_no_traceback(
    equipoise: Shell, tmp_path: Path, kind: str, method: str
) -> None:
    data = ODD[kind](people())
    files(tmp_path, method, one_arm(data) if method == "mean_change" else data)
    if kind in REFUSED:
        assert REFUSED[kind] in equipoise.refused(2, "analyse", "protocol", "--data", "data.csv", "--out", "results")
        return
    done = equipoise("analyse", "protocol", "--data", "data.csv", "--out", "results")
    assert done.code == 0, done
    results = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    page = html.unescape(page_of(tmp_path / "results"))
    for one in reasons(results):
        assert one in page, one
    for word in (">nan", ">inf", ">None<", "nan to", "to inf"):
        assert word not in page, word
