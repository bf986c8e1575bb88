"""A trial that allocated clusters: `equipoise analyse` on files, held against R, and what its report says of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from reports.data_file import read_data
from reports.results import outside_results
from tests.cli.conftest import Shell
from tests.reports.elsewhere import folder_with, write_data
from tests.reports.reading import page_of
from trial.protocol_files import read_folder

REFERENCE = Path(__file__).parents[1] / "reference"
PEOPLE: list[dict[str, Any]] = json.loads((REFERENCE / "clusters.json").read_text())["data"]["whole"]
R: dict[str, Any] = json.loads((REFERENCE / "planned_clusters.json").read_text())
SCHOOLS = [f"school_{n:02}" for n in range(1, 15)]
QUESTION = {
    "id": "school", "type": "choice", "topic": {"en": "School"},
    "choices": [{"value": one, "label": {"en": one.replace("_", " ").capitalize()}} for one in SCHOOLS],
}  # fmt: skip
HALF = {
    "id": "half", "label": {"en": "Half of the schools"}, "levels": [
        {"id": "first", "label": {"en": "First half"}, "when": f"school in {SCHOOLS[:7]}"},
        {"id": "second", "label": {"en": "Second half"}},
    ],
}  # fmt: skip
# lmer stops at about this where the likelihood is flat
CLOSE = {"robust": 1e-8, "random_intercept": 1e-6}


def trial(folder: Path, way: str | None = None, **plan: Any) -> Path:
    """The small trial with schools for its unit."""
    primary = {"outcome": "low_mood", "timepoint": "week_2", "contrast": ["letter", "control"]}
    analysis = {"primary": primary, "baseline_table": ["mood", "half"], **plan} | ({"clusters": way} if way else {})
    questions = [
        {"id": "age", "type": "number", "minimum": 0, "maximum": 120, "topic": {"en": "Age in years"}}, QUESTION,
    ]  # fmt: skip
    criteria = [{"id": "adult", "rule": "age >= 18", "reason": {"en": "Under 18"}}]
    return folder_with(
        folder / "protocol", arms=("letter", "control"),
        outcomes=[{"id": "low_mood", "label": {"en": "Low mood"}, "score": "mood", "better": "lower"}],
        allocation={"method": "permuted_blocks", "block_sizes": [2, 4], "strata": [HALF], "unit": "cluster",
                    "cluster": {"question": "school", "label": {"en": "School"}}},
        eligibility={"notice": "messages/notice", "age": {"question": "age", "minimum": 18},
                     "questions": questions, "criteria": criteria},
        analysis=analysis,
    )  # fmt: skip


def people(folder: Path) -> Path:
    """Whom planned_clusters.R takes in: every ninth without the outcome, every seventeenth without the baseline."""
    rows: list[tuple[object, ...]] = []
    for n, one in enumerate(PEOPLE, start=1):
        who, school = (f"P{n:03}", one["arm"]), one["cluster"].replace(" ", "_")
        half = "first" if SCHOOLS.index(school) < 7 else "second"
        rows.append((*who, "baseline", one["baseline"] if n % 17 else "", school, half))
        if n % 9:
            rows.append((*who, "week_2", one["outcome"], "", ""))
    return write_data(folder / "data.csv", ("mood", "school", "half"), rows)


def analysed(equipoise: Shell, protocol: Path, data: Path, out: Path) -> tuple[dict[str, Any], str]:
    done = equipoise("analyse", protocol, "--data", data, "--out", out)
    assert done.code == 0, done.err
    return json.loads((out / "results.json").read_text()), page_of(out)


def results_of(protocol: Path, data: Path) -> dict[str, Any]:
    """The same without a command and a report."""
    folder = read_folder(protocol)
    return outside_results(folder, read_data(folder, data.read_bytes(), data.name))


COMPLETE = {"id": "complete", "method": "complete_case", "assumption": {"en": "Those who lack nothing are like all."}}


@pytest.mark.parametrize("way", ["robust", "random_intercept"])
def test_the_planned_difference_is_that_of_r_and_the_report_says_how_alike_people_of_a_cluster_are(
    equipoise: Shell, tmp_path: Path, way: str
) -> None:
    protocol = trial(tmp_path, None if way == "robust" else way, sensitivity=[COMPLETE])
    results, page = analysed(equipoise, protocol, people(tmp_path), tmp_path / "results")
    (found,), (complete,) = results["estimates"], results["sensitivity"]
    assert found["problem"] is None and complete["problem"] is None
    for ours, theirs in ((found, R["planned"]), (complete, R["complete"])):
        assert ours["n"] == theirs["n"]
        for key in ("estimate", "se", "df", "p", "ci"):
            assert ours[key] == pytest.approx(theirs[way]["difference"][key], rel=CLOSE[way]), key
    for arm in ("letter", "control"):
        mean = R["planned"][way][arm]
        assert found["arms"][arm]["adjusted_mean"] == pytest.approx(mean["estimate"], rel=CLOSE[way])
        assert found["arms"][arm]["adjusted_ci"] == pytest.approx(mean["ci"], rel=CLOSE[way])
    its = found["clusters"]
    assert (its["by"], its["n"]) == (way, R["planned"]["clusters"])
    # whatever the error is by, the ICC is that of the random intercept
    assert its["icc"]["estimate"] == pytest.approx(R["planned"]["random_intercept"]["icc"], rel=1e-5)
    assert its["icc"]["ci"][0] < its["icc"]["estimate"] < its["icc"]["ci"][1] and its["design_effect"] > 1
    spread = found["g"]["standardiser_value"]
    assert found["g"]["ci"] == pytest.approx([end / spread for end in found["ci"]])
    assert ("CR2 standard errors" in page) == (way == "robust")
    assert ("a random intercept of each cluster (School)" in page) == (way == "random_intercept")
    for said in ("; 7 and 7 clusters)", "ICC (95%", "Design effect", "Degrees of freedom", "bands take people for"):
        assert said in page, said
    assert "Hedges g (" not in page


def _only(data: Path, schools: set[str]) -> Path:
    """The rows of people of these schools."""
    rows = list(csv.reader(data.open()))
    kept = {row[0] for row in rows if row[4] in schools}
    data.unlink()
    return write_data(data, rows[0][3:], [row for row in rows[1:] if row[0] in kept])


def test_few_clusters_are_said_and_one_of_an_arm_is_refused_with_the_reason(equipoise: Shell, tmp_path: Path) -> None:
    protocol, data = trial(tmp_path), people(tmp_path)
    few = _only(data, {"school_02", "school_03", "school_04", "school_05", "school_07"})
    results, page = analysed(equipoise, protocol, few, tmp_path / "few")
    assert results["estimates"][0]["problem"] is None
    assert "Arm Gratitude list has only 2 clusters" in page
    assert "degrees of freedom; below 4" in page
    results, page = analysed(
        equipoise, protocol, _only(data, {"school_02", "school_03", "school_05"}), tmp_path / "one"
    )
    (found,) = results["estimates"]
    assert found["estimate"] is None and "is one cluster" in found["problem"]
    assert "could not be estimated. Arm" in page and "its effect cannot be told apart" in page


def test_somebody_whose_cluster_is_not_known_cannot_be_analysed_and_it_is_said(tmp_path: Path) -> None:
    protocol, data = trial(tmp_path), people(tmp_path)
    data.write_text(data.read_text().replace("26,school_01,first", "26,,first"))
    (found,) = results_of(protocol, data)["estimates"]
    assert found["problem"] == "The cluster of 1 of the 78 people analysed is not known: “School” is empty."


def test_a_file_without_the_clusters_is_refused(equipoise: Shell, tmp_path: Path) -> None:
    protocol, data = trial(tmp_path), people(tmp_path)
    data.write_text(data.read_text().replace("timepoint,mood,school,", "timepoint,mood,class,"))
    told = equipoise.refused(2, "analyse", protocol, "--data", data, "--out", tmp_path / "results")
    assert "the column 'school' is missing" in told


@pytest.mark.parametrize("method", ["multiple_imputation", "jump_to_reference", "lee_bounds", "randomization_test"])
def test_what_takes_people_for_independent_is_refused_by_the_linter_and_by_the_plan(
    equipoise: Shell, tmp_path: Path, method: str
) -> None:
    tried = {"id": "tried", "method": method, "assumption": {"en": "As said."}}
    subgroups = {"variable": "half", "outcome": "low_mood", "timepoint": "week_2", "contrast": ["letter", "control"]}
    protocol = trial(tmp_path, sensitivity=[tried], exploratory={"subgroups": [subgroups]})
    told = equipoise("check", protocol).err
    assert told.count("P114") == 2 and f"{method} takes people for independent" in told
    results = results_of(protocol, people(tmp_path))
    assert results["estimates"][0]["problem"] is None
    for one in (*results["sensitivity"], *results["subgroups"]):
        assert "takes people for independent" in one["problem"] and one.get("estimate") is None


@pytest.mark.parametrize("method", ["mmrm", "clda"])
def test_models_of_repeated_outcomes_are_refused(equipoise: Shell, tmp_path: Path, method: str) -> None:
    protocol = trial(tmp_path, method=method)
    assert f"clusters are allocated, and {method} takes people for independent" in equipoise("check", protocol).err
    assert "takes people for independent" in results_of(protocol, people(tmp_path))["estimates"][0]["problem"]


def test_a_way_with_clusters_belongs_to_a_trial_that_allocates_them(equipoise: Shell, tmp_path: Path) -> None:
    protocol = trial(tmp_path, "robust")
    tree = json.loads((protocol / "protocol.yaml").read_text())
    tree["allocation"] = {"method": "simple"}
    (protocol / "protocol.yaml").write_text(json.dumps(tree))
    assert "people are allocated one by one" in equipoise.refused(2, "check", protocol)
