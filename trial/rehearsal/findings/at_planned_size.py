"""What comes to the desk, carried over from the people of a rehearsal to those that are planned.

The worst week of a few people is mostly chance, and taken times the planned size that chance with it. So the worst week
is that of the mean: whenever each matter came after its person had joined, and whenever anybody joined, laid over each
other (Σ over pairs of a joining and a delay, the number of each week divided by how many joined).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from trial.core.matters import Matter
from trial.rehearsal.findings.gathered import Facts
from trial.stats.two_proportions import wilson

_DAY = timedelta(days=1)


def times(facts: Facts) -> float:
    """How many planned people stand behind each who was randomised."""
    return facts.protocol.sample_size.target / max(len(facts.randomized), 1)


def worst_week(facts: Facts, matters: Sequence[Matter]) -> float:
    """How many are to be expected in the fullest week at the planned size, everybody joining within the same weeks."""
    joined = {one.record.id: one.record.created_at for one in facts.lived.people}
    known = [one for one in matters if one.participant_id in joined]
    opened = facts.lived.trial.opened_at
    arrivals = _by_day([at - opened for at in joined.values()])
    delays = _by_day([one.opened_at - joined[one.participant_id] for one in known if one.participant_id is not None])
    spread = np.convolve(arrivals, delays) / len(joined) if known else np.zeros(1)
    others = _by_day([one.opened_at - opened for one in matters if one.participant_id not in joined])
    days = np.zeros(7 * (1 + max(len(spread), len(others)) // 7))
    days[: len(spread)] += spread
    days[: len(others)] += others
    return float(days.reshape(-1, 7).sum(axis=1).max()) * times(facts)


def in_all(facts: Facts, matters: Sequence[Matter]) -> tuple[float, float]:
    """The ends of a 95 % interval of how many come in all: that of the share of people behind them (Wilson), each with
    as many as such people had here.
    """
    people = {one.participant_id for one in matters}
    low, high = wilson(min(len(people), len(facts.randomized)), len(facts.randomized))
    each = len(matters) / max(len(people), 1) * facts.protocol.sample_size.target
    return low * each, high * each


def _by_day(waits: Sequence[timedelta]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.bincount([max(one // _DAY, 0) for one in waits] or [0], minlength=1).astype(float) * bool(waits)
