"""The effect on those who do what their arm asks for because it asks: two-stage least squares on the randomised arm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.design import Design, build_design
from trial.stats.intervals import t_interval
from trial.stats.least_squares import refuse_alike

IvCovariance = Literal["HC3", "HC2", "HC1", "HC0", "classical"]
IV_COVARIANCES: tuple[IvCovariance, ...] = ("HC3", "HC2", "HC1", "HC0", "classical")
WEAK = 10.0
EXCLUSION = "Being given the arm changes the outcome through what was received alone, and nobody does the contrary."
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class ComplierEffect:
    """The effect of receiving it (or of one more unit of it) on those who receive it because of their arm.

    First arm of `contrast` against the second. `ci_weak` holds at its level however weakly the arm moves what is
    received (Anderson and Rubin); it is None where that leaves nothing out on one side or both. `taken` is by how much
    the arm moves what is received, `f` its robust F, `weak` says that f is below 10: then believe `ci_weak` alone.
    `assumptions` are what the figure needs beyond chance.
    """

    contrast: tuple[str, str]
    estimate: float
    se: float
    df: int
    ci: tuple[float, float]
    ci_weak: tuple[float, float] | None
    level: float
    p: float
    covariance: IvCovariance
    taken: float
    f: float
    weak: bool
    as_randomised: float
    n: dict[str, int]
    covariates: tuple[str, ...]
    assumptions: tuple[str, ...]


def complier_effect(
    outcome: FloatArray,
    received: FloatArray,
    arm: Sequence[object],
    covariates: FloatArray,
    contrast: tuple[str, str],
    *,
    comparator_has_content: bool,
    assumption: str = "",
    level: float = 0.95,
    covariance: IvCovariance = "HC2",
    names: Sequence[str] | None = None,
) -> ComplierEffect:
    """Regress `outcome` (n,) on what was `received` (n,), 0 or 1 or a dose, with the arm as its instrument.

    With X = (received, 1, covariates), Z the same with the arm in place of received, P the projection on Z and
    X^ = P X: b = (X^'X^)^-1 X^'y, which without covariates is the difference of the outcome over that of what was
    received (Wald's ratio). Its covariance is A diag(w) A', A = (X^'X^)^-1 X^', from residuals e = y - X b: e'e / (n -
    k) (classical), e^2 (HC0), e^2 n / (n - k) (HC1), e^2 / (1 - h) and e^2 / (1 - h)^2 (HC2, HC3) with h the leverages
    of X^. Angrist JD, Imbens GW, Rubin DB (1996), Identification of causal effects using instrumental variables,
    Journal of the American Statistical Association 91, 444-455. Test and interval use t(n - k). `ci_weak` keeps every
    effect d for which the arm does not move y - d received, by the same kind of error.

    Where the comparator `has content of its own` its people may change through something else than this, so that the
    arm does more than move what is received: refused unless an `assumption` says what is taken to be true instead.
    People of both arms of `contrast` alone, without missing values. Raises AnalysisImpossible also where the arm does
    not change what is received, and as `build_design` does.
    """
    if comparator_has_content and not assumption.strip():
        raise AnalysisImpossible(
            "The comparator has content of its own, so that the arm may change the outcome by other ways than what is "
            "counted here: an effect on those who complied needs an assumption, in words, that this is not so."
        )
    design, labels = _design(outcome, received, arm, covariates, contrast, level, covariance, names)
    refuse_alike(outcome)
    instrument = np.array([label == contrast[0] for label in labels], dtype=np.float64)
    rest = np.column_stack([np.ones(len(labels)), design.matrix[:, len(design.arms) :]])
    basis, _ = np.linalg.qr(rest)
    z, d, y = (_without(basis, each) for each in (instrument, received, outcome))
    taken, f = _moved(z, d, basis, covariance)
    if abs(float(z @ d)) <= _NOTHING * math.sqrt(float(z @ z) * max(float(received @ received), _NOTHING)):
        raise AnalysisImpossible("What was received does not differ between the arms: there is nobody to speak of.")
    estimate, df = float(z @ y) / float(z @ d), len(y) - rest.shape[1] - 1
    # with the rest projected out, the second stage is one column: the projection of what was received on the arm
    fitted = z * taken
    leverages = np.einsum("ij,ij->i", basis, basis) + fitted**2 / float(fitted @ fitted)
    residuals = y - d * estimate
    variance = _meat(fitted, residuals, leverages, df, covariance) / float(fitted @ fitted) ** 2
    if variance <= _NOTHING * float(np.var(outcome)) / len(y):
        raise AnalysisImpossible("The model reproduces every outcome exactly: no error is left to judge it by.")
    se = math.sqrt(variance)
    ci, p = t_interval(estimate, se, df, level)
    return ComplierEffect(
        contrast,
        estimate,
        se,
        df,
        ci,
        _whatever_the_strength(z, d, y, basis, df, level, covariance),
        level,
        p,
        covariance,
        taken,
        f,
        f < WEAK,
        float(z @ y) / float(z @ z),
        {each: labels.count(each) for each in contrast},
        design.covariates,
        (EXCLUSION, assumption.strip()) if assumption.strip() else (EXCLUSION,),
    )


def _moved(z: FloatArray, d: FloatArray, basis: FloatArray, covariance: IvCovariance) -> tuple[float, float]:
    """The first stage: by how much the arm moves what is received, and the F of that."""
    taken = float(z @ d) / float(z @ z)
    df = len(z) - basis.shape[1] - 1
    leverages = np.einsum("ij,ij->i", basis, basis) + z**2 / float(z @ z)
    variance = _meat(z, d - z * taken, leverages, df, covariance) / float(z @ z) ** 2
    return taken, taken**2 / variance if variance > 0 else math.inf


def _whatever_the_strength(
    z: FloatArray, d: FloatArray, y: FloatArray, basis: FloatArray, df: int, level: float, covariance: IvCovariance
) -> tuple[float, float] | None:
    """Anderson and Rubin's set: z'(y - b d) squared within t^2 times its variance, a quadratic in b; or None."""
    leverages = np.einsum("ij,ij->i", basis, basis) + z**2 / float(z @ z)
    ys, ds = (each - z * float(z @ each) / float(z @ z) for each in (y, d))
    half, _ = t_interval(0.0, 1.0, df, level)
    t2 = half[1] ** 2

    def error(one: FloatArray, two: FloatArray) -> float:
        # the error is a square of residuals, so that of a sum follows from three of them
        return (
            _meat(z, one + two, leverages, df, covariance) - _meat(z, one - two, leverages, df, covariance)
        ) / 4  # fmt: skip

    a = float(z @ d) ** 2 - t2 * error(ds, ds)
    b = float(z @ d) * float(z @ y) - t2 * error(ds, ys)
    c = float(z @ y) ** 2 - t2 * error(ys, ys)
    if a <= 0 or b * b - a * c < 0:
        return None
    root = math.sqrt(b * b - a * c)
    return (b - root) / a, (b + root) / a


def _meat(x: FloatArray, residuals: FloatArray, leverages: FloatArray, df: int, covariance: IvCovariance) -> float:
    squares = residuals**2
    if covariance == "classical":
        return float(np.sum(squares)) / df * float(x @ x)
    if covariance == "HC1":
        squares = squares * len(x) / df
    if covariance in ("HC2", "HC3"):
        spare = 1 - leverages
        if spare.min() < 1e-10:
            raise AnalysisImpossible(
                f"One participant alone determines a parameter: {covariance} is undefined. Leave out the covariate."
            )
        squares = squares / (spare if covariance == "HC2" else spare**2)
    return float(np.sum(x**2 * squares))


def _without(basis: FloatArray, column: FloatArray) -> FloatArray:
    return np.asarray(column - basis @ (basis.T @ column))


def _design(
    outcome: FloatArray,
    received: FloatArray,
    arm: Sequence[object],
    covariates: FloatArray,
    contrast: tuple[str, str],
    level: float,
    covariance: IvCovariance,
    names: Sequence[str] | None,
) -> tuple[Design, tuple[str, ...]]:
    labels = tuple(str(label) for label in arm)
    columns = tuple(names) if names is not None else tuple(f"covariate {k + 1}" for k in range(covariates.shape[-1]))
    if not outcome.shape == received.shape == (len(labels),) or covariates.shape != (len(labels), len(columns)):
        raise ValueError("outcome, received, arm and covariates are of the same participants, with one name a column")
    if contrast[0] == contrast[1] or set(labels) - set(contrast):
        raise ValueError("a contrast is between two arms, and participants are of these two")
    if not 0 < level < 1 or covariance not in IV_COVARIANCES:
        raise ValueError(f"a level lies between 0 and 1, the covariance is one of {', '.join(IV_COVARIANCES)}")
    for each in contrast:
        if each not in labels:
            raise AnalysisImpossible(f"Arm {each!r} has no participant with an outcome to analyse.")
    for what, column in (("The outcome", outcome), ("What was received", received), ("A covariate", covariates)):
        if not np.all(np.isfinite(column)):
            raise AnalysisImpossible(f"{what} has missing or infinite values among those to be analysed.")
    return build_design(labels, covariates, columns), labels
