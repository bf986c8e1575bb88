"""The made-up trial with four later outcomes that R wrote, and smaller ones of our own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.stats.conftest import read_rows
from trial.stats.arrays import FloatArray

TIMEPOINTS = ("y1", "y2", "y3", "y4")
CONTRAST = ("kind", "wait")


@dataclass(frozen=True, slots=True, eq=False)
class Repeated:
    """Outcomes (n, T) with NaN for missing, the arm of each, the baseline (n,) and covariates (n, k)."""

    outcomes: FloatArray
    arm: tuple[str, ...]
    baseline: FloatArray
    covariates: FloatArray


def repeated() -> Repeated:
    """What `repeated.R` wrote."""
    rows = read_rows("repeated.csv")
    outcomes = np.array([[float(row[name] or "nan") for name in TIMEPOINTS] for row in rows])
    baseline = np.array([float(row["baseline"]) for row in rows])
    male = np.array([float(row["sex"] == "m") for row in rows])
    return Repeated(outcomes, tuple(row["arm"] for row in rows), baseline, np.column_stack([baseline, male]))


def made_up(n: int, seed: int, *, missing: float = 0.2, effect: float = 0.0, timepoints: int = 3) -> Repeated:
    """Two arms alike but for an effect at the end; gaps that depend on the baseline; in thirds, the more is missing
    the later it is."""
    rng = np.random.default_rng(seed)
    arm = np.array(["a", "b"])[np.arange(n) % 2]
    baseline = rng.normal(20, 5, n)
    near = 0.6 ** np.abs(np.subtract.outer(np.arange(timepoints), np.arange(timepoints)))
    noise = rng.normal(size=(n, timepoints)) @ np.linalg.cholesky(near * 16).T
    outcomes = 8 + 0.6 * baseline[:, None] + noise
    outcomes[:, -1] += effect * (arm == "a")
    often = missing * (1 + 0.3 * np.sign(baseline - 20))[:, None] * np.linspace(0.7, 1.3, timepoints)
    outcomes[rng.random((n, timepoints)) < often] = np.nan
    return Repeated(outcomes, tuple(arm), baseline, baseline[:, None])
