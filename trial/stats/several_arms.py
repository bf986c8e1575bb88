"""All arms of a trial compared in one model: every pair, and one test that no arm differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.ancova import AdjustedMean, adjusted_means, arm_difference
from trial.stats.arrays import FloatArray
from trial.stats.contrasts import Contrast, JointTest, contrast, joint_test
from trial.stats.design import Design, build_design
from trial.stats.least_squares import Covariance, Fit, least_squares
from trial.stats.model_input import check_options, check_shapes, check_values, names_of
from trial.stats.own_slopes import About, fit_own_slopes
from trial.stats.satterthwaite import Degrees


@dataclass(frozen=True, slots=True)
class SeveralArms:
    """`contrasts` maps (arm, reference) to the first minus the second; `joint` tests that all arms are alike.

    The p of each contrast is for itself alone: adjusting them for their number is the plan's business.
    """

    contrasts: dict[tuple[str, str], Contrast]
    joint: JointTest
    adjusted_means: dict[str, AdjustedMean]
    level: float
    covariance: Covariance
    degrees: Degrees
    n: dict[str, int]
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]


def several_arms(
    outcome: FloatArray,
    arm: Sequence[object],
    covariates: FloatArray,
    reference: str,
    *,
    level: float = 0.95,
    covariance: Covariance = "HC3",
    degrees: Degrees = "residual",
    own_slopes: About | None = None,
    names: Sequence[str] | None = None,
) -> SeveralArms:
    """Compare every arm with `reference` and with every other by the model of `ancova`, and all at once.

    The arguments are those of `ancova`; `own_slopes`, population or sample, gives each arm slopes of its own as
    `anhecova` does, about the one or the other. Pairs are (arm, reference) first, then the others in the arms' order,
    the later minus the earlier. The joint test is that of `contrasts.joint_test` over the differences from the
    reference; which arm that is does not change it. With two arms it is the square of the only t.

    Raises AnalysisImpossible and ValueError as `ancova` does, and AnalysisImpossible where there is only one arm.
    """
    labels = tuple(str(label) for label in arm)
    columns = names_of(covariates, names)
    check_shapes(outcome, labels, covariates, columns)
    check_options(level, covariance, degrees)
    check_values(outcome, covariates, columns)
    if reference not in labels:
        raise AnalysisImpossible(f"Arm {reference!r} has no participant with an outcome to analyse.")
    common = build_design(labels, covariates, columns)
    others = [each for each in common.arms if each != reference]
    if not others:
        raise AnalysisImpossible(f"Only arm {reference!r} has participants with an outcome: nothing to compare.")
    design, fit = _fitted(common, outcome, covariance, own_slopes)
    pairs = [(each, reference) for each in others] + [(one, other) for other, one in combinations(others, 2)]
    together = np.array([arm_difference(design, (each, reference)) for each in others])
    return SeveralArms(
        contrasts={
            pair: contrast(fit, arm_difference(design, pair), level, degrees, f"{pair[0]!r} and {pair[1]!r}")
            for pair in pairs
        },
        joint=joint_test(fit, together, degrees, ", ".join(repr(each) for each in design.arms)),
        adjusted_means=adjusted_means(design, fit, level, degrees),
        level=level,
        covariance=covariance,
        degrees=degrees,
        n={each: labels.count(each) for each in design.arms},
        covariates=common.covariates,
        dropped=common.dropped,
    )


def _fitted(common: Design, outcome: FloatArray, covariance: Covariance, own: About | None) -> tuple[Design, Fit]:
    if own is None:
        return common, least_squares(common, outcome, covariance)
    return fit_own_slopes(common, outcome, covariance, own)
