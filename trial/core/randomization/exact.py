"""Chances as exact fractions, and as the whole numbers that a draw is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm


def chance(text: str) -> Fraction:
    """`0.8`, `4/5` or `1` as the fraction that it says."""
    return Fraction(text)


def whole(parts: Sequence[Fraction | int]) -> tuple[int, ...]:
    """The smallest whole numbers in the same proportions."""
    scale = lcm(*(Fraction(one).denominator for one in parts))
    numbers = [int(one * scale) for one in parts]
    common = gcd(*numbers) or 1
    return tuple(one // common for one in numbers)
