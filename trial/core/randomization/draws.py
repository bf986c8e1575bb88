"""Numbers of chance from a sealed seed, and what is picked with one. Integers only: no decision rests on a float."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass

BITS = 256


@dataclass(frozen=True, slots=True)
class Draws:
    """The numbers of one key (a stratum, or `all`) at one stage of one trial."""

    seed: bytes
    trial: str
    stage: str
    key: str

    def number(self, purpose: str, n: int) -> int:
        """HMAC-SHA256(seed, JSON of [purpose, trial, stage, key, n]) as a number below 2^256."""
        message = json.dumps([purpose, self.trial, self.stage, self.key, n], separators=(",", ":")).encode()
        return int.from_bytes(hmac.new(self.seed, message, hashlib.sha256).digest(), "big")


def pick(draw: int, weights: Sequence[int]) -> int:
    """The position that place floor(draw * sum / 2^256) falls into, where position k holds weights[k] places.

    Each place has the same chance up to sum / 2^256.
    """
    place = (draw * sum(weights)) >> BITS
    for position, count in enumerate(weights):
        if place < count:
            return position
        place -= count
    raise AssertionError("a place beyond the last")
