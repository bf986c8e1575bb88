"""Missing outcomes drawn many times from what is likely given the data, and the planned analysis of each: Rubin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trial.stats.arrays import FloatArray
from trial.stats.dice import Dice
from trial.stats.filling import Arm, Gaps, Index, Seen
from trial.stats.least_squares import Covariance, contrast_of
from trial.stats.normal_model import fit_normal, regression, sums_of
from trial.stats.rubin import Pooled, pool

IMPUTATIONS = 200
ROUNDS = 50  # of data augmentation before each draw, where a person has some outcomes and not others


@dataclass(frozen=True, slots=True)
class Imputed:
    """The pooled difference over so many `imputations`, and how many people were filled in, by arm of the contrast."""

    pooled: Pooled
    imputations: int
    filled: tuple[int, int]


def multiple_imputation(
    gaps: Gaps,
    contrast: tuple[str, str],
    key: tuple[str, ...],
    *,
    covariance: Covariance = "HC3",
    imputations: int = IMPUTATIONS,
    rounds: int = ROUNDS,
) -> Imputed:
    """Draw the missing outcomes of both arms, each from its own arm's model, and pool the planned difference.

    Each arm: y given x is N(x B, S) over the timepoints of `gaps`, prior proportional to |S|^(-(T+1)/2). For every one
    of the imputations, apart from the others, a chain of `rounds` of data augmentation starts at the restricted
    maximum of the likelihood: S from its inverse Wishart, B from its normal distribution given S, then the gaps given
    both (Tanner MA, Wong WH (1987), Journal of the American Statistical Association 82, 528-540; Schafer JL (1997),
    Analysis of incomplete multivariate data, chapter 5). Where everybody has all of the outcomes used or none, no
    rounds are needed and the draws are exact. Then the outcome of each gap, the planned least squares with
    `covariance`, and `rubin.pool` on the residual degrees of freedom of everyone.

    `key` fixes the chance; people are put in order by their values first, so that their order changes nothing. Raises
    AnalysisImpossible where an arm's model or the planned one cannot be fitted.
    """
    y, filled = completed_outcomes(gaps, key, imputations, rounds)
    estimates, variances, df = contrast_of(gaps.design, y.T, contrast, covariance)
    return Imputed(pool(estimates, variances, df), imputations, filled)


def completed_outcomes(
    gaps: Gaps, key: tuple[str, ...], imputations: int = IMPUTATIONS, rounds: int = ROUNDS
) -> tuple[FloatArray, tuple[int, int]]:
    """The planned outcome of everyone in `gaps` so many times over, (imputations, n), and how many were filled in."""
    dice = Dice(*key)
    y = np.tile(gaps.outcome, (imputations, 1))
    filled = []
    for arm in (gaps.arm, gaps.reference):
        ordered = in_order(arm)
        missing = np.isnan(ordered.y[:, gaps.target])
        filled.append(int(missing.sum()))
        if missing.any():
            y[:, ordered.rows[missing]] = _draws(ordered, gaps.target, missing, dice, imputations, rounds)
    return y, (filled[0], filled[1])


def in_order(arm: Arm) -> Arm:
    """The same people, put in order by their values."""
    keys = np.column_stack([arm.x, np.where(np.isfinite(arm.y), arm.y, 0), np.isfinite(arm.y)])
    order = np.lexsort(keys.T)
    return Arm(arm.rows[order], arm.x[order], arm.y[order], arm.kept)


def _draws(arm: Arm, target: int, missing: Seen, dice: Dice, chains: int, rounds: int) -> FloatArray:
    """The planned outcome of those who miss it, (chains, people)."""
    there = np.isfinite(arm.y).any(axis=1)
    chain = Chains(arm.x[there], arm.y[there], dice, chains)
    chain.settle(rounds)
    return chain.everyone(arm, target)[:, missing]


class Chains:
    """So many chains of data augmentation at once over the people of one arm who have any outcome.

    Parameters are `b` (chains, q, T) and `spread` (chains, T, T); `partial` holds, for each pattern with gaps, its
    people, what they have (T,), and their outcomes as filled (chains, people, T). Outcomes are about their means.
    """

    def __init__(self, x: FloatArray, y: FloatArray, dice: Dice, chains: int) -> None:
        self.x, self.y, self.dice, self.chains = x, y, dice, chains
        self.centre = np.nanmean(y, axis=0)
        about = y - self.centre
        seen = np.isfinite(y)
        model = fit_normal(sums_of(x, about))
        self.b = np.repeat(model.coefficients, chains, axis=0)
        self.spread = np.repeat(model.covariance, chains, axis=0)
        self.inverse = np.linalg.inv(x.T @ x)
        self.root = np.linalg.cholesky(self.inverse)
        whole = seen.all(axis=1)
        self.xy, self.yy = x[whole].T @ about[whole], about[whole].T @ about[whole]
        self.partial: list[tuple[Index, Seen, FloatArray]] = []
        for kind in np.unique(seen[~whole], axis=0):
            rows = np.flatnonzero((seen == kind).all(axis=1))
            values = np.where(kind, about[rows], 0.0)
            self.partial.append((rows, kind, np.repeat(values[None], chains, axis=0)))
        self.fill()

    def settle(self, rounds: int) -> None:
        """So many rounds where they are needed, then the parameters and gaps that count."""
        for _ in range(1 + (rounds if self.partial else 0)):
            self.draw_parameters()
            self.fill()

    def everyone(self, arm: Arm, target: int) -> FloatArray:
        """One timepoint of the whole arm, as seen or filled from its own model, (chains, people)."""
        there = np.isfinite(arm.y).any(axis=1)
        found = np.empty((self.chains, len(arm.y)))
        found[:, there] = self.outcome(target)
        found[:, ~there] = self.of_nothing(arm.x[~there], target)
        return found

    def means(self, x: FloatArray) -> FloatArray:
        """What people (n, q) are expected to have at each timepoint, (chains, n, T)."""
        return np.asarray(x @ self.b + self.centre)

    def draw_parameters(self) -> None:
        """S and B given the outcomes as filled: Bartlett's decomposition, then a matrix normal."""
        xy, yy = self.xy[None], self.yy[None]
        for rows, _, y in self.partial:
            xy = xy + self.x[rows].T @ y
            yy = yy + y.swapaxes(1, 2) @ y
        middle = self.inverse @ xy
        left = np.linalg.cholesky(yy - xy.swapaxes(1, 2) @ middle)
        (n, q), size = self.x.shape, self.yy.shape[0]
        lower = np.tril(self.dice.normal(self.chains, size, size), -1)
        at = np.arange(size)
        lower[:, at, at] = np.sqrt(self.dice.chi_square(n - q - at, self.chains, size))
        # S^-1 is L^-T A A' L^-1 for the residual products L L', so S is G G' with G = L A^-T
        half = np.broadcast_to(left, lower.shape) @ np.linalg.inv(lower).swapaxes(1, 2)
        self.spread = half @ half.swapaxes(1, 2)
        self.b = middle + self.root @ self.dice.normal(self.chains, q, size) @ half.swapaxes(1, 2)

    def fill(self) -> None:
        """The gaps given the parameters and what the same person has."""
        for rows, kind, y in self.partial:
            mean = self.x[rows] @ self.b
            k = regression(self.spread, kind)
            gaps = np.flatnonzero(~kind)
            over = (self.spread - k @ self.spread)[:, gaps[:, None], gaps]
            noise = self.dice.normal(self.chains, len(rows), len(gaps)) @ np.linalg.cholesky(over).swapaxes(1, 2)
            foretold = mean + ((y - mean) * kind) @ k.swapaxes(1, 2)
            y[:, :, gaps] = foretold[:, :, gaps] + noise

    def outcome(self, target: int) -> FloatArray:
        """One timepoint as seen or filled, (chains, people)."""
        values = np.repeat(self.y[None, :, target], self.chains, axis=0)
        for rows, kind, y in self.partial:
            if not kind[target]:
                values[:, rows] = y[:, :, target] + self.centre[target]
        return values

    def of_nothing(self, x: FloatArray, target: int) -> FloatArray:
        """The same for people (n, q) who have no outcome at all."""
        mean = self.b[:, :, target] @ x.T + self.centre[target]
        return np.asarray(mean + np.sqrt(self.spread[:, target, target, None]) * self.dice.normal(self.chains, len(x)))
