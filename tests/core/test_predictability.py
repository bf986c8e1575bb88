"""How well the next allocation can be guessed: by somebody blinded no better than by a coin, by somebody who is told
every arm so far no better than the design's own exact rate. Real sequences of the core, each method, many seeds.

Convergence guesses the arm that has had fewer people, direction the arm that the last person did not get; where a
strategy has no opinion, any guess is right with chance 1/2. The exact rates come from enumeration (`test_methods`),
those of convergence agree with independent figures and closed forms there.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache

import pytest

from tests.core.sequences import decisions, seed_of
from tests.core.test_methods import _NO_DRAWS, EXACT, RULES, TWO
from trial.core.randomization import Decision, PermutedBlocks, Rule

PEOPLE, TRIALS = 100, 150
# what a strategy says of the next arm once it knows the arms so far; None where it has no opinion
Strategy = Callable[[Sequence[str]], str | None]


def convergence(told: Sequence[str]) -> str | None:
    """The arm that has had fewer so far."""
    had = [told.count(arm) for arm in TWO]
    return None if had[0] == had[1] else TWO[had.index(min(had))]


def direction(told: Sequence[str]) -> str | None:
    """The arm that the last person did not get."""
    return TWO[1 - TWO.index(told[-1])] if told else None


STRATEGIES: dict[str, Strategy] = {"convergence": convergence, "direction": direction}


@cache
def trials(what: str) -> list[list[Decision]]:
    """Real sequences of one design, each from a seed of its own."""
    rule = next(one for name, one, _ in EXACT if name == what)
    return [decisions(rule, seed_of(("guess", what, n)), [{}] * PEOPLE) for n in range(TRIALS)]


def scores(arms: Sequence[str], strategy: Strategy) -> list[float]:
    """For each allocation the chance that the guess was right: 0, 1, or 1/2 where it was a coin's."""
    found = []
    for at, arm in enumerate(arms):
        guess = strategy(arms[:at])
        found.append(0.5 if guess is None else float(guess == arm))
    return found


def mean_and_error(shares: Sequence[float]) -> tuple[float, float]:
    """The mean, and its Monte Carlo standard error."""
    mean = sum(shares) / len(shares)
    spread = math.sqrt(sum((one - mean) ** 2 for one in shares) / (len(shares) - 1))
    return mean, spread / math.sqrt(len(shares))


def exact_rate(rule: Rule, strategy: Strategy, people: int) -> float:
    """The expected share of right guesses, over every state of the rule and all that these strategies look at."""
    at: dict[tuple[str, int, str], Fraction] = {(json.dumps(dict(rule.start())), 0, ""): Fraction(1)}
    right = Fraction(0)
    for _ in range(people):
        after: dict[tuple[str, int, str], Fraction] = defaultdict(Fraction)
        for (kept, lead, last), mass in at.items():
            state = rule.ready(json.loads(kept), _NO_DRAWS)  # type: ignore[arg-type]
            weights = rule.weights(state, {})
            guess = strategy(_history(lead, last))
            chance = Fraction(1, 2) if guess is None else Fraction(weights[TWO.index(guess)], sum(weights))
            right += mass * chance
            for chosen, weight in enumerate(weights):
                if weight:
                    key = json.dumps(dict(rule.after(state, {}, chosen))), lead + (1, -1)[chosen], TWO[chosen]
                    after[key] += mass * Fraction(weight, sum(weights))
        at = after
    return float(right / people)


def _history(lead: int, last: str) -> list[str]:
    """The shortest list of arms with this lead of the first over the second and this last one."""
    if not last:
        return []
    before = lead - (1 if last == TWO[0] else -1)
    return [TWO[0] if before > 0 else TWO[1]] * abs(before) + [last]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(("what", "rule", "figures"), EXACT, ids=[one[0] for one in EXACT])
def test_who_is_told_every_arm_so_far_guesses_no_better_and_no_worse_than_theory(
    what: str, rule: Rule, figures: tuple[float, float, float], strategy: str
) -> None:
    exact = exact_rate(rule, STRATEGIES[strategy], PEOPLE)
    if strategy == "convergence":
        assert exact == pytest.approx(figures[0], abs=5e-9)
    found = [scores([one.arm for one in trial], STRATEGIES[strategy]) for trial in trials(what)]
    mean, error = mean_and_error([sum(one) / PEOPLE for one in found])
    assert error < 0.006
    assert abs(mean - exact) <= 4 * error + 1e-12, (mean, exact, error)


# what somebody can guess from who knows that people come in, in which order, and nothing of their arms
BLIND: dict[str, Callable[[int], str]] = {
    "always the first": lambda at: TWO[0],
    "in turn": lambda at: TWO[at % 2],
    "two and two": lambda at: TWO[at // 2 % 2],
    "blocks of four": lambda at: "abba"[at % 4],
    "half and half": lambda at: TWO[at >= PEOPLE // 2],
}


@pytest.mark.parametrize("what", [one[0] for one in EXACT])
def test_who_is_told_no_arm_guesses_no_better_than_a_coin(what: str) -> None:
    """The same strategies have nothing to count; and any other order of guesses is as good."""
    assert [strategy([]) for strategy in STRATEGIES.values()] == [None, None]
    for name, guess in BLIND.items():
        mean, error = mean_and_error(
            [sum(guess(at) == one.arm for at, one in enumerate(trial)) / PEOPLE for trial in trials(what)]
        )
        assert error < 0.006
        assert abs(mean - 0.5) <= 4 * error + 1e-12, (name, mean, error)


def test_the_control_who_knows_where_blocks_begin_sees_that_a_sequence_in_turn_is_none() -> None:
    """A sequence that is no draw is found out by the same comparison."""
    arms = [TWO[at % 2] for at in range(PEOPLE)]
    assert sum(BLIND["in turn"](at) == arm for at, arm in enumerate(arms)) == PEOPLE
    assert sum(scores(arms, convergence)) / PEOPLE == 0.75 and sum(scores(arms, direction)) / PEOPLE == 0.995


@pytest.mark.parametrize("what", [one for one in RULES if one != "list"])
def test_nobody_is_right_more_often_than_the_chances_on_record_say(what: str) -> None:
    """Any design, strata and all: the guess of the likeliest arm, by one who knows rule, state and levels, is right as
    often as the chances add up to; what is left is a sum of independent surprises with a known spread."""
    rule = RULES[what]
    arrivals = [{"site": ("one", "two")[n * n % 3 % 2], "sex": "fm"[n % 7 % 2]} for n in range(PEOPLE)]
    surprise = spread = 0.0
    for n in range(40):
        for one in decisions(rule, seed_of(("surprise", what, n)), arrivals):
            guess, chance = max(one.probabilities.items(), key=lambda each: each[1])
            surprise += (guess == one.arm) - float(chance)
            spread += float(chance * (1 - chance))
    assert spread > 0
    assert abs(surprise) <= 4 * math.sqrt(spread), (surprise, math.sqrt(spread))


def test_the_guesser_is_scored_as_the_theory_scores_them() -> None:
    assert scores("aabb", convergence) == [0.5, 0, 1, 1]
    assert scores("abba", convergence) == [0.5, 1, 0.5, 1]
    assert scores("abba", direction) == [0.5, 1, 0, 1]
    every = [sum(scores(one, convergence)) / 4 for one in ("aabb", "abab", "abba", "baab", "baba", "bbaa")]
    assert sum(every) / 6 == pytest.approx(17 / 24)
    # of the six orders of a block of four, a change follows a first person in 2/3; by hand over all their steps
    assert exact_rate(PermutedBlocks(TWO, (1, 1), (2,)), direction, 2) == pytest.approx(0.75)
