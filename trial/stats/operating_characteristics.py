"""What a design does: how unequal it leaves the arms over time, and how well its next allocation can be guessed.

Imbalance is the largest less the smallest of the arms' numbers, each over its ratio: with two equal arms the absolute
difference. A guesser by the convergence strategy names the arm that is furthest behind, at a tie by a fair choice among
those of the largest ratio (Blackwell and Hodges, Annals of Mathematical Statistics 1957;28:449-460, abstract read).
A guess counts with the chance that it is right, which has the same mean as counting hits and a smaller error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trial.stats.arrays import FloatArray
from trial.stats.designs import Design
from trial.stats.dice import Dice
from trial.stats.sequences import Entry, chosen_by, stepper
from trial.stats.sequences.entry import IntArray
from trial.stats.sequences.short import least, most, total

Told = Callable[[int], None]
POINTS = 25


@dataclass(frozen=True, slots=True)
class Estimated:
    """A mean over the simulated trials, and its Monte Carlo standard error."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Spread:
    """How a number differs between the simulated trials: mean with error, SD, the middle 95 %, the largest."""

    mean: Estimated
    sd: float
    low: float
    high: float
    largest: float


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """All sequences of a design: `arms` and, by the guesser of alike people, `guess` (n, reps), -1 for a tie."""

    arms: npt.NDArray[np.int8]
    guess: npt.NDArray[np.int8]
    by_all: FloatArray
    by_alike: FloatArray
    by_rule: FloatArray


@dataclass(frozen=True, slots=True)
class Imbalance:
    """Over all, in the worst stratum and at the worst level at these numbers of people; then each at the end."""

    times: tuple[int, ...]
    overall: tuple[Spread, ...]
    worst_stratum: tuple[Spread, ...]
    worst_level: tuple[Spread, ...]
    strata: tuple[Spread, ...]
    levels: tuple[Spread, ...]


@dataclass(frozen=True, slots=True)
class Predictability:
    """The expected share of right guesses, by what the guesser knows beside the ratio.

    `blind`: no allocation, which is what a recruiter sees here; `all`: the number in each arm so far; `alike`: that
    among people alike (the stratum; for minimisation the sum over the person's levels); `rule`: everything but the
    dice, the place within the block included: no guesser can do better.
    """

    blind: float
    all: Estimated
    alike: Estimated
    rule: Estimated


def run(design: Design, entry: Entry, dice: Dice, told: Told = lambda _: None) -> Run:
    """Allocate everybody in every trial."""
    steps = stepper(design.rule, entry, dice, strata=design.strata)
    ratios, reps = np.array(design.ratios), entry.reps
    had = np.zeros((reps, len(ratios)), np.int64)
    arms, guess = np.empty((entry.n, reps), np.int8), np.empty((entry.n, reps), np.int8)
    sums = np.zeros((3, reps))
    each = np.arange(reps)
    for at in range(entry.n):
        chances = steps.chances(at)
        alike = _furthest_behind(steps.seen(at), ratios)
        sums[0] += _right(_furthest_behind(had, ratios), chances)
        sums[1] += _right(alike, chances)
        sums[2] += most(chances)
        guess[at] = np.where(total(alike.astype(np.int64)) == 1, alike.argmax(axis=1), -1)
        arm = chosen_by(dice.uniform(reps), chances)
        steps.take(at, arm)
        had[each, arm] += 1
        arms[at] = arm
        told(at + 1)
    by_all, by_alike, by_rule = sums / entry.n
    return Run(arms, guess, by_all, by_alike, by_rule)


def _furthest_behind(had: IntArray, ratios: IntArray) -> npt.NDArray[np.bool_]:
    # had / ratio compared without fractions: multiplied by the product of the ratios
    scaled = had * (int(np.prod(ratios)) // ratios)
    behind = scaled == least(scaled)[:, None]
    large = np.where(behind, ratios, 0)
    return np.asarray(behind & (large == most(large)[:, None]))


def _right(named: npt.NDArray[np.bool_], chances: FloatArray) -> FloatArray:
    return np.asarray(total(chances * named) / total(named.astype(float)))


def predictability(done: Run, design: Design) -> Predictability:
    """Of one design."""
    blind = max(design.ratios) / sum(design.ratios)
    return Predictability(blind, estimated(done.by_all), estimated(done.by_alike), estimated(done.by_rule))


def imbalance(done: Run, entry: Entry, design: Design) -> Imbalance:
    """Of one design, at some 25 numbers of people."""
    ratios, n, reps = np.array(design.ratios), entry.n, entry.reps
    times = sorted({round(n * place / POINTS) for place in range(1, POINTS + 1)} - {0})
    total = np.zeros((reps, 1, len(ratios)), np.int64)
    strata = np.zeros((reps, entry.strata, len(ratios)), np.int64)
    levels = np.zeros((reps, sum(entry.sizes), len(ratios)), np.int64)
    parts: list[tuple[Spread, Spread, Spread]] = []
    before = 0
    for time in times:
        for at in range(before, time):
            arm = done.arms[at]
            each = np.arange(reps)
            total[each, 0, arm] += 1
            strata[each, entry.stratum[at], arm] += 1
            levels[each[:, None], entry.margins(at), arm[:, None]] += 1
        before = time
        parts.append((_worst(total, ratios), _worst(strata, ratios), _worst(levels, ratios)))
    overall, stratum, level = zip(*parts, strict=True)
    return Imbalance(tuple(times), overall, stratum, level, _each(strata, ratios), _each(levels, ratios))


def combined(done: Run, design: Design, level_of: Sequence[int]) -> Spread:
    """At the end, how far apart the levels of a factor that the arms combine are; `level_of` is the level of each arm.

    The numbers are over the ratio of the levels, in lowest terms: with equal arms they are people.
    """
    levels = max(level_of) + 1
    ratios = np.array(
        [sum(ratio for ratio, its in zip(design.ratios, level_of, strict=True) if its == one) for one in range(levels)]
    )
    has = np.array(level_of)[done.arms]
    counts = np.stack([(has == one).sum(axis=0) for one in range(levels)], axis=1)
    return spread(_apart(counts, ratios // np.gcd.reduce(ratios)))


def _apart(counts: IntArray, ratios: IntArray) -> FloatArray:
    over = counts / ratios
    return np.asarray(most(over) - least(over))


def _worst(counts: IntArray, ratios: IntArray) -> Spread:
    apart = _apart(counts, ratios)
    return spread(apart.max(axis=1) if apart.shape[1] else np.zeros(len(apart)))


def _each(counts: IntArray, ratios: IntArray) -> tuple[Spread, ...]:
    return tuple(spread(column) for column in _apart(counts, ratios).T)


def spread(values: FloatArray) -> Spread:
    """Of one number per trial."""
    low, high = np.quantile(values, (0.025, 0.975))
    return Spread(estimated(values), float(values.std(ddof=1)), float(low), float(high), float(values.max()))


def estimated(values: FloatArray) -> Estimated:
    """The mean with its error."""
    return Estimated(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))
