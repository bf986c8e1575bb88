"""Two arms compared where people come in clusters: a linear model with a random intercept per cluster."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.ancova import AdjustedMean, arm_difference, arm_weights
from trial.stats.arrays import FloatArray
from trial.stats.cluster_sums import clusters_of, design_effect, warnings_of
from trial.stats.contrasts import Contrast
from trial.stats.design import Design, build_design
from trial.stats.intervals import half_width, t_interval
from trial.stats.intraclass import Icc, icc
from trial.stats.kenward_roger import kenward_roger
from trial.stats.model_input import check_contrast, check_level, check_shapes, check_values, names_of
from trial.stats.one_intercept import Sums, best_ratio, sums_of

NO_BETWEEN = "The clusters differ no more than chance would have them: the model takes people for independent."


@dataclass(frozen=True, slots=True)
class RandomInterceptResult:
    """An adjusted difference, first arm of `contrast` minus the second, with Kenward and Roger's error and d.f.

    `between` and `within` are the variances of clusters and of people in them, by REML; `icc` the first's share of
    both, given arm and covariates. `design_effect` is None where clusters have people of several arms. `n` counts
    people and `clusters` the clusters of each arm; `adjusted_means` has each arm's mean with the covariates at theirs;
    `combined` are the combinations of the arms' means that were asked for, whose first then is the estimate; `warnings`
    are sentences that belong beside the result.
    """

    contrast: tuple[str, str]
    estimate: float
    se: float
    df: float
    t: float
    p: float
    ci: tuple[float, float]
    level: float
    between: float
    within: float
    icc: Icc
    design_effect: float | None
    n: dict[str, int]
    adjusted_means: dict[str, AdjustedMean]
    clusters: dict[str, int]
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]
    combined: tuple[Contrast, ...]
    warnings: tuple[str, ...]


def random_intercept(
    outcome: FloatArray,
    arm: Sequence[object],
    cluster: Sequence[object],
    covariates: FloatArray,
    contrast: tuple[str, str],
    *,
    level: float = 0.95,
    names: Sequence[str] | None = None,
    combinations: Sequence[Mapping[str, float]] = (),
) -> RandomInterceptResult:
    """Fit outcome = arms + covariates + intercept of the cluster + error by REML, and compare two arms.

    `cluster` holds n labels; `combinations` are those of `cluster_ancova`, the other arguments those of `ancova`. Both
    variances are common to all arms, both distributions normal. The ratio of the variances maximises the restricted
    likelihood (`one_intercept`), error and degrees of freedom are Kenward and Roger's (`kenward_roger`), the ICC has
    its interval (`intraclass`). After the sums of each cluster are taken once, nothing costs more for more people.

    Raises AnalysisImpossible and ValueError as `cluster_ancova` does, and AnalysisImpossible when no cluster has two
    people, there are too few clusters, or the people of each cluster are alike.
    """
    labels = tuple(str(label) for label in arm)
    columns = names_of(covariates, names)
    check_shapes(outcome, labels, covariates, columns)
    if len(cluster) != len(labels):
        raise ValueError("arm and cluster differ in their number of participants")
    check_level(level)
    check_contrast(labels, contrast)
    check_values(outcome, covariates, columns)
    design = build_design(labels, covariates, columns)
    clusters = clusters_of(design, cluster)
    if float(np.max(clusters.sizes)) < 2:
        raise AnalysisImpossible("No cluster has two people: what clusters share cannot be told from what people do.")
    sums = sums_of(design.matrix, outcome, clusters)
    ratio = best_ratio(sums)
    within = sums.at(ratio).rss / (sums.n - sums.p)
    asked = [arm_weights(design, one) for one in combinations] or [arm_difference(design, contrast)]
    found = [_contrast(_judged(sums, ratio, within, weights), level) for weights in asked]
    main = found[0]
    share = icc(sums, ratio, level)
    nothing = (NO_BETWEEN,) if ratio == 0 else ()
    return RandomInterceptResult(
        contrast=contrast,
        estimate=main.estimate,
        se=main.se,
        df=main.df,
        t=main.t,
        p=main.p,
        ci=main.ci,
        level=level,
        between=ratio * within,
        within=within,
        icc=share,
        design_effect=None if clusters.within else design_effect(clusters.sizes, share.estimate),
        n={each: labels.count(each) for each in design.arms},
        adjusted_means=_means(design, sums, ratio, within, float(outcome.mean()), level),
        clusters=clusters.per_arm,
        covariates=design.covariates,
        dropped=design.dropped,
        combined=tuple(found) if combinations else (),
        warnings=nothing + warnings_of(clusters, main.df),
    )


def _judged(sums: Sums, ratio: float, within: float, weights: FloatArray) -> tuple[float, float, float]:
    adjusted, df = kenward_roger(sums, ratio, within, weights)
    return float(weights @ sums.at(ratio).coefficients), math.sqrt(adjusted), df


def _contrast(judged: tuple[float, float, float], level: float) -> Contrast:
    estimate, se, df = judged
    ci, p = t_interval(estimate, se, df, level)
    return Contrast(estimate, se, df, estimate / se, p, ci)


def _means(
    design: Design, sums: Sums, ratio: float, within: float, centre: float, level: float
) -> dict[str, AdjustedMean]:
    """Every arm's mean with the covariates at their means among those analysed."""
    means = {}
    for weights, each in zip(np.eye(sums.p), design.arms, strict=False):
        estimate, se, df = _judged(sums, ratio, within, weights)
        half, mean = half_width(se, df, level), centre + estimate
        means[each] = AdjustedMean(mean, se, (mean - half, mean + half), df)
    return means
