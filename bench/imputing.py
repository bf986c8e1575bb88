"""Seconds for 100 reference-based imputations of 1,000 people, by each rule, and for the conditional mean beside them.

python -m bench.imputing

Two arms, a baseline, three later timepoints; two people of five leave for good, one of ten misses a timepoint between.
"""

from __future__ import annotations

import json
import time

import numpy as np

from trial.stats.conditional_mean import Rule, conditional_mean
from trial.stats.filling import Gaps, find_gaps
from trial.stats.reference_draws import reference_draws

PEOPLE, IMPUTATIONS, SEED = 1000, 100, 20261127
ARMS = ("letter", "memory")
RULES: tuple[Rule, ...] = ("jump_to_reference", "copy_reference", "copy_increments")


def trial(people: int = PEOPLE) -> Gaps:
    """The gaps of one pretend trial."""
    dice = np.random.default_rng(SEED)
    arms = [ARMS[at % 2] for at in range(people)]
    effect = np.array([arm == ARMS[0] for arm in arms]) * 0.3
    level = dice.normal(size=people)
    y = [0.6 * level + effect * at + dice.normal(size=people) for at in (1, 2, 3)]
    leaves = dice.integers(0, 8, size=people)  # 0 to 2: before that timepoint; 3 and more: never
    for at, values in enumerate(y):
        values[(leaves <= at) | (dice.uniform(size=people) < 0.1)] = np.nan
    points = [(f"week_{at}", values) for at, values in enumerate(y, start=1)]
    return find_gaps(arms, points, "week_3", level[:, None], ["level"], ARMS)


def main() -> None:
    gaps = trial()
    figures = {}
    for rule in RULES:
        begun = time.process_time()
        reference_draws(gaps, ARMS, rule, ("bench",), imputations=IMPUTATIONS)
        drawn = time.process_time()
        conditional_mean(gaps, ARMS, rule)
        figures[rule] = (drawn - begun, time.process_time() - drawn)
    for rule, (draws, mean) in figures.items():
        said = (
            f"{IMPUTATIONS} imputations of {PEOPLE:,} people by {rule.replace('_', ' ')} take {draws:.2f} s of "
            f"processor; the conditional mean with its jackknife {mean:.2f} s."
        )
        print(json.dumps({"rule": rule, "draws": draws, "conditional_mean": mean, "sentence": said}))
        print(said)


if __name__ == "__main__":
    main()
