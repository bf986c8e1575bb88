"""How well somebody can guess who knows the block size and every allocation so far: no better than theory says.

The convergence strategy guesses the arm that has had fewer people; where both have had the same, any guess is right
with chance 1/2. The exact shares for two arms, 100 people: permuted blocks of 2, 4 and 6 give .75, .70833333 and
.68333333 (dynamic programming; 3/4, 17/24 and 41/60).
"""

from __future__ import annotations

import math

import pytest

from tests.core.sequences import seed_of, sequence
from trial.core.randomization import PermutedBlocks


def right_guesses(arms: list[str]) -> list[float]:
    """For each allocation, the chance that the guess was right: 0, 1, or 1/2 where it was a coin's."""
    lead, scores = 0, []
    for arm in arms:
        step = 1 if arm == "a" else -1
        scores.append(0.5 if lead == 0 else float((lead > 0) == (step < 0)))
        lead += step
    return scores


def share_of_right_guesses(size: int, blocks: int) -> tuple[float, float]:
    """(mean, Monte Carlo standard error) over blocks of many seeds."""
    rule = PermutedBlocks(("a", "b"), (1, 1), (size,))
    shares = []
    for number in range(blocks // 25):
        arms = [one.arm for one in sequence(rule, seed_of(("guess", size, number)), ["all"] * (25 * size))]
        scores = right_guesses(arms)
        shares += [sum(scores[at : at + size]) / size for at in range(0, len(scores), size)]
    mean = sum(shares) / len(shares)
    spread = math.sqrt(sum((one - mean) ** 2 for one in shares) / (len(shares) - 1))
    return mean, spread / math.sqrt(len(shares))


@pytest.mark.parametrize(("size", "exact"), [(2, 3 / 4), (4, 17 / 24), (6, 41 / 60)])
def test_the_convergence_strategy_guesses_no_better_and_no_worse_than_theory(size: int, exact: float) -> None:
    mean, error = share_of_right_guesses(size, blocks=3000)
    assert error < 0.006
    assert abs(mean - exact) <= 4 * error


def test_the_guesser_is_scored_as_the_theory_scores_them() -> None:
    assert right_guesses(list("aabb")) == [0.5, 0, 1, 1]
    assert right_guesses(list("abba")) == [0.5, 1, 0.5, 1]
    every = [sum(right_guesses(list(one))) / 4 for one in ("aabb", "abab", "abba", "baab", "baba", "bbaa")]
    assert sum(every) / 6 == pytest.approx(17 / 24)
