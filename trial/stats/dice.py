"""Random numbers for imputation that are the same on every machine and in every version: a keyed, counted stream."""

from __future__ import annotations

import hashlib
from math import prod

import numpy as np
from scipy import special

from trial.stats.arrays import FloatArray

_HALF, _STEP = 2.0**-54, 2.0**-53


class Dice:
    """Normal and chi-square deviates from the raw bits of Philox 4x64, keyed by the SHA-256 of `words`.

    NumPy promises the bits of a generator for good, and not what its own methods make of them, so the bits are turned
    here, by the inverse of the distribution function. Salmon JK, Moraes MA, Dror RO, Shaw DE (2011), Parallel random
    numbers: as easy as 1, 2, 3, SC11.
    """

    def __init__(self, *words: str) -> None:
        digest = hashlib.sha256("\0".join(words).encode()).digest()
        self._bits = np.random.Philox(key=int.from_bytes(digest[:16], "big"))

    def uniform(self, *shape: int) -> FloatArray:
        """Between 0 and 1, neither included."""
        raw = self._bits.random_raw(prod(shape)) >> np.uint64(11)
        return np.asarray(raw * _STEP + _HALF, dtype=np.float64).reshape(shape)

    def normal(self, *shape: int) -> FloatArray:
        """Standard normal."""
        return np.asarray(special.ndtri(self.uniform(*shape)))

    def chi_square(self, df: FloatArray, *shape: int) -> FloatArray:
        """Chi-square with degrees of freedom `df`, which broadcast over the shape."""
        return np.asarray(2 * special.gammaincinv(df / 2, self.uniform(*shape)))
