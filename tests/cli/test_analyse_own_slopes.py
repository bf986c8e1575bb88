"""Slopes of each arm's own (ANHECOVA) as a method of a plan: `equipoise analyse` on files, R, and the report.

The last period of the epilepsy trial of Thall and Vail (1990), with gaps: `tests/reference/planned_own_slopes.R`.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell
from tests.reports.elsewhere import folder_with, write_data
from tests.reports.reading import page_of

REFERENCE = Path(__file__).parents[1] / "reference"
R: dict[str, Any] = json.loads((REFERENCE / "planned_own_slopes.json").read_text())
PRIMARY = {"outcome": "seizures", "timepoint": "week_2", "contrast": ["progabide", "placebo"]}
TRIED = [
    {"id": one, "method": one, "assumption": {"en": "As said."}} for one in ("complete_case", "jump_to_reference")
]  # fmt: skip


def trial(folder: Path, **plan: Any) -> Path:
    return folder_with(
        folder / "protocol", arms=("progabide", "placebo"), score={"plus": -1}, allocation={"method": "simple"},
        outcomes=[{"id": "seizures", "label": {"en": "Seizures, logarithm"}, "score": "mood", "better": "lower"}],
        analysis={"method": "anhecova", "covariates": ["age"], "primary": PRIMARY, "baseline_table": ["age"]} | plan,
    )  # fmt: skip


def people(folder: Path) -> Path:
    """Whom planned_own_slopes.R takes in: every ninth without the outcome, every thirteenth without the baseline."""
    rows: list[tuple[object, ...]] = []
    with (REFERENCE / "epilepsy.csv").open(newline="") as file:
        for n, one in enumerate(csv.DictReader(file), start=1):
            who = (one["id"], one["treatment"])
            rows.append((*who, "baseline", one["before"] if n % 13 else "", one["age"]))
            if n % 9:
                rows.append((*who, "week_2", one["after4"], ""))
    return write_data(folder / "data.csv", ("mood", "age"), rows)


def analysed(equipoise: Shell, protocol: Path, data: Path, out: Path) -> tuple[dict[str, Any], str]:
    done = equipoise("analyse", protocol, "--data", data, "--out", out)
    assert done.code == 0, done.err
    return json.loads((out / "results.json").read_text()), page_of(out)


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    for key in ("estimate", "se", "df", "ci", "p"):
        assert ours[key] == pytest.approx(theirs[key], rel=1e-8), key


@pytest.mark.parametrize("covariance", ["HC3", "HC2"])
def test_the_average_difference_and_the_adjusted_means_are_those_of_r(
    equipoise: Shell, tmp_path: Path, covariance: str
) -> None:
    protocol = trial(tmp_path, covariance=covariance, sensitivity=TRIED)
    results, page = analysed(equipoise, protocol, people(tmp_path), tmp_path / "results")
    (found,), (complete, jump) = results["estimates"], results["sensitivity"]
    theirs = R["planned"][covariance]
    assert (found["method"], found["problem"], found["n"]) == ("anhecova", None, theirs["n"])
    same(found, theirs["difference"])
    for arm in ("progabide", "placebo"):
        assert found["arms"][arm]["adjusted_mean"] == pytest.approx(theirs[arm]["estimate"], rel=1e-8)
        assert found["arms"][arm]["adjusted_ci"] == pytest.approx(theirs[arm]["ci"], rel=1e-8)
    assert complete["n"] == R["complete"][covariance]["n"]
    same(complete, R["complete"][covariance]["difference"])
    assert jump["problem"] is None and found["g"]["estimate"] < 0
    for said in (
        "Analysis of heterogeneous covariance (ANHECOVA) by least squares",
        f"{covariance} standard errors, t distribution",
        "the effect is the average one of that population",
        "is followed by an analysis of covariance with slopes in common",
    ):
        assert said in page, said


def test_one_analysis_may_be_by_it_beside_others_by_ancova(equipoise: Shell, tmp_path: Path) -> None:
    other = PRIMARY | {"method": "anhecova"}
    protocol = trial(tmp_path, method="ancova", secondary={"multiplicity": "holm", "analyses": [other]})
    results, page = analysed(equipoise, protocol, people(tmp_path), tmp_path / "results")
    common, own = results["estimates"]
    same(own, R["planned"]["HC3"]["difference"])
    assert common["method"] == "ancova" and common["estimate"] != pytest.approx(own["estimate"], rel=1e-6)
    assert "Analysis of covariance by least squares" in page and "(ANHECOVA) by least squares" in page


def test_an_arm_whose_people_are_alike_in_a_covariate_has_no_slope_and_that_is_said(
    equipoise: Shell, tmp_path: Path
) -> None:
    protocol, data = trial(tmp_path), people(tmp_path)
    rows = list(csv.reader(data.open()))
    for row in rows[1:]:
        row[4] = "30" if row[1] == "placebo" and row[4] else row[4]
    data = write_data(data, rows[0][3:], rows[1:])
    results, page = analysed(equipoise, protocol, data, tmp_path / "results")
    (found,) = results["estimates"]
    assert (
        found["estimate"] is None and "In arm “Chores list” everyone has the same 'age at baseline'" in found["problem"]
    )
    assert "Plan the model with common slopes" in page


@pytest.mark.parametrize(
    ("plan", "parts", "said"),
    [
        (
            {"sensitivity": [TRIED[0] | {"method": "randomization_test"}]}, {},
            "a randomisation test cannot stand beside a primary analysis by anhecova",
        ),
        (
            {}, {"allocation": {"method": "simple", "unit": "cluster",
                                "cluster": {"question": "school", "label": {"en": "School"}}},
                 "questions": True},
            "clusters are allocated, and anhecova takes people for independent",
        ),
    ],
)  # fmt: skip
def test_the_linter_refuses_what_it_cannot_stand_beside(
    equipoise: Shell, tmp_path: Path, plan: dict[str, Any], parts: dict[str, Any], said: str
) -> None:
    protocol = trial(tmp_path, **plan)
    tree = json.loads((protocol / "protocol.yaml").read_text())
    if parts.pop("questions", False):
        choices = [{"value": one, "label": {"en": one}} for one in ("north", "south", "east", "west")]
        school = {"id": "school", "type": "choice", "topic": {"en": "School"}, "choices": choices}
        tree["eligibility"]["questions"].append(school)
    (protocol / "protocol.yaml").write_text(json.dumps(tree | parts))
    assert said in equipoise("check", protocol).err
