"""An effect beside the smallest difference that matters (MID), and beside what one person's score has to change by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Zone = Literal["matters, worse", "too small, worse", "too small, better", "matters, better"]

# Where the interval's ends lie, towards worse and towards better, and what may be said of it then.
WORDS: dict[tuple[Zone, Zone], str] = {
    ("matters, worse", "matters, worse"): "The arm is worse, by at least the smallest difference that matters.",
    ("matters, worse", "too small, worse"): "The arm is worse; whether by enough to matter is open.",
    (
        "matters, worse",
        "too small, better",
    ): "Better by enough to matter is ruled out; worse by enough to matter is not.",
    ("matters, worse", "matters, better"): "Open: better or worse by enough to matter are both possible.",
    ("too small, worse", "too small, worse"): "The arm is worse, by less than matters.",
    ("too small, worse", "too small, better"): "The arms are alike: any difference is smaller than what matters.",
    (
        "too small, worse",
        "matters, better",
    ): "Worse by enough to matter is ruled out; better by enough to matter is not.",
    ("too small, better", "too small, better"): "The arm is better, by less than matters.",
    ("too small, better", "matters, better"): "The arm is better; whether by enough to matter is open.",
    ("matters, better", "matters, better"): "The arm is better, by at least the smallest difference that matters.",
}


@dataclass(frozen=True, slots=True)
class BesideMid:
    """A difference between arms held against -+ `mid`, by where its interval lies alone.

    `ends` are the zones of the interval's end towards worse and of that towards better; `words` follow from them by the
    table `WORDS`. `source` says where the MID is from. `reliable` is the change that is more than measurement error in
    one person (`reliability.reliable_change`), None where the instrument does not tell: the mean of an arm may move by
    less and still matter.
    """

    estimate: float
    ci: tuple[float, float]
    level: float
    mid: float
    source: str
    better: Literal["lower", "higher"]
    ends: tuple[Zone, Zone]
    words: str
    reliable: float | None


def beside_mid(
    estimate: float,
    ci: tuple[float, float],
    mid: float,
    *,
    source: str,
    better: Literal["lower", "higher"],
    level: float = 0.95,
    reliable: float | None = None,
) -> BesideMid:
    """Say where an interval lies relative to -mid, 0 and mid; all in the outcome's units, or all standardised.

    An end that lies on 0 leaves no difference possible, one that lies on the MID reaches it. The interval is read, no
    test is made: "too small" and "matters" are those of the interval's level. Raises ValueError for a MID that is not
    above 0 or has no source, an estimate outside its interval, or numbers that are not finite.
    """
    low, high = ci
    if not (math.isfinite(mid) and mid > 0):
        raise ValueError("the smallest difference that matters is a number above 0")
    if not source.strip():
        raise ValueError("the smallest difference that matters needs a source: who says so, from which data")
    if not (math.isfinite(low) and math.isfinite(high) and low <= estimate <= high):
        raise ValueError("needs a finite interval that holds its estimate")
    worst, best = (low, high) if better == "higher" else (-high, -low)
    ends = (_worst(worst, mid), _best(best, mid))
    return BesideMid(estimate, ci, level, mid, source, better, ends, WORDS[ends], reliable)


def _worst(end: float, mid: float) -> Zone:
    if end <= -mid:
        return "matters, worse"
    if end <= 0:
        return "too small, worse"
    return "too small, better" if end < mid else "matters, better"


def _best(end: float, mid: float) -> Zone:
    if end >= mid:
        return "matters, better"
    if end >= 0:
        return "too small, better"
    return "too small, worse" if end > -mid else "matters, worse"
