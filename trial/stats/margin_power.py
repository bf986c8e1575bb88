"""Power and size of a trial that is to show: not worse than by a margin, or alike within one."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from trial.stats.noncentral_t import probability_below
from trial.stats.power import rises_to

_FEWEST = 2
_MOST = 1_000_000
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)
_REACH = 14.0
_NEAREST, _WIDEST = 1e-9, 1000.0


def non_inferiority_power(
    d: float, margin: float, n1: float, n2: float, alpha: float = 0.025, *, r: float = 0.0, covariates: int = 0
) -> float:
    """The chance that the interval's lower end lies above -`margin` when the true standardised difference is `d`.

    `d` is in favour of the new treatment (0: alike), `margin` above 0, both in units of the outcome's standard
    deviation; `alpha` is that of one side, so that .025 reads off a 95 % interval. The power is the mass above
    t(1 - alpha) of a noncentral t with ncp = (d + margin) / sqrt(1 - r^2) sqrt(n1 n2 / (n1 + n2)) and
    df = n1 + n2 - 2 - `covariates`: R's power.t.test(strict = TRUE, alternative = "one.sided"). Raises ValueError for a
    margin not above 0 and as `two_sample_power` does.
    """
    per_sd, df = _scaled(d, margin, n1, n2, alpha, r, covariates)
    return above_margin(d * per_sd, margin * per_sd, df, alpha)


def equivalence_power(
    d: float, margin: float, n1: float, n2: float, alpha: float = 0.05, *, r: float = 0.0, covariates: int = 0
) -> float:
    """The chance that the whole interval at 1 - 2 `alpha` lies within -+ `margin` when the true difference is `d`.

    Both one-sided tests at `alpha` have to reject: Schuirmann DJ (1987), Journal of Pharmacokinetics and
    Biopharmaceutics 15, 657-680. Exact: with S = chi / sqrt(df) the estimate's error is normal given S, and the chance
    that the estimate lies within margin less t(1 - alpha) S errors is integrated over S. Raises ValueError as
    `non_inferiority_power` does.
    """
    per_sd, df = _scaled(d, margin, n1, n2, alpha, r, covariates)
    return within_margins(d * per_sd, margin * per_sd, df, alpha)


def above_margin(difference: float, margin: float, df: float, alpha: float) -> float:
    """`non_inferiority_power` with `difference` and `margin` in standard errors, and the `df` of these."""
    critical = float(special.stdtrit(df, 1 - alpha))
    return probability_below(-critical, df, -(difference + margin))


def within_margins(difference: float, margin: float, df: float, alpha: float) -> float:
    """`equivalence_power` with `difference` and `margin` in standard errors, and the `df` of these."""
    critical = float(special.stdtrit(df, 1 - alpha))
    # Beyond this S the interval is too wide to lie within the margins at all.
    widest = margin / critical
    low = max(0.0, 1 - _REACH / math.sqrt(2 * df))
    high = min(widest, 1 + _REACH / math.sqrt(2 * df))
    if high <= low:
        return 0.0
    s = low + (high - low) * (_NODES + 1) / 2
    log_density = (
        math.log(2) + (df / 2) * math.log(df / 2) - math.lgamma(df / 2) + (df - 1) * np.log(s) - df * s * s / 2
    )
    room = special.ndtr(margin - difference - critical * s) - special.ndtr(-margin - difference + critical * s)
    return float(np.sum(_WEIGHTS * np.maximum(room, 0) * np.exp(log_density)) * (high - low) / 2)


def non_inferiority_size(
    d: float,
    margin: float,
    *,
    power: float = 0.8,
    alpha: float = 0.025,
    ratio: float = 1.0,
    r: float = 0.0,
    covariates: int = 0,
) -> float:
    """The number in the first arm, not rounded, for `non_inferiority_power`; the other has `ratio` times it.

    Raises ValueError when the true difference lies beyond the margin, or the power is not between alpha and 1.
    """
    _feasible(-margin < d, power, alpha, ratio)
    return rises_to(
        power,
        lambda n: non_inferiority_power(d, margin, n, ratio * n, alpha, r=r, covariates=covariates),
        _fewest(ratio, covariates),
        _MOST,
    )


def equivalence_size(
    d: float,
    margin: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    ratio: float = 1.0,
    r: float = 0.0,
    covariates: int = 0,
) -> float:
    """The number in the first arm, not rounded, for `equivalence_power`; the other has `ratio` times it.

    Raises ValueError when the true difference does not lie within the margins, or the power is not between alpha and 1.
    """
    _feasible(abs(d) < margin, power, alpha, ratio)
    return rises_to(
        power,
        lambda n: equivalence_power(d, margin, n, ratio * n, alpha, r=r, covariates=covariates),
        _fewest(ratio, covariates),
        _MOST,
    )


def non_inferiority_margin(
    d: float, n1: float, n2: float, *, power: float = 0.8, alpha: float = 0.025, r: float = 0.0, covariates: int = 0
) -> float:
    """The smallest margin for which a trial of this size has this `non_inferiority_power`.

    Raises ValueError as `non_inferiority_power` does, and for a power not between alpha and 1.
    """
    _feasible(True, power, alpha, 1.0)
    return rises_to(
        power,
        lambda margin: non_inferiority_power(d, margin, n1, n2, alpha, r=r, covariates=covariates),
        max(-d, 0.0) + _NEAREST,
        _WIDEST,
    )


def equivalence_margin(
    d: float, n1: float, n2: float, *, power: float = 0.8, alpha: float = 0.05, r: float = 0.0, covariates: int = 0
) -> float:
    """The smallest margin for which a trial of this size has this `equivalence_power`.

    Raises ValueError as `equivalence_power` does, and for a power not between alpha and 1.
    """
    _feasible(True, power, alpha, 1.0)
    return rises_to(
        power,
        lambda margin: equivalence_power(d, margin, n1, n2, alpha, r=r, covariates=covariates),
        abs(d) + _NEAREST,
        _WIDEST,
    )


def _scaled(
    d: float, margin: float, n1: float, n2: float, alpha: float, r: float, covariates: int
) -> tuple[float, float]:
    """What one standard deviation is in standard errors, and the degrees of freedom."""
    if not (math.isfinite(d) and margin > 0 and math.isfinite(margin)):
        raise ValueError("needs a finite difference and a margin above 0")
    if not (-1 < r < 1 and 0 < alpha < 0.5 and min(n1, n2) >= _FEWEST):
        raise ValueError("needs r within -1 to 1, alpha within 0 to 1/2, and at least two per arm")
    df = n1 + n2 - 2 - covariates
    if not (covariates >= 0 and df > 0):
        raise ValueError("the covariates leave no degree of freedom: needs more participants")
    return math.sqrt(n1 * n2 / (n1 + n2) / (1 - r * r)), df


def _feasible(inside: bool, power: float, alpha: float, ratio: float) -> None:
    if not inside:
        raise ValueError("no number of participants shows what is not so: the true difference lies beyond the margin")
    if not (alpha < power < 1 and ratio > 0 and math.isfinite(ratio)):
        raise ValueError("needs a power between alpha and 1, and a ratio of the arms above 0")


def _fewest(ratio: float, covariates: int) -> float:
    return max(_FEWEST, (_FEWEST + covariates + 1) / (1 + ratio), _FEWEST / ratio)
