"""What the primary analysis aims at in a joint model: a difference of means in points, a change, or one of risks."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from trial.core.errors import BadInput
from trial.rehearsal.joint_model import JointModel
from trial.stats.dice import Dice
from trial.stats.plan.outcome import responses
from trial.stats.plan.proportions import measure_of

_PEOPLE = 400_000


def true_value(model: JointModel, effect: float) -> float:
    """Of everyone randomised, whoever is lost."""
    if model.protocol.outcome(model.primary.outcome).aggregation == "proportion":
        return _of_shares(model, effect)
    return model.outcome.side * model.outcome.sd * effect


@lru_cache(maxsize=100)
def _of_shares(model: JointModel, effect: float) -> float:
    """By the protocol's measure, of 400,000 pretend people in both worlds, with the same numbers of chance."""
    first, second = risks(model, effect)
    measure = measure_of(model.protocol, model.primary)
    if measure == "risk_difference":
        return first - second
    if measure == "odds_ratio":
        first, second = first / (1 - first), second / (1 - second)
    return first / second


@lru_cache(maxsize=100)
def risks(model: JointModel, effect: float) -> tuple[float, float]:
    """The share who respond in the first arm and in the second, at the primary timepoint."""
    outcome, score = model.protocol.outcome(model.primary.outcome), model.outcome
    if outcome.responder is None:
        what = "the outcome is 0 or 1 by itself, and the scores of pretend people are normal."
        raise BadInput.at(outcome.id, what, "Say under `responder` who counts, or plan it by the closed formula.")
    dice = Dice("truth", score.id, repr(effect))
    z = score.root @ dice.normal(len(score.timepoints), _PEOPLE)
    before, after = score.points(z[0]), z[score.place(model.primary.timepoint)]
    levels = [model.levels[arm] for arm in model.primary.contrast]
    first, second = (
        float(np.mean(responses(outcome, before, score.points(after + effect * level), model.reliable)))
        for level in levels
    )
    if not (0 < first < 1 and 0 < second < 1):
        what = "nobody responds, or everybody does."
        raise BadInput.at(outcome.id, what, "Give mean and SD of the score in a profile of your own.")
    return first, second
