"""What a report may say of an estimate, as a table: interval in, words out."""

from __future__ import annotations

from typing import Any

import pytest

from reports.labels import Labels
from reports.sentences import decimals_by_outcome, importance, meaning, result, truth
from tests.reports.builder import SMALL_TRIAL
from trial.protocol_files import read_folder

LABELS = Labels(read_folder(SMALL_TRIAL))


def estimate(low: float, high: float, better: str = "lower", outcome: str = "low_mood") -> dict[str, Any]:
    return {
        "outcome": outcome,
        "timepoint": "week_2",
        "contrast": ["gratitude", "chores"],
        "better": better,
        "metric": "value",
        "measure": "mean_difference",
        "estimate": (low + high) / 2,
        "ci": [low, high],
        "level": 0.95,
        "p": 0.03,
        "g": {"standardiser_value": 4.0},
        "clusters": None,
        "margin": None,
        "problem": None,
    }


@pytest.mark.parametrize(
    ("low", "high", "better", "says"),
    [
        (
            -4,
            -1,
            "lower",
            "The whole interval favours Gratitude list: the data agree with an advantage as small as 1",
        ),
        (1, 4, "lower", "The whole interval favours Chores list: the data agree with an advantage as small as 1"),
        (1, 4, "higher", "The whole interval favours Gratitude list"),
        (-4, -1, "higher", "The whole interval favours Chores list"),
        (-4, 1, "lower", "up to 4.0 points in favour of Gratitude list and up to 1.0 points in favour of Chores list"),
        (-4, 1, "higher", "up to 1.0 points in favour of Gratitude list and up to 4.0 points in favour of Chores list"),
        (-4, 0, "lower", "A difference of zero lies inside the interval"),
    ],
)
def test_whom_the_interval_favours(low: float, high: float, better: str, says: str) -> None:
    assert says in meaning(estimate(low, high, better), LABELS)


def test_an_interval_with_no_difference_in_it_is_never_called_evidence_of_equality() -> None:
    assert "not evidence that the two do equally well" in meaning(estimate(-1, 1), LABELS)


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (-5, -2.5, "Every difference in the interval reaches the 2.0 points"),
        (-5, -1, "does not settle whether"),
        (-1.5, 1, "No difference in the interval reaches"),
        (-3, 3, "does not settle whether"),
    ],
)
def test_where_the_interval_lies_to_the_important_difference(low: float, high: float, says: str) -> None:
    assert says in importance(estimate(low, high), LABELS)


def test_nothing_is_said_of_importance_where_the_protocol_names_none() -> None:
    assert importance(estimate(-5, -2.5, outcome="calmness"), LABELS) == ""


def test_the_result_names_outcome_time_arms_difference_interval_p_and_direction() -> None:
    said = result(estimate(-4, -1), LABELS).replace("\u00a0", " ")
    assert said == (
        "Low mood at 2 weeks: an estimated 2.5 points lower with Gratitude list than with Chores list (adjusted mean "
        "difference −2.5, 95% confidence interval −4.0 to −1.0, p = 0.03). Lower scores are better."
    )


def test_an_estimate_that_could_not_be_made_says_why_and_gives_no_number() -> None:
    failed = estimate(0, 0) | {"estimate": None, "ci": None, "g": None, "problem": "Nobody answered."}
    assert result(failed, LABELS).endswith("Chores list could not be estimated. Nobody answered.")
    assert meaning(failed, LABELS) == importance(failed, LABELS) == ""


@pytest.mark.parametrize(
    ("power", "says"),
    [
        (0.31, "would usually miss it: its power is 31%"),
        (0.62, "would miss it 38% of the time"),
        (0.85, None),
        (None, None),
    ],
)
def test_a_rehearsal_says_what_a_trial_of_its_size_would_miss(power: float | None, says: str | None) -> None:
    primary = estimate(-4, -1)
    known = {key: primary[key] for key in ("outcome", "timepoint", "contrast")} | {"effect": -0.9}
    rehearsal = {"truth": [known], "power": power, "participants_needed": 420}
    said = " ".join(truth({"rehearsal": rehearsal, "estimates": [primary]}, LABELS))
    assert "is known: −0.9 points" in said
    assert "its interval does not hold the truth" in said
    assert (says in said) if says else ("would" not in said.split("known:")[1])


def test_a_real_trial_has_no_truth_to_tell() -> None:
    assert truth({"rehearsal": None, "estimates": [estimate(-4, -1)]}, LABELS) == []


def test_an_outcome_has_as_many_decimals_in_every_row_of_a_table_and_no_end_of_an_interval_is_lost() -> None:
    def one(outcome: str, estimate: float, low: float, high: float, sd: float) -> dict[str, Any]:
        return {"outcome": outcome, "estimate": estimate, "ci": [low, high], "g": {"standardiser_value": sd}}

    rows = [
        one("mood", -2.1, -10.3, 6.0, 28.0),
        one("mood", 0.01, -8.05, 8.07, 28.0),
        one("calm", 0.02, -0.3, 0.3, 0.9),
    ]
    assert decimals_by_outcome(rows) == {"mood": 1, "calm": 2}
    assert decimals_by_outcome([*rows, one("mood", 4.0, 0.04, 8.0, 28.0)])["mood"] == 2
