"""The design of a linear model of a trial: one column per arm, then covariates about their means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray

# Relative: a covariate that varies less than this is constant, a direction shorter than this is not there.
_CONSTANT = 1e-12
_DEPENDENT = 1e-10
_TAKES_PART = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A full-rank model matrix of n participants and p parameters.

    `matrix` is (n, p): a column of ones and zeros for each of `arms`, then each of `covariates` less its mean
    and over its standard deviation. It spans the same space as intercept, arm dummies and raw covariates, and a
    coefficient of an arm is that arm's mean with every covariate at its mean. `row_arms` is the arm of each row;
    `dropped` names the covariates left out because everyone analysed has the same value.
    """

    matrix: FloatArray
    arms: tuple[str, ...]
    row_arms: tuple[str, ...]
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]


def factor_columns(levels: Sequence[object], name: str) -> tuple[FloatArray, tuple[str, ...]]:
    """Code a factor as one 0/1 column for each level that occurs but the first in sorted order.

    Give it the levels of the participants analysed, so that a level nobody has makes no column. Returns the
    (n, levels - 1) columns and their names, "name: level".
    """
    labels = [str(level) for level in levels]
    kept = sorted(set(labels))[1:]
    columns = np.array([[label == level for level in kept] for label in labels], dtype=np.float64)
    return columns.reshape(len(labels), len(kept)), tuple(f"{name}: {level}" for level in kept)


def build_design(row_arms: Sequence[str], covariates: FloatArray, names: Sequence[str]) -> Design:
    """Lay out the model matrix of participants in `row_arms` with `covariates` (n, k) called `names`.

    Raises AnalysisImpossible when no more participants than parameters are left, or when columns other than
    constant covariates depend on one another; the message names them.
    """
    arms = tuple(sorted(set(row_arms)))
    number = {arm: at for at, arm in enumerate(arms)}
    indicators = np.eye(len(arms))[[number[label] for label in row_arms]]
    varying = [index for index in range(covariates.shape[1]) if _varies(covariates[:, index])]
    kept = tuple(names[index] for index in varying)
    columns = covariates[:, varying]
    standardized = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    matrix = np.hstack([indicators, standardized])
    refuse_too_few(matrix)
    refuse_dependence(matrix, arms, kept)
    dropped = tuple(name for index, name in enumerate(names) if index not in varying)
    return Design(matrix, arms, tuple(row_arms), kept, dropped)


def _varies(column: FloatArray) -> bool:
    return bool(np.ptp(column) > _CONSTANT * np.max(np.abs(column)))


def refuse_too_few(matrix: FloatArray) -> None:
    """Raise AnalysisImpossible where `matrix` (n, p) has no more participants than parameters."""
    if matrix.shape[0] <= matrix.shape[1]:
        raise AnalysisImpossible(
            f"{matrix.shape[0]} participants cannot carry a model of {matrix.shape[1]} parameters: "
            "plan fewer covariates."
        )


def refuse_dependence(matrix: FloatArray, arms: Sequence[str], covariates: Sequence[str]) -> None:
    """Raise AnalysisImpossible, with their names, where columns of `matrix` (n, p), arms first, are dependent."""
    _, lengths, directions = np.linalg.svd(matrix / np.linalg.norm(matrix, axis=0), full_matrices=False)
    absent = directions[lengths < _DEPENDENT * lengths[0]]
    if len(absent) == 0:
        return
    # Arms never depend on one another (each has a participant), so a covariate is always among the culprits.
    share = np.max(np.abs(absent), axis=0)[len(arms) :]
    culprits = [repr(name) for name, size in zip(covariates, share, strict=True) if size > _TAKES_PART]
    raise AnalysisImpossible(
        f"Among those analysed, {', '.join(culprits)} cannot be told apart from one another or from the arms: "
        "leave one out of the model."
    )
