"""Allocation sequences for the tests, and a second reading of the rule to check them against."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from trial.core.randomization import STAGE, Decision, PermutedBlocks, Rule, State, allocate

THREE_ARMS = PermutedBlocks(("letter", "optimism", "memory"), (1, 1, 1), (3, 6, 9))


def seed_of(name: object) -> bytes:
    """32 fixed bytes for a name."""
    return hashlib.sha256(f"a seed for tests: {name}".encode()).digest()


def sequence(rule: Rule, seed: bytes, strata: Iterable[str], trial: str = "evening-trial") -> list[Decision]:
    """The decisions for people of these strata, in the order of arrival."""
    return decisions(rule, seed, ({"stratum": one} for one in strata), trial)


def decisions(
    rule: Rule, seed: bytes, people: Iterable[Mapping[str, str]], trial: str = "evening-trial"
) -> list[Decision]:
    """The decisions for people of these levels, in the order of arrival."""
    states: dict[str, tuple[int, State]] = {}
    found = []
    for levels in people:
        number, state = states.get(rule.key(levels), (0, rule.start()))
        decision = allocate(rule, seed, trial, STAGE, levels, number + 1, state)
        states[decision.stratum] = (decision.number, decision.next_state)
        found.append(decision)
    return found


@dataclass
class BagOfPlaces:
    """The rule as its docstring says it, with a list of places: written apart from `trial.core.randomization`."""

    rule: PermutedBlocks
    seed: bytes
    trial: str
    stratum: str
    number: int = 0
    block: int = 0
    places: list[str] = field(default_factory=list)

    def _fraction(self, purpose: str, number: int) -> int:
        message = json.dumps([purpose, self.trial, "main", self.stratum, number], separators=(",", ":"))
        return int(hmac.new(self.seed, message.encode(), hashlib.sha256).hexdigest(), 16)

    def draw(self) -> tuple[str, int]:
        """Arm and block of the next person."""
        if not self.places:
            self.block += 1
            size = self.rule.sizes[self._fraction("size", self.block) * len(self.rule.sizes) // 2**256]
            share = size // sum(self.rule.ratios)
            self.places = [
                arm for arm, ratio in zip(self.rule.arms, self.rule.ratios, strict=True) for _ in range(ratio * share)
            ]
        self.number += 1
        return self.places.pop(self._fraction("draw", self.number) * len(self.places) // 2**256), self.block


def bag_sequence(
    rule: PermutedBlocks, seed: bytes, strata: Iterable[str], trial: str
) -> list[tuple[str, int, int, str]]:
    """(stratum, number, block, arm) for people of these strata, by the second reading."""
    bags: dict[str, BagOfPlaces] = {}
    found = []
    for stratum in strata:
        bag = bags.setdefault(stratum, BagOfPlaces(rule, seed, trial, stratum))
        arm, block = bag.draw()
        found.append((stratum, bag.number, block, arm))
    return found
