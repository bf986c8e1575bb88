"""The made-up trial of three arms with a yes or no: an outcome no higher than the median, as in binary.R."""

from __future__ import annotations

import numpy as np

from trial.stats.arrays import FloatArray
from trial.stats.design import factor_columns

Row = dict[str, str]


def yes_or_no(rows: list[Row], what: str) -> tuple[FloatArray, list[str], FloatArray, list[str]]:
    """Outcome, arms, covariates and their names of those with an outcome: `what` is without, baseline or region."""
    seen = [row for row in rows if row["outcome"]]
    outcome = np.array([float(row["outcome"]) for row in seen])
    columns, names = np.array([[float(row["baseline"])] for row in seen]), ["baseline"]
    if what == "without":
        columns, names = np.empty((len(seen), 0)), []
    if what == "region":
        regions, more = factor_columns([row["region"] for row in seen], "region")
        columns, names = np.hstack([columns, regions]), [*names, *more]
    return (outcome <= np.median(outcome)).astype(float), [row["arm"] for row in seen], columns, names


def pretend(
    dice: np.random.Generator, people: int, *, skewed: bool = False
) -> tuple[FloatArray, list[str], FloatArray]:
    """So many people per arm with a baseline, and an outcome that it and the arm make more likely."""
    arms = ["letter"] * people + ["memory"] * people
    baseline = dice.exponential(1, 2 * people) - 1 if skewed else dice.normal(size=2 * people)
    linear = -0.2 + 0.7 * baseline + 0.6 * (np.arange(2 * people) < people)
    return (dice.random(2 * people) < 1 / (1 + np.exp(-linear))).astype(float), arms, baseline[:, None]
