"""The effect on those who comply as a method of a plan: `equipoise analyse` on files, held against R, and the report.

People made up in `tests/reference/complier_effect.R`, with gaps; who did four exercises received them:
`tests/reference/planned_compliers.R`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell
from tests.reports.elsewhere import folder_with, write_data
from tests.reports.reading import page_of

REFERENCE = Path(__file__).parents[1] / "reference"
R: dict[str, Any] = json.loads((REFERENCE / "planned_compliers.json").read_text())
MADE: dict[str, list[float]] = json.loads((REFERENCE / "complier_effect.json").read_text())["made"]["data"]
ARMS = ("taught", "waiting")
ASKED = {"outcome": "low_mood", "timepoint": "week_2", "contrast": list(ARMS)}
COMPLY = ASKED | {"method": "complier_effect"}
WORDS = {"en": "Waiting for the letter changes nothing else"}


def trial(
    folder: Path, one: dict[str, Any] | None = None, *, kind: str = "no_treatment", received: int = 4, **plan: Any
) -> Path:
    """The small trial whose second arm has no content, with the effect on those who comply beside everyone's."""
    analyses = {"multiplicity": "holm", "analyses": [one or COMPLY]}
    protocol = folder_with(
        folder / "protocol", arms=ARMS, allocation={"method": "simple"},
        outcomes=[{"id": "low_mood", "label": {"en": "Low mood"}, "score": "mood", "better": "lower"}],
        analysis={"method": "ancova", "primary": ASKED, "secondary": analyses, "baseline_table": ["mood"]} | plan,
    )  # fmt: skip
    file = protocol / "protocol.yaml"
    tree = json.loads(file.read_text())
    tree["arms"][0]["received"] = f"exercises_done >= {received}"
    tree["arms"][1]["kind"] = kind
    tree["timepoints"][1]["days"] = [1, 2, 3, 4, 5, 6, 7]
    if kind in ("no_treatment", "waitlist"):
        tree["arms"][1] |= {"received": "exercises_done == 0", "minimum_dose": "exercises_done == 0"}
        tree["activities"] = [one for one in tree["activities"] if one["id"] != "waiting"]
        tree["timepoints"][1]["activities"] = ["taught"]
    file.write_text(json.dumps(tree))
    return protocol


def people(folder: Path, least: int = 4, *, told: bool = True) -> Path:
    """Whom planned_compliers.R takes in: every ninth without the outcome, every thirteenth without the baseline."""
    rows: list[tuple[object, ...]] = []
    for n, (z, d, y, x) in enumerate(zip(*(MADE[key] for key in "zdyx"), strict=True), start=1):
        who = (f"P{n:03}", ARMS[0] if z else ARMS[1])
        received = ("yes" if d >= least else "no") if told else ""
        rows.append((*who, "baseline", x if n % 13 else "", received))
        if n % 9:
            rows.append((*who, "week_2", y, ""))
    return write_data(folder / "data.csv", ("mood", "received" if told else "other"), rows)


def analysed(equipoise: Shell, protocol: Path, data: Path, out: Path) -> tuple[dict[str, Any], str]:
    done = equipoise("analyse", protocol, "--data", data, "--out", out)
    assert done.code == 0, done.err
    return json.loads((out / "results.json").read_text()), page_of(out)


@pytest.mark.parametrize("covariance", ["HC3", "HC2"])
def test_the_effect_and_both_intervals_are_those_of_r_and_the_report_says_whose_it_is(
    equipoise: Shell, tmp_path: Path, covariance: str
) -> None:
    protocol = trial(tmp_path, covariance=covariance)
    results, page = analysed(equipoise, protocol, people(tmp_path), tmp_path / "results")
    everyone, found = results["estimates"]
    theirs, its = R[covariance], found["complier"]
    assert (found["problem"], found["estimand"], found["n"]) == (None, "principal_stratum", theirs["n"])
    for key in ("estimate", "se", "df", "ci", "p"):
        assert found[key] == pytest.approx(theirs[key], rel=1e-8), key
    for key in ("taken", "f", "ci_weak"):
        assert its[key] == pytest.approx(theirs[key], rel=1e-7), key
    assert (its["received"], its["of"], its["weak"]) == (theirs["received"], theirs["n"]["taught"], False)
    assert everyone["estimand"] == "treatment_policy" and everyone["complier"] is None and found["g"] is None
    for said in (
        "Secondary analysis of those who comply, as planned",
        "19 (66%)",
        "Of those who receive what Gratitude list offers because it is offered, and of nobody else: Gratitude list did "
        "better than",
        "This needs to be true, and no data show it",
        "Two-stage least squares with the randomised arm as the instrument",
        "The second arm has no content of its own",
        "Anderson and Rubin",
    ):
        assert said in page, said


def test_an_arm_that_hardly_moves_what_is_received_is_warned_of_and_claims_nothing(
    equipoise: Shell, tmp_path: Path
) -> None:
    protocol = trial(tmp_path, received=7)
    results, page = analysed(equipoise, protocol, people(tmp_path, 7), tmp_path / "results")
    found = results["estimates"][1]
    assert found["estimate"] == pytest.approx(R["few"]["estimate"], rel=1e-8)
    assert found["complier"]["f"] == pytest.approx(R["few"]["f"], rel=1e-8)
    assert found["complier"]["weak"] and found["complier"]["ci_weak"] is None
    assert [one["kind"] for one in found["warnings"]] == ["weak_instrument"]
    for said in ("hardly moves what is received", "without end", "and of nobody else: No difference between"):
        assert said in page, said


def test_a_comparator_with_content_is_refused_unless_an_assumption_is_stated_and_then_it_is_printed(
    equipoise: Shell, tmp_path: Path
) -> None:
    protocol, data = trial(tmp_path, kind="attention_control"), people(tmp_path)
    told = equipoise("check", protocol).err
    assert "P119" in told and "the comparator 'waiting' has content of its own, and no `assumption` is stated" in told
    results, page = analysed(equipoise, protocol, data, tmp_path / "refused")
    assert "needs an assumption, in words" in results["estimates"][1]["problem"]
    assert "The comparator has content of its own" in page
    (tmp_path / "stated").mkdir()
    stated = trial(tmp_path / "stated", COMPLY | {"assumption": WORDS}, kind="attention_control")
    assert "P119" not in equipoise("check", stated).err
    results, page = analysed(equipoise, stated, data, tmp_path / "results")
    found = results["estimates"][1]
    assert found["estimate"] == pytest.approx(R["HC3"]["estimate"], rel=1e-8)
    assert found["complier"]["comparator_has_content"] and found["complier"]["assumptions"][-1] == WORDS["en"]
    assert "Assumed, in the words of the protocol: Waiting for the letter changes nothing else." in page


def test_a_file_that_does_not_say_who_received_it_has_a_reason_in_place_of_a_number(
    equipoise: Shell, tmp_path: Path
) -> None:
    results, page = analysed(equipoise, trial(tmp_path), people(tmp_path, told=False), tmp_path / "results")
    assert "do not tell who received what their arm offers" in results["estimates"][1]["problem"]
    assert "a column `received`, yes or no" in page


@pytest.mark.parametrize(
    ("written", "said"),
    [("maybe", "'maybe' is neither yes nor no"), ("no", "it says no here and yes of the same person before")],
)
def test_a_column_of_who_received_it_that_says_two_things_is_refused(
    equipoise: Shell, tmp_path: Path, written: str, said: str
) -> None:
    data = people(tmp_path)
    lines = data.read_text().splitlines()
    at = next(at for at, line in enumerate(lines) if line.endswith(",yes"))
    lines[at + 1] = lines[at + 1].rstrip(",") + f",{written}"
    data.write_text("\n".join(lines))
    told = equipoise.refused(2, "analyse", trial(tmp_path), "--data", data, "--out", tmp_path / "results")
    assert said in told and "received" in told


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"primary": COMPLY}, "never in its place"),
        ({"one": ASKED | {"assumption": WORDS}}, "an `assumption` belongs to an analysis with `method: complier"),
        ({"received": 0}, "`received` holds for people who did nothing"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_have_it_is_refused_with_a_mend(
    equipoise: Shell, tmp_path: Path, plan: dict[str, Any], said: str
) -> None:
    told = equipoise("check", trial(tmp_path, **plan))
    assert said in told.err + told.out


def test_once_the_waiting_arm_had_its_turn_nothing_tells_who_complies(equipoise: Shell, tmp_path: Path) -> None:
    protocol = trial(tmp_path, kind="waitlist")
    tree = json.loads((protocol / "protocol.yaml").read_text())
    tree["design"] = {
        "type": "waitlist", "waitlist": {"arm": "waiting", "content_of": "taught", "release_after_day": 15},
    }  # fmt: skip
    (protocol / "protocol.yaml").write_text(json.dumps(tree))
    assert "by 'week_2' the waiting arm has been given the content" in equipoise("check", protocol).err
    results, _ = analysed(equipoise, protocol, people(tmp_path), tmp_path / "results")
    assert "had been given the content by then" in results["estimates"][1]["problem"]
