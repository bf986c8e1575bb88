"""Contrasts of a fitted linear model: one with its interval, several at once by an F test."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.intervals import t_interval
from trial.stats.least_squares import Fit
from trial.stats.satterthwaite import Degrees, Units, hotelling, of_people, satterthwaite

_NO_ERROR = 1e-12


@dataclass(frozen=True, slots=True)
class Contrast:
    """An estimate with t test and interval; `p` is two-sided."""

    estimate: float
    se: float
    df: float
    t: float
    p: float
    ci: tuple[float, float]


@dataclass(frozen=True, slots=True)
class JointTest:
    """An F test that several contrasts are all zero."""

    f: float
    df1: int
    df2: float
    p: float


def contrast(fit: Fit, weights: FloatArray, level: float, degrees: Degrees, among: str) -> Contrast:
    """Judge `weights` (p,) times the coefficients by Student's t, with n - p or Satterthwaite's degrees of freedom.

    Raises AnalysisImpossible when the outcome does not vary `among` those compared.
    """
    estimate = float(weights @ fit.coefficients)
    se = math.sqrt(max(float(weights @ fit.covariance @ weights), 0))
    if se <= _NO_ERROR * fit.spread:
        raise AnalysisImpossible(f"The outcome does not vary within {among}.")
    df = degrees_of(fit, weights, degrees)
    ci, p = t_interval(estimate, se, df, level)
    return Contrast(estimate, se, df, estimate / se, p, ci)


def joint_test(fit: Fit, weights: FloatArray, degrees: Degrees, among: str) -> JointTest:
    """Judge `weights` (q, p) times the coefficients together: Wald's statistic b'V^-1 b as F.

    With n - p degrees of freedom it is divided by q: exact for the classical covariance and normal errors. With
    Satterthwaite's it is Hotelling's approximation (`trial.stats.satterthwaite`), where the errors are robust.
    Raises AnalysisImpossible when some contrast has no variation, or when too little is left to judge q together.
    """
    variance = weights @ fit.covariance @ weights.T
    eta = None
    if degrees == "satterthwaite" and fit.enlarged is not None:
        eta = hotelling(_units(fit, weights, fit.enlarged))
    return wald(weights @ fit.coefficients, variance, eta, fit.df, among)


def wald(estimates: FloatArray, variance: FloatArray, eta: float | None, df: float, among: str) -> JointTest:
    """Wald's statistic of `estimates` (q,) with their `variance` (q, q) as F: by `eta` (Hotelling), or over q on `df`.

    Raises AnalysisImpossible where some combination has no variation, or no degrees of freedom are left.
    """
    q = len(estimates)
    sizes = np.linalg.eigvalsh(variance)
    if sizes[0] <= _NO_ERROR * sizes[-1]:
        raise AnalysisImpossible(f"The outcome does not vary enough within {among} to judge them together.")
    statistic = float(estimates @ np.linalg.solve(variance, estimates))
    df2 = df if eta is None else eta - q + 1
    if df2 <= 0:
        raise AnalysisImpossible(
            f"Too few people or clusters stand behind {among} to judge them together: "
            f"{0 if eta is None else eta:.1f} degrees of freedom for {q} comparisons."
        )
    f = statistic / q if eta is None else statistic * df2 / (eta * q)
    return JointTest(f, q, float(df2), float(special.fdtrc(q, df2, f)))


def degrees_of(fit: Fit, weights: FloatArray, degrees: Degrees) -> float:
    """The degrees of freedom of the contrast `weights` (p,); a classical covariance has n - p whatever is asked for."""
    if degrees == "residual" or fit.enlarged is None:
        return float(fit.df)
    return satterthwaite(_units(fit, weights[None, :], fit.enlarged))


def _units(fit: Fit, weights: FloatArray, enlarged: FloatArray) -> Units:
    return of_people((weights @ fit.operator) * enlarged, fit.basis)
