"""p-values adjusted for a family of comparisons."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust p-values for their number, in the order given, so that each can be held against the same alpha.

    The i-th smallest of m (i from 1) becomes the largest of (m - j + 1) p_j over j up to i, at most 1. Holds the
    family's type I error whatever the dependence. Holm S (1979), Scandinavian Journal of Statistics 6, 65-70.
    Raises ValueError for a value outside 0 to 1 (NaN included).
    """
    check_p_values(p_values)
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each])):
        largest = max(largest, (len(p_values) - rank) * p_values[index])
        adjusted[index] = min(largest, 1.0)
    return tuple(adjusted)


def hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust p-values as `holm` does, but from the largest down: never larger than Holm's, on a condition.

    The i-th smallest of m becomes the smallest of (m - j + 1) p_j over j from i on. Holds the family's type I error for
    independent tests and for some that depend positively (several outcomes of one trial that are all correlated
    positively), not always. Hochberg Y (1988), Biometrika 75, 800-802. Raises ValueError for a value outside 0 to 1.
    """
    check_p_values(p_values)
    adjusted = [1.0] * len(p_values)
    smallest = 1.0
    for above, index in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each], reverse=True)):
        smallest = min(smallest, (above + 1) * p_values[index])
        adjusted[index] = smallest
    return tuple(adjusted)


def fixed_sequence(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust p-values of hypotheses tested in the order given, each only once all before it are rejected.

    Each becomes the largest p-value up to it. Holds the family's type I error whatever the dependence, if the order was
    fixed beforehand. Maurer W, Hothorn LA, Lehmacher W (1995), in Vollmar J (ed.), Biometrie in der
    chemisch-pharmazeutischen Industrie 6. Raises ValueError for a value outside 0 to 1.
    """
    check_p_values(p_values)
    return tuple(max(p_values[: index + 1]) for index in range(len(p_values)))


def check_p_values(p_values: Sequence[float]) -> None:
    """ValueError unless all lie from 0 to 1."""
    if not all(0 <= p <= 1 for p in p_values):
        raise ValueError("a p-value lies between 0 and 1")
