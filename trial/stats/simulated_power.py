"""What simulated trials tell of an analysis: power, bias, coverage, people analysed, each with its Monte Carlo error.

Of B trials with a true effect, R in which the analysis says that there is one, S with an estimate, C whose interval
holds the truth, deviations d of the estimates from it, and n people analysed,

    power     R / B        error sqrt(p (1 - p) / B)
    coverage  C / S        error sqrt(p (1 - p) / S)
    bias      mean of d    error sd(d) / sqrt(S)
    analysed  mean of n    error sd(n) / sqrt(S),

the errors of a binomial share and of means. Without a true effect the power is the type I error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from trial.stats.operating_characteristics import Estimated


@dataclass(slots=True)
class Tally:
    """Sums over trials of one size and effect, of the same size however many trials there were.

    `shown` says how often the effect was found, `held` how often the interval held the truth; `analysed` counts people
    in the analysis and `with_outcome` those who have the outcome, over all trials.
    """

    trials: int = 0
    refused: int = 0
    shown: int = 0
    held: int = 0
    deviation: float = 0.0
    squares: float = 0.0
    error: float = 0.0
    analysed: int = 0
    analysed_squares: int = 0
    with_outcome: int = 0

    def count(
        self, *, truth: float, estimate: float, se: float, ci: tuple[float, float], shown: bool, people: tuple[int, int]
    ) -> None:
        """Take in a trial with an estimate; `people` are those analysed, and those with the outcome."""
        self.trials += 1
        self.shown += shown
        self.held += ci[0] <= truth <= ci[1]
        self.deviation += estimate - truth
        self.squares += (estimate - truth) ** 2
        self.error += se
        self.analysed += people[0]
        self.analysed_squares += people[0] ** 2
        self.with_outcome += people[1]

    def refuse(self) -> None:
        """Take in a trial whose data could not carry the analysis: it finds nothing."""
        self.trials += 1
        self.refused += 1

    def add(self, other: Tally) -> None:
        """Put two together; in the same order the same sums come out to the last digit."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass(frozen=True, slots=True)
class Characteristics:
    """What a tally says. Bias and errors are in units of the estimate; None where no trial had an estimate."""

    power: Estimated
    coverage: Estimated | None
    bias: Estimated | None
    empirical_se: float | None
    model_se: float | None
    analysed: Estimated | None
    with_outcome: float | None


def share(of: int, n: int) -> Estimated:
    """A share and its Monte Carlo standard error; where none or all, the error is that of one more or less."""
    near = min(max(of, 1), n - 1) / n if n > 1 else 0.5
    return Estimated(of / n, math.sqrt(near * (1 - near) / n))


def characteristics(tally: Tally) -> Characteristics:
    """Of at least one trial."""
    power, seen = share(tally.shown, tally.trials), tally.trials - tally.refused
    if not seen:
        return Characteristics(power, None, None, None, None, None, None)
    bias = tally.deviation / seen
    spread = _spread(tally.deviation, tally.squares, seen)
    people = _spread(tally.analysed, tally.analysed_squares, seen)
    return Characteristics(
        power=power,
        coverage=share(tally.held, seen),
        bias=_mean(bias, spread, seen),
        empirical_se=spread,
        model_se=tally.error / seen,
        analysed=_mean(tally.analysed / seen, people, seen),
        with_outcome=tally.with_outcome / seen,
    )


def _spread(total: float, squares: float, n: int) -> float | None:
    """The standard deviation of n numbers by their sum and the sum of their squares."""
    return math.sqrt(max(0.0, squares - total**2 / n) / (n - 1)) if n > 1 else None


def _mean(value: float, spread: float | None, n: int) -> Estimated | None:
    return None if spread is None else Estimated(value, spread / math.sqrt(n))
