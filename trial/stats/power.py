"""Power and size of a trial whose primary analysis compares the means of two arms, with or without a baseline."""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy import special

from trial.stats.noncentral_t import probability_below

_FEWEST = 2
_MOST = 100_000_000
_LARGEST_EFFECT = 1000.0
_HALVINGS = 200


def two_sample_power(
    d: float, n1: float, n2: float, alpha: float = 0.05, *, r: float = 0.0, covariates: int = 0
) -> float:
    """The chance that a two-sided t-test at `alpha` finds a true standardised difference `d` between two arms.

    `d` is in units of the outcome's standard deviation, `n1` and `n2` are those analysed. With the outcome correlated
    `r` with what the analysis adjusts for, ncp = d / sqrt(1 - r^2) sqrt(n1 n2 / (n1 + n2)) and
    df = n1 + n2 - 2 - `covariates`; the power is the noncentral t's mass in both tails. Without covariates this is R's
    power.t.test(strict = TRUE). Equal variances and a linear covariate are assumed. Raises ValueError for fewer than
    two in an arm, |r| of 1 or more, an alpha outside 0 to 1, or covariates that leave no degree of freedom.
    """
    sizes = _FEWEST <= n1 <= _MOST and _FEWEST <= n2 <= _MOST
    if not (math.isfinite(d) and -1 < r < 1 and 0 < alpha < 1 and sizes):
        raise ValueError("needs a finite d, r within -1 to 1, alpha within 0 to 1, and at least two per arm")
    df = n1 + n2 - 2 - covariates
    if not (covariates >= 0 and df > 0):
        raise ValueError("the covariates leave no degree of freedom: needs more participants")
    return t_power(abs(d) / math.sqrt(1 - r * r) * math.sqrt(n1 * n2 / (n1 + n2)), df, alpha)


def t_power(ncp: float, df: float, alpha: float = 0.05) -> float:
    """The chance that a two-sided t-test at `alpha` rejects: the mass of a noncentral t in both tails.

    `ncp` is the true difference over its standard error, `df` above 0 are the degrees of freedom of that error.
    """
    critical = float(special.stdtrit(df, 1 - alpha / 2))
    # The upper tail as the mirrored lower one: 1 - P loses digits where P is near 1.
    upper = probability_below(-critical, df, -abs(ncp))
    lower = probability_below(-critical, df, abs(ncp))
    return min(1.0, upper + lower)


def two_sample_size(
    d: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    ratio: float = 1.0,
    r: float = 0.0,
    covariates: int = 0,
) -> float:
    """The number in the first arm, not rounded, for `two_sample_power` to be `power`; the other has `ratio` times it.

    Raises ValueError when `d` is zero, `power` is not between `alpha` and 1, or no feasible number reaches it.
    """
    if not (ratio > 0 and math.isfinite(ratio)):
        raise ValueError("the ratio of the arms is a number above 0")
    if d == 0 or not alpha < power < 1:
        raise ValueError("needs a difference other than zero and a power between alpha and 1")
    fewest = max(_FEWEST, (_FEWEST + covariates + 1) / (1 + ratio), _FEWEST / ratio)
    return rises_to(
        power, lambda n: two_sample_power(d, n, ratio * n, alpha, r=r, covariates=covariates), fewest, _MOST
    )


def two_sample_effect(
    n1: float, n2: float, *, power: float = 0.8, alpha: float = 0.05, r: float = 0.0, covariates: int = 0
) -> float:
    """The standardised difference that a trial of this size finds with this power: what it can detect.

    Raises ValueError as `two_sample_power` does, and when `power` is not between `alpha` and 1.
    """
    if not alpha < power < 1:
        raise ValueError("needs a power between alpha and 1")
    return rises_to(
        power,
        lambda d: two_sample_power(d, n1, n2, alpha, r=r, covariates=covariates),
        0.0,
        _LARGEST_EFFECT,
    )


def ancova_power(d: float, r: float, n_per_arm: float, alpha: float = 0.05) -> float:
    """The chance that a two-sided test at `alpha` between two arms finds a true standardised difference `d`.

    `d` is in units of the outcome's standard deviation, `r` its correlation with the baseline, `n_per_arm` those
    analysed in each arm (for unequal arms `two_sample_power` with one covariate). With
    ncp = d / sqrt(1 - r^2) sqrt(n / 2) and df = 2n - 3, the power is the noncentral t's mass in both tails. The
    variance factor 1 - r^2 is that of Borm GF et al. (2007), Journal of Clinical Epidemiology 60, 1234. Equal variances
    and a linear baseline are assumed. Raises ValueError for fewer than two per arm, |r| of 1 or more, or an alpha
    outside 0 to 1.
    """
    return two_sample_power(d, n_per_arm, n_per_arm, alpha, r=r, covariates=1)


def ancova_sample_size(d: float, r: float, *, power: float = 0.8, alpha: float = 0.05) -> int:
    """The fewest analysed participants per arm with which `ancova_power` reaches `power`.

    Raises ValueError when `d` is zero, `power` is not between `alpha` and 1, or no feasible number reaches it.
    """
    if d == 0 or not alpha < power < 1:
        raise ValueError("needs a difference other than zero and a power between alpha and 1")
    enough = _FEWEST
    while ancova_power(d, r, enough, alpha) < power:
        enough *= 2
    short = enough // 2
    while enough - short > 1:
        middle = (enough + short) // 2
        if ancova_power(d, r, middle, alpha) < power:
            short = middle
        else:
            enough = middle
    return enough


def randomized_per_arm(analysed_per_arm: int, loss: float) -> int:
    """How many to randomise per arm so that `analysed_per_arm` n are left when a share `loss` is lost: n / (1 - loss).

    Rounded up. Raises ValueError for a loss that is not from 0 to below 1.
    """
    if not 0 <= loss < 1:
        raise ValueError("the share lost lies between 0 and 1")
    # The tiny slack keeps 42 / 0.6 at 70 should it come out a hair above.
    return math.ceil(analysed_per_arm / (1 - loss) - 1e-9)


def rises_to(wanted: float, function: Callable[[float], float], low: float, high: float) -> float:
    """The place from `low` to `high` where a rising function comes to `wanted`, by halving.

    It is `low` where the function is there already. Raises ValueError when it does not come to it by `high`.
    """
    if function(low) >= wanted:
        return low
    reach = max(2 * low, 1.0)
    while reach < high and function(reach) < wanted:
        low, reach = reach, 2 * reach
    top = min(reach, high)
    if function(top) < wanted:
        raise ValueError("no feasible number reaches it")
    for _ in range(_HALVINGS):
        middle = (low + top) / 2
        if middle in (low, top):
            break
        if function(middle) < wanted:
            low = middle
        else:
            top = middle
    return top
