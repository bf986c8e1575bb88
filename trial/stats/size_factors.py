"""What else the size of a trial depends on: the baseline, clusters, and how many comparisons are made."""

from __future__ import annotations

import math
from dataclasses import dataclass

from trial.core import planned_size


def borm_size(unadjusted: float, r: float) -> int:
    """Participants per arm for ANCOVA, from the unrounded size of a t-test: n (1 - r^2) rounded up, and one more.

    Borm GF et al. (2007), Journal of Clinical Epidemiology 60, 1234; `two_sample_size` with one covariate is exact.
    Raises ValueError for |r| of 1 or more, or no participants.
    """
    _correlated(r)
    if not (unadjusted > 0 and math.isfinite(unadjusted)):
        raise ValueError("needs a number of participants above 0")
    return math.ceil(unadjusted * (1 - r * r) - 1e-9) + 1


def change_score_factor(r: float) -> float:
    """The variance of a change from baseline over that of the outcome, 2 (1 - r): what a size is multiplied by.

    Both measurements have the same variance. Below r = 1/2 the change is worse than the outcome alone; ANCOVA, with
    1 - r^2, is never worse than either. Raises ValueError for |r| of 1 or more.
    """
    _correlated(r)
    return 2 * (1 - r)


def design_effect(mean_size: float, icc: float, size_cv: float = 0.0) -> float:
    """What a size is multiplied by where whole clusters are randomised: 1 + ((cv^2 + 1) m - 1) icc.

    `mean_size` m is the mean number analysed in a cluster, `size_cv` the standard deviation of the clusters' sizes over
    m, `icc` the intracluster correlation. Eldridge SM, Ashby D, Kerry S (2006), International Journal of Epidemiology
    35, 1292-1300; on the safe side for analyses that weigh clusters by what they tell. Raises ValueError for clusters
    of less than one, an icc outside 0 to 1, or a cv below 0.
    """
    if not (mean_size >= 1 and math.isfinite(mean_size) and 0 <= icc <= 1 and size_cv >= 0 and math.isfinite(size_cv)):
        raise ValueError("needs clusters of at least one, an icc from 0 to 1 and a cv of at least 0")
    return planned_size.design_effect(mean_size, icc, size_cv)


def clusters_per_arm(individual: float, mean_size: float, icc: float, size_cv: float = 0.0) -> int:
    """Clusters per arm, from the unrounded size of a trial that randomises people.

    Few clusters leave few degrees of freedom, which this does not allow for. Raises ValueError as `design_effect` does.
    """
    if not (individual > 0 and math.isfinite(individual)):
        raise ValueError("needs a number of participants above 0")
    return math.ceil(individual * design_effect(mean_size, icc, size_cv) / mean_size - 1e-9)


@dataclass(frozen=True, slots=True)
class PerContrast:
    """The alpha of each of `contrasts` comparisons that hold `alpha` together, and why, in words."""

    alpha: float
    contrasts: int
    each: float
    statement: str


def per_contrast(alpha: float, contrasts: int) -> PerContrast:
    """Share alpha among comparisons evenly (Bonferroni): a size planned so is enough for Holm's adjustment too.

    Comparisons with one control arm are correlated; Dunnett's test would use that for a slightly smaller trial, this
    does not. Raises ValueError for an alpha outside 0 to 1 or no comparison.
    """
    if not 0 < alpha < 1:
        raise ValueError("alpha lies between 0 and 1")
    if contrasts < 1:
        raise ValueError("needs at least one comparison")
    each = alpha / contrasts
    statement = "One comparison: nothing to share."
    if contrasts > 1:
        statement = (
            f"Each of {contrasts} comparisons is planned at alpha / {contrasts} = {each:.4g} (Bonferroni), so that the "
            f"chance of any false finding is at most {alpha:.4g}; the power is that of each comparison, not of all "
            "together."
        )
    return PerContrast(alpha, contrasts, each, statement)


def _correlated(r: float) -> None:
    if not -1 < r < 1:
        raise ValueError("a correlation lies between -1 and 1")
