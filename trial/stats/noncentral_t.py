"""The noncentral t distribution: its probability, and the noncentrality that gives a wanted probability."""

from __future__ import annotations

import math

from scipy import special

_HALVINGS = 200


def probability_below(t: float, df: float, ncp: float) -> float:
    """P(T <= t) for T = (Z + `ncp`) / sqrt(V / `df`), Z standard normal, V chi-square on `df`.

    By the series of `scipy.special.nctdtr`, which the tests hold against an integral.
    """
    probability = float(special.nctdtr(df, ncp, t))
    if math.isnan(probability):
        # The series fails only where the answer is 0 or 1 to the last digits (tests/stats, by quadrature).
        return 1.0 if ncp < t else 0.0
    return probability


def noncentrality(t: float, df: float, probability: float) -> float:
    """Solve P(T <= t; df, ncp) = probability for ncp by halving: the probability falls as ncp rises."""
    width = 1.0
    while probability_below(t, df, t - width) < probability or probability_below(t, df, t + width) > probability:
        width *= 2
    low, high = t - width, t + width
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if probability_below(t, df, middle) > probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2
