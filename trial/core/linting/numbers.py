"""N: how many people, and what the number stands on."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from statistics import NormalDist

from trial.core.findings import Path
from trial.core.linting.rules import Found, Severity, Subject, rule
from trial.core.looks import inflation
from trial.core.planned_size import BEYOND, Question, comparison_of, question_of, tested_alpha, why_not
from trial.core.protocol import TrialProtocol

WARNING = Severity.WARNING
SIZE: Path = ("sample_size",)
LEAST_ATTRITION = 0.1
TOLERANCE = 0.95
SLACK = 1e-9
HALVINGS = 60


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
        looks = ", with looks that can end the trial," if inflation(trial.protocol.monitoring) > 1 else ""
        target = trial.protocol.sample_size.target
        what = f"{target} people are planned; the assumptions{looks} ask for about {needed}."
        yield Found((*SIZE, "target"), what)


def required(protocol: TrialProtocol) -> int | None:
    """People to randomise for the power that the assumptions ask for; None where no formula says it.

    So many that their error, with the t of its degrees of freedom, is (t(1 - alpha) + t(power)) / difference or less.
    Looks that can end the trial take their `inflation` more. It is close (4 % where clusters are few); the power with
    the noncentral t is `trial.stats.power_of_plan`.
    """
    one = protocol.sample_size.assumptions
    if one is None or protocol.design.type == "single_arm" or why_not(protocol):
        return None
    asked, compared = question_of(protocol, one), comparison_of(protocol, one)
    alpha, reach, power = _levels(asked, one.power)
    if not reach > 0:
        return None

    def enough(people: float) -> bool:
        df = compared.df(people)
        error = compared.error(people)
        tested = error if asked.margin is not None else compared.error_under_none(people)
        return df >= 1 and tested * _t(1 - alpha, df) + error * _t(power, df) <= reach

    low, high = 0.0, 2.0
    while not enough(high):
        low, high = high, 2 * high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return ceil(high * inflation(protocol.monitoring) - SLACK)


def _levels(asked: Question, power: float) -> tuple[float, float, float]:
    """The alpha of one side, how far the truth is from what is to be ruled out, and the power against that side alone.

    Of equivalence the nearer margin asks for more than the power of both, such that both together have it: normal
    approximation, Phi(near x - z) + Phi(far x - z) - 1.
    """
    if asked.margin is None:
        return asked.alpha / 2, abs(asked.difference), power
    if asked.framework == "non_inferiority":
        return asked.alpha, asked.margin + asked.difference, power
    near, far, z = asked.margin - abs(asked.difference), asked.margin + abs(asked.difference), _z(1 - asked.alpha)
    low, high = power, (1 + power) / 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        both = middle + NormalDist().cdf(far * (z + _z(middle)) / near - z) - 1
        low, high = (middle, high) if both < power else (low, middle)
    return asked.alpha, near, high


def _t(probability: float, df: float) -> float:
    """The quantile of a t, from that of the normal by the first two terms of its expansion in 1 / df."""
    z = _z(probability)
    return z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)


def _z(probability: float) -> float:
    return NormalDist().inv_cdf(probability)


@rule("N814", WARNING, "Clusters left out of the sample size",
      why="People of one cluster are alike, so they tell less than as many by themselves, and the clusters count as "
          "well as the people.",
      mend="Add `clusters: {size: …, size_cv: …, icc: …}` to the assumptions.")  # fmt: skip
def no_clusters(trial: Subject) -> Iterator[Found]:
    one = trial.protocol.sample_size.assumptions
    if one and one.clusters is None and trial.protocol.allocation.cluster is not None:
        yield Found((*SIZE, "assumptions"), "clusters are allocated, and the sample size takes people for independent.")


@rule("N818", WARNING, "Fewer clusters than the sample size stands on",
      why="Power comes from the number of clusters more than of people, and one that nobody named cannot come.",
      mend="Name more clusters among the answers, or plan with larger ones.")  # fmt: skip
def fewer_clusters(trial: Subject) -> Iterator[Found]:
    size, unit = trial.protocol.sample_size, trial.protocol.allocation.cluster
    its = size.assumptions.clusters if size.assumptions else None
    if its is None or unit is None:
        return
    named = next((len(one.choices) for one in trial.protocol.eligibility.questions if one.id == unit.question), 0)
    if 0 < named < TOLERANCE * size.target / its.size:
        what = f"{size.target / its.size:.0f} clusters of {its.size:g} are planned, and {named} can be answered."
        yield Found((*SIZE, "assumptions", "clusters"), what)


@rule("N815", WARNING, "Planned at a laxer level than is tested",
      why="A number planned at a larger alpha than the analysis tests at leaves less power than it claims.",
      mend="Plan at the level of the analysis: two-sided, or one-sided where a margin is tested.")  # fmt: skip
def laxer(trial: Subject) -> Iterator[Found]:
    one, tested = trial.protocol.sample_size.assumptions, tested_alpha(trial.protocol)
    if one and one.alpha > tested + SLACK and trial.protocol.design.type != "single_arm":
        side = "two-sided" if trial.protocol.design.margin is None else "one-sided"
        what = f"the number is planned at {one.alpha:g}, and the analysis tests at {tested:g} {side}."
        yield Found((*SIZE, "assumptions", "alpha"), what)


@rule("N816", WARNING, "Margin planned with a true difference",
      why="A trial that counts on being better than the other arm is too small to show that it is no worse.",
      mend="Write `difference: 0` for arms that are truly alike, or say in `source` why one is better.")  # fmt: skip
def counts_on_better(trial: Subject) -> Iterator[Found]:
    one = trial.protocol.sample_size.assumptions
    if one and trial.protocol.design.framework == "non_inferiority" and one.difference > 0:
        what = f"the number counts on a true difference of {one.difference:g} in favour of the first arm."
        yield Found((*SIZE, "assumptions", "difference"), what)


@rule("N817", WARNING, "Margin that cannot be shown",
      why="Where the true difference lies beyond the margin, more people make it only more certain that nothing is "
          "shown.",
      mend="Mend the assumed difference or the margin.")  # fmt: skip
def beyond_margin(trial: Subject) -> Iterator[Found]:
    if (why := why_not(trial.protocol)) == BEYOND:
        yield Found((*SIZE, "assumptions", "difference"), f"{why[0].lower()}{why[1:]}")


def _of_means(protocol: TrialProtocol) -> bool:
    return protocol.outcome(protocol.analysis.primary.outcome).aggregation == "mean"


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
    if one is None or important is None or not _of_means(trial.protocol):
        return
    if trial.protocol.design.framework != "superiority":
        return
    spread = 1.0 if one.in_units_of == "score" else one.standard_deviation
    if spread and one.difference * spread > important.value * 1.001:
        what = f"the trial is planned to see {one.difference * spread:g} points; {important.value:g} would matter."
        yield Found((*SIZE, "assumptions", "difference"), what)


@rule("N808", WARNING, "Points without a spread",
      why="Without a standard deviation a difference or margin in points says nothing about how many people show it.",
      mend="Add `standard_deviation` and where it was read.")  # fmt: skip
def no_spread(trial: Subject) -> Iterator[Found]:
    one, margin = trial.protocol.sample_size.assumptions, trial.protocol.design.margin
    if one is None or one.standard_deviation is not None:
        return
    if one.in_units_of == "score":
        yield Found((*SIZE, "assumptions", "difference"), "the difference is in points and has no spread.")
    elif margin is not None and _of_means(trial.protocol):
        yield Found((*SIZE, "assumptions"), "the margin is in points and the assumptions have no spread.")
