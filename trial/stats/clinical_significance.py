"""What one person's change means: reliable, and from the clinical side of a cut-off to the other."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.reliability import changes

Better = Literal["lower", "higher"]
Outcome = Literal["recovered", "improved", "unchanged", "deteriorated"]
OUTCOMES: tuple[Outcome, ...] = ("recovered", "improved", "unchanged", "deteriorated")


def reliable_change_index(before: FloatArray, after: FloatArray, sd: float, reliability: float) -> FloatArray:
    """(n,): (after - before) / (sd sqrt(2 (1 - reliability))), NaN where either is missing; `sd` before treatment.

    Jacobson NS, Truax P (1991), Clinical significance: a statistical approach to defining meaningful change in
    psychotherapy research, Journal of Consulting and Clinical Psychology 59, 12-19. Its sign is that of the change in
    the score, not of the gain. Raises AnalysisImpossible where measurement is without error or the score does not vary.
    """
    if not (sd > 0 and 0 <= reliability < 1 and math.isfinite(sd)):
        raise AnalysisImpossible("A reliable change index needs a standard deviation above 0, a reliability below 1.")
    return np.asarray((after - before) / (sd * math.sqrt(2 * (1 - reliability))))


def cut_off(
    kind: Literal["a", "b", "c"],
    better: Better,
    *,
    clinical: tuple[float, float] | None = None,
    general: tuple[float, float] | None = None,
) -> float:
    """Where the clinical population ends and the general one begins, by means and standard deviations of either.

    a: two standard deviations beyond the clinical mean, on the better side. b: two within the general mean, on the
    worse side. c: between both means, in the proportion of the standard deviations, (s0 M1 + s1 M0) / (s0 + s1) with
    M1, s1 clinical and M0, s0 general. Jacobson and Truax (1991), as above, who take c where both are known and
    overlap. Raises ValueError where a population is not given that this cut-off needs, or they lie the wrong way round.
    """
    away = 2 if better == "higher" else -2
    if kind == "a" and clinical:
        return clinical[0] + away * clinical[1]
    if kind == "b" and general:
        return general[0] - away * general[1]
    if kind == "c" and clinical and general:
        if (general[0] - clinical[0]) * away <= 0:
            raise ValueError("the general population does not score better than the clinical one")
        return (general[1] * clinical[0] + clinical[1] * general[0]) / (general[1] + clinical[1])
    raise ValueError(f"cut-off {kind} needs the mean and standard deviation of another population")


def significant_changes(
    before: FloatArray, after: FloatArray, threshold: float, cut: float, better: Better
) -> list[Outcome | None]:
    """What each of n people has become, (n,) before and (n,) after: Jacobson and Truax's four; None where missing.

    "recovered" has improved by more than the reliable `threshold` (`reliability.reliable_change`) and come from the
    clinical side of `cut` to the other; "improved" by more than the threshold alone, which is the most that anybody can
    who began on the other side. At the cut-off itself is still the clinical side.
    """
    crossed = _crossed(before, after, cut, better)
    named = changes(before, after, threshold, better)
    return ["recovered" if kind == "improved" and over else kind for kind, over in zip(named, crossed, strict=True)]


def responded(
    before: FloatArray, after: FloatArray, threshold: float, better: Better, cut: float | None = None
) -> npt.NDArray[np.bool_]:
    """Who gained more than `threshold`, and, where a `cut` is given, came over it: `after` (n,) or (imputations, n).

    Nothing may be missing: a person without a score is imputed first and never counted as a failure unseen. Raises
    AnalysisImpossible where something is.
    """
    if not np.all(np.isfinite(before)) or not np.all(np.isfinite(after)):
        raise AnalysisImpossible("Who responded cannot be told without a score: impute the missing ones first.")
    gain = (after - before) if better == "higher" else (before - after)
    found = gain > threshold
    return np.asarray(found if cut is None else found & _crossed(before, after, cut, better))


def _crossed(before: FloatArray, after: FloatArray, cut: float, better: Better) -> npt.NDArray[np.bool_]:
    if better == "higher":
        return np.asarray((before <= cut) & (after > cut))
    return np.asarray((before >= cut) & (after < cut))
