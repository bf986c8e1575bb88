"""Ordinary least squares with a classical or heteroskedasticity-consistent covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.design import Design

Covariance = Literal["HC3", "HC2", "classical"]
COVARIANCES: tuple[Covariance, ...] = ("HC3", "HC2", "classical")

_LEVERAGE_ONE = 1 - 1e-10
_PERFECT = 1e-12
_TAKES_PART = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Coefficients (p,), their covariance (p, p), and the residual degrees of freedom, n - p.

    `operator` (p, n) makes coefficients of outcomes, `basis` (n, p) is orthonormal and spans the design; a robust error
    weights each residual by `enlarged` (n,), None under the classical one. `spread` is the outcome's standard
    deviation.
    """

    coefficients: FloatArray
    covariance: FloatArray
    df: int
    operator: FloatArray
    basis: FloatArray
    enlarged: FloatArray | None
    spread: float


def least_squares(design: Design, outcome: FloatArray, covariance: Covariance) -> Fit:
    """Regress `outcome` (n,) on `design`.

    With residuals e, leverages h and A = (X'X)^-1 X', the covariance is A diag(w) A' with w = e'e / (n - p)
    (classical), e^2 / (1 - h) (HC2) or e^2 / (1 - h)^2 (HC3). MacKinnon JG, White H (1985), Journal of
    Econometrics 29, 305-325; Zeileis A (2004), Journal of Statistical Software 11(10), 1-17.

    Raises AnalysisImpossible when the model leaves no residual, or when HC2 or HC3 is asked for and one
    participant alone determines a parameter: leverage 1, where both would divide zero by zero.
    """
    basis, triangle = np.linalg.qr(design.matrix)
    operator = np.linalg.solve(triangle, basis.T)
    # About its mean, so that a far origin of the scale costs no digits.
    centre = outcome.mean()
    coefficients = operator @ (outcome - centre)
    residuals = (outcome - centre) - design.matrix @ coefficients
    refuse_perfect_fit(outcome, residuals)
    df = design.matrix.shape[0] - design.matrix.shape[1]
    enlarged = None
    weights = np.full(len(outcome), residuals @ residuals / df)
    if covariance != "classical":
        spare = 1 - _leverages(design, basis, operator, covariance)
        enlarged = 1 / (np.sqrt(spare) if covariance == "HC2" else spare)
        weights = (residuals * enlarged) ** 2
    coefficients[: len(design.arms)] += centre
    return Fit(coefficients, (operator * weights) @ operator.T, df, operator, basis, enlarged, float(np.std(outcome)))


def contrast_of(
    design: Design, outcomes: FloatArray, contrast: tuple[str, str], covariance: Covariance
) -> tuple[FloatArray, FloatArray, int]:
    """The difference of two arms for each of m outcomes (n, m) on one design: differences (m,), variances (m,), df.

    The same model and errors as `least_squares`, worked out once for all: a difference is a fixed weighting of the
    outcomes, its variance the squared weights times those of the residuals. Raises AnalysisImpossible as that does.
    """
    basis, triangle = np.linalg.qr(design.matrix)
    operator = np.linalg.solve(triangle, basis.T)
    centred = outcomes - outcomes.mean(axis=0)
    residuals = centred - basis @ (basis.T @ centred)
    refuse_perfect_fit(outcomes, residuals)
    df = design.matrix.shape[0] - design.matrix.shape[1]
    if covariance == "classical":
        spread = np.broadcast_to(np.sum(residuals**2, axis=0) / df, residuals.shape)
    else:
        spare = 1 - _leverages(design, basis, operator, covariance)[:, None]
        spread = residuals**2 / (spare if covariance == "HC2" else spare**2)
    weights = operator[design.arms.index(contrast[0])] - operator[design.arms.index(contrast[1])]
    return weights @ centred, weights**2 @ spread, df


def refuse_alike(outcome: FloatArray) -> FloatArray:
    """How far `outcome` (n,) or (n, m) varies; raises AnalysisImpossible where it does not."""
    spread = np.ptp(outcome, axis=0)
    if np.any(spread <= _PERFECT * np.max(np.abs(outcome), axis=0)):
        raise AnalysisImpossible("Everyone analysed has the same outcome: there is no variation to compare.")
    return np.asarray(spread)


def refuse_perfect_fit(outcome: FloatArray, residuals: FloatArray) -> None:
    """Raise AnalysisImpossible where `outcome` (n,) or (n, m), or what the model leaves of it, does not vary."""
    spread = refuse_alike(outcome)
    if np.any(np.max(np.abs(residuals), axis=0) <= _PERFECT * spread):
        raise AnalysisImpossible("The model reproduces every outcome exactly: no error is left to judge it by.")


def _leverages(design: Design, basis: FloatArray, operator: FloatArray, covariance: Covariance) -> FloatArray:
    leverages: FloatArray = np.einsum("ij,ij->i", basis, basis)
    alone = np.flatnonzero(leverages > _LEVERAGE_ONE)
    if len(alone) == 0:
        return leverages
    row = int(alone[0])
    # With leverage 1 some combination of columns is 1 for this participant and 0 for all others: this one.
    part = np.abs(operator[:, row])[len(design.arms) :]
    names = [name for name, size in zip(design.covariates, part, strict=True) if size > _TAKES_PART]
    arm = design.row_arms[row]
    what = ", ".join(repr(name) for name in names) if names else f"the mean of arm {arm!r}"
    raise AnalysisImpossible(
        f"One participant, of arm {arm!r}, alone determines {what}: {covariance} is undefined there. "
        "Leave that out, merge it with another level, or plan the classical covariance."
    )
