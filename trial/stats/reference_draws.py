"""Those who are lost drawn as the reference would have it, many times over, and the planned analysis of each: Rubin."""

from __future__ import annotations

import numpy as np

from trial.stats.arrays import FloatArray
from trial.stats.conditional_mean import Rule
from trial.stats.dice import Dice
from trial.stats.filling import Arm, Gaps, Seen, with_intercept
from trial.stats.least_squares import Covariance, contrast_of
from trial.stats.multiple_imputation import IMPUTATIONS, ROUNDS, Chains, Imputed, in_order
from trial.stats.normal_model import patterns_of, regression
from trial.stats.rubin import pool


def reference_draws(
    gaps: Gaps,
    contrast: tuple[str, str],
    rule: Rule,
    key: tuple[str, ...],
    *,
    covariance: Covariance = "HC3",
    imputations: int = IMPUTATIONS,
    rounds: int = ROUNDS,
) -> Imputed:
    """Draw the missing outcomes of both arms, the lost of the first by `rule`, and pool the planned difference.

    Parameters of both arms are drawn as in `multiple_imputation`, each given its own people at random. A gap before a
    later answer, and every gap of the reference, is drawn from its own arm's model. Whoever of the first arm is lost is
    drawn about the mean that `conditional_mean` gives by the same rule, with the drawn parameters in place of the
    fitted ones, and with the reference's variance of the planned outcome given what the person has:
    Carpenter JR, Roger JH, Kenward MG (2013), Journal of Biopharmaceutical Statistics 23, 1352-1371.

    Rubin's variance is no error under repeated sampling here: imputation and analysis assume different things, so it is
    too large and the interval holds the truth too often. It keeps instead the share of information that missing at
    random would leave: Cro S, Carpenter JR, Kenward MG (2019), Information-anchored sensitivity analysis, Journal of
    the Royal Statistical Society A 182, 623-645. Raises AnalysisImpossible as `multiple_imputation` does.
    """
    dice = Dice(*key)
    y = np.tile(gaps.outcome, (imputations, 1))
    arms = [in_order(arm) for arm in (gaps.arm, gaps.reference)]
    chains = [_settled(arm, dice, imputations, rounds) for arm in arms]
    for arm, chain in zip(arms, chains, strict=True):
        missing = np.isnan(arm.y[:, gaps.target])
        y[:, arm.rows[missing]] = chain.everyone(arm, gaps.target)[:, missing]
    own, lost = arms[0], gaps.lost[arms[0].rows] & np.isnan(arms[0].y[:, gaps.target])
    kinds, pattern = patterns_of(own.y)
    for kind in np.unique(pattern[lost]):
        who = np.flatnonzero(lost & (pattern == kind))
        seen = kinds[kind] if kind >= 0 else np.zeros(own.y.shape[1], dtype=np.bool_)
        x = with_intercept(gaps.columns[own.rows[who]], arms[1].kept)
        y[:, own.rows[who]] = _lost(rule, chains, (own.x[who], x), own.y[who], seen, gaps.target, dice)
    estimates, variances, df = contrast_of(gaps.design, y.T, contrast, covariance)
    filled = [int(np.isnan(arm.y[:, gaps.target]).sum()) for arm in arms]
    return Imputed(pool(estimates, variances, df), imputations, (filled[0], filled[1]))


def _settled(arm: Arm, dice: Dice, imputations: int, rounds: int) -> Chains:
    there = np.isfinite(arm.y).any(axis=1)
    chain = Chains(arm.x[there], arm.y[there], dice, imputations)
    chain.settle(rounds)
    return chain


def _lost(
    rule: Rule,
    chains: list[Chains],
    x: tuple[FloatArray, FloatArray],
    y: FloatArray,
    seen: Seen,
    target: int,
    dice: Dice,
) -> FloatArray:
    """The planned outcome of people with the same gaps, (chains, people); `x` as each arm's model has them."""
    own, reference = (chain.means(columns) for chain, columns in zip(chains, x, strict=True))
    spread = chains[1].spread
    left, found = spread[:, target, target], reference[:, :, target]
    if seen.any():
        k = regression(spread, seen)[:, target]
        held = reference if rule == "copy_reference" else own
        found = found + np.einsum("cpt,ct->cp", np.where(seen, y - held, 0.0), k)
        left = left - np.einsum("ct,ct->c", k, spread[:, :, target])
        if rule == "copy_increments":
            since = int(np.flatnonzero(seen)[-1])
            found = found + own[:, :, since] - reference[:, :, since]
    return np.asarray(found + np.sqrt(left)[:, None] * dice.normal(*found.shape))
