"""Every method of allocation: a table worked by hand, exact figures by enumeration, and what holds for all of them.

The figures for two arms and 100 people (the share of right guesses under the convergence strategy, the expected and
the standard deviation of the final difference) are computed here by exact dynamic programming over the rule's own
weights, and compared with those of an independent program kept among the project's references, with Blackwell and
Hodges' and Efron's limits where there are any.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.protocols import PROTOCOL, changed
from tests.core.sequences import decisions, seed_of
from trial.core.errors import RecruitmentClosed
from trial.core.randomization import (
    STAGE,
    BiasedCoin,
    BigStick,
    Listed,
    Minimisation,
    MinimisedFactor,
    PermutedBlocks,
    Rule,
    Simple,
    State,
    Urn,
    allocate,
    commitment,
    configuration_digest,
    rule_of,
)

TWO = ("a", "b")
THREE = ("a", "b", "c")
FACTORS = (MinimisedFactor("site", ("one", "two")), MinimisedFactor("sex", ("f", "m"), 2))
RULES: dict[str, Rule] = {
    "simple": Simple(THREE, (2, 1, 1)),
    "blocks": PermutedBlocks(THREE, (1, 1, 1), (3, 6)),
    "biased coin": BiasedCoin(TWO, Fraction(2, 3)),
    "big stick": BigStick(TWO, 3),
    "urn": Urn(THREE, 1, 2),
    "empty urn": Urn(TWO, 0, 1),
    "list": Listed(
        TWO,
        {
            (place, n): TWO[n % 2]
            for place in ("one/f", "one/m", "two/f", "two/m", "f/one", "m/one", "f/two", "m/two")
            for n in range(1, 999)
        },
    ),
    "minimisation by range": Minimisation(THREE, (1, 1, 1), FACTORS, "range", (Fraction(4, 5),)),
    "minimisation by variance": Minimisation(TWO, (2, 1), FACTORS, "variance", (Fraction(4, 5),), 1, 4),
    "minimisation by marginal balance": Minimisation(THREE, (1, 2, 3), FACTORS, "marginal_balance", (Fraction(9, 10),)),
    "minimisation by marginal sum": Minimisation(
        THREE, (1, 1, 1), FACTORS, "marginal_sum", (Fraction(7, 10), Fraction(1, 5), Fraction(1, 10)), 2
    ),
}
people = st.lists(st.fixed_dictionaries({"site": st.sampled_from(["one", "two"]), "sex": st.sampled_from("fm")}))
each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


@each_rule
@settings(max_examples=25, deadline=None)
@given(people=people, seed=st.binary(min_size=32, max_size=32))
def test_chances_sum_to_one_and_the_arm_given_had_one(rule: Rule, people: list[dict[str, str]], seed: bytes) -> None:
    for one in decisions(rule, seed, people):
        assert sum(one.probabilities.values()) == 1
        assert tuple(one.probabilities) == rule.arms
        assert one.probabilities[one.arm] > 0


@each_rule
def test_the_state_has_the_same_shape_after_ten_people_and_after_a_thousand(rule: Rule) -> None:
    arrivals = [{"site": ("one", "two")[n * n % 3 % 2], "sex": "fm"[n % 7 % 2]} for n in range(1000)]
    found = decisions(rule, seed_of("size"), arrivals)
    assert _places(found[-1].next_state) <= max(_places(one.next_state) for one in found[:10])


def _places(state: Any) -> int:
    """How many numbers a state holds."""
    if isinstance(state, Mapping):
        return sum(map(_places, state.values()))
    return sum(map(_places, state)) if isinstance(state, list) else 1


@each_rule
def test_every_decision_is_made_again_from_its_record_alone(rule: Rule) -> None:
    arrivals = [{"site": ("one", "two")[n % 3 % 2], "sex": "fm"[n % 2]} for n in range(60)]
    for one in decisions(rule, seed_of("again"), arrivals):
        state = json.loads(json.dumps(one.state_seen))
        again = allocate(rule, seed_of("again"), "evening-trial", STAGE, dict(one.levels), one.number, state)
        assert again == one


TABLE = [
    # rule, state, levels, weights in proportion
    ("simple 2:1:1", RULES["simple"], {}, {}, (2, 1, 1)),
    ("a block with two places of a and one of c left", RULES["blocks"], {"block": 1, "left": [2, 0, 1]}, {}, (2, 0, 1)),
    ("the coin in balance", RULES["biased coin"], {"lead": 0}, {}, (1, 1)),
    ("the coin with a ahead by 5", RULES["biased coin"], {"lead": 5}, {}, (1, 2)),
    ("the coin with a behind by 1", RULES["biased coin"], {"lead": -1}, {}, (2, 1)),
    ("the stick at 2 of 3", RULES["big stick"], {"lead": 2}, {}, (1, 1)),
    ("the stick at 3 of 3", RULES["big stick"], {"lead": 3}, {}, (0, 1)),
    ("the stick at -3", RULES["big stick"], {"lead": -3}, {}, (1, 0)),
    ("the list at its third entry", RULES["list"], {"taken": 2}, {"site": "one", "sex": "f"}, (0, 1)),
    ("the urn at first", RULES["urn"], {"had": [0, 0, 0]}, {}, (1, 1, 1)),
    # 1 + 2 (6 - n): 3 for the arm that had 5, 13 and 11 for 0 and 1
    ("the urn after 5, 0 and 1", RULES["urn"], {"had": [5, 0, 1]}, {}, (3, 13, 11)),
    ("the empty urn at first", RULES["empty urn"], {"had": [0, 0]}, {}, (1, 1)),
    ("the empty urn after one a", RULES["empty urn"], {"had": [1, 0]}, {}, (0, 1)),
]


@pytest.mark.parametrize(("what", "rule", "state", "levels", "weights"), TABLE, ids=[one[0] for one in TABLE])
def test_the_chances_worked_by_hand(
    what: str, rule: Rule, state: State, levels: dict[str, str], weights: tuple[int, ...]
) -> None:
    found = rule.weights(state, levels)
    assert [Fraction(one, sum(found)) for one in found] == [Fraction(one, sum(weights)) for one in weights]


def test_a_list_that_has_run_out_allocates_nobody() -> None:
    with pytest.raises(RecruitmentClosed, match="no further place"):
        RULES["list"].weights({"taken": 998}, {"site": "one", "sex": "f"})


def minimised(imbalance: str, **parts: Any) -> Minimisation:
    """The trial of Lim and In's table: two arms, three factors, the arm that is better certain unless said."""
    factors = tuple(MinimisedFactor(one, ("mine", "other")) for one in ("site", "sex", "age"))
    given = {"ratios": (1, 1), "probabilities": (Fraction(1),)} | parts
    return Minimisation(("control", "treatment"), factors=factors, imbalance=imbalance, **given)


MINE = {"site": "mine", "sex": "mine", "age": "mine"}


def state_of(counts: list[tuple[int, ...]], factors: tuple[str, ...] = ("site", "sex", "age")) -> State:
    """Counts of the arms at the person's own levels, and at the others none."""
    width = len(counts[0])
    had = [sum(row[arm] for row in counts[:1]) for arm in range(width)]
    at = {f: {"mine": list(row), "other": [0] * width} for f, row in zip(factors, counts, strict=True)}
    return {"had": had, "at": at}


def test_the_published_example_of_lim_and_in_is_reproduced() -> None:
    """Korean J Anesthesiol 2019;72:221, Table 4: control 3, 3, 3 and treatment 5, 3, 3; range sums 3 and 5."""
    state = state_of([(3, 5), (3, 3), (3, 3)])
    assert minimised("range").scores(state, MINE) == [3, 5]
    # the sample variances sum to 1.5 and 5.5; our unit is K (K - 1) = 2 of them
    assert minimised("variance").scores(state, MINE) == [2 * Fraction(3, 2), 2 * Fraction(11, 2)]
    assert minimised("marginal_sum").scores(state, MINE) == [12, 14]
    for imbalance in ("range", "variance", "marginal_balance", "marginal_sum"):
        assert minimised(imbalance).weights(state, MINE) == (1, 0)
    assert minimised("range", probabilities=(Fraction(4, 5),)).weights(state, MINE) == (4, 1)


def test_criteria_that_disagree_are_told_apart() -> None:
    """30, 18, 9, 19 people alike in one arm and 31, 17, 8, 21 in the other: by range a tie, by variance none."""
    names = ("a", "b", "c", "d")
    factors = tuple(MinimisedFactor(one, ("mine", "other")) for one in names)
    state = state_of([(30, 31), (18, 17), (9, 8), (19, 21)], names)
    levels = dict.fromkeys(names, "mine")
    found = {
        imbalance: Minimisation(TWO, (1, 1), factors, imbalance, (Fraction(1),)).weights(state, levels)
        for imbalance in ("range", "variance", "marginal_sum")
    }
    assert found == {"range": (1, 1), "variance": (1, 0), "marginal_sum": (1, 0)}


def test_marginal_balance_worked_by_hand() -> None:
    """Three arms with 2, 1, 0 people alike; the pairs' differences over twice the sum."""
    rule = Minimisation(
        THREE, (1, 1, 1), (MinimisedFactor("site", ("mine", "other")),), "marginal_balance", (Fraction(1),)
    )
    state = state_of([(2, 1, 0)], ("site",))
    # 3,1,0: (2+3+1)/8; 2,2,0: (0+2+2)/8; 2,1,1: (1+1+0)/8
    assert rule.scores(state, {"site": "mine"}) == [Fraction(6, 8), Fraction(4, 8), Fraction(2, 8)]
    assert rule.weights(state, {"site": "mine"}) == (0, 0, 1)


def test_weights_the_overall_term_and_the_simple_start_count_as_declared() -> None:
    factors = (MinimisedFactor("site", ("mine", "other"), 3), MinimisedFactor("sex", ("mine", "other")))
    levels = {"site": "mine", "sex": "mine"}
    state: State = {
        "had": [6, 4],
        "at": {"site": {"mine": [1, 3], "other": [5, 1]}, "sex": {"mine": [5, 1], "other": [1, 3]}},
    }
    rule = Minimisation(TWO, (1, 1), factors, "range", (Fraction(4, 5),))
    assert rule.scores(state, levels) == [3 * 1 + 5, 3 * 3 + 3]
    heavy = Minimisation(TWO, (1, 1), factors, "range", (Fraction(4, 5),), overall_weight=10)
    assert heavy.scores(state, levels) == [8 + 10 * 3, 12 + 10 * 1]
    assert (rule.weights(state, levels), heavy.weights(state, levels)) == ((4, 1), (1, 4))
    assert Minimisation(TWO, (1, 1), factors, "range", (Fraction(4, 5),), 0, 11).weights(state, levels) == (1, 1)
    assert Minimisation(TWO, (1, 1), factors, "range", (Fraction(4, 5),), 0, 10).weights(state, levels) == (4, 1)


@pytest.mark.parametrize(
    ("counts", "weights"),
    [
        ((0, 1, 2), (7, 2, 1)),
        ((2, 1, 0), (1, 2, 7)),
        ((0, 0, 2), (9, 9, 2)),  # the first two ranks tie: (.7 + .2)/2 each
        ((0, 2, 2), (14, 3, 3)),
        ((1, 1, 1), (1, 1, 1)),
    ],
)
def test_ranks_have_their_chances_and_ties_share_them(counts: tuple[int, ...], weights: tuple[int, ...]) -> None:
    chances = (Fraction(7, 10), Fraction(1, 5), Fraction(1, 10))
    rule = Minimisation(THREE, (1, 1, 1), (MinimisedFactor("site", ("mine", "other")),), "marginal_sum", chances)
    assert rule.weights(state_of([counts], ("site",)), {"site": "mine"}) == weights


def test_one_probability_leaves_the_rest_to_the_others_and_ties_are_a_coin() -> None:
    rule = Minimisation(THREE, (1, 1, 1), (MinimisedFactor("site", ("mine", "other")),), "range", (Fraction(4, 5),))
    assert rule.weights(state_of([(0, 1, 1)], ("site",)), {"site": "mine"}) == (8, 1, 1)
    assert rule.weights(state_of([(0, 0, 1)], ("site",)), {"site": "mine"}) == (9, 9, 2)


def test_an_unequal_ratio_has_the_chances_of_han_enas_and_mcentegart() -> None:
    """Ratio 1:2, p = .8 for the first: an arm of ratio 2 that is preferred has 1 - (1/2)(.2) = .9; each keeps 1:2."""
    rule = Minimisation(TWO, (1, 2), (MinimisedFactor("site", ("mine", "other")),), "range", (Fraction(4, 5),))
    one, two = (rule.weights(state_of([counts], ("site",)), {"site": "mine"}) for counts in ((0, 2), (1, 0)))
    assert (one, two) == ((4, 1), (1, 9))
    # preferred as often as the ratio says (1/3, 2/3), each is allocated as often as the ratio says
    assert Fraction(1, 3) * Fraction(4, 5) + Fraction(2, 3) * Fraction(1, 10) == Fraction(1, 3)
    # counts are divided by the ratio: 1 and 2 are in balance, and the tie goes by the ratio
    assert Minimisation(TWO, (1, 2), rule.factors, "marginal_sum", (Fraction(4, 5),)).scores(
        state_of([(1, 2)], ("site",)), {"site": "mine"}
    ) == [4, 3]


@settings(max_examples=60, deadline=None)
@given(ratios=st.lists(st.integers(1, 5), min_size=2, max_size=5), extra=st.integers(1, 9))
def test_arms_preferred_as_often_as_their_ratio_says_are_allocated_as_often(ratios: list[int], extra: int) -> None:
    from trial.core.randomization.preferring import favouring

    total = sum(ratios)
    fair = Fraction(min(ratios), total)
    p = fair + (1 - fair) * Fraction(extra, 10)
    got = [Fraction(0)] * len(ratios)
    for preferred, ratio in enumerate(ratios):
        found = favouring(tuple(ratios), p, (preferred,))
        for place, one in enumerate(found):
            got[place] += Fraction(ratio, total) * Fraction(one, sum(found))
    assert got == [Fraction(one, total) for one in ratios]
    everyone = favouring(tuple(ratios), p, tuple(range(len(ratios))))
    assert [Fraction(one, sum(everyone)) for one in everyone] == [Fraction(one, total) for one in ratios]


def exactly(rule: Rule, people: int) -> tuple[float, float, float]:
    """(share of right guesses, E|D|, sd of D) for two arms by enumeration of the states, as fractions until the end."""
    at: dict[tuple[str, int], Fraction] = {(json.dumps(dict(rule.start())), 0): Fraction(1)}
    right = Fraction(0)
    for _ in range(people):
        after: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
        for (kept, lead), mass in at.items():
            state = rule.ready(json.loads(kept), _NO_DRAWS)  # type: ignore[arg-type]
            weights = rule.weights(state, {})
            total = sum(weights)
            behind = weights[0] if lead < 0 else weights[1]
            right += mass * (Fraction(1, 2) if lead == 0 else Fraction(behind, total))
            for chosen, weight in enumerate(weights):
                if weight:
                    key = (json.dumps(dict(rule.after(state, {}, chosen))), lead + (1 if chosen == 0 else -1))
                    after[key] += mass * Fraction(weight, total)
        at = after
    mean = sum((abs(lead) * mass for (_, lead), mass in at.items()), Fraction(0))
    square = sum((lead * lead * mass for (_, lead), mass in at.items()), Fraction(0))
    return float(right / people), float(mean), math.sqrt(square)


class _NoDraws:
    """Blocks of one size need no draw."""

    def number(self, purpose: str, n: int) -> int:
        return 0


_NO_DRAWS = _NoDraws()
EXACT: list[tuple[str, Rule, tuple[float, float, float]]] = [
    ("simple", Simple(TWO, (1, 1)), (0.5, 7.95892374, 10)),
    ("blocks of 2", PermutedBlocks(TWO, (1, 1), (2,)), (0.75, 0, 0)),
    ("blocks of 4", PermutedBlocks(TWO, (1, 1), (4,)), (0.70833333, 0, 0)),
    ("biased coin 2/3", BiasedCoin(TWO, Fraction(2, 3)), (0.62333347, 1.33322483, 2.10793843)),
    ("big stick 2", BigStick(TWO, 2), (0.6225, 1, 1.41421356)),
    ("big stick 3", BigStick(TWO, 3), (0.58111111, 1.33333333, 1.63299316)),
    ("urn 0, 1", Urn(TWO, 0, 1), (0.54343786, 4.56262146, 5.77350269)),
    ("urn 1, 1", Urn(TWO, 1, 1), (0.53889643, 4.60889649, 5.83095189)),
]


@pytest.mark.parametrize(("what", "rule", "figures"), EXACT, ids=[one[0] for one in EXACT])
def test_guesses_and_imbalance_of_100_people_are_the_exact_ones(
    what: str, rule: Rule, figures: tuple[float, float, float]
) -> None:
    assert exactly(rule, 100) == pytest.approx(figures, abs=5e-9)


def test_twelve_people_and_one_block_of_twelve_agree_with_the_figures_and_the_closed_form() -> None:
    assert exactly(BiasedCoin(TWO, Fraction(2, 3)), 12)[0] == pytest.approx(0.61263456, abs=5e-9)
    assert exactly(BigStick(TWO, 3), 12)[0] == pytest.approx(0.56481934, abs=5e-9)
    assert exactly(Urn(TWO, 0, 1), 12)[0] == pytest.approx(0.61092871, abs=5e-9)
    assert exactly(Simple(TWO, (1, 1)), 12)[1] == 2.70703125
    # Blackwell and Hodges: n/2 + 2^(n-1)/C(n, n/2) - 1/2 right guesses for the random allocation rule
    closed = (12 / 2 + 2**11 / math.comb(12, 6) - 0.5) / 12
    assert exactly(PermutedBlocks(TWO, (1, 1), (12,)), 12)[0] == pytest.approx(closed, abs=1e-12)


@pytest.mark.parametrize(("people", "guessed", "spread"), [(20, 0.633, 1.731), (80, 0.640, 1.760), (300, 0.642, 1.783)])
def test_efrons_coin_agrees_with_a_published_simulation(people: int, guessed: float, spread: float) -> None:
    """Pharm Stat 2012;11:39-48, Table III, p = 0.7, 5,000 simulated trials each: 4 Monte Carlo errors and rounding."""
    share, _, sd = exactly(BiasedCoin(TWO, Fraction(7, 10)), people)
    assert share == pytest.approx(guessed, abs=4 * math.sqrt(0.25 / people / 5000) + 0.0005)
    assert sd == pytest.approx(spread, abs=4 * spread / math.sqrt(2 * 5000) + 0.0005)


def test_minimisation_over_one_factor_of_one_level_is_efrons_coin() -> None:
    """Two arms, everybody alike, range: in balance a coin, else p for the arm behind."""
    rule = Minimisation(TWO, (1, 1), (MinimisedFactor("all", ("one", "none")),), "range", (Fraction(2, 3),))
    coin = BiasedCoin(TWO, Fraction(2, 3))
    for first in range(6):
        for second in range(6):
            state = {"had": [first, second], "at": {"all": {"one": [first, second], "none": [0, 0]}}}
            found = rule.weights(state, {"all": "one"})
            assert found == coin.weights({"lead": first - second}, {})


SAID: dict[str, dict[str, Any]] = {
    "simple": {"method": "simple"},
    "big stick": {"method": "big_stick", "largest_imbalance": 3},
    "biased coin": {"method": "biased_coin", "probability": "2/3"},
    "urn": {"method": "urn", "urn": {"start": 1, "added": 1}},
    "minimisation": {"method": "minimisation", "imbalance": "range", "probability": 0.8, "first_simple": 4},
}


@pytest.mark.parametrize("name", SAID)
def test_a_protocol_declares_the_method_and_its_digest_covers_every_parameter(name: str) -> None:
    strata = PROTOCOL.model_dump(by_alias=True)["allocation"]["strata"]
    said = SAID[name] | {"strata": strata}
    protocol = changed(allocation=said)
    assert rule_of(protocol).version == name.replace(" ", "-") + "-1"
    others = [
        {"method": "biased_coin", "probability": "3/4"},
        {"method": "big_stick", "largest_imbalance": 4},
        {"method": "urn", "urn": {"start": 1, "added": 2}},
        SAID["minimisation"] | {"imbalance": "variance"},
        SAID["minimisation"] | {"probability": "0.75"},
        SAID["minimisation"] | {"first_simple": 5},
        SAID["minimisation"] | {"overall_weight": 1},
        SAID["minimisation"] | {"weights": {strata[0]["id"]: 2}},
        *SAID.values(),
    ]
    protocols = [changed(allocation=one | {"strata": strata}) for one in others]
    assert len({configuration_digest(one) for one in protocols}) == len(protocols)
    assert len({commitment(b"s" * 32, b"t" * 32, one) for one in protocols}) == len(protocols)


def test_a_chance_is_the_number_that_was_written() -> None:
    strata = PROTOCOL.model_dump(by_alias=True)["allocation"]["strata"]
    for written in (0.8, "0.8", "4/5"):
        protocol = changed(allocation=SAID["minimisation"] | {"probability": written, "strata": strata})
        rule = rule_of(protocol)
        assert isinstance(rule, Minimisation) and rule.probabilities == (Fraction(4, 5),)
