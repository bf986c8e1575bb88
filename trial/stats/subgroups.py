"""Does the effect differ between subgroups: the effect in each, and the test of their difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.contrasts import Contrast, JointTest, contrast, joint_test
from trial.stats.design import build_design
from trial.stats.least_squares import Covariance, least_squares
from trial.stats.model_input import check_contrast, check_options, check_shapes, check_values, names_of
from trial.stats.satterthwaite import Degrees


@dataclass(frozen=True, slots=True)
class SubgroupEffect:
    """The effect among those at one level; it has no p, which would be read as if it showed a difference."""

    subgroup: str
    estimate: float
    se: float
    df: float
    ci: tuple[float, float]
    n: dict[str, int]


@dataclass(frozen=True, slots=True)
class SubgroupsResult:
    """`interaction` tests that the effect is the same at every level; `difference`, with two levels, says by how much.

    It is the effect at the first level, in sorted order, minus that at the second.
    """

    contrast: tuple[str, str]
    effects: tuple[SubgroupEffect, ...]
    interaction: JointTest
    difference: Contrast | None
    level: float
    covariance: Covariance
    degrees: Degrees
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]


def subgroups(
    outcome: FloatArray,
    arm: Sequence[object],
    subgroup: Sequence[object],
    covariates: FloatArray,
    contrast_of: tuple[str, str],
    *,
    level: float = 0.95,
    covariance: Covariance = "HC3",
    degrees: Degrees = "residual",
    names: Sequence[str] | None = None,
) -> SubgroupsResult:
    """Estimate the difference of two arms at each level of `subgroup` (n labels, known at baseline).

    One model of everyone: a mean for each arm at each level, and the covariates with common slopes; the subgroup itself
    is in it and may not be among the covariates. With the effects d_1 to d_L, the interaction is the joint test of d_2
    - d_1 to d_L - d_1 (`contrasts.joint_test`); with two levels it is the square of the difference's t. The other
    arguments are those of `ancova`. Whether effects differ is judged by the interaction alone: an effect that excludes
    zero at one level and not at another shows nothing.

    Raises AnalysisImpossible and ValueError as `ancova` does, and AnalysisImpossible when there is one level only or
    an arm of the contrast has fewer than two people at a level: merge such levels before.
    """
    labels = tuple(str(label) for label in arm)
    rows = [(label, str(one)) for label, one in zip(labels, subgroup, strict=True)]
    columns = names_of(covariates, names)
    check_shapes(outcome, labels, covariates, columns)
    check_options(level, covariance, degrees)
    check_contrast(labels, contrast_of)
    check_values(outcome, covariates, columns)
    levels = sorted({one for _, one in rows})
    _check_cells(rows, levels, contrast_of)
    design = build_design([_label(row) for row in rows], covariates, columns)
    fit = least_squares(design, outcome, covariance)
    weights = np.zeros((len(levels), design.matrix.shape[1]))
    for place, one in enumerate(levels):
        weights[place, design.arms.index(_label((contrast_of[0], one)))] = 1
        weights[place, design.arms.index(_label((contrast_of[1], one)))] = -1
    apart = weights[1:] - weights[0]
    every = f"{contrast_of[0]!r} and {contrast_of[1]!r}"
    found = [
        contrast(fit, row, level, degrees, f"{every} at {one!r}") for row, one in zip(weights, levels, strict=True)
    ]
    return SubgroupsResult(
        contrast=contrast_of,
        effects=tuple(
            SubgroupEffect(one, its.estimate, its.se, its.df, its.ci, {a: rows.count((a, one)) for a in contrast_of})
            for one, its in zip(levels, found, strict=True)
        ),
        interaction=joint_test(fit, apart, degrees, f"{every} at {len(levels)} levels"),
        difference=contrast(fit, -apart[0], level, degrees, every) if len(levels) == 2 else None,
        level=level,
        covariance=covariance,
        degrees=degrees,
        covariates=design.covariates,
        dropped=design.dropped,
    )


def _label(row: tuple[str, str]) -> str:
    return f"{row[0]} at {row[1]}"


def _check_cells(rows: Sequence[tuple[str, str]], levels: Sequence[str], arms: tuple[str, str]) -> None:
    if len(levels) < 2:
        raise AnalysisImpossible(f"Everyone analysed is at the level {levels[0]!r}: there are no subgroups to compare.")
    for one in levels:
        for each in arms:
            if rows.count((each, one)) < 2:
                raise AnalysisImpossible(
                    f"Arm {each!r} has {rows.count((each, one))} analysed at {one!r}: an effect there needs two or "
                    "more. Merge that level with another."
                )
