"""Closed power of a protocol's primary analysis: what the formula says, or why none applies.

The estimate over its standard error is a noncentral t. Error and degrees of freedom are those of
`trial.core.planned_size`: two arms, effects of two factors, clusters of unequal size, a single arm; the question is one
of a difference (`t_power`), of a margin from one side (`above_margin`) or from both (`within_margins`). What the
baseline saves is from Borm GF et al. (2007), Journal of Clinical Epidemiology 60, 1234, of clusters from Teerenstra S
et al. (2012), Statistics in Medicine 31, 2169-2178. With clusters the degrees of freedom are the clusters less the arms
compared.

Where interim looks have stopping bounds, the power of one analysis with everybody is turned into the drift of a normal
walk, z(1 - alpha / 2) + z(power), and the power is the chance of that walk to cross a bound at any look: Jennison C,
Turnbull BW (2000), Group sequential methods with applications to clinical trials, chapters 2 and 19, as in rpact. Not
to be worse by a margin is tested from one side, z(1 - alpha) + z(power), by bounds of one side, as in rpact too. Of
equivalence each one-sided test gives such a drift, and the power is the chance that both reach the bound at one look
(`trial.stats.sequential.equivalence`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from scipy import special

from trial.core.planned_size import Comparison, Question, comparison_of, question_of, why_not
from trial.core.protocol import Assumptions, TrialProtocol
from trial.core.protocol.analysis import REPEATED
from trial.stats.margin_power import above_margin, within_margins
from trial.stats.noncentral_t import probability_below
from trial.stats.power import rises_to, t_power
from trial.stats.sequential.design import SequentialDesign, Sides
from trial.stats.sequential.equivalence import ended_alike, expected_of
from trial.stats.sequential.planned import planned_design
from trial.stats.sequential.stopping import stopping

_FEWEST_DF = 1.0
_ROUGHEST = 0.5  # the error of a difference of shares with about two people in all
_MOST = 100_000_000
_FARTHEST = 38.0  # a drift whose power is one in all digits


@dataclass(frozen=True, slots=True)
class ClosedPower:
    """Power of the primary analysis with so many `randomised`, or `reason` in words and no numbers.

    `effect` and `error` are in standard deviations of the outcome, of a proportion in shares; `df` are those of the
    error, None for a normal one; `alpha` is two-sided or, of a margin, one-sided. `expected` is the share of the
    information that is there on average when the trial ends, where looks can end it. `formula` names it; `notes` are
    sentences about what it leaves out.
    """

    randomised: float
    power: float | None
    reason: str | None
    effect: float | None = None
    error: float | None = None
    df: float | None = None
    alpha: float | None = None
    expected: float | None = None
    formula: str | None = None
    notes: tuple[str, ...] = ()


def closed_power(
    protocol: TrialProtocol, randomised: float, effect: float | None = None, *, assumed: Assumptions | None = None
) -> ClosedPower:
    """Power of the protocol's primary analysis with `randomised` people in all, by formula where one applies.

    `effect` is the true difference in favour of the first arm, in standard deviations of the outcome or in shares (of
    an interaction a difference of differences); left out, it is the one assumed. `assumed` stands in for the protocol's
    own assumptions, such as the correlation and the loss of a rehearsal. The noncentral t is exact for normal outcomes
    of equal variance, people or clusters of equal size, and loss by chance alone. Raises ValueError for a number of
    people or an effect that is none.
    """
    if not (randomised > 0 and math.isfinite(randomised) and (effect is None or math.isfinite(effect))):
        raise ValueError("needs a number of people above 0 and a finite effect")
    one = assumed or protocol.sample_size.assumptions
    if one is not None:
        protocol = _with(protocol, one)
    if one is not None and effect is not None and one.in_units_of == "share":
        one = one.model_copy(update={"difference": effect})
        protocol = _with(protocol, one)
    reason = why_not(protocol)
    if one is None or reason is not None:
        return ClosedPower(randomised, None, reason)
    compared, asked = comparison_of(protocol, one), question_of(protocol, one)
    difference = asked.difference if effect is None else effect
    df, error = compared.df(randomised), compared.error(randomised)
    if df < _FEWEST_DF:
        return ClosedPower(randomised, None, "So few leave no degree of freedom for the error.")
    share = one.in_units_of == "share"
    if share and error > _ROUGHEST:
        return ClosedPower(randomised, None, "So few tell nothing of a proportion.")
    design = planned_design(protocol.monitoring, asked.alpha, _sides(asked))
    if design is not None:
        power, expected = _with_looks(design, compared, asked, randomised, None if share else difference)
    else:
        power = _of_shares(compared, asked, randomised) if share else _power(asked, difference / error, error, df)
        expected = None
    formula, notes = _formula(protocol, asked), tuple(_notes(protocol))
    known = None if share else df
    return ClosedPower(randomised, power, None, difference, error, known, asked.alpha, expected, formula, notes)


def people_needed(protocol: TrialProtocol) -> int | None:
    """The fewest people to randomise with whom `closed_power` is what the assumptions ask for; None without a formula.

    Arms and clusters are taken to be of the sizes that their shares say, not rounded up to whole ones.
    """
    one = protocol.sample_size.assumptions
    if one is None or why_not(protocol):
        return None
    compared = comparison_of(protocol, one)
    fewest = max((_FEWEST_DF + compared.taken) / compared.units, _FEWEST_DF)

    def power(randomised: float) -> float:
        return closed_power(protocol, randomised).power or 0.0

    try:
        return math.ceil(rises_to(one.power, power, fewest * (1 + 1e-12), _MOST) - 1e-6)
    except ValueError:
        return None


def _with(protocol: TrialProtocol, one: Assumptions) -> TrialProtocol:
    size = protocol.sample_size.model_copy(update={"assumptions": one})
    return protocol.model_copy(update={"sample_size": size})


def _power(asked: Question, difference: float, error: float, df: float) -> float:
    """`difference` is in standard errors."""
    if asked.margin is None:
        return t_power(difference, df, asked.alpha)
    within = within_margins if asked.framework == "equivalence" else above_margin
    return within(difference, asked.margin / error, df, asked.alpha)


def _of_shares(compared: Comparison, asked: Question, randomised: float) -> float:
    """By the normal approximation; of no difference as `proportions_power` does, with the error under none."""
    error, sides = compared.error(randomised), 2 if asked.margin is None else 1
    z = -float(special.ndtri(asked.alpha / sides))
    if asked.margin is None:
        return float(special.ndtr((abs(asked.difference) - z * compared.error_under_none(randomised)) / error))
    far = float(special.ndtr((asked.margin + asked.difference) / error - z))
    if asked.framework == "non_inferiority":
        return far
    return max(0.0, far + float(special.ndtr((asked.margin - asked.difference) / error - z)) - 1)


def _drift(compared: Comparison, asked: Question, randomised: float, difference: float | None) -> float:
    """The drift of a normal walk that is as sure to be found by one analysis with everybody; of shares without one.

    It is taken from one side, in the direction of the effect, of a margin from the margin: the other side adds what the
    walk itself adds.
    """
    side = asked.alpha / _sides(asked)
    error, z = compared.error(randomised), -float(special.ndtri(side))
    if asked.margin is None:
        reach, tested = (
            abs(asked.difference if difference is None else difference),
            compared.error_under_none(randomised),
        )
    else:
        reach, tested = asked.margin + (asked.difference if difference is None else difference), error
    if difference is None:
        found = z + (reach - z * tested) / error
    else:
        df = compared.df(randomised)
        missed = probability_below(float(special.stdtrit(df, 1 - side)), df, reach / error)
        found = z - float(special.ndtri(missed))
    return min(max(found, -_FARTHEST), _FARTHEST)


def _with_looks(
    design: SequentialDesign, compared: Comparison, asked: Question, randomised: float, difference: float | None
) -> tuple[float, float]:
    """The chance to cross a bound at any look, of two sides either, and the information there on average at the end."""
    drift = _drift(compared, asked, randomised, difference)
    if asked.framework == "equivalence":
        turned = replace(asked, difference=-asked.difference)
        other = _drift(compared, turned, randomised, None if difference is None else -difference)
        alike = ended_alike(design, (drift + other) / 2, (drift - other) / 2)
        return sum(alike), expected_of(design, alike)
    found = stopping(design, drift)
    return min(1.0, found.power + sum(found.below)), found.expected_information


def _sides(asked: Question) -> Sides:
    return 2 if asked.margin is None else 1


def _formula(protocol: TrialProtocol, asked: Question) -> str:
    share = protocol.outcome(protocol.analysis.primary.outcome).aggregation == "proportion"
    parts = ["two proportions, normal approximation" if share else "noncentral t"]
    if asked.margin is not None:
        parts.append("two one-sided tests" if asked.framework == "equivalence" else "one-sided test of the margin")
    if protocol.design.type == "single_arm":
        return ", ".join([*parts, "mean change of one arm"])
    parts += [] if share else ["ANCOVA"]
    if protocol.analysis.primary.factors:
        parts.append("interaction of two factors" if len(protocol.analysis.primary.factors) > 1 else "main effect")
    if protocol.allocation.cluster is not None:
        parts.append("design effect and degrees of freedom of clusters")
    if planned_design(protocol.monitoring, asked.alpha, _sides(asked)) is not None:
        parts.append("group sequential bounds")
    return ", ".join(parts)


def _notes(protocol: TrialProtocol) -> Iterator[str]:
    plan = protocol.analysis
    if protocol.monitoring and protocol.monitoring.bounds:
        yield (
            "The looks are taken to come at even shares of the information; few degrees of freedom are counted at the "
            "last one, and the way there is that of a normal statistic."
        )
    if protocol.outcome(plan.primary.outcome).aggregation == "proportion":
        yield "What the baseline tells of who responds is left out; with few events the approximation is rough."
        return
    if plan.method_of(plan.primary) in REPEATED:
        yield (
            "The formula is that of ANCOVA among those with the outcome; a model of repeated outcomes learns a little "
            "from what the lost answered before."
        )
    if protocol.allocation.strata:
        yield "What stratification factors tell of the outcome beyond the baseline is left out."
    if protocol.allocation.cluster is not None:
        yield (
            "The baseline is taken to be as closely correlated with the outcome between clusters as between people; "
            "sizes that differ are counted as for a mean over people, on the safe side of a random intercept."
        )
