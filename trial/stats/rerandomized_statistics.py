"""The planned comparison on any number of allocations of the same people: the outcome and the covariates stay.

The model is that of `ancova`: outcome on all arms and the covariates, HC3 or HC2. Only the columns of the arms differ
from list to list, so intercept and covariates are taken out once, of the outcome and of those columns (Frisch, Waugh
and Lovell): with D the columns of the arms but the reference and M = I - Q Q' what is left beside intercept and
covariates,

    b = (D'MD)^+ D'My,   e = My - MD b,   h = h_0 + diag(MD (D'MD)^+ D'M),   w = MD (D'MD)^+ c,
    T = c'b / sqrt(sum_i w_i^2 e_i^2 / (1 - h_i)^2)       (HC2: without the square of 1 - h_i)

which is the t of the analysis to the last digits (tested). Where a list leaves the difference without an estimate or
without an error (an arm with nobody analysed, or told apart by a covariate alone), T is infinite: such a list counts
as at least as extreme, which can only make the p-value larger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from trial.stats.arrays import FloatArray
from trial.stats.least_squares import Covariance
from trial.stats.rerandomize import Arms
from trial.stats.sequences.entry import IntArray

_CELLS = 2_000_000
_NONE, _ALONE = 1e-9, 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One planned comparison of those `rows` of the trial that are analysed, `contrast` by places of arms.

    `basis` (m, q) spans intercept and covariates without overlap, `outcome` (m,) is about its mean.
    """

    rows: IntArray
    outcome: FloatArray
    basis: FloatArray
    arms: int
    contrast: tuple[int, int]
    covariance: Covariance


def comparison(
    rows: IntArray,
    outcome: FloatArray,
    covariates: FloatArray,
    arms: int,
    contrast: tuple[int, int],
    covariance: Covariance,
) -> Comparison:
    """`rows` (m,) are places of people in the trial's order, `outcome` (m,) and `covariates` (m, k) theirs."""
    varying = covariates[:, np.ptp(covariates, axis=0) > 1e-12 * np.max(np.abs(covariates), axis=0, initial=0)]
    spread = (varying - varying.mean(axis=0)) / varying.std(axis=0)
    basis, _ = np.linalg.qr(np.hstack([np.ones((len(rows), 1)), spread]))
    return Comparison(rows, outcome - outcome.mean(), basis, arms, contrast, covariance)


def statistics(one: Comparison, allocated: Arms) -> tuple[FloatArray, FloatArray]:
    """T and the plain difference of means, each (reps,), for allocations of everybody (n, reps)."""
    seen = allocated[one.rows]
    size = max(1, _CELLS // (len(one.rows) * one.arms))
    parts = [_some(one, seen[:, first : first + size].T) for first in range(0, seen.shape[1], size)]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _some(one: Comparison, arms: Any) -> tuple[FloatArray, FloatArray]:
    arm, reference = one.contrast
    others = [place for place in range(one.arms) if place not in one.contrast]
    columns = np.stack([arms == place for place in (arm, *others)], axis=2).astype(float)
    y = one.outcome - one.basis @ (one.basis.T @ one.outcome)
    left = columns - one.basis @ (one.basis.T @ columns)
    # what is left of a column that the covariates tell whole is rounding
    left *= (left**2).sum(axis=1, keepdims=True) > _NONE
    cross = np.swapaxes(left, 1, 2) @ left
    inverse = np.linalg.pinv(cross, rcond=_NONE, hermitian=True)
    pull = left @ inverse
    weight = pull[:, :, 0]
    estimate = weight @ y
    residual = y - (left @ (inverse @ (np.swapaxes(left, 1, 2) @ y)[:, :, None]))[:, :, 0]
    leverage = (one.basis**2).sum(axis=1) + (pull * left).sum(axis=2)
    error = np.sqrt(_variance(one.covariance, weight, residual, 1 - leverage))
    # the difference has an estimate where its column is not that of others and of the covariates
    known = np.abs(cross @ inverse[:, :, :1] - np.eye(len(others) + 1)[:, :1]).max(axis=(1, 2)) < 1e-6
    known &= np.isfinite(error) & (error > 1e-12 * np.std(one.outcome))
    t = np.full(len(arms), np.inf)
    np.divide(estimate, error, out=t, where=known)
    return t, _means_apart(one.outcome, arms, arm, reference)


def _variance(covariance: Covariance, weight: FloatArray, residual: FloatArray, room: FloatArray) -> FloatArray:
    if covariance == "classical":
        raise ValueError("the planned analysis has robust errors")
    alone = room < _ALONE
    share = weight**2 * residual**2 / np.where(alone, 1, room if covariance == "HC2" else room**2)
    # whoever alone determines a column has no residual; that is of no matter where they have no weight
    weighs = np.abs(weight) > 1e-8 * np.abs(weight).max(axis=1, keepdims=True)
    return np.asarray(np.where(alone, np.where(weighs, np.inf, 0), share).sum(axis=1))


def _means_apart(outcome: FloatArray, arms: Any, arm: int, reference: int) -> FloatArray:
    its, theirs = (arms == arm).astype(float), (arms == reference).astype(float)
    sizes = its.sum(axis=1), theirs.sum(axis=1)
    both = (sizes[0] > 0) & (sizes[1] > 0)
    totals = its @ outcome, theirs @ outcome
    one, other = (total / np.maximum(size, 1) for total, size in zip(totals, sizes, strict=True))
    return np.where(both, one - other, np.inf)
