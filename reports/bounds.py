"""What a report says of Lee's bounds: how unequally the arms lost people, and how far that could move the effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.labels import Labels
from reports.numbers import count, interval, number, percent
from reports.sentences import level

One = Mapping[str, Any]


def text(one: One, decimals: int) -> str:
    """`-1.2 to 0.8 (-3.0 to 2.1)`: both bounds, and the interval of the effect between them."""
    found = one["bounds"]
    ends = interval([found["lower"], found["upper"]], decimals)
    return f"{ends} ({interval(one['ci'], decimals)})"


def what_was_done(one: One, labels: Labels, decimals: int) -> str:
    """In sentences."""
    found = one["bounds"]
    arm, reference = (labels.arm(each) for each in one["contrast"])
    (seen, other), (of, of_other) = found["with_outcome"]["n"], found["with_outcome"]["of"]
    low, high = (number(100 * end, 1) for end in found["difference"]["ci"])
    said = (
        f"The outcome is known for {count(seen)} of {count(of)} ({percent(seen, of)}) with {arm} and for "
        f"{count(other)} of {count(of_other)} ({percent(other, of_other)}) with {reference}: a difference of "
        f"{number(100 * found['difference']['estimate'], 1)} percentage points ({level(one)} confidence interval {low} "
        f"to {high}, Newcombe). No test decides whether that matters: the bounds are printed whatever it is."
    )
    if found["trimmed"] is None:
        said += " Both arms lost equally many, so nothing is cut and both bounds are the plain difference of means."
    else:
        said += (
            f" {labels.arm(found['trimmed'])} has the larger share, so {number(100 * found['share'], 1)}% of its "
            "outcomes are cut, once the highest and once the lowest, and what is left is compared."
        )
    return (
        f"{said} The effect on those who would answer in either arm lies between {number(found['lower'], decimals)} "
        f"and {number(found['upper'], decimals)} if everyone who answers in the arm that lost more would have answered "
        "in the other too. The interval holds that effect, not both ends (Imbens and Manski). Means are plain: nothing "
        "is adjusted for, so the bounds need not hold the planned estimate."
    )
