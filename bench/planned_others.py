"""What a plan finds in a pretend trial, of outcomes in ordered levels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np

from bench.planned_methods import Found, Group, found, one_at, protocol_of
from bench.planned_trials import ARMS, MEAN, SD, TIMEPOINTS, Kind, Pretend, Truth, large
from trial.core.protocol import TrialProtocol
from trial.stats.arrays import FloatArray
from trial.stats.plan.run import run_plan
from trial.stats.plan.table import AnalysisTable
from trial.stats.proportional_odds import proportional_odds

CUTS = (16.0, 20.0, 24.0)
MANY = 60_000  # of each arm


def levels(kind: Kind, trial: Pretend, truth: Truth) -> Iterator[Found]:
    """The score in four levels: proportional odds, which hold of no such outcome exactly."""
    (one,) = run_plan(_of_levels(kind), _cut(trial.table))
    # arms that are spread unequally have unlike levels though their means are alike: then nothing is tested
    null = 1.0 if kind.spread == 1 else 0.0
    yield found("common odds ratio, proportional odds", one, _settles(kind, truth.effect), null)


@cache
def _of_levels(kind: Kind) -> TrialProtocol:
    return protocol_of(kind, "proportional_odds", primary=one_at(TIMEPOINTS[-1], "levels"))


def _cut(table: AnalysisTable) -> AnalysisTable:
    return replace(table, scores={at: _level(values) for at, values in table.scores.items()})


def _level(values: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values), np.digitize(values, CUTS), np.nan)


@cache
def _settles(kind: Kind, effect: float) -> float:
    """What the model comes to over many people, in the arms' ratio, of those who are seen."""
    if effect == 0 and kind.spread == 1:
        return 1.0
    its = large(kind, effect, MANY)
    most = max(kind.people)
    share = np.where(its.treated, kind.people[0] / most, kind.people[1] / most)
    place = np.arange(2 * MANY) % MANY
    kept = its.seen & (place < share * MANY)
    columns = [_level(MEAN + SD * its.baseline)] + ([its.level.astype(np.float64)] if kind.minimised else [])
    arms = np.where(its.treated, *ARMS)[kept].tolist()
    x = np.column_stack(columns)[kept]
    return proportional_odds(_level(its.outcome)[kept], arms, x, ARMS).estimate


OTHERS = (Group(levels, every=(1, 2)),)
