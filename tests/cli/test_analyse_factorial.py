"""A factorial trial: `equipoise analyse` on files, its main effects and interaction held against R, and its report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell
from tests.reports.elsewhere import folder_with, write_data
from tests.reports.reading import page_of

REFERENCE = Path(__file__).parents[1] / "reference"
PEOPLE: list[dict[str, Any]] = json.loads((REFERENCE / "linear_models.json").read_text())["factorial"]["data"]
R: dict[str, Any] = json.loads((REFERENCE / "planned_factors.json").read_text())
FACTORS = [
    {"id": "mail", "label": {"en": "Mails"}, "levels": ["kind", "plain"]},
    {"id": "call", "label": {"en": "Calls"}, "levels": ["yes", "no"]},
]
CELLS = [("kind", "yes"), ("kind", "no"), ("plain", "yes"), ("plain", "no")]
COMPLETE = {"id": "complete", "method": "complete_case", "assumption": {"en": "Those who lack nothing are like all."}}


def asked(*factors: str, **more: Any) -> dict[str, Any]:
    return {"outcome": "low_mood", "timepoint": "week_2", "factors": list(factors), **more}


def trial(folder: Path, primary: dict[str, Any], *others: dict[str, Any], **plan: Any) -> Path:
    """The small trial with four arms, two factors of two levels."""
    secondary = {"secondary": {"multiplicity": "holm", "analyses": list(others)}} if others else {}
    protocol = folder_with(
        folder / "protocol", design={"type": "factorial", "factors": FACTORS}, allocation={"method": "simple"},
        outcomes=[{"id": "low_mood", "label": {"en": "Low mood"}, "score": "mood", "better": "lower"}],
        analysis={"primary": primary, "baseline_table": ["mood"], **secondary, **plan},
    )  # fmt: skip
    file = protocol / "protocol.yaml"
    tree = json.loads(file.read_text())
    like = tree["arms"][0]
    tree["arms"] = [
        like | {"id": f"{mail}_{call}", "label": {"en": f"{mail.capitalize()} mails, calls: {call}"},
                "factors": {"mail": mail, "call": call}}
        for mail, call in CELLS
    ]  # fmt: skip
    tree["activities"] = [one | {"arms": []} for one in tree["activities"] if one["id"] != "chores"]
    tree["timepoints"][1]["activities"] = ["gratitude"]
    file.write_text(json.dumps(tree))
    return protocol


def people(folder: Path) -> Path:
    """Whom planned_factors.R takes in: every eleventh without the outcome, every thirteenth without the baseline."""
    rows: list[tuple[object, ...]] = []
    for n, one in enumerate(PEOPLE, start=1):
        who = (f"P{n:03}", f"{one['mail']}_{one['call']}")
        rows.append((*who, "baseline", one["baseline"] if n % 13 else ""))
        if n % 11:
            rows.append((*who, "week_2", one["outcome"]))
    return write_data(folder / "data.csv", ("mood",), rows)


def analysed(equipoise: Shell, protocol: Path, data: Path, out: Path) -> tuple[dict[str, Any], str]:
    done = equipoise("analyse", protocol, "--data", data, "--out", out)
    assert done.code == 0, done.err
    return json.loads((out / "results.json").read_text()), page_of(out)


def same(ours: dict[str, Any], theirs: dict[str, Any], *keys: str) -> None:
    for key in keys or ("estimate", "se", "df", "ci", "p"):
        assert ours[key] == pytest.approx(theirs[key], rel=1e-8), key


def test_main_effects_and_interaction_are_those_of_r_and_stand_together_in_the_report(
    equipoise: Shell, tmp_path: Path
) -> None:
    protocol = trial(tmp_path, asked("mail"), asked("call"), asked("mail", "call"), sensitivity=[COMPLETE])
    results, page = analysed(equipoise, protocol, people(tmp_path), tmp_path / "results")
    mail, call, both = results["estimates"]
    theirs = R["planned"]
    for ours, name in ((mail, "mail"), (call, "call"), (both, "interaction")):
        assert ours["problem"] is None and ours["n"] == theirs["n"]
        same(ours, theirs[name])
    assert mail["contrast"] == ["kind_yes", "plain_yes"] and both["contrast"] == ["kind_yes", "plain_no"]
    assert mail["sides"] == [["kind_yes", "kind_no"], ["plain_yes", "plain_no"]]
    assert mail["g"]["estimate"] < 0 and both["g"] is None
    for one in (mail, both):  # whichever was planned, all of it is there to read it by
        first, second = one["factorial"]["factors"]
        for ours, name in ((first, "mail"), (second, "call")):
            same(ours["main"], theirs[name])
            for at in ours["at"]:
                same(at, theirs[f"{name}_at"][at["level"]], "estimate", "se", "df", "ci")
        same(one["factorial"]["interaction"], theirs["interaction"])
    for arm, its in mail["arms"].items():
        assert its["adjusted_mean"] == pytest.approx(theirs["means"][arm]["estimate"], rel=1e-8)
        assert its["adjusted_ci"] == pytest.approx(theirs["means"][arm]["ci"], rel=1e-8)
    (complete,) = results["sensitivity"]
    assert complete["n"] == R["complete"]["n"]
    same(complete, R["complete"]["mail"])
    for said in (
        "2.1 points lower with “Mails: kind” than with “Mails: plain”",
        "Mails: kind minus plain",
        "Interaction: Mails × Calls",
        "Main effect (planned)",
        "Where Calls: yes",
        "Either pair, first minus second (planned)",
        "41 v. 23",
        "main effects and interaction",
        "a quarter of the information",
        "with a mean of each of the four arms",
    ):
        assert said in page, said
    assert page.count("Low mood at 2 weeks: the factors") == 1


def test_an_interaction_may_be_primary_and_nothing_is_said_to_favour_anybody(equipoise: Shell, tmp_path: Path) -> None:
    protocol = trial(tmp_path, asked("mail", "call"))
    results, page = analysed(equipoise, protocol, people(tmp_path), tmp_path / "results")
    (found,) = results["estimates"]
    same(found, R["planned"]["interaction"])
    assert "the effect of Mails (kind against plain) is an estimated 1.4 points lower with “Calls: yes”" in page
    assert "The interval includes no interaction" in page and "in favour of" not in page


def test_levels_may_be_turned_by_the_contrast(equipoise: Shell, tmp_path: Path) -> None:
    protocol = trial(tmp_path, asked("mail", contrast=["plain_no", "kind_no"]))
    results, page = analysed(equipoise, protocol, people(tmp_path), tmp_path / "results")
    (found,) = results["estimates"]
    assert found["estimate"] == pytest.approx(-R["planned"]["mail"]["estimate"], rel=1e-8)
    assert "Mails: plain minus kind" in page


def test_an_empty_combination_is_refused_with_the_reason(equipoise: Shell, tmp_path: Path) -> None:
    protocol, data = trial(tmp_path, asked("mail")), people(tmp_path)
    rows = [row for row in data.read_text().splitlines(keepends=True) if "plain_no,week_2" not in row]
    data.write_text("".join(rows))
    results, page = analysed(equipoise, protocol, data, tmp_path / "results")
    assert "need all four combinations" in results["estimates"][0]["problem"]
    assert "“Mails: kind” and “Mails: plain” could not be estimated" in page


@pytest.mark.parametrize(
    ("primary", "plan", "said"),
    [
        (asked("post"), {}, "there is no factor 'post'"),
        (asked("mail", "mail"), {}, "a factor is named twice"),
        (asked("mail"), {"method": "anhecova"}, "worked out by ancova, mmrm and clda, and the method is 'anhecova'"),
        (asked("mail", contrast=["kind_yes", "plain_no"]), {}, "do not differ in just the factors"),
        ({"outcome": "low_mood", "timepoint": "week_2"}, {}, "says not what it compares"),
        (
            asked("mail"),
            {"sensitivity": [COMPLETE | {"method": "jump_to_reference"}]},
            "'jump_to_reference' compares two arms, and the primary analysis is an effect of factors",
        ),
    ],
)
def test_an_effect_that_the_plan_cannot_carry_is_refused_with_a_mend(
    equipoise: Shell, tmp_path: Path, primary: dict[str, Any], plan: dict[str, Any], said: str
) -> None:
    assert said in equipoise.refused(2, "check", trial(tmp_path, primary, **plan))


def test_effects_of_factors_need_two_of_two_levels(equipoise: Shell, tmp_path: Path) -> None:
    protocol = trial(tmp_path, asked("mail"))
    tree = json.loads((protocol / "protocol.yaml").read_text())
    tree["arms"] = tree["arms"][:3]
    (protocol / "protocol.yaml").write_text(json.dumps(tree))
    assert "two factors of two levels, each combination an arm" in equipoise.refused(2, "check", protocol)
    tree["design"] = {"type": "parallel"}
    tree["arms"] = [one | {"factors": {}} for one in tree["arms"]]
    (protocol / "protocol.yaml").write_text(json.dumps(tree))
    assert "there is no factor 'mail'" in equipoise.refused(2, "check", protocol)
