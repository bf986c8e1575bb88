"""Pretend trials of two arms with gaps at several timepoints, for the tests of what fills them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trial.stats.arrays import FloatArray
from trial.stats.filling import Gaps, find_gaps

CONTRAST = ("letter", "memory")


@dataclass(frozen=True)
class Gappy:
    """A baseline, a yes/no factor, and the outcome at three timepoints, the second of them the planned one."""

    arms: tuple[str, ...]
    covariates: FloatArray
    y: FloatArray

    def gaps(self, contrast: tuple[str, str] = CONTRAST) -> Gaps:
        outcomes = [(f"week_{at + 1}", self.y[:, at]) for at in range(self.y.shape[1])]
        planned = outcomes[min(1, len(outcomes) - 1)][0]
        return find_gaps(self.arms, outcomes, planned, self.covariates, ["baseline", "region"], contrast)

    def only(self, kept: FloatArray) -> Gappy:
        at = np.arange(len(self.arms))[kept]
        return Gappy(tuple(self.arms[i] for i in at), self.covariates[at], self.y[at])


def gappy(seed: int, people: int = 60, timepoints: int = 3, effect: float = 0.0, lost: float = 0.4) -> Gappy:
    """People drop out, sooner where they were worse before, and miss a questionnaire now and then."""
    chance = np.random.default_rng(seed)
    arms = tuple(CONTRAST[n % 2] for n in range(people))
    treated = np.array([arm == CONTRAST[0] for arm in arms])
    baseline, lasting = chance.normal(20, 5, people), chance.normal(0, 3, people)
    region = (np.arange(people) // 2 % 2).astype(float)
    columns = []
    for at in range(timepoints):
        columns.append(
            5 + 0.5 * baseline + region + lasting + effect * treated * (at + 1) + chance.normal(0, 3, people)
        )
    y = np.column_stack(columns)
    staying = np.argsort(np.argsort(baseline + chance.normal(0, 8, people))) / people
    for at in range(timepoints):
        y[staying < lost * (at + 1) / timepoints, at] = np.nan
    y[chance.uniform(size=y.shape) < 0.05] = np.nan
    return Gappy(arms, np.column_stack([baseline, region]), y)
