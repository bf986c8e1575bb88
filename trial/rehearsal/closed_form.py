"""The closed formula beside simulated power: with the loss and correlation that the profile gives this protocol."""

from __future__ import annotations

from statistics import fmean

from trial.core.factor_effects import sides
from trial.core.planned_size import tested_alpha
from trial.core.protocol import Assumptions
from trial.rehearsal.joint_model import JointModel
from trial.stats.power_of_plan import ClosedPower, closed_power


def closed_form(model: JointModel, n: int, effect: float) -> ClosedPower:
    """Power with `n` people randomised and a true difference of `effect` standard deviations, or why none applies.

    Where more are lost of one arm the formula has the mean of the arms compared.
    """
    protocol, point = model.protocol, model.protocol.timepoint(model.primary.timepoint)
    compared = [arm for side in sides(protocol, model.primary) for arm in side]
    assumed = Assumptions(
        difference=0.0,  # the effect stands beside it
        standard_deviation=model.outcome.sd,
        correlation_with_baseline=max(0.0, model.alike or 0.0),
        power=0.8,
        alpha=tested_alpha(protocol),
        attrition=fmean(model.lost(arm, point) for arm in compared),
        source=f"The profile {model.profile.id}.",
    )
    return closed_power(protocol, n, effect, assumed=assumed)
