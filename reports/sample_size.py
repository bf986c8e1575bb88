"""What the size of a trial stands on: every assumption as a number, and the power that the formula gives it."""

from __future__ import annotations

from collections.abc import Iterator

from reports.numbers import count, declared
from trial.core.planned_size import design_effect
from trial.core.protocol import Assumptions, TrialProtocol
from trial.stats.power_of_plan import ClosedPower, closed_power, people_needed

_UNITS = {"standard_deviation": "standard deviations", "score": "points of the score", "share": "as a share"}


def by_formula(protocol: TrialProtocol) -> str:
    """The power of the number sought, and how many the power asked for takes; or why no formula says it."""
    size = protocol.sample_size
    if size.assumptions is None:
        return ""
    found = closed_power(protocol, size.target)
    if found.power is None:
        return f"No formula gives the power of this number. {found.reason}"
    its, needed = size.assumptions.clusters, people_needed(protocol)
    groups = f" in {count(round(size.target / its.size))} clusters" if its else ""
    had = f"{count(size.target)} people{groups} have a power of {declared(round(100 * found.power, 1))}%"
    wanted = "" if needed is None else f"; {declared(100 * size.assumptions.power)}% takes {count(needed)}"
    return " ".join([f"By the formula ({found.formula}) {had}{wanted}.", *_with_looks(found), *found.notes])


def _with_looks(found: ClosedPower) -> Iterator[str]:
    if found.expected is not None:
        share = declared(round(100 * found.expected, 1))
        yield f"With the difference assumed, {share}% of the information is there on average when the trial ends."


def assumptions(protocol: TrialProtocol, one: Assumptions) -> Iterator[tuple[str, str]]:
    """Each assumption by its name and in its units."""
    yield _asked(protocol), f"{declared(one.difference)} {_UNITS[one.in_units_of]}"
    if one.reference_share is not None:
        yield "Share in the reference arm", declared(one.reference_share)
    else:
        yield "Standard deviation", declared(one.standard_deviation) if one.standard_deviation else "1, by definition"
    yield "Correlation with baseline", declared(one.correlation_with_baseline)
    if its := one.clusters:
        effect = design_effect(its.size * (1 - one.attrition), its.icc, its.size_cv)
        yield (
            "Clusters",
            f"of {declared(its.size)} people on average, coefficient of variation of the sizes {declared(its.size_cv)}",
        )
        yield (
            "Intracluster correlation",
            f"{declared(its.icc)}: a design effect of {declared(round(effect, 2))} among those analysed",
        )
    yield "Power", f"{declared(100 * one.power)}%"
    yield "Two-sided alpha" if protocol.design.margin is None else "One-sided alpha", declared(one.alpha)
    yield "Not analysed of those randomised", f"{declared(100 * one.attrition)}%"
    yield "Source", one.source


def _asked(protocol: TrialProtocol) -> str:
    if protocol.design.margin is not None:
        return "True difference, in favour of the first arm"
    if len(protocol.analysis.primary.factors) > 1:
        return "Interaction, a difference of differences"
    return "Difference"
