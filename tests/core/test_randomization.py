"""Allocation: balanced, replayable, equal to a committed list; and a seal that covers all it should.

golden_allocation.csv was drawn once by `sequences.BagOfPlaces`, the second reading of the rule, from
`seed_of("golden")`.
"""

from __future__ import annotations

import csv
import dataclasses
import json
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from tests.core.protocols import PROTOCOL, changed
from tests.core.sequences import THREE_ARMS, bag_sequence, seed_of, sequence
from trial.core.randomization import (
    STAGE,
    Decision,
    Kept,
    Last,
    PermutedBlocks,
    allocate,
    commitment,
    fits,
    record_of,
    rule_of,
    standing,
)

GOLDEN = Path(__file__).with_name("golden_allocation.csv")
TWO_ARMS = PermutedBlocks(("letter", "list"), (1, 1), (2, 4))
UNEQUAL = PermutedBlocks(("letter", "list"), (2, 1), (3, 6))
# strata in an order that leaves blocks unfinished in each of them
ARRIVALS = [("high", "low", "low", "middle/high")[(one * one + one // 7) % 4] for one in range(240)]

rules = st.builds(
    lambda ratios, parts: PermutedBlocks(
        tuple(f"arm_{n}" for n in range(len(ratios))),
        tuple(ratios),
        tuple(sorted({sum(ratios) * part for part in parts})),
    ),
    st.lists(st.integers(1, 4), min_size=2, max_size=5),
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
)


def replays(rule: PermutedBlocks, seed: bytes, kept: list[Decision]) -> bool:
    """Whether the kept decisions are what the seed, their order and their strata give."""
    return sequence(rule, seed, [one.stratum for one in kept]) == kept


@settings(max_examples=60, deadline=None)
@given(rules, st.binary(min_size=32, max_size=32))
def test_every_whole_block_holds_the_arms_in_their_ratio(rule: PermutedBlocks, seed: bytes) -> None:
    blocks: dict[int, list[str]] = {}
    for decision in sequence(rule, seed, ["all"] * 60):
        blocks.setdefault(decision.next_state["block"], []).append(decision.arm)
    assert list(blocks) == list(range(1, len(blocks) + 1))
    for block in list(blocks)[:-1]:
        counts = Counter(blocks[block])
        assert len(blocks[block]) in rule.sizes
        assert len({counts[arm] / ratio for arm, ratio in zip(rule.arms, rule.ratios, strict=True)}) == 1


@settings(max_examples=60, deadline=None)
@given(rules, st.binary(min_size=32, max_size=32))
def test_the_recorded_chances_sum_to_one_and_the_arm_given_had_one(rule: PermutedBlocks, seed: bytes) -> None:
    for decision in sequence(rule, seed, ["all"] * 30):
        assert sum(decision.probabilities.values()) == 1
        assert tuple(decision.probabilities) == rule.arms
        assert decision.probabilities[decision.arm] > 0


def test_at_the_start_of_a_block_each_arm_has_the_chance_of_its_ratio() -> None:
    first = allocate(UNEQUAL, seed_of(1), "t", STAGE, {}, 1, UNEQUAL.start())
    assert first.probabilities == {"letter": Fraction(2, 3), "list": Fraction(1, 3)}


def test_the_last_place_of_a_block_is_the_only_one_left() -> None:
    decisions = sequence(TWO_ARMS, seed_of(2), ["all"] * 40)
    last = [one for one in decisions if not any(one.next_state["left"])]
    assert len(last) > 8
    assert all(one.probabilities[one.arm] == 1 for one in last)


def test_an_unequal_ratio_is_kept_exactly_over_whole_blocks() -> None:
    arms = Counter(one.arm for one in sequence(UNEQUAL, seed_of("unequal"), ["all"] * 600))
    # at most one block of six is unfinished
    assert abs(arms["letter"] - 400) <= 2
    assert arms["letter"] + arms["list"] == 600


def test_the_committed_list_of_a_fixed_seed_is_drawn_again_to_the_letter() -> None:
    drawn = [
        (one.stratum, str(one.number), str(one.next_state["block"]), one.arm, one.draw)
        for one in sequence(THREE_ARMS, seed_of("golden"), ARRIVALS, trial="golden")
    ]
    with GOLDEN.open(newline="", encoding="utf-8") as file:
        kept = [tuple(row) for row in csv.reader(file)]
    assert kept[0] == ("stratum", "number", "block", "arm", "draw")
    assert drawn == kept[1:]


@settings(max_examples=25, deadline=None)
@given(rules, st.binary(min_size=32, max_size=32), st.lists(st.sampled_from(["a", "b/c", "é"]), max_size=60))
def test_a_second_reading_of_the_rule_gives_the_same_sequence(
    rule: PermutedBlocks, seed: bytes, strata: list[str]
) -> None:
    drawn = [(one.stratum, one.number, one.next_state["block"], one.arm) for one in sequence(rule, seed, strata)]
    assert drawn == bag_sequence(rule, seed, strata, "evening-trial")


def test_every_decision_is_replayed_from_the_seed_the_order_and_the_strata() -> None:
    assert replays(THREE_ARMS, seed_of("replay"), sequence(THREE_ARMS, seed_of("replay"), ARRIVALS))


def swapped(kept: list[Decision]) -> list[Decision]:
    """Two people of one stratum in each other's place in the order."""
    one, other = [place for place, decision in enumerate(kept) if decision.stratum == "high"][30:32]
    return [kept[{one: other, other: one}.get(place, place)] for place in range(len(kept))]


def with_80th(kept: list[Decision], **parts: Any) -> list[Decision]:
    return [*kept[:80], dataclasses.replace(kept[80], **parts), *kept[81:]]


TAMPERED: dict[str, Callable[[list[Decision]], list[Decision]]] = {
    "two people swapped": swapped,
    "one arm changed": lambda kept: with_80th(kept, arm="memory" if kept[80].arm != "memory" else "letter"),
    "one stratum changed": lambda kept: with_80th(kept, stratum="elsewhere"),
    "one draw changed": lambda kept: with_80th(kept, draw="0" * 64),
    "one chance changed": lambda kept: with_80th(
        kept, probabilities=dict.fromkeys(("letter", "optimism", "memory"), Fraction(1, 2))
    ),
    "one person left out": lambda kept: kept[:80] + kept[81:],
    "one person twice": lambda kept: kept[:80] + kept[79:],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_list_that_was_tampered_with_does_not_replay(how: str) -> None:
    decisions = sequence(THREE_ARMS, seed_of("replay"), ARRIVALS)
    assert not replays(THREE_ARMS, seed_of("replay"), TAMPERED[how](decisions))


def test_no_single_bit_of_the_seed_is_without_weight() -> None:
    seed = seed_of("bits")
    arms = [one.arm for one in sequence(THREE_ARMS, seed, ARRIVALS)]
    for bit in range(256):
        flipped = (int.from_bytes(seed, "big") ^ (1 << bit)).to_bytes(32, "big")
        assert [one.arm for one in sequence(THREE_ARMS, flipped, ARRIVALS[:120])] != arms[:120]


def test_trials_and_strata_of_one_seed_draw_apart() -> None:
    seed = seed_of("apart")
    by_stratum = [
        tuple(one.draw for one in sequence(TWO_ARMS, seed, [stratum] * 30, trial=trial))
        for trial in ("one", "two")
        for stratum in ("high", "low")
    ]
    assert len(set(by_stratum)) == 4


def test_each_declared_block_size_is_drawn_with_equal_chance() -> None:
    sizes = Counter(
        sum(one.next_state["left"]) + 1
        for number in range(3000)
        for one in sequence(THREE_ARMS, seed_of(("size", number)), ["all"])
    )
    assert set(sizes) == {3, 6, 9}
    assert chisquare(list(sizes.values())).pvalue > 0.001


def test_every_order_of_a_block_is_drawn_with_equal_chance() -> None:
    rule = PermutedBlocks(("a", "b"), (1, 1), (4,))
    orders = Counter(
        "".join(one.arm for one in sequence(rule, seed_of(("order", number)), ["all"] * 4)) for number in range(3000)
    )
    assert set(orders) == {"".join(one) for one in permutations("aabb")}
    assert chisquare(list(orders.values())).pvalue > 0.001


def test_the_rule_comes_from_the_protocol_in_the_order_of_its_arms() -> None:
    assert rule_of(PROTOCOL) == TWO_ARMS
    assert rule_of(changed(allocation={"method": "permuted_blocks", "block_sizes": [4, 2]})) == TWO_ARMS


def other_trials() -> dict[str, object]:
    arms = PROTOCOL.model_dump(by_alias=True)["arms"]
    allocation = PROTOCOL.model_dump(by_alias=True)["allocation"]
    levels = allocation["strata"][0]["levels"]
    moved = [levels[0] | {"when": "low_mood >= 6"}, levels[1]]
    return {
        "the protocol's id": changed(id="another-trial"),
        "the ratio": changed(arms=[arms[0] | {"ratio": 2}, arms[1]]),
        "the order of the arms": changed(arms=arms[::-1]),
        "the block sizes": changed(allocation=allocation | {"block_sizes": [4]}),
        "no strata": changed(allocation=allocation | {"strata": []}),
        "a stratum's rule": changed(allocation=allocation | {"strata": [allocation["strata"][0] | {"levels": moved}]}),
    }


@pytest.mark.parametrize("what", list(other_trials()))
def test_the_published_digest_changes_with(what: str) -> None:
    other = other_trials()[what]
    assert commitment(b"s" * 32, b"t" * 32, other) != commitment(b"s" * 32, b"t" * 32, PROTOCOL)  # type: ignore[arg-type]


def test_the_published_digest_changes_with_seed_and_salt_and_with_where_one_ends() -> None:
    digests = {
        commitment(seed, salt, PROTOCOL)
        for seed, salt in [(b"s" * 32, b"t" * 32), (b"s" * 31 + b"x", b"t" * 32), (b"s" * 32, b"x" + b"t" * 31)]
    }
    digests.add(commitment(b"s" * 32 + b"t", b"t" * 31, PROTOCOL))
    assert len(digests) == 4
    assert all(len(one) == 64 for one in digests)


def test_the_published_digest_does_not_change_with_the_words_of_a_page() -> None:
    other = changed(summary={"en": "Other words."})
    assert commitment(b"s" * 32, b"t" * 32, other) == commitment(b"s" * 32, b"t" * 32, PROTOCOL)


def test_a_record_on_file_fits_its_decision_and_no_other() -> None:
    one, other = sequence(THREE_ARMS, seed_of("record"), ["all"] * 2)
    kept = json.loads(json.dumps(record_of(one, "c" * 64)))
    assert fits(kept, one, "c" * 64)
    assert not fits(kept, one, "d" * 64)
    assert not fits(kept, other, "c" * 64)
    for key in kept:
        assert not fits({**kept, key: "something else"}, one, "c" * 64)
        assert not fits({name: value for name, value in kept.items() if name != key}, one, "c" * 64)


def test_a_record_from_before_the_other_methods_still_fits() -> None:
    first, second = sequence(TWO_ARMS, seed_of(7), ["all"] * 2)
    old = {
        "rule_version": "permuted-blocks-1",
        "block": 1,
        "state_seen": [],
        "probabilities": {"letter": 0.5, "list": 0.5},
        "draw": first.draw,
    }
    assert fits(old, first, "whatever rule is declared")
    assert not fits(old, second, "")
    assert not fits(old | {"probabilities": {"letter": 0.25, "list": 0.75}}, first, "")


def test_another_rule_begins_an_epoch_with_draws_of_its_own_and_numbers_that_go_on() -> None:
    kept, last = Kept(4, 1, {"block": 2, "left": [1, 0]}), Last(9, 1, "one")
    assert standing(TWO_ARMS, "one", None, None) == (1, TWO_ARMS.start(), 1)
    assert standing(TWO_ARMS, "one", None, last) == (1, TWO_ARMS.start(), 1)
    assert standing(TWO_ARMS, "one", kept, last) == (5, kept.state, 1)
    assert standing(TWO_ARMS, "two", kept, last) == (5, TWO_ARMS.start(), 2)
    drawn = {allocate(TWO_ARMS, seed_of(8), "t", STAGE, {}, 5, TWO_ARMS.start(), at).draw for at in (1, 2, 3)}
    assert len(drawn) == 3


def test_an_epoch_ends_for_every_stratum_at_once_also_for_one_that_nobody_came_to_meanwhile() -> None:
    kept = Kept(4, 1, {"block": 2, "left": [1, 0]})
    # two amendments: the second goes back to the first rule, and this stratum was not met between them
    assert standing(TWO_ARMS, "one", kept, Last(9, 2, "two")) == (5, TWO_ARMS.start(), 3)
    assert standing(TWO_ARMS, "one", None, Last(9, 2, "two")) == (1, TWO_ARMS.start(), 3)
    # an amendment that was taken back before anybody was allocated by it ends nothing
    assert standing(TWO_ARMS, "one", kept, Last(9, 1, "one")) == (5, kept.state, 1)
