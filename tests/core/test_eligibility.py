"""Who may take part, and into which stratum a person falls: nobody by a guess."""

from __future__ import annotations

import pytest

from tests.core.protocols import PROTOCOL, changed
from trial.core.eligibility import first_failed, stratum_levels
from trial.core.errors import Refused
from trial.core.expressions import Value
from trial.core.randomization import stratum_name

LEVELS = {"low": {"en": "Low"}, "mid": {"en": "Middle"}, "high": {"en": "High"}}
TWO_FACTORS = changed(
    allocation={
        "method": "permuted_blocks",
        "block_sizes": [4],
        "strata": [
            {
                "id": "mood",
                "label": {"en": "Mood"},
                "levels": [
                    {"id": "high", "label": LEVELS["high"], "when": "low_mood >= 6"},
                    {"id": "mid", "label": LEVELS["mid"], "when": "low_mood >= 3"},
                    {"id": "low", "label": LEVELS["low"]},
                ],
            },
            {
                "id": "place",
                "label": {"en": "Place"},
                "levels": [
                    {"id": "north", "label": LEVELS["low"], "when": "region == 'north'"},
                    {"id": "elsewhere", "label": LEVELS["low"]},
                ],
            },
        ],
    }
)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"age": 18, "reads_english": True}, None),
        ({"age": 17, "reads_english": True}, "adult"),
        ({"age": 18, "reads_english": False}, "english"),
        # two reasons: the first of the protocol is kept
        ({"age": 17, "reads_english": False}, "adult"),
        # what is not known to hold keeps somebody out
        ({"age": None, "reads_english": True}, "adult"),
        ({"reads_english": True}, "adult"),
        ({"age": "18", "reads_english": True}, "adult"),
        ({"age": True, "reads_english": True}, "adult"),
        ({"age": 40, "reads_english": 1}, "english"),
        ({"age": 40, "reads_english": "yes"}, "english"),
    ],
)
def test_somebody_takes_part_only_where_every_rule_is_known_to_hold(
    answers: dict[str, Value], reason: str | None
) -> None:
    failed = first_failed(PROTOCOL, answers)
    assert (failed.id if failed else None) == reason


@pytest.mark.parametrize(
    ("facts", "stratum"),
    [
        ({"low_mood": 9, "region": "north"}, "high/north"),
        ({"low_mood": 6, "region": "south"}, "high/elsewhere"),
        ({"low_mood": 5, "region": "north"}, "mid/north"),
        ({"low_mood": 2.5, "region": "west"}, "low/elsewhere"),
    ],
)
def test_a_person_falls_into_the_first_level_whose_rule_holds(facts: dict[str, Value], stratum: str) -> None:
    assert stratum_name(stratum_levels(TWO_FACTORS, facts)) == stratum


@pytest.mark.parametrize("facts", [{}, {"low_mood": None, "region": "north"}, {"low_mood": 4, "region": None}])
def test_nobody_is_put_into_a_stratum_by_a_guess(facts: dict[str, Value]) -> None:
    with pytest.raises(Refused, match="an answer is missing"):
        stratum_levels(TWO_FACTORS, facts)


def test_the_refusal_names_the_factor() -> None:
    with pytest.raises(Refused, match="place"):
        stratum_levels(TWO_FACTORS, {"low_mood": 4})


def test_without_factors_everybody_is_in_one_stratum() -> None:
    protocol = changed(allocation={"method": "permuted_blocks", "block_sizes": [4]})
    assert stratum_name(stratum_levels(protocol, {})) == "all"
