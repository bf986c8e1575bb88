"""A normal model of outcomes at several timepoints, fitted by restricted maximum likelihood to people with any gaps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray

MOST_ROUNDS = 10_000
TOLERANCE = 1e-11
_SINGULAR = 1e-9
_Of = tuple[float, FloatArray, FloatArray, FloatArray]  # n, xx, xy, yy of one pattern


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """All that the likelihood needs of n people, by pattern of gaps.

    `seen` (P, T) says which of T outcomes a pattern has; `n` (R, P) how many people it has, in each of R versions of
    the data; `xx` (R, P, q, q), `xy` (R, P, q, T) and `yy` (R, P, T, T) are sums of products, 0 where not seen.
    An iteration costs the number of patterns, whatever the number of people.
    """

    seen: npt.NDArray[np.bool_]
    n: FloatArray
    xx: FloatArray
    xy: FloatArray
    yy: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class NormalModel:
    """Coefficients (R, q, T) and covariance (R, T, T) of R versions of the data: y given x is N(x B, covariance)."""

    coefficients: FloatArray
    covariance: FloatArray


def patterns_of(y: FloatArray) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
    """The patterns of gaps (P, T) of `y` (n, T), and which of them each person has; a person without any y has -1."""
    seen = np.isfinite(y)
    weights = 1 << np.arange(y.shape[1])
    codes = seen @ weights
    kinds = np.unique(codes[codes > 0])
    place = np.where(codes > 0, np.searchsorted(kinds, codes), -1)
    return (kinds[:, None] & weights) > 0, place


def sums_of(x: FloatArray, y: FloatArray) -> Sums:
    """Sums of people with covariates `x` (n, q), no gaps, and outcomes `y` (n, T), NaN where missing; R is 1."""
    return sums_over([(x, y)])


def sums_over(blocks: Iterable[tuple[FloatArray, FloatArray]]) -> Sums:
    """The same of people who come in blocks, so that no more than one block is worked on at a time."""
    found: dict[int, _Of] = {}
    timepoints = 0
    for x, y in blocks:
        timepoints = y.shape[1]
        for pattern, a, b in by_pattern(x, y):
            its = (float(len(a)), a.T @ a, a.T @ b, b.T @ b)
            so_far = found.get(pattern)
            found[pattern] = its if so_far is None else _added(so_far, its)
    kinds = np.array(sorted(found), dtype=np.intp)
    n, xx, xy, yy = ([found[int(kind)][part] for kind in kinds] for part in range(4))
    seen = (kinds[:, None] & (1 << np.arange(timepoints))) > 0
    return Sums(seen, np.array([n]), np.array([xx]), np.array([xy]), np.array([yy]))


def _added(one: _Of, other: _Of) -> _Of:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]


def by_pattern(x: FloatArray, y: FloatArray) -> Iterator[tuple[int, FloatArray, FloatArray]]:
    """(the pattern as a number, covariates and outcomes of those who have it, 0 where missing), in order."""
    seen = np.isfinite(y)
    codes = seen @ (1 << np.arange(y.shape[1]))
    order = np.argsort(codes, kind="stable")
    ranked, filled = codes[order], np.where(seen, y, 0.0)
    for pattern in np.unique(codes[codes > 0]):
        its = order[np.searchsorted(ranked, pattern) : np.searchsorted(ranked, pattern, side="right")]
        yield int(pattern), x[its], filled[its]


def fit_normal(sums: Sums, start: FloatArray | None = None, *, restricted: bool = True) -> NormalModel:
    """Fit y = x B + error, error ~ N(0, covariance) independent between people, to whatever was seen of each y.

    EM for the covariance, with B at its generalised least squares value in each round. With W = covariance of (all,
    seen) times the inverse of that of (seen, seen), e the residuals of what was seen, and R what W leaves over,

        new covariance = sum over people of [W (e e' + V) W' + R] / n.

    V is 0 for maximum likelihood. Restricted (REML), which is the default, it is the covariance of x B given the data:
    B is integrated out with a flat prior, so that with no gaps the divisor is n - q and not n. Dempster AP, Laird NM,
    Rubin DB (1977), Journal of the Royal Statistical Society B 39, 1-38; Laird NM, Ware JH (1982), Biometrics 38,
    963-974. The likelihood takes gaps to be missing at random given x and what was seen. `start` (R, T, T) is a first
    covariance.

    Raises AnalysisImpossible where the covariance turns singular or the rounds do not settle.
    """
    covariance = _first(sums) if start is None else start
    total = sums.n.sum(axis=1)[:, None, None]
    for _ in range(MOST_ROUNDS):
        _refuse_singular(covariance)
        moments = _moments(sums, covariance, restricted=restricted)
        scale = np.max(np.diagonal(covariance, axis1=1, axis2=2))
        new = moments / total
        new = (new + new.swapaxes(1, 2)) / 2
        moved = float(np.max(np.abs(new - covariance)))
        covariance = new
        if moved < TOLERANCE * scale:
            return NormalModel(_means(sums, *_precisions(sums, covariance))[0], covariance)
    raise AnalysisImpossible("The model of the missing values does not settle: too little is known of some timepoint.")


def regression(covariance: FloatArray, seen: npt.NDArray[np.bool_]) -> FloatArray:
    """Weights (R, T, T) with which seen residuals foretell all of them: the identity for what is seen; 0 columns
    for what is not. `covariance` (R, T, T), `seen` (T,).
    """
    return covariance @ _inverse_seen(covariance, seen)


def _first(sums: Sums) -> FloatArray:
    """Each outcome's own spread about least squares over those who have it, as a diagonal."""
    versions, size = sums.n.shape[0], sums.seen.shape[1]
    spread = np.zeros((versions, size, size))
    for t in range(size):
        has = sums.seen[:, t]
        xx, xy = sums.xx[:, has].sum(axis=1), sums.xy[..., t][:, has].sum(axis=1)
        fitted = np.linalg.solve(xx, xy[..., None])[..., 0]
        left = sums.yy[..., t, t][:, has].sum(axis=1) - np.sum(fitted * xy, axis=1)
        spread[:, t, t] = left / sums.n[:, has].sum(axis=1)
    return spread


def _refuse_singular(covariance: FloatArray) -> None:
    spread = np.diagonal(covariance, axis1=1, axis2=2)
    if not np.all(np.isfinite(covariance)) or np.any(spread <= 0):
        raise AnalysisImpossible("The outcome does not vary at some timepoint: missing values cannot be modelled.")
    root = np.sqrt(spread)
    values = np.linalg.eigvalsh(covariance / (root[:, :, None] * root[:, None, :]))
    if float(values.min()) < _SINGULAR:
        raise AnalysisImpossible(
            "The outcome at one timepoint follows exactly from the others: missing values cannot be modelled."
        )


def _inverse_seen(covariance: FloatArray, seen: npt.NDArray[np.bool_]) -> FloatArray:
    at = np.flatnonzero(seen)
    whole = np.zeros_like(covariance)
    whole[:, at[:, None], at] = np.linalg.inv(covariance[:, at[:, None], at])
    return whole


def _precisions(sums: Sums, covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For each pattern the precision of what it has (R, P, T, T), and over all the inverse information on B."""
    precision = np.stack([_inverse_seen(covariance, seen) for seen in sums.seen], axis=1)
    versions, kinds, q, size = sums.xy.shape
    flat = precision.reshape(versions, kinds, size * size).swapaxes(1, 2)
    information = (flat @ sums.xx.reshape(versions, kinds, q * q)).reshape(versions, size, size, q, q)
    square = information.transpose(0, 1, 3, 2, 4).reshape(versions, size * q, size * q)
    return precision, np.asarray(np.linalg.inv(square), dtype=np.float64)


def _means(sums: Sums, precision: FloatArray, inverse: FloatArray) -> tuple[FloatArray, FloatArray]:
    """B (R, q, T) and its covariance as (R, T, T, q, q)."""
    versions, _, q, size = sums.xy.shape
    right = (sums.xy @ precision).sum(axis=1).swapaxes(1, 2).reshape(versions, size * q, 1)
    b = (inverse @ right).reshape(versions, size, q).swapaxes(1, 2)
    spread: FloatArray = inverse.reshape(versions, size, q, size, q).transpose(0, 1, 3, 2, 4)
    return np.asarray(b, dtype=np.float64), spread


def _moments(sums: Sums, covariance: FloatArray, *, restricted: bool) -> FloatArray:
    """The expected sum of residual products over people, (R, T, T)."""
    precision, inverse = _precisions(sums, covariance)
    b, spread = _means(sums, precision, inverse)
    versions, kinds, q, size = sums.xy.shape
    both = (sums.seen[:, :, None] & sums.seen[:, None, :]).astype(np.float64)
    wide = b[:, None]
    cross = wide.swapaxes(2, 3) @ sums.xy
    products = sums.yy - cross - cross.swapaxes(2, 3) + wide.swapaxes(2, 3) @ sums.xx @ wide
    if restricted:
        flat = spread.reshape(versions, size * size, q * q) @ sums.xx.reshape(versions, kinds, q * q).swapaxes(1, 2)
        products = products + flat.swapaxes(1, 2).reshape(versions, kinds, size, size)
    weights = covariance[:, None] @ precision
    left_over = covariance[:, None] - weights @ covariance[:, None]
    found = weights @ (products * both) @ weights.swapaxes(2, 3) + sums.n[:, :, None, None] * left_over
    return np.asarray(found.sum(axis=1))
