"""Degrees of freedom of a robust error: Satterthwaite's for one contrast, Hotelling's for several at once.

A robust variance is a sum of squares over units that are independent of one another, people (HC) or clusters (CR):
d_st = sum over g of (a_sg'e_g)(a_tg'e_g), where e_g are the residuals of unit g and a_sg its weights in contrast s.
Were the errors independent and equally spread, Cov(a_sg'e_g, a_th'e_h) would be, in units of their variance,

    P_st[g, h] = [g = h] a_sg'a_tg - u_sg'u_th,   u_sg = Q_g'a_sg,  Q an orthonormal basis of the model matrix,

and from them E d_st = sum_g P_st[g, g] and Var d_st = sum_gh (P_ss[g, h] P_tt[g, h] + P_st[g, h] P_ts[g, h]).

One contrast: df = 2 (E d)^2 / Var d. Bell RM, McCaffrey DF (2002), Survey Methodology 28(2), 169-181; for units of one
person Imbens GW, Kolesar M (2016), Review of Economics and Statistics 98(4), 701-712. Several: the contrasts are
rotated so that E d is the identity, eta = q (q + 1) / sum_st Var d_st, and (eta - q + 1) / (eta q) times Wald's
statistic is F with q and eta - q + 1 degrees of freedom. Pustejovsky JE, Tipton E (2018), Journal of Business and
Economic Statistics 36(4), 672-683. Everything is in sums over units: no matrix of people by people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from trial.stats.arrays import FloatArray

Degrees = Literal["residual", "satterthwaite"]
DEGREES: tuple[Degrees, ...] = ("residual", "satterthwaite")


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """q contrasts over m independent units: `own` (q, q, m) is a_sg'a_tg, `shared` (q, m, p) is Q_g'a_sg."""

    own: FloatArray
    shared: FloatArray


def of_people(weights: FloatArray, basis: FloatArray) -> Units:
    """Everyone a unit of their own: `weights` (q, n) of the residuals, `basis` (n, p)."""
    return Units(weights[:, None, :] * weights[None, :, :], weights[:, :, None] * basis[None, :, :])


def satterthwaite(units: Units) -> float:
    """The degrees of freedom of the first contrast's variance."""
    return 2 * float(_expected(units)[0, 0]) ** 2 / _variance(units, 0, 0)


def hotelling(units: Units) -> float:
    """eta of all q contrasts together; with one contrast it is Satterthwaite's."""
    sizes, axes = np.linalg.eigh(_expected(units))
    turn = (axes / np.sqrt(sizes)) @ axes.T
    own = np.einsum("sa,tb,abg->stg", turn, turn, units.own)
    turned = Units(own, np.einsum("sa,agp->sgp", turn, units.shared))
    q = len(turn)
    return q * (q + 1) / sum(_variance(turned, s, t) for s in range(q) for t in range(q))


def _expected(units: Units) -> FloatArray:
    expected: FloatArray = units.own.sum(axis=2) - np.einsum("sgp,tgp->st", units.shared, units.shared)
    return expected


def _variance(units: Units, s: int, t: int) -> float:
    one, other = units.shared[s], units.shared[t]
    cross = one.T @ other
    both = units.own[s, t]
    alike = both @ both - 2 * both @ np.sum(one * other, axis=1) + np.sum(cross * cross.T)
    first, second = units.own[s, s], units.own[t, t]
    apart = first @ second - first @ np.sum(other**2, axis=1) - second @ np.sum(one**2, axis=1) + np.sum(cross**2)
    return float(alike + apart)
