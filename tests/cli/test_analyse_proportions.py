"""Real trials whose outcome is a proportion, analysed from their files and held against R."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from reports.figures_of_risks import forest
from reports.labels import Labels
from tests.cli.conftest import Shell
from tests.reports.elsewhere import folder_with, write_data
from tests.reports.reading import page_of
from tests.reports.test_narrow_forest import MOST_POINTS
from trial.protocol_files import read_folder

REFERENCE = Path(__file__).parents[1] / "reference"
BY_R: dict[str, Any] = json.loads((REFERENCE / "respiratory.json").read_text())["analyses"]
MEASURES = ("risk_difference", "risk_ratio", "odds_ratio")
CENTRES = {
    "method": "permuted_blocks",
    "block_sizes": [2, 4],
    "strata": [
        {
            "id": "centre",
            "label": {"en": "Centre"},
            "levels": [
                {"id": "one", "label": {"en": "Centre 1"}, "when": "age >= 50"},
                {"id": "two", "label": {"en": "Centre 2"}},
            ],
        }
    ],
}


def read(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(newline="") as file:
        return list(csv.DictReader(file))


def planned(measure: str, contrast: tuple[str, str], outcome: str) -> dict[str, Any]:
    """The plan and its estimand, which says what is compared."""
    primary = {"outcome": outcome, "timepoint": "week_2", "contrast": list(contrast), "estimand": "whole"}
    return {
        "analysis": {"method": "g_computation", "primary": primary, "baseline_table": ["mood"]},
        "estimands": [{"id": "whole", "population": {"en": "All"}, "treatment": {"en": "Either"}, "summary": measure}],
    }


def respiratory(folder: Path, measure: str) -> tuple[Path, Path]:
    """Good respiratory status after four months: a score of 0 and 1, two centres."""
    protocol = folder_with(
        folder / measure, arms=("treatment", "placebo"), score={"items": [1], "method": "count", "better": "higher"},
        outcomes=[{"id": "good", "label": {"en": "Good status"}, "score": "mood", "better": "higher",
                   "aggregation": "proportion"}],
        allocation=CENTRES, **planned(measure, ("treatment", "placebo"), "good"),
    )  # fmt: skip
    rows = []
    for one in read("respiratory.csv"):
        who, centre = (one["id"], one["treatment"]), {"1": "one", "2": "two"}[one["centre"]]
        rows += [(*who, "baseline", one["before"], centre), (*who, "week_2", one["after"], "")]
    return protocol, write_data(folder / "data.csv", ("mood", "centre"), rows)


def fdd(folder: Path, measure: str) -> tuple[Path, Path]:
    """Ten points less stress than before: responders of a score."""
    protocol = folder_with(
        folder / measure, arms=("cbt", "emdr"), score={"times": 5},
        outcomes=[{"id": "gained", "label": {"en": "Less stress"}, "score": "mood", "better": "lower",
                   "aggregation": "proportion", "responder": {"improves_by": 10}}],
        allocation={"method": "simple"}, **planned(measure, ("cbt", "emdr"), "gained"),
    )  # fmt: skip
    arms = {"C": "cbt", "E": "emdr"}
    rows = [
        (one["id"], arms[one["trt"]], at, one[to])
        for one in read("fdd.csv")
        for at, to in (("baseline", "prop1"), ("week_2", "prop2"))
    ]
    return protocol, write_data(folder / "data.csv", ("mood",), rows)


def analysed(equipoise: Shell, protocol: Path, data: Path, out: Path) -> tuple[dict[str, Any], str]:
    done = equipoise("analyse", protocol, "--data", data, "--out", out)
    assert done.code == 0, done.err
    return json.loads((out / "results.json").read_text()), page_of(out)


@pytest.mark.parametrize("trial", [respiratory, fdd], ids=["respiratory", "fdd"])
@pytest.mark.parametrize("measure", MEASURES)
def test_the_arms_as_wholes_compare_as_r_says(equipoise: Shell, tmp_path: Path, trial: Any, measure: str) -> None:
    results, page = analysed(equipoise, *trial(tmp_path, measure), tmp_path / "results")
    (found,), told = results["estimates"], BY_R[trial.__name__]
    assert found["problem"] is None and found["fallback"] is None and found["measure"] == measure
    for key in ("estimate", "se", "ci", "p"):
        assert found[key] == pytest.approx(told[measure][key], rel=1e-8), key
    assert found["df"] == told["df"] and found["g"] is None
    for arm, events, n, risk in zip(found["contrast"], told["events"], told["n"], told["risks"], strict=True):
        its = found["arms"][arm]
        assert (its["events"], its["n_with_data"], found["n"][arm]) == (events, n, n)
        assert its["adjusted_mean"] == pytest.approx(risk, rel=1e-8)
    if measure != "risk_ratio":
        assert found["unadjusted"]["estimate"] == pytest.approx(told["unadjusted"]["estimate"])
        assert found["unadjusted"]["ci"] == pytest.approx(told["unadjusted"]["ci"], abs=1e-8)
    if measure == "risk_difference":
        assert found["number_needed"]["number"] == pytest.approx(1 / abs(found["estimate"]))
        assert "Number needed to treat:" in page and "Difference in percentage points" in page
    assert "g-computation" in page and "Hedges g" not in page and "Analysis of covariance" not in page


def test_where_nobody_of_an_arm_has_it_the_comparison_without_a_model_stands_in(
    equipoise: Shell, tmp_path: Path
) -> None:
    protocol, data = respiratory(tmp_path, "risk_difference")
    rows = list(csv.reader(data.open()))
    data.unlink()
    spoilt = [[*row[:3], "0" if row[1:3] == ["placebo", "week_2"] else row[3], row[4]] for row in rows[1:]]
    results, page = analysed(equipoise, protocol, write_data(data, ("mood", "centre"), spoilt), tmp_path / "results")
    (found,) = results["estimates"]
    assert found["problem"] is None and found["se"] is None
    assert found["estimate"] == pytest.approx(34 / 54) and found["ci"] == found["unadjusted"]["ci"]
    assert "Nobody in arm “Chores list” has the outcome" in found["fallback"] and "Nobody in arm" in page


def test_responders_are_cut_from_imputed_scores_and_the_lost_are_nobodys_failures(
    equipoise: Shell, tmp_path: Path
) -> None:
    protocol, data = fdd(tmp_path, "risk_difference")
    tree = json.loads((protocol / "protocol.yaml").read_text())
    tree["analysis"]["sensitivity"] = [
        {"id": id, "method": id, "assumption": {"en": "As said."}} for id in ("complete_case", "multiple_imputation")
    ]
    (protocol / "protocol.yaml").write_text(json.dumps(tree))
    results, page = analysed(equipoise, protocol, data, tmp_path / "results")
    (primary,), (complete, imputed) = results["estimates"], results["sensitivity"]
    assert complete["estimate"] == pytest.approx(primary["estimate"]) and complete["n"] == primary["n"]
    assert imputed["problem"] is None and imputed["measure"] == "risk_difference"
    gaps = [one["trt"] for one in read("fdd.csv") if not one["prop2"]]
    lost = {"cbt": gaps.count("C"), "emdr": gaps.count("E")}
    assert imputed["filled"] == lost and sum(imputed["n"].values()) == 52
    assert abs(imputed["estimate"] - primary["estimate"]) < imputed["se"]
    assert "in each set it was decided anew who responds" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"analysis.method": "ancova"}, "is a proportion, and ancova compares means"),
        ({"estimands.0.summary": "mean_difference"}, "the estimand's summary is 'mean_difference'"),
        ({"outcomes.0.aggregation": "mean"}, "who responds is said of an outcome that is a mean"),
        ({"outcomes.0.responder": {"reliable_change": True}}, "does not say what reliable change of it is"),
        ({"analysis.sensitivity": "jump_to_reference"}, "jump_to_reference fills in expected scores"),
        ({"analysis.sensitivity": "tipping_point"}, "tipping_point makes scores worse by points"),
        ({"analysis.sensitivity": "randomization_test"}, "runs the t of a difference of means"),
    ],
)
def test_a_plan_that_does_not_go_with_a_proportion_is_refused_with_a_mend(
    equipoise: Shell, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    protocol, _ = fdd(tmp_path, "risk_difference")
    tree = json.loads((protocol / "protocol.yaml").read_text())
    for path, value in change.items():
        *keys, last = [int(key) if key.isdigit() else key for key in path.split(".")]
        node = tree
        for key in keys:
            node = node[key]
        node[last] = (
            [{"id": "x", "method": value, "assumption": {"en": "As said."}}] if last == "sensitivity" else value
        )
    (protocol / "protocol.yaml").write_text(json.dumps(tree))
    told = equipoise.refused(2, "check", protocol)
    assert said in told


def test_an_exploratory_difference_stays_out_of_the_figure_of_planned_ones(equipoise: Shell, tmp_path: Path) -> None:
    protocol, data = respiratory(tmp_path, "risk_difference")
    tree = json.loads((protocol / "protocol.yaml").read_text())
    turned = tree["analysis"]["primary"] | {"contrast": ["placebo", "treatment"]}
    tree["analysis"]["exploratory"] = {"analyses": [turned]}
    (protocol / "protocol.yaml").write_text(json.dumps(tree))
    results, _ = analysed(equipoise, protocol, data, tmp_path / "results")
    labels = Labels(read_folder(protocol))
    assert [one["analysis"] for one in results["estimates"]] == ["primary", "exploratory"]
    wide, narrow = forest(results, labels)
    drawn = wide.description
    assert narrow.description == drawn and narrow.width <= MOST_POINTS < wide.width
    assert labels.arm("treatment") + " v. " in drawn and labels.arm("placebo") + " v. " not in drawn
