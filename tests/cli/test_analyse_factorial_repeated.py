"""A factorial trial by a model of repeated outcomes: effects at each visit held against R, and what the report says."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from reports.data_file import read_data
from reports.results import outside_results
from tests.cli.conftest import Shell
from tests.cli.test_analyse_clusters import analysed
from tests.cli.test_analyse_factorial import CELLS, COMPLETE, FACTORS
from tests.cli.test_repeated_measures import planned
from tests.reports.builder import SMALL_TRIAL
from trial.protocol_files import read_folder

REFERENCE = Path(__file__).parents[1] / "reference"
R: dict[str, Any] = json.loads((REFERENCE / "factorial_repeated.json").read_text())
# of the constrained model lmer stops 2.4 below the top: Kenward and Roger's are written out at the top in plain R
JUDGED = {("clda", "kenward_roger"): "kenward_roger_written_out"}
VISITS = ("y1", "y2", "y3")
EFFECTS = {"mail": ["mail"], "call": ["call"], "interaction": ["mail", "call"]}


def effect(*names: str, at: str = "y3") -> dict[str, Any]:
    return {"outcome": "low_mood", "timepoint": at, "factors": list(names)}


def trial(folder: Path, method: str, **of_plan: Any) -> Path:
    """The small trial with four arms of two factors and three visits, all effects at the last one."""
    tree = planned(method)
    like = tree["arms"][0]
    tree["arms"] = [
        like | {"id": f"{mail}_{call}", "label": {"en": f"{mail.capitalize()} mails, calls: {call}"},
                "factors": {"mail": mail, "call": call}}
        for mail, call in CELLS
    ]  # fmt: skip
    tree["design"] |= {"type": "factorial", "factors": FACTORS}
    tree["allocation"] = {"method": "simple"}
    tree["timepoints"] = [one for one in tree["timepoints"] if one["id"] != "y4"]
    others = [effect("call"), effect("mail", "call"), effect("mail", at="y1")]
    tree["analysis"] |= {
        "primary": effect("mail"),
        "secondary": {"multiplicity": "holm", "analyses": others},
        "baseline_table": ["mood"],
    } | of_plan
    protocol = Path(shutil.copytree(SMALL_TRIAL, folder / "protocol"))
    (protocol / "protocol.yaml").write_text(json.dumps(tree), encoding="utf-8")
    return protocol


def people(folder: Path, *, without: str = "") -> Path:
    """The data of factorial_repeated.R, one row for each visit that somebody made."""
    with (folder / "data.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("participant", "arm", "timepoint", "mood"))
        for one in R["data"]:
            for point in ("baseline", *VISITS):
                seen = point == "baseline" or (one["arm"] != without and one.get(point) is not None)
                if seen:
                    writer.writerow((f"P{one['id']:03}", one["arm"], point, one[point]))
    return folder / "data.csv"


def results_of(protocol: Path, data: Path) -> dict[str, Any]:
    folder = read_folder(protocol)
    return outside_results(folder, read_data(folder, data.read_bytes(), data.name))


def alike(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    # an effect near 0 has few digits of its own: it is held to a ten millionth of its error
    assert ours["estimate"] == pytest.approx(theirs["estimate"], rel=1e-6, abs=1e-7 * theirs["se"])
    assert ours["se"] == pytest.approx(theirs["se"], rel=1e-6)
    assert ours["df"] == pytest.approx(theirs["df"], rel=1e-6)


def same_as_r(results: dict[str, Any], theirs: dict[str, Any]) -> None:
    for one, name in zip(results["estimates"], (*EFFECTS, "mail"), strict=True):
        assert one["problem"] is None and one["covariance"] == "unstructured"
        alike(one, theirs[f"{one['timepoint']}_{name}"])
        for at in one["repeated"]["visits"]:
            alike(at, theirs[f"{at['timepoint']}_{name}"])
        whole, point = one["factorial"], one["timepoint"]
        for its, factor in zip(whole["factors"], ("mail", "call"), strict=True):
            alike(its["main"], theirs[f"{point}_{factor}"])
            for at in its["at"]:
                alike(at, theirs[f"{point}_{factor}_at_{at['level']}"])
        alike(whole["interaction"], theirs[f"{point}_interaction"])


@pytest.mark.parametrize("method", ["mmrm", "clda"])
@pytest.mark.parametrize("degrees", ["satterthwaite", "kenward_roger"])
def test_effects_of_factors_at_each_visit_are_those_of_r(tmp_path: Path, method: str, degrees: str) -> None:
    protocol = trial(tmp_path, method, repeated={"degrees_of_freedom": degrees})
    theirs = R[method][JUDGED.get((method, degrees), degrees)]
    same_as_r(results_of(protocol, people(tmp_path)), theirs)


def test_the_report_sets_effects_and_visits_side_by_side(equipoise: Shell, tmp_path: Path) -> None:
    followed = COMPLETE | {"id": "complete"}
    protocol = trial(tmp_path, "mmrm", sensitivity=[followed])
    results, page = analysed(equipoise, protocol, people(tmp_path), tmp_path / "results")
    (complete,) = results["sensitivity"]
    assert complete["problem"] is None and complete["estimate"] is not None
    assert results["estimates"][0]["g"]["estimate"] < 0 and results["estimates"][1]["g"] is not None
    assert results["estimates"][2]["g"] is None
    for said in (
        "Low mood over the visits: Mails: kind minus plain",
        "Low mood over the visits: Interaction: Mails × Calls",
        "Effects of factors: one model with a mean of each of the four arms",
        "Main effect (planned)",
        "Kind mails, calls: yes, adjusted mean",
    ):
        assert said in page, said


def test_a_combination_without_any_outcome_is_refused_by_its_name(tmp_path: Path) -> None:
    found = results_of(trial(tmp_path, "mmrm"), people(tmp_path, without="plain_no"))["estimates"][0]
    assert found["estimate"] is None and "Nobody" in found["problem"] and "“Plain mails, calls: no”" in found["problem"]
