"""N: how many people, and what the number stands on."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from statistics import NormalDist

from trial.core.factor_effects import sides
from trial.core.findings import Path
from trial.core.linting.rules import Found, Severity, Subject, rule
from trial.core.protocol import Assumptions, TrialProtocol

WARNING = Severity.WARNING
SIZE: Path = ("sample_size",)
LEAST_ATTRITION = 0.1
TOLERANCE = 0.95


@rule("N801", WARNING, "Sample size not justified",
      why="A number without its assumptions cannot be checked, and a trial that is too small asks people for nothing.",
      mend="Add `assumptions:` with difference, power, alpha, correlation, attrition and their source.")  # fmt: skip
def not_justified(trial: Subject) -> Iterator[Found]:
    if trial.protocol.sample_size.assumptions is None and trial.protocol.design.type != "single_arm":
        yield Found(SIZE, "the sample size states no assumptions.")


@rule("N802", WARNING, "Attrition not planned for",
      why="Open online trials of self-compassion lost from a quarter to two thirds of their people.",
      mend="Write the share that will not be analysed as `attrition`, and raise the target by it.")  # fmt: skip
def no_attrition(trial: Subject) -> Iterator[Found]:
    one = trial.protocol.sample_size.assumptions
    if one and one.attrition < LEAST_ATTRITION and trial.protocol.design.type != "single_arm":
        yield Found((*SIZE, "assumptions", "attrition"), f"a loss of {one.attrition:.0%} is planned for.")


@rule("N803", WARNING, "Target that does not follow from its assumptions",
      why="A target below what its own assumptions ask for leaves the trial without the power that it claims.",
      mend="Raise the target, or state the assumptions that it stands on.")  # fmt: skip
def too_few(trial: Subject) -> Iterator[Found]:
    needed = required(trial.protocol)
    if needed and trial.protocol.sample_size.target < TOLERANCE * needed:
        what = f"{trial.protocol.sample_size.target} people are planned; the assumptions ask for about {needed}."
        yield Found((*SIZE, "target"), what)


def required(protocol: TrialProtocol) -> int | None:
    """People to randomise for a test of superiority by ANCOVA, normal approximation; None where it cannot be said.

    N = (z(1 - alpha/2) + z(power))^2 (1 - r^2) (1/p1 + 1/p2) / d^2 / (1 - attrition), p the arms' shares.
    """
    one = protocol.sample_size.assumptions
    size = _standardised(one) if one else None
    if (
        one is None
        or size is None
        or _of_proportions(protocol)
        or protocol.design.type == "single_arm"
        or protocol.design.framework != "superiority"
    ):
        return None
    if len(protocol.analysis.primary.factors) > 1:  # an interaction, of which the formula says nothing
        return None
    total = sum(arm.ratio for arm in protocol.arms)
    compared = sides(protocol, protocol.analysis.primary)
    shares = [sum(protocol.arm(arm).ratio for arm in side) / total for side in compared]
    if not all(shares):  # an amendment closed one of the arms compared: its size is not that of the formula
        return None
    z = NormalDist().inv_cdf(1 - one.alpha / 2) + NormalDist().inv_cdf(one.power)
    variance = (1 - one.correlation_with_baseline**2) * sum(1 / share for share in shares)
    return ceil(z**2 * variance / size**2 / (1 - one.attrition))


def _of_proportions(protocol: TrialProtocol) -> bool:
    return protocol.outcome(protocol.analysis.primary.outcome).aggregation == "proportion"


def _standardised(one: Assumptions) -> float | None:
    if one.in_units_of == "standard_deviation":
        return one.difference
    return one.difference / one.standard_deviation if one.standard_deviation else None


@rule("N806", WARNING, "Margin without a source",
      why="A margin chosen by the team alone can call any difference too small to matter.",
      mend="Write where it comes from in `margin_source`.")  # fmt: skip
def margin(trial: Subject) -> Iterator[Found]:
    if trial.protocol.design.margin is not None and trial.protocol.design.margin_source is None:
        yield Found(("design", "margin"), "the margin has no source.")


@rule("N807", WARNING, "Powered for more than what matters",
      why="A trial that can see only differences larger than the important one misses what it was made for.",
      mend="Plan for the important difference, or say why a larger one is expected.")  # fmt: skip
def powered_for_more(trial: Subject) -> Iterator[Found]:
    one = trial.protocol.sample_size.assumptions
    important = trial.protocol.outcome(trial.protocol.analysis.primary.outcome).important_difference
    if one is None or important is None or _of_proportions(trial.protocol):
        return
    if trial.protocol.design.framework != "superiority":
        return
    spread = 1.0 if one.in_units_of == "score" else one.standard_deviation
    if spread and one.difference * spread > important.value * 1.001:
        what = f"the trial is planned to see {one.difference * spread:g} points; {important.value:g} would matter."
        yield Found((*SIZE, "assumptions", "difference"), what)


@rule("N808", WARNING, "Difference in points without a spread",
      why="Without a standard deviation a difference in points says nothing about how many people show it.",
      mend="Add `standard_deviation` and where it was read.")  # fmt: skip
def no_spread(trial: Subject) -> Iterator[Found]:
    one = trial.protocol.sample_size.assumptions
    if one and one.in_units_of == "score" and one.standard_deviation is None:
        yield Found((*SIZE, "assumptions", "difference"), "the difference is in points and has no spread.")
