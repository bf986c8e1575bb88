"""An outcome of ordered levels, by proportional odds: `equipoise analyse` on files, held against R, and the report.

Two arms of a made-up trial whose outcome is cut into four grades: `tests/reference/planned_levels.R`.
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
R: dict[str, Any] = json.loads((REFERENCE / "planned_levels.json").read_text())
ARMS = ("letter", "early_memory")
GRADE = {
    "id": "grade", "label": {"en": "Grade of low mood"}, "score": "mood", "better": "lower", "aggregation": "ordinal",
}  # fmt: skip
REGION = {
    "id": "region", "label": {"en": "Region"}, "levels": [
        {"id": "north", "label": {"en": "North"}, "when": "age < 30"},
        {"id": "south", "label": {"en": "South"}, "when": "age < 50"},
        {"id": "west", "label": {"en": "West"}},
    ],
}  # fmt: skip
PRIMARY = {"outcome": "grade", "timepoint": "week_2", "contrast": list(ARMS), "estimand": "odds"}
ESTIMAND = {
    "id": "odds", "population": {"en": "All"}, "treatment": {"en": "Either"}, "summary": "common_odds_ratio",
}  # fmt: skip
TRIED = {"id": "tried", "method": "complete_case", "assumption": {"en": "Those who lack nothing are like all."}}


def trial(folder: Path, outcome: dict[str, Any] | None = None, **plan: Any) -> Path:
    estimand = ESTIMAND | {"summary": plan.pop("summary", "common_odds_ratio")}
    return folder_with(
        folder / "protocol", arms=ARMS, outcomes=[outcome or GRADE], estimands=[estimand],
        allocation={"method": "permuted_blocks", "block_sizes": [2, 4], "strata": [REGION]},
        analysis={"method": "proportional_odds", "primary": PRIMARY, "baseline_table": ["region"]} | plan,
    )  # fmt: skip


def people(folder: Path, cuts: tuple[float, ...] = (16, 22, 28)) -> Path:
    """Whom planned_levels.R takes in: every thirteenth of the two arms without the baseline."""
    with (REFERENCE / "three_arms.csv").open(newline="") as file:
        chosen = [one for one in csv.DictReader(file) if one["arm"] in ARMS]
    rows: list[tuple[object, ...]] = []
    for n, one in enumerate(chosen, start=1):
        who = (f"P{int(one['participant']):03}", one["arm"])
        rows.append((*who, "baseline", one["baseline"] if n % 13 else "", one["region"]))
        if one["outcome"]:
            rows.append((*who, "week_2", 1 + sum(float(one["outcome"]) > cut for cut in cuts), ""))
    return write_data(folder / "data.csv", ("mood", "region"), rows)


def analysed(equipoise: Shell, protocol: Path, data: Path, out: Path) -> tuple[dict[str, Any], str]:
    done = equipoise("analyse", protocol, "--data", data, "--out", out)
    assert done.code == 0, done.err
    return json.loads((out / "results.json").read_text()), page_of(out)


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """The full optimum; polr stops at about six digits."""
    for key in ("estimate", "se", "ci", "p"):
        assert ours[key] == pytest.approx(theirs[key], rel=1e-6), key
    assert ours["estimate"] == pytest.approx(theirs["polr"], rel=1e-5)
    assert ours["se"] == pytest.approx(theirs["sandwich"], rel=1e-5)


def test_the_odds_ratio_and_brants_test_are_those_of_r_and_the_report_claims_no_more(
    equipoise: Shell, tmp_path: Path
) -> None:
    protocol = trial(tmp_path, sensitivity=[TRIED])
    results, page = analysed(equipoise, protocol, people(tmp_path), tmp_path / "results")
    (found,), (complete,) = results["estimates"], results["sensitivity"]
    theirs = R["planned"]
    assert (found["measure"], found["problem"], found["n"]) == ("common_odds_ratio", None, theirs["n"])
    same(found, theirs)
    assert found["df"] is None and found["g"] is None
    its = found["ordinal"]
    assert its["levels"] == [1, 2, 3, 4] and its["counts"] == theirs["counts"]
    for key in ("chi_square", "df", "p", "odds_ratios"):
        assert its["proportionality"][key] == pytest.approx(theirs["brant"][key], rel=1e-8), key
    assert complete["n"] == R["complete"]["n"]
    same(complete, R["complete"])
    for said in (
        "lower estimated odds of a higher level with",
        "(adjusted common odds ratio 0.49, 95% confidence interval 0.17 to 1.45, p\u00a0=\u00a00.20)",
        "That is not evidence that the two do equally well",
        "was shown, which is not evidence that there is none",
        "odds ratio at each cut: above 1: 0.50; above 2: 0.35; above 3: 0.24",
        "test that they are one: chi-square 0.34 on 2",
        "Proportional odds model by greatest likelihood",
        "normal distribution on the scale of the logarithm",
        "Level 4",
    ):
        assert said in page, said


def test_a_family_of_levels_is_adjusted_and_levels_stand_beside_means(equipoise: Shell, tmp_path: Path) -> None:
    mean = {"id": "mood", "label": {"en": "Mood"}, "score": "mood", "better": "lower"}
    protocol = trial(tmp_path)
    tree = json.loads((protocol / "protocol.yaml").read_text())
    tree["outcomes"].append(mean)
    tree["analysis"] |= {
        "method": "ancova", "primary": PRIMARY | {"outcome": "mood", "estimand": None},
        "secondary": {"multiplicity": "holm", "analyses": [PRIMARY | {"method": "proportional_odds"}]},
        "exploratory": {"analyses": [PRIMARY | {"method": "proportional_odds"}]},
    }  # fmt: skip
    (protocol / "protocol.yaml").write_text(json.dumps(tree))
    results, page = analysed(equipoise, protocol, people(tmp_path), tmp_path / "results")
    _, second, third = results["estimates"]
    same(second, R["planned"])
    same(third, R["planned"])
    assert second["p_adjusted"] == pytest.approx(second["p"])
    assert "Secondary analysis of levels in order, as planned" in page
    assert "Exploratory analysis of levels in order, as planned" in page


@pytest.mark.parametrize(
    ("cuts", "why"),
    [((100.0,), "fewer than three levels"), (tuple(range(5, 45)), "proportional odds are for 20 at most")],
)
def test_too_few_levels_or_too_many_are_refused_with_the_reason(
    equipoise: Shell, tmp_path: Path, cuts: tuple[float, ...], why: str
) -> None:
    results, page = analysed(equipoise, trial(tmp_path), people(tmp_path, cuts), tmp_path / "results")
    assert why in results["estimates"][0]["problem"] and why in page


@pytest.mark.parametrize(
    ("outcome", "plan", "said"),
    [
        (GRADE, {"method": "ancova"}, "'grade' is ordinal, and ancova compares means"),
        (GRADE, {"summary": "mean_difference"}, "'grade' is ordinal; the estimand's summary is 'mean_difference'"),
        (GRADE | {"metric": "change"}, {}, "levels have an order and no distance"),
        (
            GRADE | {"responder": {"reaches": 2}}, {},
            "who responds is said of an outcome that is ordinal",
        ),
        (
            {key: value for key, value in GRADE.items() if key != "aggregation"}, {},
            "'grade' is a mean, and proportional_odds compares levels by their order",
        ),
        (
            GRADE, {"sensitivity": [TRIED | {"method": "jump_to_reference"}]},
            "'jump_to_reference' is an analysis of means; the primary outcome is ordinal",
        ),
        (
            GRADE, {"exploratory": {"subgroups": [
                {"variable": "region", "outcome": "grade", "timepoint": "week_2", "contrast": list(ARMS)}]}},
            "'grade' is ordinal, and subgroups compare means",
        ),
    ],
)  # fmt: skip
def test_a_plan_that_does_not_fit_levels_is_refused_with_a_mend(
    equipoise: Shell, tmp_path: Path, outcome: dict[str, Any], plan: dict[str, Any], said: str
) -> None:
    assert said in equipoise.refused(2, "check", trial(tmp_path, outcome, **plan))


def test_a_margin_is_none_of_a_ratio(equipoise: Shell, tmp_path: Path) -> None:
    protocol = trial(tmp_path)
    tree = json.loads((protocol / "protocol.yaml").read_text())
    tree["design"] = {"framework": "non_inferiority", "margin": 1, "margin_source": "Made up."}
    (protocol / "protocol.yaml").write_text(json.dumps(tree))
    assert (
        "the primary estimand is a common_odds_ratio, and the margin is one of a difference"
        in equipoise("check", protocol).err
    )
