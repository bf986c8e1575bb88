"""Allocation sequences for the tests, and a second reading of the rule to check them against."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from trial.core.randomization import BlockRule, BlockState, Decision, allocate

THREE_ARMS = BlockRule((("letter", 1), ("optimism", 1), ("memory", 1)), (3, 6, 9))


def seed_of(name: object) -> bytes:
    """32 fixed bytes for a name."""
    return hashlib.sha256(f"a seed for tests: {name}".encode()).digest()


def sequence(rule: BlockRule, seed: bytes, strata: Iterable[str], trial: str = "evening-trial") -> list[Decision]:
    """The decisions for people of these strata, in the order of arrival."""
    states: dict[str, BlockState] = {}
    decisions = []
    for stratum in strata:
        decision = allocate(rule, seed, trial, stratum, states.get(stratum, BlockState()))
        states[stratum] = decision.next_state
        decisions.append(decision)
    return decisions


@dataclass
class Urn:
    """The rule as its docstring says it, with a list of places: written apart from `trial.core.randomization`."""

    rule: BlockRule
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
            share = size // sum(ratio for _, ratio in self.rule.arms)
            self.places = [arm for arm, ratio in self.rule.arms for _ in range(ratio * share)]
        self.number += 1
        return self.places.pop(self._fraction("draw", self.number) * len(self.places) // 2**256), self.block


def urn_sequence(rule: BlockRule, seed: bytes, strata: Iterable[str], trial: str) -> list[tuple[str, int, int, str]]:
    """(stratum, number, block, arm) for people of these strata, by the second reading."""
    urns: dict[str, Urn] = {}
    found = []
    for stratum in strata:
        urn = urns.setdefault(stratum, Urn(rule, seed, trial, stratum))
        arm, block = urn.draw()
        found.append((stratum, urn.number, block, arm))
    return found
