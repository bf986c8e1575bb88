"""A factorial trial that allocated clusters: main effects and interaction held against R, and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell
from tests.cli.test_analyse_clusters import QUESTION, analysed
from tests.cli.test_analyse_factorial import COMPLETE, asked, trial
from tests.reports.elsewhere import write_data

REFERENCE = Path(__file__).parents[1] / "reference"
R: dict[str, Any] = json.loads((REFERENCE / "factorial_clusters.json").read_text())
PEOPLE: list[dict[str, Any]] = R["data"]
TEAMS = sorted({one["cluster"] for one in PEOPLE})
# lmer stops at about this where the likelihood is flat
CLOSE = {"robust": 1e-8, "random_intercept": 1e-6}


def of_teams(folder: Path, *effects: dict[str, Any], way: str, **plan: Any) -> Path:
    """The factorial trial of the tests, with teams for its unit."""
    protocol = trial(folder, *effects, clusters=way, **plan)
    file = protocol / "protocol.yaml"
    tree = json.loads(file.read_text())
    question = QUESTION | {"choices": [{"value": one, "label": {"en": one.capitalize()}} for one in TEAMS]}
    tree["eligibility"]["questions"] = [*tree["eligibility"].get("questions", []), question]
    tree["allocation"] |= {"unit": "cluster", "cluster": {"question": "school", "label": {"en": "Team"}}}
    file.write_text(json.dumps(tree))
    return protocol


def people(folder: Path, *, without: str = "") -> Path:
    """Whom factorial_clusters.R takes in: every ninth without the outcome, every thirteenth without the baseline."""
    rows: list[tuple[object, ...]] = []
    for n, one in enumerate(PEOPLE, start=1):
        who = (f"P{n:03}", one["arm"])
        rows.append((*who, "baseline", one["baseline"] if n % 13 else "", one["cluster"]))
        if n % 9 and one["arm"] != without:
            rows.append((*who, "week_2", one["outcome"], ""))
    return write_data(folder / "data.csv", ("mood", "school"), rows)


def alike(ours: dict[str, Any], theirs: dict[str, Any], way: str, *keys: str) -> None:
    for key in keys or ("estimate", "se", "df", "ci", "p"):
        assert ours[key] == pytest.approx(theirs[key], rel=CLOSE[way]), key


@pytest.mark.parametrize("way", ["robust", "random_intercept"])
def test_effects_of_factors_over_clusters_are_those_of_r(equipoise: Shell, tmp_path: Path, way: str) -> None:
    effects = (asked("mail"), asked("call"), asked("mail", "call"))
    protocol = of_teams(tmp_path, *effects, way=way, sensitivity=[COMPLETE])
    results, page = analysed(equipoise, protocol, people(tmp_path), tmp_path / "results")
    mail, call, both = results["estimates"]
    theirs = R["planned"]
    for ours, name in ((mail, "mail"), (call, "call"), (both, "interaction")):
        assert ours["problem"] is None and ours["n"] == theirs["n"]
        assert ours["clusters"]["n"] == theirs["clusters"] and ours["clusters"]["by"] == way
        assert ours["clusters"]["icc"]["estimate"] == pytest.approx(theirs["random_intercept"]["icc"], rel=1e-5)
        alike(ours, theirs[way][name], way)
        first, second = ours["factorial"]["factors"]
        for its, factor in ((first, "mail"), (second, "call")):
            alike(its["main"], theirs[way][factor], way)
            for at in its["at"]:
                alike(at, theirs[way][f"{factor}_at_{at['level']}"], way, "estimate", "se", "df", "ci")
        alike(ours["factorial"]["interaction"], theirs[way]["interaction"], way)
    for arm, its in mail["arms"].items():
        assert its["adjusted_mean"] == pytest.approx(theirs[way][arm]["estimate"], rel=CLOSE[way])
        assert its["adjusted_ci"] == pytest.approx(theirs[way][arm]["ci"], rel=CLOSE[way])
    (complete,) = results["sensitivity"]
    assert complete["n"] == R["complete"]["n"]
    alike(complete, R["complete"][way]["mail"], way)
    spread = mail["g"]["standardiser_value"]
    assert mail["g"]["ci"] == pytest.approx([end / spread for end in mail["ci"]]) and both["g"] is None
    assert ("CR2 standard errors" in page) == (way == "robust")
    for said in (
        "; 12 and 12 clusters)",
        "12 v. 12",
        "Main effect (planned)",
        "Interaction: Mails × Calls",
        "ICC (95%",
    ):
        assert said in page, said


def test_a_combination_that_nobody_has_is_refused_by_its_name(equipoise: Shell, tmp_path: Path) -> None:
    protocol = of_teams(tmp_path, asked("mail"), way="robust")
    results, _ = analysed(equipoise, protocol, people(tmp_path, without="plain_no"), tmp_path / "results")
    (found,) = results["estimates"]
    assert found["estimate"] is None and "Nobody in “Plain mails, calls: no” has an outcome" in found["problem"]
