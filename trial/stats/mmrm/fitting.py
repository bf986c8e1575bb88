"""The covariance of repeated outcomes at the maximum of the restricted likelihood, by Newton's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.mmrm.likelihood import Data, Derivatives, Fitted, derivatives, evaluate
from trial.stats.mmrm.structures import PARTS, Covariance, Structure

MOST_STEPS = 100
_HALVINGS = 40
# of the log-likelihood: what another step could still gain
_SETTLED = 1e-12
_SINGULAR = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """The fitted model: parameters `theta` (K,), their covariance matrix, and the likelihood with its derivatives."""

    structure: Structure
    theta: FloatArray
    covariance: Covariance
    fitted: Fitted
    derivatives: Derivatives
    steps: int


def maximise(data: Data, structure: Structure) -> Maximum:
    """Newton steps with the exact Hessian, or with the expected information where that is not concave, each halved
    until the likelihood grows.

    Raises AnalysisImpossible where it does not settle, or settles where outcomes follow exactly from one another.
    """
    parts, timepoints = PARTS[structure], data.yy.shape[1]
    theta = parts.start(_first(data))
    covariance = parts.at(theta, timepoints)
    fitted = evaluate(data, covariance.matrix)
    if fitted is None:
        raise AnalysisImpossible("The model of repeated outcomes has more coefficients than the data can tell.")
    for step in range(MOST_STEPS):
        slopes = derivatives(data, fitted, covariance)
        move, gain = _newton(slopes)
        further = _further(data, structure, theta, move, fitted)
        if further is None:
            break
        theta, covariance, fitted = further
        if gain < _SETTLED:  # near the top a step doubles the digits, so this one was the last that tells
            _refuse_singular(covariance.matrix)
            return Maximum(structure, theta, covariance, fitted, derivatives(data, fitted, covariance), step + 1)
    raise AnalysisImpossible("The model of repeated outcomes does not settle: too little is known of some timepoint.")


def _newton(slopes: Derivatives) -> tuple[FloatArray, float]:
    """The step, and what it would gain if the likelihood were a parabola."""
    for curvature in (-slopes.hessian, slopes.crude):
        try:
            root = np.linalg.cholesky(curvature)
        except np.linalg.LinAlgError:
            continue
        half = np.linalg.solve(root, slopes.gradient)
        return np.linalg.solve(root.T, half), 0.5 * float(half @ half)
    raise AnalysisImpossible("The model of repeated outcomes does not settle: its covariance cannot be told.")


def _further(
    data: Data, structure: Structure, theta: FloatArray, move: FloatArray, before: Fitted
) -> tuple[FloatArray, Covariance, Fitted] | None:
    """Along the step, as far as the likelihood grows; rounding may keep it level at the very top."""
    level = before.log_likelihood - 1e-9 * max(1.0, abs(before.log_likelihood)) * 1e-3
    for halved in range(_HALVINGS):
        there = theta + move * 0.5**halved
        with np.errstate(over="ignore", invalid="ignore"):
            covariance = PARTS[structure].at(there, data.yy.shape[1])
        if not np.all(np.isfinite(covariance.matrix)):
            continue
        fitted = evaluate(data, covariance.matrix)
        if fitted is not None and fitted.log_likelihood >= level:
            return there, covariance, fitted
    return None


def _first(data: Data) -> FloatArray:
    """Where to start: residuals of each outcome by least squares alone, and what pairs of them share, drawn towards
    independence until it is a covariance."""
    timepoints = data.yy.shape[1]
    start = np.eye(timepoints) * _spread(data)
    fitted = evaluate(data, start)
    if fitted is None:
        raise AnalysisImpossible("The model of repeated outcomes has more coefficients than the data can tell.")
    pairs = np.einsum("p,pij->ij", data.n, data.seen[:, :, None] * data.seen[:, None, :])
    found = fitted.products.sum(axis=0) / np.maximum(pairs, 1.0)
    variances = np.diagonal(found)
    if not np.all(variances > 1e-12 * np.diagonal(start)):
        raise AnalysisImpossible("The outcome does not vary at some timepoint once the covariates are known.")
    apart = found - np.diag(variances)
    for share in (0.9, 0.7, 0.5, 0.25, 0.0):
        candidate = np.diag(variances) + share * apart
        root = np.sqrt(variances)
        if np.linalg.eigvalsh(candidate / np.outer(root, root)).min() > 1e-3:
            return np.asarray(candidate)
    return np.diag(variances)


def _spread(data: Data) -> FloatArray:
    """The mean square of each outcome, which are centred and scaled before they come here."""
    squares, number = np.einsum("pii->i", data.yy), data.n @ data.seen
    return np.asarray(squares / np.maximum(number, 1.0))


def _refuse_singular(covariance: FloatArray) -> None:
    root = np.sqrt(np.diagonal(covariance))
    if float(np.linalg.eigvalsh(covariance / np.outer(root, root)).min()) < _SINGULAR:
        raise AnalysisImpossible("The outcome at one timepoint follows exactly from the others.")
