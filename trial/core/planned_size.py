"""What the size of a trial stands on: the error, degrees of freedom and question of its primary comparison.

Everything here is in standard deviations of the outcome. The estimate is a sum of the arms' means with coefficients c,
and its variance with N people randomised is

    sum(c^2 / share) * (1 - r^2) * design effect / (N (1 - attrition)).

Two arms have c = 1 and -1. The main effect of a factor of a 2 x 2 design has c = 1/2 and -1/2, the interaction, a
difference of differences, 1 and -1: four times the variance, and four times the people to find one as large. What the
baseline saves, 1 - r^2, is from Borm GF et al. (2007), Journal of Clinical Epidemiology 60, 1234; of clusters r is the
correlation of their means, which is that of people where both are alike: Teerenstra S et al. (2012), Statistics in
Medicine 31, 2169-2178. The mean change of a single arm has 2 (1 - r) in place of both factors. Of a proportion
everything is in shares, the variance of one person is p (1 - p), and nothing is counted for the baseline.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trial.core.factor_effects import sides
from trial.core.findings import Finding, Path, texts_at, walk
from trial.core.protocol import Assumptions, PlannedAnalysis, TrialProtocol

BEYOND = "The difference that is assumed lies beyond the margin: no number of people would show anything."
_AT: Path = ("sample_size", "assumptions")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The primary comparison: `variance` of its estimate times the people randomised, in squared standard deviations;
    `units` that count as independent (people analysed, or clusters) in the arms compared, of each person randomised;
    the degrees of freedom that the model takes of them; the variance `under_none`, were two shares alike."""

    variance: float
    units: float
    taken: int
    under_none: float | None = None

    def error(self, randomised: float) -> float:
        """The standard error with so many randomised."""
        return math.sqrt(self.variance / randomised)

    def error_under_none(self, randomised: float) -> float:
        """The standard error that a test of no difference goes by."""
        return math.sqrt((self.under_none or self.variance) / randomised)

    def df(self, randomised: float) -> float:
        """The degrees of freedom with so many randomised; 0 or less where there are too few."""
        return self.units * randomised - self.taken


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the comparison: `difference` is the true one in favour of the first arm, `margin` is None for
    superiority, `alpha` is two-sided then and one-sided of a margin."""

    framework: str
    difference: float
    margin: float | None
    alpha: float


def find(tree: Any) -> Iterator[Finding]:
    """Assumptions that the design cannot have: nothing to find, and clusters where people are allocated."""
    framework = next((one for _, one in walk(tree, "design.framework")), "superiority")
    for _, difference in walk(tree, "sample_size.assumptions.difference"):
        if framework == "superiority" and isinstance(difference, int | float) and not difference > 0:
            mend = "Write the difference that the trial is to find, above 0."
            yield Finding((*_AT, "difference"), "there is no difference to be found.", mend)
    yield from _shares(tree)
    by_cluster = any(unit == "cluster" for _, unit in walk(tree, "allocation.unit"))
    for path, clusters in walk(tree, "sample_size.assumptions.clusters"):
        if clusters is not None and not by_cluster:
            yield Finding(path, "people are allocated one by one, and `clusters` is about clusters.", "Take it out.")


def _shares(tree: Any) -> Iterator[Finding]:
    for path, one in walk(tree, "sample_size.assumptions"):
        if not isinstance(one, Mapping):
            continue
        share, units = one.get("reference_share"), one.get("in_units_of")
        if (share is None) == (units == "share"):
            what = "a difference of shares and the share of the reference arm belong together."
            yield Finding(path, what, "Write `in_units_of: share` and `reference_share`, or neither.")
        primary = "".join(texts_at(tree, "analysis.primary.outcome"))
        of = {one.get("id"): one.get("aggregation") for _, one in walk(tree, "outcomes.*") if isinstance(one, Mapping)}
        if units == "share" and of.get(primary) != "proportion":
            mend = "Write `in_units_of: standard_deviation` or `score`."
            yield Finding((*path, "in_units_of"), "the primary outcome is a mean, which has no share.", mend)


def shares_of(protocol: TrialProtocol, one: Assumptions, difference: float) -> tuple[float, float]:
    """The shares of both arms, where the first is better by this much."""
    better = protocol.outcome(protocol.analysis.primary.outcome).more_is
    reference = one.reference_share or 0.0
    return reference + (difference if better == "higher" else -difference), reference


def design_effect(size: float, icc: float, size_cv: float) -> float:
    """1 + ((cv^2 + 1) m - 1) icc; `trial.stats.size_factors` says from where."""
    return 1 + ((size_cv**2 + 1) * size - 1) * icc


def tested_alpha(protocol: TrialProtocol) -> float:
    """The level that the primary analysis is tested at: two-sided, of a margin one-sided."""
    left = 1 - protocol.analysis.level
    return left if protocol.design.margin is None else protocol.design.one_sided_alpha or left / 2


def why_not(protocol: TrialProtocol) -> str | None:
    """Why no formula says what the primary comparison takes; None where one does."""
    primary, one = protocol.analysis.primary, protocol.sample_size.assumptions
    if one is None:
        return "The protocol states no assumptions of its sample size."
    kind = protocol.outcome(primary.outcome).aggregation
    if kind not in ("mean", "proportion"):
        return f"The primary outcome is {kind}, and the assumptions are of means or shares."
    if kind == "proportion":
        if one.reference_share is None:
            return "The primary outcome is a proportion, and the assumptions hold no share of the reference arm."
        if not 0 < shares_of(protocol, one, one.difference)[0] < 1:
            return "The difference that is assumed leads to a share outside 0 to 1."
    ratios = {arm.id: arm.ratio for arm in protocol.arms}
    if not all(ratios.get(arm) for side in sides(protocol, primary) for arm in side):
        return "An arm of the primary comparison is closed to new people."
    if protocol.allocation.cluster is not None and one.clusters is None:
        return "Clusters are allocated, and the assumptions do not say how large and how alike they are."
    points = one.in_units_of == "score" or protocol.design.margin is not None
    if points and one.in_units_of != "share" and one.standard_deviation is None:
        return "A difference or margin is in points, and the assumptions hold no standard deviation."
    return _beyond(protocol, one)


def question_of(protocol: TrialProtocol, one: Assumptions) -> Question:
    """The planned question, where `why_not` has nothing to say."""
    spread = 1.0 if one.in_units_of == "share" else one.standard_deviation or 1.0
    margin = protocol.design.margin
    difference = one.difference / spread if one.in_units_of == "score" else one.difference
    in_sd = None if margin is None else margin / spread
    return Question(protocol.design.framework, difference, in_sd, one.alpha)


def comparison_of(protocol: TrialProtocol, one: Assumptions) -> Comparison:
    """The primary comparison under these assumptions, where `why_not` has nothing to say."""
    coefficients = _coefficients(protocol, protocol.analysis.primary)
    total = sum(arm.ratio for arm in protocol.arms)
    shares = {arm: protocol.arm(arm).ratio / total for arm in coefficients}
    kept, r = 1 - one.attrition, one.correlation_with_baseline
    weight = sum(each**2 / shares[arm] for arm, each in coefficients.items())
    if len(coefficients) == 1:
        return Comparison(2 * (1 - r) / kept, kept, 1)
    variance, compared = weight * (1 - r * r) / kept, sum(shares.values())
    its = one.clusters
    effect = design_effect(its.size * kept, its.icc, its.size_cv) if its else 1.0
    if one.in_units_of == "share":
        risks = shares_of(protocol, one, one.difference)
        spread = sum(risk * (1 - risk) / share for risk, share in zip(risks, shares.values(), strict=True))
        pooled = sum(risk * share for risk, share in zip(risks, shares.values(), strict=True)) / compared
        alike = pooled * (1 - pooled) * weight
        return Comparison(spread / kept * effect, math.inf, 0, alike / kept * effect)
    if its is None:
        return Comparison(variance, compared * kept, len(shares) + 1)
    # the baseline is one of people, and takes no cluster
    return Comparison(variance * effect, compared / its.size, len(shares))


def _coefficients(protocol: TrialProtocol, planned: PlannedAnalysis) -> dict[str, float]:
    found = sides(protocol, planned)
    # a main effect takes the mean of its two arms on each side, an interaction their sum
    times = max(len(planned.factors), 1)
    return {
        arm: sign * times / len(side) for sign, side in zip((1.0, -1.0), found, strict=False) for arm in side
    }  # fmt: skip


def _beyond(protocol: TrialProtocol, one: Assumptions) -> str | None:
    asked = question_of(protocol, one)
    if asked.margin is None:
        return None
    far = abs(asked.difference) if asked.framework == "equivalence" else -asked.difference
    if far >= asked.margin:
        return BEYOND
    return None
