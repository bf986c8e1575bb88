"""Chance for pretend people, keyed by (seed, person, occasion): the same key gives the same number, in any order."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Dice:
    """The dice of one pretend person under one seed."""

    seed: int
    person: int

    def uniform(self, *occasion: object) -> float:
        """A number strictly between 0 and 1."""
        message = f"{self.seed}|{self.person}|{occasion}".encode()
        return (int.from_bytes(hashlib.blake2b(message, digest_size=7).digest(), "big") + 0.5) / 2**56

    def happens(self, probability: float, *occasion: object) -> bool:
        return self.uniform(*occasion) < probability

    def normal(self, *occasion: object) -> float:
        """A standard normal number."""
        return _NORMAL.inv_cdf(self.uniform(*occasion))

    def between(self, low: float, high: float, *occasion: object) -> float:
        return low + (high - low) * self.uniform(*occasion)

    def choice(self, values: Sequence[T], *occasion: object) -> T:
        return values[int(self.uniform(*occasion) * len(values))]


def secret_bytes(seed: int, purpose: str) -> bytes:
    """32 bytes of a rehearsal's chance (allocation seed, salt, code key), derived from `--seed`."""
    return hashlib.sha256(f"rehearsal|{seed}|{purpose}".encode()).digest()
