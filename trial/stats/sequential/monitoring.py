"""The boundaries of looks as they were made: at another information than planned, or another number of times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from trial.core.errors import AnalysisImpossible
from trial.stats.sequential.design import (
    SequentialDesign,
    alpha_per_side,
    last_for_the_rest,
    rising,
    spend,
    spent_by,
)


def monitored(plan: SequentialDesign, information: Sequence[float], *, final: bool) -> SequentialDesign:
    """The design as it stands after looks with this information, each as a share of all that was planned.

    With a spending function each look gets what the function allows at its share, less what is spent; the last one
    (`final`, or a share of 1 or more) gets all that is left, whatever its share: Lan KKG, DeMets DL (1983), Biometrika
    70, 659-663. Boundaries of a fixed shape keep their planned critical values before the last look, which then spends
    what is left. When to look, and that a look is the last, must not have been decided by what was seen. Looks that
    were not made may be given as planned, to see where the trial goes from here. Futility boundaries are not carried
    over: they were not binding.

    Raises AnalysisImpossible for a look after all was spent, and for more looks than a fixed shape planned; ValueError
    for information that does not rise.
    """
    shares = rising(information)
    side = alpha_per_side(plan.alpha, plan.sides)
    done = final or shares[-1] >= 1
    if plan.spending is not None:
        if len(shares) > 1 and shares[-2] >= 1:
            raise AnalysisImpossible(
                "The planned information was there at an earlier look, which has spent all of alpha: "
                "there is nothing left for another look."
            )
        spent = [plan.spending.spent(share, side) for share in shares]
        if done:
            spent[-1] = side
        critical = spend(shares, spent, plan.sides)
    else:
        critical = _kept(plan, shares, side, done)
        spent = list(spent_by(shares, critical, plan.sides))
    used = tuple(plan.sides * each for each in spent)
    return replace(plan, information=shares, critical=critical, spent=used, futility=None)


def _kept(plan: SequentialDesign, shares: tuple[float, ...], side: float, done: bool) -> tuple[float, ...]:
    if len(shares) > plan.looks or (not done and len(shares) == plan.looks):
        raise AnalysisImpossible(
            f"{plan.looks} looks were planned, and their boundaries allow no more: only a spending function does."
        )
    if not done:
        return plan.critical[: len(shares)]
    try:
        return last_for_the_rest(shares, plan.critical[: len(shares) - 1], side, plan.sides)
    except ValueError as reason:
        raise AnalysisImpossible(
            "The looks were made at such other times than planned that they spent all of alpha before the last one."
        ) from reason
