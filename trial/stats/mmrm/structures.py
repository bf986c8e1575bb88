"""Covariance structures of repeated outcomes, each with the derivatives that a Newton step needs.

Unstructured is the plan's own. The others are for when there is too little to tell all variances and covariances:
heterogeneous Toeplitz (a correlation for each distance), heterogeneous first-order autoregressive (a power of one
correlation) and heterogeneous compound symmetry (one correlation), each with a standard deviation per timepoint. With
s_t the standard deviation at t, the covariance of timepoints t and u is

    s_t s_u r_|t - u|  (Toeplitz),   s_t s_u r^|t - u|  (autoregressive),   s_t s_u r  (compound symmetry).

`nlme::gls` has the last two as corAR1 and corCompSymm, with varIdent. Timepoints count by their order, not by their
days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trial.stats.arrays import FloatArray

Structure = Literal["unstructured", "toeplitz", "autoregressive", "compound_symmetry"]
STRUCTURES: tuple[Structure, ...] = ("unstructured", "toeplitz", "autoregressive", "compound_symmetry")


# of a correlation (T, T) by the parameters r (m,): itself, its derivatives by each (m, T, T), the second by the same
Shape = Callable[[FloatArray, int], tuple[FloatArray, FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True, eq=False)
class Covariance:
    """A covariance (T, T) at parameters theta (K,), its first derivatives (K, T, T) and second ones (K, K, T, T).

    `second` is None where they are all zero.
    """

    matrix: FloatArray
    first: FloatArray
    second: FloatArray | None


@dataclass(frozen=True, slots=True)
class Parts:
    """How a structure is put together: where to start from a covariance (T, T), and what parameters stand for."""

    start: Callable[[FloatArray], FloatArray]
    at: Callable[[FloatArray, int], Covariance]


def _start_unstructured(covariance: FloatArray) -> FloatArray:
    return covariance[np.tril_indices(len(covariance))]


def _unstructured(theta: FloatArray, timepoints: int) -> Covariance:
    """The elements themselves: the covariance is linear in them, so no second derivatives."""
    rows, columns = np.tril_indices(timepoints)
    matrix, first = np.zeros((timepoints, timepoints)), np.zeros((len(rows), timepoints, timepoints))
    matrix[rows, columns] = matrix[columns, rows] = theta
    each = np.arange(len(rows))
    first[each, rows, columns] = first[each, columns, rows] = 1.0
    return Covariance(matrix, first, None)


def _start_with(correlations: Callable[[FloatArray], FloatArray]) -> Callable[[FloatArray], FloatArray]:
    def start(covariance: FloatArray) -> FloatArray:
        spread = np.sqrt(np.diagonal(covariance))
        found = np.clip(correlations(covariance / np.outer(spread, spread)), -0.9, 0.9)
        return np.concatenate([np.log(spread), np.arctanh(found)])

    return start


def _of_each_distance(correlation: FloatArray) -> FloatArray:
    return np.array([np.diagonal(correlation, gap).mean() for gap in range(1, len(correlation))])


def _of_neighbours(correlation: FloatArray) -> FloatArray:
    return _of_each_distance(correlation)[:1]


def _of_all(correlation: FloatArray) -> FloatArray:
    return np.array([correlation[np.tril_indices(len(correlation), -1)].mean()])


def _heterogeneous(shape: Shape, start: Callable[[FloatArray], FloatArray]) -> Parts:
    """Standard deviations exp(theta), times a correlation that `shape` makes of r = tanh(the other parameters)."""

    def at(theta: FloatArray, timepoints: int) -> Covariance:
        spread, r = np.exp(theta[:timepoints]), np.tanh(theta[timepoints:])
        correlation, slope, bend = shape(r, timepoints)
        scale, m = np.outer(spread, spread), len(r)
        by_r = 1 - r**2  # d tanh
        matrix = scale * correlation
        # the derivative by log sd number j counts how often j is among the two timepoints
        often = np.array([np.add.outer(row, row) for row in np.eye(timepoints)])
        first = np.concatenate([often * matrix, scale * slope * by_r[:, None, None]])
        second = np.zeros((timepoints + m, timepoints + m, timepoints, timepoints))
        second[:timepoints, :timepoints] = often[:, None] * often[None] * matrix
        second[:timepoints, timepoints:] = often[:, None] * first[None, timepoints:]
        second[timepoints:, :timepoints] = second[:timepoints, timepoints:].swapaxes(0, 1)
        each = timepoints + np.arange(m)
        curve = bend * (by_r**2)[:, None, None] - 2 * slope * (r * by_r)[:, None, None]
        second[each, each] = scale * curve
        return Covariance(matrix, first, second)

    return Parts(_start_with(start), at)


def _distances(timepoints: int) -> FloatArray:
    steps = np.arange(timepoints, dtype=np.float64)
    return np.abs(np.subtract.outer(steps, steps))


def _toeplitz(r: FloatArray, timepoints: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    gap = _distances(timepoints)
    slope = np.array([(gap == distance).astype(np.float64) for distance in range(1, timepoints)])
    return np.eye(timepoints) + np.tensordot(r, slope, 1), slope, np.zeros_like(slope)


def _autoregressive(r: FloatArray, timepoints: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    gap, rho = _distances(timepoints), float(r[0])
    slope = np.where(gap > 0, gap * np.power(rho, np.maximum(gap - 1, 0)), 0.0)
    bend = np.where(gap > 1, gap * (gap - 1) * np.power(rho, np.maximum(gap - 2, 0)), 0.0)
    return np.power(rho, gap), slope[None], bend[None]


def _compound_symmetry(r: FloatArray, timepoints: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    other = 1 - np.eye(timepoints)
    return np.eye(timepoints) + float(r[0]) * other, other[None], np.zeros((1, timepoints, timepoints))


PARTS: dict[Structure, Parts] = {
    "unstructured": Parts(_start_unstructured, _unstructured),
    "toeplitz": _heterogeneous(_toeplitz, _of_each_distance),
    "autoregressive": _heterogeneous(_autoregressive, _of_neighbours),
    "compound_symmetry": _heterogeneous(_compound_symmetry, _of_all),
}
