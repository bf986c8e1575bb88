"""What a meta-analysis comes to without each of its studies, and within groups of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.meta_analysis import Pooled, pool_studies
from trial.stats.meta_heterogeneity import Method


@dataclass(frozen=True, slots=True)
class Subgroups:
    """Each group by itself, None where it holds one study; Q between the groups that were pooled, None if fewer than
    two were."""

    groups: dict[str, Pooled | None]
    q: float | None
    df: int | None
    p: float | None


def leave_one_out(
    estimates: FloatArray, variances: FloatArray, method: Method = "reml", **options: Any
) -> tuple[Pooled, ...]:
    """The analysis without the first study, without the second, and so on; `options` are those of `pool_studies`.

    tau^2 is estimated anew each time, as `metafor::leave1out` does. Raises AnalysisImpossible for fewer than three
    studies.
    """
    if len(estimates) < 3:
        raise AnalysisImpossible("Leaving one study out needs at least three.")
    keep = ~np.eye(len(estimates), dtype=np.bool_)
    return tuple(pool_studies(estimates[one], variances[one], method, **options) for one in keep)


def by_group(
    estimates: FloatArray, variances: FloatArray, groups: Sequence[str], method: Method = "reml", **options: Any
) -> Subgroups:
    """Pool each group by itself, with a tau^2 of its own, and test whether their effects differ.

    Q = sum w (m - M)^2 over the G pooled groups, w = 1 / se^2 and M the weighted mean, chi-squared on G - 1 degrees of
    freedom: a common-effect analysis of the groups' results. Groups in the order of their first study; a group of
    one study is None and not in Q. Groups differ in more than what they are named for: the test is observational even
    where every study is a trial. Raises ValueError where `groups` (k,) are not as many as the studies, and
    AnalysisImpossible as `pool_studies` does.
    """
    if len(groups) != len(estimates):
        raise ValueError("groups and estimates differ in number")
    labels = np.array(groups, dtype=object)
    found: dict[str, Pooled | None] = {}
    for name in dict.fromkeys(groups):
        its = labels == name
        found[name] = pool_studies(estimates[its], variances[its], method, **options) if its.sum() > 1 else None
    pooled = [one for one in found.values() if one is not None]
    if len(pooled) < 2:
        return Subgroups(found, None, None, None)
    means, weights = np.array([one.estimate for one in pooled]), np.array([one.se**-2 for one in pooled])
    q = float(np.sum(weights * (means - np.sum(weights * means) / np.sum(weights)) ** 2))
    return Subgroups(found, q, len(pooled) - 1, float(special.chdtrc(len(pooled) - 1, q)))
