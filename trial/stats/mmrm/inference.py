"""Errors and degrees of freedom of contrasts in a model of repeated outcomes: Satterthwaite, and Kenward and Roger.

Satterthwaite takes the model's own error and asks how well its variance is known: with v = c'Phi c, its gradient g by
the parameters of the covariance and V the inverse of the observed information,

    d.f. = 2 v^2 / g'V g,

Satterthwaite FE (1946), Biometrics Bulletin 2, 110-114; Fai AHT, Cornelius PL (1996), Journal of Statistical
Computation and Simulation 54, 363-378. Kenward and Roger enlarge Phi for not knowing the covariance, by the expected
information,

    Phi + 2 Phi [sum over k, l of V_kl (Q_kl - P_k Phi P_l)] Phi,

with P_k = -X'W A_k W X and Q_kl = X'W A_k W A_l W X, and for one contrast take the same d.f. with that information:
Kenward MG, Roger JH (1997), Biometrics 53, 983-997. Where the covariance is not linear in its parameters, what its
second derivatives would add is left out: the form known as linear.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.mmrm.fitting import Maximum
from trial.stats.mmrm.likelihood import Data, information

Method = Literal["satterthwaite", "kenward_roger"]


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """What contrasts need: the covariance of the coefficients as reported, the model's own `phi`, the `moved` of the
    derivatives, and `variance` (K, K), that of the covariance's parameters."""

    reported: FloatArray
    phi: FloatArray
    moved: FloatArray
    variance: FloatArray

    def of(self, contrast: FloatArray) -> tuple[float, float]:
        """(standard error, degrees of freedom) of a combination (p,) of the coefficients."""
        along = self.phi @ contrast
        own = float(contrast @ along)
        slopes = np.einsum("i,kij,j->k", along, self.moved, along)
        spread = float(slopes @ self.variance @ slopes)
        if not (own > 0 and spread > 0):
            raise AnalysisImpossible("The error of a difference cannot be told from these data.")
        return float(np.sqrt(contrast @ self.reported @ contrast)), 2 * own**2 / spread


def errors_of(data: Data, found: Maximum, method: Method) -> Errors:
    """The errors of a fitted model; raises AnalysisImpossible where the covariance's own error cannot be told."""
    phi, moved = found.fitted.phi, found.derivatives.moved
    if method == "satterthwaite":
        return Errors(phi, phi, moved, _inverse(-found.derivatives.hessian))
    pairs = _pairs(data, found)
    spread = moved @ phi
    expected = np.einsum("kij,lji->kl", spread, spread) - 2 * np.einsum("klij,ji->kl", pairs, phi)
    variance = _inverse(found.derivatives.crude + 0.5 * expected)
    middle = np.tensordot(variance, pairs - (moved @ phi)[:, None] @ moved[None], ((0, 1), (0, 1)))
    middle = (middle + middle.T) / 2
    return Errors(phi + 2 * phi @ middle @ phi, phi, moved, variance)


def _pairs(data: Data, found: Maximum) -> FloatArray:
    """Q (K, K, p, p)."""
    wa = found.fitted.weights[:, None] @ found.covariance.first[None]
    waw = (wa @ found.fitted.weights[:, None]).swapaxes(0, 1)
    return np.array([information(data, wa[:, k][None] @ waw) for k in range(len(waw))])


def _inverse(matrix: FloatArray) -> FloatArray:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise AnalysisImpossible("How well the covariance is known cannot be told from these data.") from None
    return np.asarray(np.linalg.inv(matrix))
