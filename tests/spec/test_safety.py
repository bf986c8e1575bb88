from __future__ import annotations

import pytest

from tests.spec.tables import rows
from trial.core.answers import Asked
from trial.core.expressions import Value
from trial.core.instruments import Item, Score
from trial.core.protocol import SafetyRule
from trial.core.safety import Met, has_worsened, items_met, rules_met
from trial.stats.reliability import reliable_change_of


def value(text: str) -> Value:
    if text in ("yes", "no"):
        return text == "yes"
    return None if text == "-" else float(text)


def facts(text: str) -> dict[str, Value]:
    pairs = [one.strip().split("=") for one in text.split(",") if one.strip()]
    return {name: value(given) for name, given in pairs}


@pytest.mark.parametrize("row", rows("safety.md", "Rules"), ids=lambda row: f"{row['sheet']} {row['rule']}")
def test_a_rule_is_met_as_its_table_says(row: dict[str, str]) -> None:
    rule = SafetyRule(id="one", when=row["rule"], tier="alert", why={"en": "Because."})
    sheet = facts(row["sheet"])
    found = rules_met([rule], {**facts(row["screening"]), **sheet}, sheet)
    assert found == ([Met("one", "alert")] if row["met"] == "yes" else [])


@pytest.mark.parametrize("row", rows("safety.md", "Items"), ids=lambda row: f"{row['answer']} of {row['safety_from']}")
def test_an_item_calls_as_its_table_says(row: dict[str, str]) -> None:
    lowest = None if row["safety_from"] == "-" else int(row["safety_from"])
    asked = [Asked("phq9_9", Item(id=9, topic={"en": "Death"}, safety_from=lowest), ())]
    found = items_met(asked, {"phq9_9": value(row["answer"])})
    assert found == ([Met("item.phq9_9", "resources")] if row["calls"] == "yes" else [])


@pytest.mark.parametrize("row", rows("safety.md", "Reliable worsening"), ids=lambda row: " ".join(row.values()))
def test_a_score_has_worsened_as_its_table_says(row: dict[str, str]) -> None:
    told = {"verified": False, "source": "Made up.", "sd": value(row["sd"]), "alpha": value(row["reliability"])}
    score = Score.model_validate(
        {"id": "mood", "label": {"en": "Mood"}, "method": "sum", "better": row["better"], "source": "Made up.",
         "reliability": told}
    )  # fmt: skip
    before, now = (None if row[name] == "-" else float(row[name]) for name in ("at the start", "now"))
    worse = has_worsened(score.better, before, now, reliable_change_of(score))
    assert worse is {"yes": True, "no": False, "unknown": None}[row["worse"]]


def test_rules_come_in_the_order_of_the_protocol_and_each_once() -> None:
    rules = [
        SafetyRule(id=name, when=f"mood >= {least}", tier="resources", why={"en": "Because."})
        for name, least in (("b", 1), ("a", 2), ("c", 9))
    ]
    assert [one.rule for one in rules_met(rules, {"mood": 5}, ["mood"])] == ["b", "a"]
