"""A 2 x 2 factorial trial: both main effects and their interaction from one model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.ancova import AdjustedMean, adjusted_means
from trial.stats.arrays import FloatArray
from trial.stats.contrasts import Contrast, contrast
from trial.stats.design import build_design
from trial.stats.least_squares import Covariance, least_squares
from trial.stats.model_input import check_options, check_shapes, check_values, names_of
from trial.stats.satterthwaite import Degrees

Levels = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Effects:
    """Effects in the outcome's units, the first level of a factor minus its second.

    `first` and `second` are main effects: the mean of a factor's effects at both levels of the other. `interaction` is
    the effect of the first factor at the second's first level minus that at its second level. `first_at` and
    `second_at` have each factor's effect at either level of the other, to read the interaction by: without a p, since
    two of them never show that effects differ.
    """

    first: Contrast
    second: Contrast
    interaction: Contrast
    first_at: dict[str, AdjustedMean]
    second_at: dict[str, AdjustedMean]


@dataclass(frozen=True, slots=True)
class FactorialResult(Effects):
    """The effects by least squares. Cells are named by (level of the first, level of the second)."""

    adjusted_means: dict[Levels, AdjustedMean]
    n: dict[Levels, int]
    level: float
    covariance: Covariance
    degrees: Degrees
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]


# weights of the four cells (both levels of the second factor at the first's first, then at its second): the main
# effects, the interaction, the first factor's effect at either level of the second, the second's at either of the first
COMBINATIONS: tuple[tuple[float, ...], ...] = (
    (0.5, 0.5, -0.5, -0.5), (0.5, -0.5, 0.5, -0.5), (1, -1, -1, 1),
    (1, 0, -1, 0), (0, 1, 0, -1), (1, -1, 0, 0), (0, 0, 1, -1),
)  # fmt: skip


def effects_of(judged: Sequence[Contrast], levels: tuple[Levels, Levels]) -> Effects:
    """The effects from the `COMBINATIONS` of the cells' means, each judged."""
    (a, b), (c, d) = levels
    first, second, interaction, first_c, first_d, second_a, second_b = judged
    return Effects(
        first=first,
        second=second,
        interaction=interaction,
        first_at={c: _without_p(first_c), d: _without_p(first_d)},
        second_at={a: _without_p(second_a), b: _without_p(second_b)},
    )


def factorial(
    outcome: FloatArray,
    first: Sequence[object],
    second: Sequence[object],
    covariates: FloatArray,
    levels: tuple[Levels, Levels],
    *,
    level: float = 0.95,
    covariance: Covariance = "HC3",
    degrees: Degrees = "residual",
    names: Sequence[str] | None = None,
) -> FactorialResult:
    """Estimate main effects and interaction of two factors at two levels each, adjusted for covariates.

    `first` and `second` are n labels (compared as text), `levels` the (level, reference) of each; the other arguments
    are those of `ancova`. With the first level of a factor coded +1/2 and the second -1/2, the model is outcome = a +
    b1 x1 + b2 x2 + b12 x1 x2 + covariates; b1 and b2 are the main effects, each cell weighing alike whatever its size,
    and b12 is the interaction (with codes +1 and -1 the same coefficients come out halved and quartered). It is
    fitted as one mean per cell, which spans the same columns. Main effects answer the factorial question only as far
    as the interaction, whose test has a quarter of the information, is small: report it with its interval.

    Raises AnalysisImpossible and ValueError as `ancova` does, and AnalysisImpossible when a cell is empty.
    """
    rows = [(str(one), str(other)) for one, other in zip(first, second, strict=True)]
    cells = [(one, other) for one in levels[0] for other in levels[1]]
    columns = names_of(covariates, names)
    check_shapes(outcome, [_label(row) for row in rows], covariates, columns)
    check_options(level, covariance, degrees)
    _check_cells(rows, cells, levels)
    check_values(outcome, covariates, columns)
    design = build_design([_label(row) for row in rows], covariates, columns)
    fit = least_squares(design, outcome, covariance)
    place = {cell: design.arms.index(_label(cell)) for cell in cells}
    among = "the four groups"

    def judged(signs: tuple[float, ...]) -> Contrast:
        weights = np.zeros(design.matrix.shape[1])
        weights[[place[cell] for cell in cells]] = signs
        return contrast(fit, weights, level, degrees, among)

    means, found = adjusted_means(design, fit, level, degrees), effects_of(list(map(judged, COMBINATIONS)), levels)
    return FactorialResult(
        first=found.first,
        second=found.second,
        interaction=found.interaction,
        first_at=found.first_at,
        second_at=found.second_at,
        adjusted_means={cell: means[_label(cell)] for cell in cells},
        n={cell: rows.count(cell) for cell in cells},
        level=level,
        covariance=covariance,
        degrees=degrees,
        covariates=design.covariates,
        dropped=design.dropped,
    )


def _label(cell: Levels) -> str:
    return f"{cell[0]} × {cell[1]}"


def _without_p(effect: Contrast) -> AdjustedMean:
    return AdjustedMean(effect.estimate, effect.se, effect.ci, effect.df)


def _check_cells(rows: Sequence[Levels], cells: Sequence[Levels], levels: tuple[Levels, Levels]) -> None:
    if any(one == other for one, other in levels):
        raise ValueError("a factor has two different levels")
    for row in rows:
        if row not in cells:
            raise ValueError(f"{_label(row)!r} is not a combination of the levels named")
    for cell in cells:
        if cell not in rows:
            raise AnalysisImpossible(
                f"Nobody with {_label(cell)!r} has an outcome: main effects and interaction need all four combinations."
            )
