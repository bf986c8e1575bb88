"""What a design does to the planned test: type I error and power as such, under a time trend, under selection bias.

The outcome is standard normal with correlation r to the baseline. Trend: it rises in a straight line by so many SD from
the first to the last who enters. Selection: a guesser by the convergence strategy lets in people who are better by eta
SD where the first arm of the contrast is guessed, worse by eta where the second is, and as they come at a tie
(Proschan, Statistica Sinica 1994;4:219-231, abstract read). The guesser sees the allocations of people alike: a
worst case, nobody who recruits sees them here.

The test is the planned one: ANCOVA with all arms, the baseline and the levels of the factors, robust covariance (HC3
or HC2), t with the residual degrees of freedom. Effects of the factors on the outcome that add up are taken out by the
model and change no figure here. A true difference moves the estimate and nothing else, so error and power come from the
same trials. A level that nobody has is left out, as the plan does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from trial.stats.arrays import FloatArray
from trial.stats.dice import Dice
from trial.stats.operating_characteristics import Estimated, Run, estimated
from trial.stats.power import ancova_power
from trial.stats.sequences import Entry

_CELLS = 6_000_000


@dataclass(frozen=True, slots=True)
class Bias:
    """What is assumed, in standard deviations of the outcome; `contrast` are places of arms."""

    contrast: tuple[int, int]
    correlation: float
    effect: float
    trend: float
    eta: float
    alpha: float = 0.05
    covariance: str = "HC3"


@dataclass(frozen=True, slots=True)
class Tested:
    """Under one condition: how often the test rejects without a difference, with the assumed one, and the bias."""

    type_one: Estimated
    power: Estimated
    bias: Estimated


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """Plain, under the trend, under selection; `untestable` trials had fewer than two in an arm."""

    plain: Tested
    trend: Tested
    selection: Tested
    untestable: int


def error_rates(done: Run, entry: Entry, assumed: Bias, dice: Dice) -> ErrorRates:
    """Run the planned test on every trial of a design; the same dice give every design the same people."""
    n, reps = done.arms.shape
    size = max(1, _CELLS // (n * (int(done.arms.max()) + 2 + sum(entry.sizes))))
    parts = [_some(done, entry, assumed, dice, first, min(first + size, reps)) for first in range(0, reps, size)]
    estimate, error, df, usable = (np.concatenate([part[at] for part in parts]) for at in range(4))
    keep = usable.astype(bool)
    critical = special.stdtrit(df, 1 - assumed.alpha / 2)
    plain, trend, selection = (
        _tested(estimate[:, at], error[:, at], critical, keep, assumed.effect) for at in range(estimate.shape[1])
    )
    return ErrorRates(plain, trend, selection, untestable=int((~keep).sum()))


def _tested(estimate: FloatArray, error: FloatArray, critical: FloatArray, keep: Any, effect: float) -> Tested:
    def rejected(shift: float) -> Estimated:
        return estimated((keep & (np.abs(estimate + shift) > critical * error)).astype(float))

    return Tested(rejected(0.0), rejected(effect), estimated(estimate[keep]))


def _some(
    done: Run, entry: Entry, assumed: Bias, dice: Dice, first: int, last: int
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Estimates and errors (trials, conditions), degrees of freedom, and whether there is a test, of some trials."""
    n, reps = done.arms.shape[0], last - first
    one, other = assumed.contrast
    arms, guess = done.arms[:, first:last].T, done.guess[:, first:last].T
    baseline = dice.normal(reps, n)
    plain = assumed.correlation * baseline + np.sqrt(1 - assumed.correlation**2) * dice.normal(reps, n)
    trend = plain + assumed.trend * (np.arange(n) / max(n - 1, 1) - 0.5)
    selection = plain + assumed.eta * ((guess == one).astype(float) - (guess == other))
    model = _model(arms, baseline, entry, first, last)
    outcomes = np.stack([plain, trend, selection], axis=2)
    cross = np.swapaxes(model, 1, 2) @ model
    inverse = np.linalg.pinv(cross, hermitian=True)
    pull = model @ inverse
    leverage = (pull * model).sum(axis=2)
    weight = pull[:, :, one] - pull[:, :, other]
    residuals = outcomes - model @ (inverse @ (np.swapaxes(model, 1, 2) @ outcomes))
    room = np.maximum(1 - leverage, 1e-9) ** (1 if assumed.covariance == "HC2" else 2)
    error = np.sqrt(((weight**2 / room)[:, :, None] * residuals**2).sum(axis=1))
    columns = (np.diagonal(cross, axis1=1, axis2=2) > 0).sum(axis=1)
    usable = ((arms == one).sum(axis=1) > 1) & ((arms == other).sum(axis=1) > 1)
    return (weight[:, None, :] @ outcomes)[:, 0], error, (n - columns).astype(float), usable.astype(float)


def _model(arms: Any, baseline: FloatArray, entry: Entry, first: int, last: int) -> FloatArray:
    columns = [arms == arm for arm in range(int(arms.max()) + 1)]
    columns.append(baseline)
    for place, levels in enumerate(entry.sizes):
        of = entry.levels[:, first:last, place].T
        columns += [of == level for level in range(1, levels)]
    return np.stack(columns, axis=2).astype(float)


def detectable(n_per_arm: float, correlation: float, power: float = 0.8, alpha: float = 0.05) -> float:
    """The standardised difference that a balanced trial of this size finds with this power."""
    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if ancova_power(middle, correlation, n_per_arm, alpha) >= power else (middle, high)
    return high
