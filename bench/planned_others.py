"""What a plan finds in a pretend trial, of outcomes in ordered levels and of those who comply."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np

from bench.planned_methods import Found, Group, found, one_at, protocol_of
from bench.planned_trials import ARMS, MEAN, SCORE, SCORE_OF_COMPLIERS, SD, TIMEPOINTS, Kind, Pretend, Truth, large
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


def compliers(kind: Kind, trial: Pretend, truth: Truth) -> Iterator[Found]:
    """Those of the first arm who comply receive it; compliers score lower anyway. By either interval."""
    given = np.array([arm == ARMS[0] for arm in trial.table.arms])
    received = given & trial.complies
    outcome = trial.untreated + SCORE_OF_COMPLIERS * trial.complies + truth.effect * received
    scores = {**trial.table.scores, (SCORE, TIMEPOINTS[-1]): outcome}
    table = replace(trial.table, scores=scores, received=tuple(received.tolist()))
    *_, one = run_plan(_of_compliers(kind), table)
    yield found("effect on those who comply", one, truth.effect)
    ends = one["complier"] and one["complier"]["ci_weak"]
    whole = ends or (-math.inf, math.inf)  # an interval without end holds everything
    name = "effect on those who comply, Anderson and Rubin"
    yield Found(name, None if one["problem"] else (whole[0], whole[1]), None, truth.effect)


@cache
def _of_compliers(kind: Kind) -> TrialProtocol:
    """The reference has content of its own, which the analysis says to change nothing."""
    asked = one_at(TIMEPOINTS[-1], method="complier_effect", assumption={"en": "It changes nothing."})
    return protocol_of(kind, covariance="HC2", exploratory={"analyses": [asked]})


OTHERS = (Group(levels, every=(1, 2)), Group(compliers, every=(1, 2)))
