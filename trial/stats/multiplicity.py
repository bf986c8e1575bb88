"""p-values adjusted for a family of comparisons."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust p-values for their number, in the order given, so that each can be held against the same alpha.

    The i-th smallest of m (i from 1) becomes the largest of (m - j + 1) p_j over j up to i, at most 1. Holds the
    family's type I error whatever the dependence. Holm S (1979), Scandinavian Journal of Statistics 6, 65-70.
    Raises ValueError for a value outside 0 to 1 (NaN included).
    """
    if not all(0 <= p <= 1 for p in p_values):
        raise ValueError("a p-value lies between 0 and 1")
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each])):
        largest = max(largest, (len(p_values) - rank) * p_values[index])
        adjusted[index] = min(largest, 1.0)
    return tuple(adjusted)
