"""A plan by a model of repeated outcomes: `equipoise analyse` on files, held against R, and the counts of the flow."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.cautions import warnings
from reports.data_file import read_data
from reports.labels import Labels
from reports.results import outside_results
from tests.cli.conftest import Shell
from tests.reports.builder import SMALL_TRIAL
from tests.reports.reading import page_of
from trial.protocol_files import read_folder

REFERENCE = Path(__file__).parents[1] / "reference"
R = json.loads((REFERENCE / "mmrm.json").read_text(encoding="utf-8"))
VISITS = ("y1", "y2", "y3", "y4")
# what the people of repeated.csv are randomised to, and which visit of theirs is asked for
ARMS = ("kind", "wait", "calm")


def planned(method: str, **of_plan: Any) -> dict[str, Any]:
    """The tests' own small trial with three arms, four visits and one factor, planned by a method."""
    tree: dict[str, Any] = json.loads(read_folder(SMALL_TRIAL).protocol.model_dump_json(by_alias=True))
    first = tree["arms"][0]
    tree["arms"] = [first | {"id": arm, "label": {"en": arm.capitalize()}} for arm in ARMS]
    tree["allocation"]["block_sizes"] = [3, 6]
    tree["allocation"]["strata"][0] |= {"id": "sex", "label": {"en": "Sex"}}
    for level, name in zip(tree["allocation"]["strata"][0]["levels"], "fm", strict=True):
        level["id"] = name
    baseline, evening, visit = tree["timepoints"][:3]
    visits = [visit | {"id": name, "label": {"en": f"Visit {name[1]}"}, "days": [14 * int(name[1])]} for name in VISITS]
    tree["timepoints"] = [baseline, evening | {"activities": ["gratitude"]}, *visits]
    tree["activities"] = [one | {"arms": []} for one in tree["activities"] if one["id"] != "chores"]
    last = {"outcome": "low_mood", "timepoint": "y4", "contrast": ["kind", "wait"]}
    tree["outcomes"] = tree["outcomes"][:1]
    tree["analysis"] |= {
        "method": method,
        "primary": last,
        "secondary": {"multiplicity": "holm", "analyses": [last | {"timepoint": "y2"}, last | {"timepoint": "y3"}]},
        "sensitivity": [],
        "baseline_table": ["mood", "sex"],
    } | of_plan
    return tree


def files(folder: Path, tree: dict[str, Any]) -> None:
    """A protocol's folder, and repeated.csv as somebody's data file, one row for each visit that somebody made."""
    with (REFERENCE / "repeated.csv").open() as file:
        people = list(csv.DictReader(file))
    rows = [(f"P{one['id']}", one["arm"], one["sex"], [one[at] for at in ("baseline", *VISITS)]) for one in people]
    written(folder, tree, rows)


def written(folder: Path, tree: dict[str, Any], people: list[tuple[str, str, str, list[str]]]) -> None:
    folder.mkdir(exist_ok=True)
    shutil.copytree(SMALL_TRIAL, folder / "protocol")
    (folder / "protocol" / "protocol.yaml").write_text(json.dumps(tree), encoding="utf-8")
    points = [one["id"] for one in tree["timepoints"] if one["id"] != "evening"]
    with (folder / "data.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("participant", "arm", "sex", "timepoint", "mood"))
        for code, arm, sex, values in people:
            seen = [(point, value) for point, value in zip(points, values, strict=True) if value or point == "baseline"]
            writer.writerows((code, arm, sex, *each) for each in seen)


def results_of(folder: Path, tree: dict[str, Any], change: Callable[[bytes], bytes] = bytes) -> dict[str, Any]:
    """The same without a command and a report."""
    files(folder, tree)
    read = read_folder(folder / "protocol")
    return outside_results(read, read_data(read, change((folder / "data.csv").read_bytes()), "data.csv"))


def same_as_r(results: dict[str, Any], method: str, theirs: dict[str, Any]) -> None:
    for one in results["estimates"]:
        expected = theirs[one["timepoint"]]
        assert (one["method"], one["covariance"], one["problem"]) == (method, "unstructured", None)
        for key in ("estimate", "se", "df"):
            assert one[key] == pytest.approx(expected[key], rel=1e-6), (one["timepoint"], key)
        assert [at["timepoint"] for at in one["repeated"]["visits"]] == list(VISITS)
        for at in one["repeated"]["visits"]:
            assert at["estimate"] == pytest.approx(theirs[at["timepoint"]]["estimate"], rel=1e-6)
    assert results["estimates"][0]["repeated"]["average"]["se"] == pytest.approx(theirs["average"]["se"], rel=1e-6)


def test_a_plan_by_mmrm_gives_what_r_gives_and_its_report_says_how(equipoise: Shell, tmp_path: Path) -> None:
    files(tmp_path, planned("mmrm"))
    done = equipoise("analyse", "protocol", "--data", "data.csv", "--out", "results")
    assert done.code == 0, done
    same_as_r(json.loads((tmp_path / "results" / "results.json").read_text()), "mmrm", R["own"]["satterthwaite"])
    page = page_of(tmp_path / "results")
    for said in (
        "Mixed model for repeated measures",
        "Covariance: unstructured. Satterthwaite",
        "Visit 4 (planned)",
        "Of these, analysed by their other answers",
        "missing at random",
    ):
        assert said in page, said
    assert page.count("Low mood over the visits: Kind minus Wait") == 1


@pytest.mark.parametrize(
    ("method", "degrees", "which"), [("mmrm", "kenward_roger", "own"), ("clda", "satterthwaite", "clda")]
)
def test_other_degrees_of_freedom_and_the_constrained_model_are_those_of_r(
    tmp_path: Path, method: str, degrees: str, which: str
) -> None:
    results = results_of(tmp_path, planned(method, repeated={"degrees_of_freedom": degrees}))
    same_as_r(results, method, R[which][degrees])


def _without_later_answers(data: bytes) -> bytes:
    """P1 has no visit at all and P3 only the first one."""
    rows = data.decode().splitlines(keepends=True)
    gone = {("P1", one) for one in VISITS} | {("P3", one) for one in VISITS[1:]}
    return "".join(row for row in rows if (row.split(",")[0], row.split(",")[3]) not in gone).encode()


@pytest.mark.parametrize(("method", "more"), [("mmrm", 0), ("clda", 1)])
def test_the_flow_counts_as_analysed_whose_values_enter_the_likelihood(tmp_path: Path, method: str, more: int) -> None:
    """Somebody with a baseline alone tells `clda` something, and `mmrm` nothing."""
    results = results_of(tmp_path, planned(method), _without_later_answers)
    primary, flow = results["estimates"][0], {one["arm"]: one for one in results["flow"]["arms"]}
    for arm, n in primary["n"].items():
        one = flow[arm]
        assert n == one["analysed"] == one["allocated"] - one["lost"] + one["lost_analysed"]
        assert one["lost"] - one["lost_analysed"] == ((1 - more) if arm == "kind" else 0)
    assert sum(primary["n"].values()) > primary["n_with_data"]


def test_where_the_data_cannot_tell_a_covariance_the_declared_one_stands_in_and_the_report_warns(
    tmp_path: Path,
) -> None:
    """Nobody has both the first and the third visit, so what these two share cannot be told."""

    def apart(data: bytes) -> bytes:
        rows = data.decode().splitlines(keepends=True)
        gone = [
            (row.split(",")[3] == "y1", row.split(",")[3] == "y3", int(row.split(",")[0][1:]) % 2) for row in rows[1:]
        ]
        kept = [
            row for row, (y1, y3, odd) in zip(rows[1:], gone, strict=True) if not ((y1 and odd) or (y3 and not odd))
        ]
        return "".join([rows[0], *kept]).encode()

    used = results_of(tmp_path / "declared", planned("mmrm", repeated={"fallbacks": ["autoregressive"]}), apart)
    first = used["estimates"][0]
    assert first["problem"] is None and first["covariance"] == "autoregressive"
    (tried,) = first["repeated"]["fell_back"]
    assert tried["structure"] == "unstructured" and tried["why"]
    labels = Labels(read_folder(tmp_path / "declared" / "protocol"))
    assert any("autoregressive" in words and tried["why"] in words for words in warnings(first, labels))
    none = results_of(tmp_path / "none", planned("mmrm", repeated={"fallbacks": []}), apart)
    assert none["estimates"][0]["estimate"] is None and none["estimates"][0]["problem"]
    assert all(one["analysed"] == 0 for one in none["flow"]["arms"])


def test_a_visit_that_an_arm_never_made_is_left_out_and_named(tmp_path: Path) -> None:
    def unmade(data: bytes) -> bytes:
        rows = data.decode().splitlines(keepends=True)
        return "".join(row for row in rows if row.split(",")[1::2] != ["calm", "y1"]).encode()

    first = results_of(tmp_path, planned("mmrm"), unmade)["estimates"][0]
    assert first["problem"] is None
    assert (first["repeated"]["timepoints"], first["repeated"]["left_out"]) == (["y2", "y3", "y4"], ["y1"])


def test_sensitivity_analyses_stand_beside_a_model_of_repeated_outcomes(tmp_path: Path) -> None:
    """Per protocol is the planned model over fewer people; a randomisation test of another estimate is refused."""
    methods = ("complete_case", "multiple_imputation", "jump_to_reference", "tipping_point")
    tried = [{"id": one, "method": one, "assumption": {"en": "Said."}} for one in methods]
    results = results_of(tmp_path, planned("mmrm", sensitivity=tried))
    assert [(one["method"], one["problem"]) for one in results["sensitivity"]] == [(one, None) for one in methods]
    for one in results["sensitivity"]:
        assert abs(one["estimate"] - results["estimates"][0]["estimate"]) < 2 * results["estimates"][0]["se"]


def test_a_public_trial_of_children_after_a_disaster_is_that_of_gls(equipoise: Shell, tmp_path: Path) -> None:
    """fdd of the R package mice: 52 children, two treatments, a baseline and two later scores, several missing."""
    tree = planned("mmrm")
    tree["arms"] = [tree["arms"][0] | {"id": arm, "label": {"en": name}} for arm, name in (("e", "EMDR"), ("c", "CBT"))]
    tree["allocation"] |= {"block_sizes": [2, 4], "strata": []}
    tree["timepoints"] = tree["timepoints"][:4]
    last = {"outcome": "low_mood", "timepoint": "y2", "contrast": ["e", "c"]}
    tree["analysis"] |= {"primary": last, "secondary": None, "baseline_table": ["mood"]}
    with (REFERENCE / "fdd.csv").open() as file:
        children = [
            (f"P{one['id']}", one["trt"].lower(), "", [one["prop1"], one["prop2"], one["prop3"]])
            for one in csv.DictReader(file)
        ]
    written(tmp_path, tree, children)
    done = equipoise("analyse", "protocol", "--data", "data.csv", "--out", "results")
    assert done.code == 0, done
    first = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))["estimates"][0]
    theirs = json.loads((REFERENCE / "fdd_repeated.json").read_text(encoding="utf-8"))
    assert first["n"] == {arm.lower(): n for arm, n in theirs["n"].items()}
    for visit, name in zip(first["repeated"]["visits"], ("prop2", "prop3"), strict=True):
        for key in ("estimate", "se"):
            assert visit[key] == pytest.approx(theirs[name][key], rel=1e-5), (name, key)
