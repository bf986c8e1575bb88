"""Kenward and Roger's variance and degrees of freedom for a contrast of a model with one random intercept per cluster.

With V = v_e I + v_b Z Z', Phi = (X'V^-1 X)^-1 and, for the variances i and j with derivatives G_i of V,

    P_i = -X'V^-1 G_i V^-1 X,   Q_ij = X'V^-1 G_i V^-1 G_j V^-1 X,
    I_ij = tr(V^-1 G_i V^-1 G_j) - 2 tr(Phi Q_ij) + tr(Phi P_i Phi P_j)   (twice the expected information),

the variance of the variances is C = 2 I^-1, that of the coefficients
Phi + 2 Phi (sum_ij C_ij (Q_ij - P_i Phi P_j)) Phi. For one contrast c the degrees of freedom are
2 (c'Phi c)^2 / sum_ij C_ij (c'Phi P_i Phi c)(c'Phi P_j Phi c). V is linear in its variances, so there are no second
derivatives. Kenward MG, Roger JH (1997), Biometrics 53(3), 983-997. All are sums over clusters: along a cluster's mean
V is v_e + n_g v_b, across it v_e.
"""

from __future__ import annotations

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.one_intercept import Sums


def kenward_roger(sums: Sums, ratio: float, within: float, weights: FloatArray) -> tuple[float, float]:
    """The adjusted variance of `weights` (p,) times the coefficients, and its degrees of freedom.

    Raises AnalysisImpossible where clusters are too few for either to be above 0.
    """
    n = sums.sizes
    along = within * (1 + n * ratio)
    phi = within * sums.at(ratio).inverse
    p = [-(sums.xx / within**2 + sums.weighted(1 / (n * along**2))), -sums.weighted(1 / along**2)]
    q_ee = sums.xx / within**3 + sums.weighted(1 / (n * along**3))
    q_eb, q_bb = sums.weighted(1 / along**3), sums.weighted(n / along**3)
    q = [[q_ee, q_eb], [q_eb, q_bb]]
    t_ee = (sums.n - len(n)) / within**2 + float(np.sum(1 / along**2))
    t_eb, t_bb = float(np.sum(n / along**2)), float(np.sum((n / along) ** 2))
    traces = [[t_ee, t_eb], [t_eb, t_bb]]
    both = [(i, j) for i in range(2) for j in range(2)]
    information = np.empty((2, 2))
    for i, j in both:
        information[i, j] = traces[i][j] - 2 * np.trace(phi @ q[i][j]) + np.trace(phi @ p[i] @ phi @ p[j])
    spread = 2 * np.linalg.inv(information)
    middle = sum((spread[i, j] * (q[i][j] - p[i] @ phi @ p[j]) for i, j in both), np.zeros_like(phi))
    reach = phi @ weights
    plain = float(weights @ reach)
    slopes = np.array([reach @ p[0] @ reach, reach @ p[1] @ reach])
    df = 2 * plain**2 / float(slopes @ spread @ slopes)
    adjusted = plain + 2 * float(reach @ middle @ reach)
    if not (adjusted > 0 and df > 0):
        raise AnalysisImpossible("Too few clusters for Kenward and Roger's error: it has no value here.")
    return adjusted, df
