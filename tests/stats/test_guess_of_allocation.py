"""Bang's index of what people guess: against R, at its ends, and how often its intervals hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.stats.conftest import read_json
from trial.core.errors import AnalysisImpossible
from trial.stats.blinding import blinding_index

GUESSES: list[Any] = read_json("guesses.json")["guesses"]
counts = st.integers(0, 40)


@pytest.mark.parametrize("case", GUESSES, ids=lambda case: f"{case['right']}-{case['wrong']}-{case['unsure']}")
def test_the_index_and_both_intervals_are_those_of_r(case: Any) -> None:
    asked = ("letter", case["right"], case["wrong"], case["unsure"])
    score = blinding_index(*asked, level=case["level"])
    assert score.estimate == pytest.approx(case["estimate"], rel=1e-8)
    assert score.ci == pytest.approx(case["score"], rel=1e-8)
    if max(asked[1:]) == score.n:
        with pytest.raises(AnalysisImpossible, match="All guesses"):
            blinding_index(*asked, interval="Wald")
    else:
        assert blinding_index(*asked, level=case["level"], interval="Wald").ci == pytest.approx(case["wald"], rel=1e-8)


@settings(max_examples=60, deadline=None)
@given(counts, counts, counts)
def test_right_for_wrong_turns_it_round_and_it_stays_within_one(right: int, wrong: int, unsure: int) -> None:
    if right + wrong + unsure == 0:
        return
    one, two = blinding_index("a", right, wrong, unsure), blinding_index("a", wrong, right, unsure)
    assert two.ci == pytest.approx((-one.ci[1], -one.ci[0]), abs=1e-10)
    assert -1 <= one.ci[0] <= one.estimate <= one.ci[1] <= 1


@pytest.mark.parametrize("shares", [(1 / 3, 1 / 3, 1 / 3), (0.6, 0.3, 0.1), (0.1, 0.1, 0.8), (0.85, 0.1, 0.05)])
def test_with_twenty_asked_the_score_interval_holds_the_index(shares: tuple[float, float, float]) -> None:
    """Not simulated: every way in which twenty may guess, with its chance. The published interval falls short."""
    ways = [(right, wrong) for right in range(21) for wrong in range(21 - right)]
    chance = stats.multinomial.pmf([(r, w, 20 - r - w) for r, w in ways], 20, shares)
    held = {"score": 0.0, "Wald": 0.0}
    for (right, wrong), weight in zip(ways, chance, strict=True):
        for kind in ("score", "Wald"):
            if weight < 1e-5 or (kind == "Wald" and max(right, wrong, 20 - right - wrong) == 20):
                continue
            low, high = blinding_index("a", right, wrong, 20 - right - wrong, interval=kind).ci
            held[kind] += weight * (low <= shares[0] - shares[1] <= high)
    assert 0.935 < held["score"] < 0.985
    assert held["Wald"] < held["score"] + 0.02
    assert np.isclose(chance.sum(), 1)


def test_nobody_asked_is_refused_and_fewer_than_nobody_cannot_be() -> None:
    with pytest.raises(AnalysisImpossible, match="Nobody of arm 'letter'"):
        blinding_index("letter", 0, 0, 0)
    with pytest.raises(ValueError, match="at least 0"):
        blinding_index("letter", 3, -1, 0)
