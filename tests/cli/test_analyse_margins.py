"""Trials of non-inferiority and equivalence: `equipoise analyse` on files, against R, and what their reports claim."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from tests.cli.conftest import Shell
from tests.cli.test_analyse_proportions import BY_R, respiratory
from tests.cli.test_analyse_proportions import analysed as of_shares
from tests.reports.elsewhere import folder_with, write_data
from tests.reports.reading import page_of

REFERENCE = Path(__file__).parents[1] / "reference"
R: dict[str, Any] = json.loads((REFERENCE / "planned_margins.json").read_text())
P = {one["margin"]: one for one in R["margins"]}
ARMS = {"C": "cbt", "E": "emdr"}


def design(framework: str, margin: float, alpha: float | None = None) -> dict[str, Any]:
    said = {"framework": framework, "margin": margin, "margin_source": "Made up for tests"}
    return said | ({"one_sided_alpha": alpha} if alpha else {})


def trial(folder: Path, aim: dict[str, Any], **plan: Any) -> tuple[Path, Path]:
    """The children of fdd.csv: CBT less EMDR, where lower is better."""
    primary = {"outcome": "stress", "timepoint": "week_2", "contrast": ["cbt", "emdr"]}
    protocol = folder_with(
        folder / "protocol", arms=("cbt", "emdr"), score={"times": 5}, design=aim,
        outcomes=[{"id": "stress", "label": {"en": "Stress"}, "score": "mood", "better": "lower",
                   "important_difference": {"value": 5, "source": "Made up for tests"}}],
        allocation={"method": "simple"}, analysis={"primary": primary, "baseline_table": ["mood"], **plan},
    )  # fmt: skip
    with (REFERENCE / "fdd.csv").open(newline="") as file:
        rows = [
            (one["id"], ARMS[one["trt"]], at, one[to])
            for one in csv.DictReader(file)
            for at, to in (("baseline", "prop1"), ("week_2", "prop2"))
        ]
    return protocol, write_data(folder / "data.csv", ("mood",), rows)


def analysed(equipoise: Shell, folder: Path, aim: dict[str, Any], **plan: Any) -> tuple[dict[str, Any], str, str]:
    protocol, data = trial(folder, aim, **plan)
    done = equipoise("analyse", protocol, "--data", data, "--out", folder / "results")
    assert done.code == 0, done.err
    page = page_of(folder / "results").replace("\u00a0", " ").replace("&nbsp;", " ")
    return json.loads((folder / "results" / "results.json").read_text()), page, done.out


@pytest.mark.parametrize(
    ("margin", "alpha", "picture", "said"),
    [
        (9, None, "non-inferior", "Non-inferiority is shown: the whole of the 95% interval leaves out that"),
        (6, None, "inconclusive", "Non-inferiority is not shown: the 95% interval reaches to"),
        (6, 0.05, "non-inferior", "Non-inferiority is shown: the whole of the 90% interval leaves out that"),
    ],
)
def test_whether_an_arm_is_no_worse_is_what_r_says_and_no_more_than_its_interval(
    equipoise: Shell, tmp_path: Path, margin: float, alpha: float | None, picture: str, said: str
) -> None:
    results, page, _ = analysed(equipoise, tmp_path, design("non_inferiority", margin, alpha))
    (found,) = results["estimates"]
    its, theirs = found["margin"], R["difference"]
    for key in ("estimate", "se", "df"):
        assert found[key] == pytest.approx(theirs[key], rel=1e-8)
    assert (its["picture"], its["shown"], its["worse"]) == (picture, picture == "non-inferior", False)
    assert its["p"] == pytest.approx(P[margin]["p_below"], rel=1e-8)
    ends = theirs["ninety" if alpha else "ninety_five"]
    assert its["ci"] == pytest.approx(ends, rel=1e-8) and its["level"] == (0.9 if alpha else 0.95)
    assert page.count(said) == 2  # the summary and the section of the primary outcome
    for words in (f"margin of {margin} points", "p, non-inferiority", "Made up for tests", "the margin (dotted)"):
        assert words in page, words
    assert ("The 90% interval, which goes with it, is −4.3 to 5.5" in page) == bool(alpha)
    # nothing is claimed of a difference: neither its p, nor whom an interval favours, nor an important difference
    for words in ("p = 0.84", "favours Gratitude list", "zero lies inside the interval", "protocol calls important"):
        assert words not in page, words


@pytest.mark.parametrize(
    ("margin", "alpha", "picture", "said"),
    [
        (
            6,
            0.05,
            "equivalent",
            "Equivalence is shown: the whole of the 90% interval, −4.3 to 5.5, lies within 6 points",
        ),
        (6, None, "inconclusive, no difference shown", "6.5, reaches beyond the margin of 6 points"),
        (1, 0.05, "inconclusive, no difference shown", "Nor is a difference shown"),
    ],
)
def test_whether_two_arms_are_alike_is_judged_by_both_one_sided_tests(
    equipoise: Shell, tmp_path: Path, margin: float, alpha: float | None, picture: str, said: str
) -> None:
    results, page, _ = analysed(equipoise, tmp_path, design("equivalence", margin, alpha))
    its = results["estimates"][0]["margin"]
    assert (its["picture"], its["shown"]) == (picture, picture == "equivalent")
    assert its["p_high"] == pytest.approx(P[margin]["p_below"], rel=1e-8)
    assert its["p_low"] == pytest.approx(P[margin]["p_above_minus"], rel=1e-8)
    assert its["p"] == max(its["p_low"], its["p_high"])
    assert page.count(said) == 2 and "p, equivalence" in page


def test_what_stands_beside_the_primary_is_held_against_the_margin_too(equipoise: Shell, tmp_path: Path) -> None:
    ways = ("complete_case", "multiple_imputation", "jump_to_reference", "lee_bounds", "per_protocol")
    tried = [{"id": one, "method": one, "assumption": {"en": "As said."}} for one in ways]
    results, page, _ = analysed(equipoise, tmp_path, design("non_inferiority", 9), sensitivity=tried)
    by = {one["method"]: one for one in results["sensitivity"]}
    for way in ways[:3]:
        assert by[way]["margin"]["shown"] and by[way]["margin"]["ci"] == pytest.approx(by[way]["ci"], rel=1e-8)
    assert by["lee_bounds"]["margin"] is None and by["per_protocol"]["margin"] is None
    assert "not the careful side" in page


def test_a_gate_opens_where_the_margin_is_kept(equipoise: Shell, tmp_path: Path) -> None:
    again = {"outcome": "stress", "timepoint": "week_2", "contrast": ["emdr", "cbt"]}
    family = {"multiplicity": "holm", "gate": "primary", "analyses": [again]}
    shut, page, _ = analysed(equipoise, tmp_path / "shut", design("non_inferiority", 6), secondary=family)
    primary, second = shut["estimates"]
    assert second["p_adjusted"] == max(second["p"], 2 * primary["margin"]["p"]) and second["margin"] is None
    assert "did not show non-inferiority, so the gate stayed shut" in page
    kept, page, _ = analysed(equipoise, tmp_path / "open", design("non_inferiority", 9), secondary=family)
    assert kept["estimates"][1]["p_adjusted"] == kept["estimates"][1]["p"] and "stayed shut" not in page
    assert "unless it shows non-inferiority" in page


@pytest.mark.parametrize("method", ["tipping_point", "randomization_test"])
def test_a_question_about_no_difference_is_refused_beside_a_margin(
    equipoise: Shell, tmp_path: Path, method: str
) -> None:
    tried = {"id": "tried", "method": method, "assumption": {"en": "As said."}}
    results, page, _ = analysed(equipoise, tmp_path, design("non_inferiority", 9), sensitivity=[tried])
    told = equipoise("check", tmp_path / "protocol").err
    assert "P115" in told and f"{method} asks about no difference" in told and "P116" in told
    assert "this trial about its margin" in results["sensitivity"][0]["problem"]
    assert "this trial about its margin" in page


@pytest.mark.parametrize(
    ("aim", "said"),
    [
        ({"framework": "superiority", "margin": 2}, "a margin belongs to non_inferiority and equivalence"),
        ({"framework": "superiority", "one_sided_alpha": 0.05}, "`one_sided_alpha` belongs to a margin"),
        ({"framework": "equivalence", "margin": 2, "one_sided_alpha": 0.5}, "one_sided_alpha"),
        ({"framework": "non_inferiority", "margin": 2, "type": "single_arm"}, "a single arm is compared with nothing"),
    ],
)
def test_a_margin_that_is_half_said_is_refused(
    equipoise: Shell, tmp_path: Path, aim: dict[str, Any], said: str
) -> None:
    protocol, _ = trial(tmp_path, aim)
    assert said in equipoise.refused(2, "check", protocol)


def test_a_margin_of_a_proportion_is_a_share_and_said_in_percentage_points(equipoise: Shell, tmp_path: Path) -> None:
    protocol, data = respiratory(tmp_path, "risk_difference")
    tree = json.loads((protocol / "protocol.yaml").read_text())
    tree["design"] = design("non_inferiority", 0.1)
    (protocol / "protocol.yaml").write_text(json.dumps(tree))
    results, page = of_shares(equipoise, protocol, data, tmp_path / "results")
    (found,), told = results["estimates"], BY_R["respiratory"]
    its, theirs = found["margin"], told["risk_difference"]
    assert its["ci"] == pytest.approx(theirs["ci"], rel=1e-8) and its["shown"] == (theirs["ci"][0] > -0.1)
    assert its["p"] == pytest.approx(stats.t.sf((theirs["estimate"] + 0.1) / theirs["se"], told["df"]), rel=1e-8)
    for words in ("margin of 10 percentage points", "p, non-inferiority", "Difference in percentage points"):
        assert words in page, words
    assert "Number needed to treat" not in page


@pytest.mark.parametrize("measure", ["risk_ratio", "odds_ratio"])
def test_a_ratio_cannot_be_held_against_a_margin_of_a_difference(
    equipoise: Shell, tmp_path: Path, measure: str
) -> None:
    protocol, data = respiratory(tmp_path, measure)
    tree = json.loads((protocol / "protocol.yaml").read_text())
    tree["design"] = design("non_inferiority", 0.1)
    (protocol / "protocol.yaml").write_text(json.dumps(tree))
    assert f"the primary estimand is a {measure}" in equipoise("check", protocol).err
    results, page = of_shares(equipoise, protocol, data, tmp_path / "results")
    assert "a ratio was planned" in results["estimates"][0]["margin"]["problem"]
    assert "Non-inferiority could not be judged. The margin is one of a difference, and a ratio was planned." in page
