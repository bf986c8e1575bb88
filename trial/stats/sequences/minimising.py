"""Pocock-Simon minimisation in all simulated trials at once. The chances of ranks and ties are those of the core."""

from __future__ import annotations

from collections.abc import Callable
from math import lcm

import numpy as np

from trial.core.randomization.minimisation import Minimisation
from trial.core.randomization.preferring import favouring, ranked, ranks_of
from trial.stats.arrays import FloatArray
from trial.stats.sequences.entry import Entry, IntArray
from trial.stats.sequences.short import least, most, total

# sums of fractions differ in their last digits where they are equal
_DIGITS = 9


def _spread(counts: IntArray, candidate: int) -> FloatArray:
    return np.asarray(most(counts) - least(counts), float)


def _variance(counts: IntArray, candidate: int) -> FloatArray:
    return np.asarray(counts.shape[-1] * total(counts * counts) - total(counts) ** 2, float)


def _marginal_balance(counts: IntArray, candidate: int) -> FloatArray:
    arms = counts.shape[-1]
    pairs = [(one, other) for one in range(arms) for other in range(one)]
    apart = sum(np.abs(counts[..., one] - counts[..., other]) for one, other in pairs)
    return np.asarray(apart / ((arms - 1) * total(counts)))


def _marginal_sum(counts: IntArray, candidate: int) -> FloatArray:
    return np.asarray(counts[..., candidate], float)


MEASURES: dict[str, Callable[[IntArray, int], FloatArray]] = {
    "range": _spread,
    "variance": _variance,
    "marginal_balance": _marginal_balance,
    "marginal_sum": _marginal_sum,
}


class Minimising:
    """Running totals of each trial: over all, and at each level of each factor."""

    def __init__(self, rule: Minimisation, entry: Entry) -> None:
        self._rule, self._entry = rule, entry
        arms, self._levels = len(rule.arms), sum(entry.sizes)
        self.had = np.zeros((entry.reps, arms), np.int64)
        self.at = np.zeros((entry.reps * self._levels, arms), np.int64)
        self._first = np.arange(entry.reps)[:, None] * self._levels
        scale = lcm(*rule.ratios)
        self._steps = np.array([scale // ratio for ratio in rule.ratios])
        self._known: dict[int, FloatArray] = {}
        self._table = np.zeros((0, arms))
        self._weights = np.array([*(one.weight for one in rule.factors), rule.overall_weight], float)

    def _rows(self, at: int) -> IntArray:
        return np.asarray(self._first + self._entry.margins(at))

    def seen(self, at: int) -> IntArray:
        return np.asarray(total(np.swapaxes(self.at[self._rows(at)], 1, 2)))

    def take(self, at: int, arm: IntArray) -> None:
        self.had[np.arange(len(arm)), arm] += 1
        self.at[self._rows(at), arm[:, None]] += 1

    def scores(self, at: int) -> FloatArray:
        """G of each arm, (reps, arms)."""
        counts = self.at[self._rows(at)]
        if self._rule.overall_weight:
            counts = np.concatenate([counts, self.had[:, None, :]], axis=1)
        counts = counts * self._steps
        weights, measure = self._weights[: counts.shape[1]], MEASURES[self._rule.imbalance]
        scores = np.empty((len(counts), len(self._steps)))
        for arm, step in enumerate(self._steps):
            counts[..., arm] += step
            scores[:, arm] = measure(counts, arm) @ weights
            counts[..., arm] -= step
        return np.round(scores, _DIGITS)

    def chances(self, at: int) -> FloatArray:
        rule = self._rule
        if at < rule.first_simple:
            return np.tile(np.array(rule.ratios) / sum(rule.ratios), (len(self.had), 1))
        scores = self.scores(at)
        arms = scores.shape[1]
        if len(rule.probabilities) > 1:
            pattern = (scores[:, None, :] < scores[:, :, None]).sum(axis=2)
        else:
            pattern = np.asarray(scores != least(scores)[:, None], np.int64)
        codes = pattern @ (arms ** np.arange(arms))
        new = [code for code in np.flatnonzero(np.bincount(codes)).tolist() if code not in self._known]
        for code in new:
            weights = np.array(self._of(tuple(code // arms**place % arms for place in range(arms))), float)
            self._known[code] = weights / weights.sum()
            self._table = np.zeros((max(self._known) + 1, arms))
            self._table[list(self._known)] = list(self._known.values())
        return np.asarray(self._table[codes])

    def _of(self, pattern: tuple[int, ...]) -> tuple[int, ...]:
        """The weights that the core gives for these ranks, or for the best arms (0) among the others."""
        if len(self._rule.probabilities) > 1:
            return ranked(self._rule.probabilities, ranks_of(pattern))
        best = tuple(place for place, one in enumerate(pattern) if one == 0)
        return favouring(self._rule.ratios, self._rule.probabilities[0], best)
