"""The rows of claims.md."""

from __future__ import annotations

from typing import Any

import pytest

from reports.claims import claim_of, conclusion, verdict_of
from reports.consort.lay import sizes_of
from tests.spec.tables import rows
from trial.pages.lay_summary import Finding, size, verdict, weight

NONE = "–"


def estimate(row: dict[str, str], *, arms: tuple[str, ...] = ("a", "b"), **more: Any) -> dict[str, Any]:
    interval = None if row["interval"] == NONE else [float(end) for end in row["interval"].split(" to ")]
    return {
        "measure": row.get("measure", "mean_change"),
        "estimate": None if row["estimate"] == NONE else float(row["estimate"]),
        "ci": interval,
        "better": row["better"],
        "contrast": list(arms),
        "analysis": "exploratory" if row.get("planned") == "no" else "primary",
        "margin": None,
        "g": None,
        **more,
    }


def matters(row: dict[str, str]) -> float | None:
    return None if row["matters"] == NONE else float(row["matters"])


@pytest.mark.parametrize("row", rows("claims.md", "Superiority"), ids=lambda row: f"{row['measure']} {row['interval']}")
def test_superiority(row: dict[str, str]) -> None:
    assert conclusion(estimate(row), "A", "B", matters(row)) == row["sentence"]


def against_margin(row: dict[str, str]) -> dict[str, Any]:
    margin = {"picture": row["picture"], "worse": row.get("worse") == "yes", "problem": None}
    shared = {"interval": "-1 to 1", "estimate": "0", "better": "higher", "measure": "mean_difference"}
    return estimate(shared, margin=margin)


@pytest.mark.parametrize("row", rows("claims.md", "Non-inferiority"), ids=lambda row: row["picture"])
def test_non_inferiority(row: dict[str, str]) -> None:
    assert conclusion(against_margin(row), "A", "B", None) == row["sentence"]


@pytest.mark.parametrize("row", rows("claims.md", "Equivalence"), ids=lambda row: row["picture"])
def test_equivalence(row: dict[str, str]) -> None:
    assert conclusion(against_margin(row), "A", "B", None) == row["sentence"]


@pytest.mark.parametrize("row", rows("claims.md", "Two factors"), ids=lambda row: row["interval"])
def test_two_factors(row: dict[str, str]) -> None:
    assert conclusion(estimate(row, factors=["one", "other"]), "", "", None) == row["sentence"]


@pytest.mark.parametrize("row", rows("claims.md", "Those who comply"), ids=lambda row: row["whatever"])
def test_those_who_comply(row: dict[str, str]) -> None:
    ends = None if row["whatever"] == NONE else [float(end) for end in row["whatever"].split(" to ")]
    complier = {"weak": row["weak"] == "yes", "ci_weak": ends}
    one = estimate(row | {"measure": "mean_difference"}, complier=complier)
    assert conclusion(one, "A", "B", matters(row)) == row["sentence"]


@pytest.mark.parametrize("row", rows("claims.md", "One arm"), ids=lambda row: row["interval"])
def test_one_arm(row: dict[str, str]) -> None:
    assert conclusion(estimate(row, arms=("a",)), "A", "A", None) == row["sentence"]


@pytest.mark.parametrize(
    "row", rows("claims.md", "For those who took part"), ids=lambda row: f"{row['measure']} {row['interval']}"
)
def test_for_those_who_took_part(row: dict[str, str]) -> None:
    one, important = estimate(row), matters(row)
    claim = claim_of(one, important)
    share = row["measure"] == "risk_difference"
    found = Finding(
        claim.verdict, claim.weight, "Mood", "2 weeks", True, "A", "B", "people" if share else "points",
        matters=important, **sizes_of(one),
    )  # fmt: skip
    assert verdict(found, "en") == row["sentence"]
    assert " ".join(filter(None, (size(found, "en"), weight(found, "en")))) == row["size"]


def every_verdict() -> set[str]:
    found = {verdict_of(estimate(row)) for row in rows("claims.md", "Superiority")}
    found |= {verdict_of(against_margin(row)) for row in rows("claims.md", "Non-inferiority")}
    found |= {verdict_of(against_margin(row)) for row in rows("claims.md", "Equivalence")}
    found |= {verdict_of(estimate(row, factors=["one", "other"])) for row in rows("claims.md", "Two factors")}
    return found | {verdict_of(estimate(row, arms=("a",))) for row in rows("claims.md", "One arm")}


def test_every_verdict_stands_in_the_table() -> None:
    from reports.claims import _SAYS

    assert every_verdict() == set(_SAYS)


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_every_verdict_has_plain_words_in_every_language(language: str) -> None:
    said = {
        one: verdict(Finding(one, "unnamed", "Mood", "2 weeks", True, "A", "B"), language) for one in every_verdict()
    }
    assert all(said.values())
    if language != "en":
        english = {one: verdict(Finding(one, "unnamed", "Mood", "2 weeks", True, "A", "B"), "en") for one in said}
        assert not set(said.values()) & set(english.values())


@pytest.mark.parametrize("word", ["prove", "effective", "works", "blind", "significant", "no effect", "equally well."])
def test_no_sentence_claims_more_than_an_interval_can(word: str) -> None:
    for heading in ("Superiority", "Non-inferiority", "Equivalence", "Two factors", "One arm"):
        assert not [row for row in rows("claims.md", heading) if word in row["sentence"].lower()]
