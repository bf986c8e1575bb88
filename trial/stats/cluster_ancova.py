"""Two arms compared by ANCOVA where people come in clusters: an error that allows people of a cluster to be alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.ancova import AdjustedMean, arm_difference, arm_weights
from trial.stats.arrays import FloatArray
from trial.stats.cluster_sums import Clusters, clusters_of, warnings_of
from trial.stats.contrasts import Contrast
from trial.stats.design import Design, build_design
from trial.stats.intervals import half_width, t_interval
from trial.stats.least_squares import refuse_perfect_fit
from trial.stats.model_input import check_contrast, check_level, check_shapes, check_values, names_of
from trial.stats.satterthwaite import Units, satterthwaite

_ALONE = 1 - 1e-8
_TAKES_PART = 1e-6
_NO_ERROR = 1e-12


@dataclass(frozen=True, slots=True)
class ClusterAncovaResult:
    """An adjusted difference, first arm of `contrast` minus the second, with the CR2 error.

    `n` counts people and `clusters` the clusters of each arm; `adjusted_means` has each arm's mean with the covariates
    at theirs, less an arm whose mean one cluster alone determines; `combined` are the combinations of the arms' means
    that were asked for, whose first then is the estimate; `warnings` are sentences that belong beside the result.
    """

    contrast: tuple[str, str]
    estimate: float
    se: float
    df: float
    t: float
    p: float
    ci: tuple[float, float]
    level: float
    n: dict[str, int]
    adjusted_means: dict[str, AdjustedMean]
    clusters: dict[str, int]
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]
    combined: tuple[Contrast, ...]
    warnings: tuple[str, ...]


def cluster_ancova(
    outcome: FloatArray,
    arm: Sequence[object],
    cluster: Sequence[object],
    covariates: FloatArray,
    contrast: tuple[str, str],
    *,
    level: float = 0.95,
    names: Sequence[str] | None = None,
    combinations: Sequence[Mapping[str, float]] = (),
) -> ClusterAncovaResult:
    """Compare two arms by the least squares of `ancova`, with the CR2 variance and Satterthwaite's degrees of freedom.

    `cluster` holds n labels; the other arguments are those of `ancova`. `combinations` are weights of the arms' means,
    such as effects of factors, judged in place of the difference of two. With X_g, e_g the rows and residuals of
    cluster g, M = (X'X)^-1 and A_g = (I - X_g M X_g')^-1/2, the variance is M (sum X_g'A_g e_g e_g'A_g X_g) M: unbiased
    were people independent and equally spread, consistent in the number of clusters whatever they are. Bell and
    McCaffrey 2002, Pustejovsky and Tipton 2018 (`satterthwaite`, with the degrees of freedom). In an orthonormal basis,
    X_g = Q_g R, A_g Q_g = Q_g (I - Q_g'Q_g)^-1/2, so that a cluster costs a matrix of the size of the model however
    many people it has. Each person a cluster of their own: HC2. A level of a covariate found in one cluster only takes
    no part in the comparison of arms and is left out of that cluster's error (a generalised inverse, as in
    clubSandwich).

    Raises AnalysisImpossible and ValueError as `ancova` does, and AnalysisImpossible when there is one cluster, or
    one cluster alone determines the difference of the arms: an arm of one cluster.
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
    fit = _fit(design, clusters, outcome)
    between = f"the difference between {contrast[0]!r} and {contrast[1]!r}"
    asked = [(arm_difference(design, contrast), between)]
    if combinations:
        asked = [(arm_weights(design, one), "the planned effect") for one in combinations]
    found = []
    for weights, what in asked:
        estimate, se, df = _judged(fit, clusters, weights, what)
        if se <= _NO_ERROR * float(np.std(outcome)):
            raise AnalysisImpossible(
                f"The outcome does not vary between the clusters of {' and '.join(map(repr, contrast))}."
            )
        ci, p = t_interval(estimate, se, df, level)
        found.append(Contrast(estimate, se, df, estimate / se, p, ci))
    main = found[0]
    return ClusterAncovaResult(
        contrast=contrast,
        estimate=main.estimate,
        se=main.se,
        df=main.df,
        t=main.t,
        p=main.p,
        ci=main.ci,
        level=level,
        n={each: labels.count(each) for each in design.arms},
        adjusted_means=_means(design, fit, clusters, float(outcome.mean()), level),
        clusters=clusters.per_arm,
        covariates=design.covariates,
        dropped=design.dropped,
        combined=tuple(found) if combinations else (),
        warnings=warnings_of(clusters, main.df),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """The least squares in the basis Q of X = QR: R (p, p), Q'y (p,), Q_g'e_g and Q_g'Q_g of each cluster."""

    triangle: FloatArray
    fitted: FloatArray
    scores: FloatArray
    shapes: FloatArray


def _fit(design: Design, clusters: Clusters, outcome: FloatArray) -> _Fit:
    basis, triangle = np.linalg.qr(design.matrix)
    centred = outcome - outcome.mean()
    fitted = basis.T @ centred
    residuals = centred - basis @ fitted
    refuse_perfect_fit(outcome, residuals)
    return _Fit(triangle, fitted, clusters.sums(basis * residuals[:, None]), _shapes(basis, clusters))


def _judged(fit: _Fit, clusters: Clusters, weights: FloatArray, what: str) -> tuple[float, float, float]:
    """Estimate, CR2 error and degrees of freedom of `weights` (p,) times the coefficients of the centred outcome."""
    towards = np.asarray(np.linalg.solve(fit.triangle.T, weights), dtype=np.float64)
    adjusted = _adjusted(fit.shapes, towards, clusters, what)
    shared = np.einsum("gpq,gq->gp", fit.shapes, adjusted)
    units = Units(np.sum(adjusted * shared, axis=1)[None, None, :], shared[None])
    variance = float(np.sum(np.sum(fit.scores * adjusted, axis=1) ** 2))
    return float(towards @ fit.fitted), math.sqrt(variance), satterthwaite(units)


def _means(design: Design, fit: _Fit, clusters: Clusters, centre: float, level: float) -> dict[str, AdjustedMean]:
    """Every arm's mean with the covariates at their means among those analysed."""
    means = {}
    for weights, each in zip(np.eye(design.matrix.shape[1]), design.arms, strict=False):
        try:
            estimate, se, df = _judged(fit, clusters, weights, f"the mean of {each!r}")
        except AnalysisImpossible:
            continue
        half, mean = half_width(se, df, level), centre + estimate
        means[each] = AdjustedMean(mean, se, (mean - half, mean + half), df)
    return means


def _shapes(basis: FloatArray, clusters: Clusters) -> FloatArray:
    """Q_g'Q_g of each cluster, (m, p, p)."""
    p = basis.shape[1]
    shapes = np.empty((len(clusters.sizes), p, p))
    for column in range(p):
        shapes[:, :, column] = clusters.sums(basis * basis[:, column : column + 1])
    return shapes


def _adjusted(shapes: FloatArray, towards: FloatArray, clusters: Clusters, what: str) -> FloatArray:
    """(I - Q_g'Q_g)^-1/2 times the contrast's direction, for each cluster: (m, p)."""
    sizes, axes = np.linalg.eigh(shapes)
    along = np.einsum("gpk,p->gk", axes, towards)
    alone = sizes > _ALONE
    decided = alone & (np.abs(along) > _TAKES_PART * float(np.linalg.norm(towards)))
    if np.any(decided):
        name = clusters.names[int(np.flatnonzero(decided.any(axis=1))[0])]
        raise AnalysisImpossible(
            f"Cluster {name!r} alone determines {what}: nothing tells how it would come out with another cluster."
        )
    enlarged = np.where(alone, 0, along / np.sqrt(np.where(alone, 1, 1 - sizes)))
    adjusted: FloatArray = np.einsum("gpk,gk->gp", axes, enlarged)
    return adjusted
