"""The boundaries of the looks that a protocol registers: at even shares of the information, by its spending."""

from __future__ import annotations

from functools import cache

from trial.core.protocol import Monitoring
from trial.stats.sequential.design import SequentialDesign, Sides, spending_design
from trial.stats.sequential.spending import Spending, SpendingName


def planned_design(watching: Monitoring | None, alpha: float, sides: Sides = 2) -> SequentialDesign | None:
    """The registered design of a test at `alpha`, of a margin from one side; None where no look can end the trial."""
    if watching is None or watching.bounds is None:
        return None
    return _even(watching.bounds, watching.interim_analyses + 1, alpha, sides)


@cache
def _even(name: SpendingName, looks: int, alpha: float, sides: Sides) -> SequentialDesign:
    return spending_design([(at + 1) / looks for at in range(looks)], Spending(name), alpha=alpha, sides=sides)
