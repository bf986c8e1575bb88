"""The restricted likelihood of repeated outcomes with gaps, its gradient and Hessian, from sums over people.

With W the inverse covariance of what a pattern of gaps leaves to be seen, X and r model matrix and residuals of a
person, beta at its generalised least squares value, P = sum X'WX and Phi its inverse,

    -2 l = sum over people of [log |Sigma| + r'Wr] + log |P| + (N - p) log 2 pi,

Harville DA (1977), Journal of the American Statistical Association 72, 320-338. All derivatives are exact. People come
in by pattern and as sums of products, so that an evaluation costs patterns and timepoints, not people.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trial.stats.arrays import FloatArray
from trial.stats.mmrm.layout import Layout
from trial.stats.mmrm.structures import Covariance
from trial.stats.normal_model import Sums


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """Sums by pattern of gaps: `n` (P,), `xx` (P, q, q), `xy` (P, q, T), `yy` (P, T, T); 0 where not `seen` (P, T).

    `selection` is that of the layout.
    """

    seen: FloatArray
    n: FloatArray
    xx: FloatArray
    xy: FloatArray
    yy: FloatArray
    selection: FloatArray

    @property
    def values(self) -> float:
        """How many outcomes there are, N."""
        return float((self.n[:, None] * self.seen).sum())


def data_of(sums: Sums, layout: Layout) -> Data:
    """The one version of the data in these sums, for this layout."""
    seen = sums.seen.astype(np.float64)
    return Data(seen, sums.n[0], sums.xx[0], sums.xy[0], sums.yy[0], layout.selection())


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The likelihood at one covariance: coefficients `beta` (p,), `phi` (p, p), and what derivatives are made of.

    `weights` (P, T, T) are the inverse covariances, 0 where not seen; `products` (P, T, T) sums of residual products;
    `leverage` (P, T, T) sums of X Phi X'; `scores` (P, q, T) sums of x times residuals.
    """

    log_likelihood: float
    beta: FloatArray
    phi: FloatArray
    weights: FloatArray
    products: FloatArray
    leverage: FloatArray
    scores: FloatArray


def information(data: Data, weights: FloatArray) -> FloatArray:
    """The sum over people of X'VX (p, p) for weights V (…, P, T, T), which need not be symmetric."""
    kinds, q, timepoints = data.xy.shape
    lead = weights.shape[:-3]
    flat = weights.reshape(-1, kinds, timepoints * timepoints).swapaxes(-1, -2) @ data.xx.reshape(kinds, q * q)
    blocks = flat.reshape(-1, timepoints, timepoints, q, q).swapaxes(-2, -3).reshape(-1, timepoints * q, timepoints * q)
    found: FloatArray = data.selection.T @ blocks @ data.selection
    return found.reshape(*lead, *found.shape[-2:])


def _collected(data: Data, scores: FloatArray, weights: FloatArray) -> FloatArray:
    """The sum over people of X'V r (…, p) for weights V (…, P, T, T) and sums of x r' (P, q, T)."""
    weighted = (scores @ weights).sum(axis=-3).swapaxes(-1, -2)
    found: FloatArray = weighted.reshape(*weighted.shape[:-2], -1) @ data.selection
    return found


def evaluate(data: Data, covariance: FloatArray) -> Fitted | None:
    """The likelihood at a covariance (T, T); None where it is not positive definite or does not tell coefficients."""
    try:
        np.linalg.cholesky(covariance)
        whole = np.where(data.seen[:, :, None] * data.seen[:, None, :] > 0, covariance, 0.0)
        whole = whole + (1 - data.seen)[:, :, None] * np.eye(len(covariance))
        factor = np.linalg.cholesky(whole)
        both = data.seen[:, :, None] * data.seen[:, None, :]
        weights = np.linalg.inv(whole) * both
        precision = information(data, weights)
        root = np.linalg.cholesky(precision)
    except np.linalg.LinAlgError:
        return None
    phi: FloatArray = np.asarray(np.linalg.inv(precision), dtype=np.float64)
    beta = phi @ _collected(data, data.xy, weights)
    q, timepoints = data.xy.shape[1:]
    lines = (data.selection @ beta).reshape(timepoints, q).T
    cross = lines.T @ data.xy
    products = (data.yy - cross - cross.swapaxes(1, 2) + lines.T @ data.xx @ lines) * both
    scores = data.xy - data.xx @ lines * data.seen[:, None, :]
    spread = (data.selection @ phi @ data.selection.T).reshape(timepoints, q, timepoints, q).transpose(0, 2, 1, 3)
    leverage: FloatArray = np.tensordot(data.xx, spread, ((1, 2), (2, 3))) * both
    logs = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
    deviance = data.n @ logs + np.sum(weights * products) + 2 * np.log(np.diagonal(root)).sum()
    deviance += (data.values - len(beta)) * math.log(2 * math.pi)
    beta = np.asarray(beta, dtype=np.float64)
    return Fitted(-0.5 * float(deviance), beta, phi, np.asarray(weights), np.asarray(products), leverage, scores)


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """Of the restricted log-likelihood by the K parameters: `gradient` (K,) and `hessian` (K, K).

    `moved` (K, p, p) is X'W A W X, with A the derivative of the covariance: minus the derivative of P. `crude` (K, K)
    is the information that unrestricted likelihood would expect, which is always positive.
    """

    gradient: FloatArray
    hessian: FloatArray
    moved: FloatArray
    crude: FloatArray


def derivatives(data: Data, fitted: Fitted, covariance: Covariance) -> Derivatives:
    """With h for what one person's W A W does: the first derivative of -2 l by parameter k is

        tr(W A_k) - tr(W A_k W (r r' + X Phi X')), summed over people,

    and the second one takes in that beta moves with the covariance, by Phi X'W A_k W r."""
    weights, k = fitted.weights, len(covariance.first)
    wa = weights[:, None] @ covariance.first[None]  # (P, K, T, T)
    waw = wa @ weights[:, None]
    moved = information(data, waw.swapaxes(0, 1))
    about = fitted.products + fitted.leverage
    n = data.n[:, None]
    first = (n * np.trace(wa, axis1=2, axis2=3)).sum(axis=0) - np.einsum("pkij,pij->k", waw, about)
    flat, turned = wa.swapaxes(0, 1).reshape(k, -1), wa.swapaxes(0, 1).swapaxes(-1, -2)
    by_people = (turned * data.n[None, :, None, None]).reshape(k, -1)
    expected = flat @ by_people.T
    carried = (weights @ about)[:, None] @ wa  # W (R + H) W A: with W A once more, the trace of what is left
    curved = carried.swapaxes(0, 1).reshape(k, -1) @ turned.reshape(k, -1).T
    steps = _collected(data, fitted.scores, waw.swapaxes(0, 1))
    spread = moved @ fitted.phi
    second = -expected + curved + curved.T - 2 * steps @ fitted.phi @ steps.T
    second -= np.einsum("kij,lji->kl", spread, spread)
    if covariance.second is not None:
        slack = (n[..., None] * weights - weights @ about @ weights).sum(axis=0)
        second += np.tensordot(covariance.second, slack, ((2, 3), (0, 1)))
    return Derivatives(-0.5 * first, -0.25 * (second + second.T), moved, 0.5 * expected)
