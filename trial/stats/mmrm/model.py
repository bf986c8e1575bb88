"""The mixed model for repeated measures, and constrained longitudinal data analysis: arms compared at every timepoint
with every outcome that anybody gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.contrasts import Contrast
from trial.stats.intervals import t_interval
from trial.stats.mmrm.fitting import Maximum, maximise
from trial.stats.mmrm.inference import Errors, Method, errors_of
from trial.stats.mmrm.preparing import Given, Prepared, prepared
from trial.stats.mmrm.structures import Structure


@dataclass(frozen=True, slots=True, eq=False)
class MmrmResult:
    """Differences, first arm of `contrast` minus the second, at each timepoint and `average`d over them alike.

    Where combinations of the arms' means were asked for, `differences` and `average` are of the first of them, and
    `combined` has each at every timepoint.
    `means` are adjusted means by arm and timepoint, covariates at their means among those analysed. `n` counts the
    people of each arm who have at least one outcome, for only they tell anything; `with_outcome` those who have the
    outcome at each of `timepoints`. `covariance` (T, T) is that of the outcomes given the covariates, of the
    `structure` that was used; `fell_back` says which were tried before it, and why they failed.
    """

    contrast: tuple[str, str]
    timepoints: tuple[str, ...]
    differences: Mapping[str, Contrast]
    average: Contrast
    combined: Mapping[str, tuple[Contrast, ...]]
    means: Mapping[str, Mapping[str, Contrast]]
    n: Mapping[str, int]
    with_outcome: Mapping[str, tuple[int, ...]]
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]
    level: float
    method: Method
    structure: Structure
    fell_back: tuple[tuple[Structure, str], ...]
    covariance: FloatArray
    log_likelihood: float
    steps: int


def mmrm(
    outcomes: FloatArray,
    arm: Sequence[object],
    covariates: FloatArray,
    contrast: tuple[str, str],
    *,
    timepoints: Sequence[str],
    names: Sequence[str],
    common: Sequence[str] = (),
    level: float = 0.95,
    method: Method = "satterthwaite",
    structures: Sequence[Structure] = ("unstructured",),
    combinations: Sequence[Mapping[str, float]] = (),
) -> MmrmResult:
    """Compare two arms at each of several timepoints by restricted maximum likelihood.

    `outcomes` (n, T) with NaN for missing, `arm` n labels (compared as text), `covariates` (n, k) called `names`,
    without gaps. The mean of an outcome is that of the arm at the timepoint plus a line in each covariate, at each
    timepoint a line of its own but for those named in `common`. Outcomes of one person are normal with a covariance
    of the first of `structures` that the data can carry. Whoever has no outcome is left out; missing outcomes are
    taken to be missing at random given arm, covariates and the outcomes that were seen. `combinations` are weights of
    the arms' means, such as effects of factors, judged in place of the difference of two; every arm of them has people.

    With no gaps and every line of its own, the difference at a timepoint is that of the analysis of covariance
    there. Mallinckrodt CH, Clark WS, David SR (2001), Journal of Biopharmaceutical Statistics 11, 9-21.

    Raises AnalysisImpossible when the data cannot carry the model, ValueError when the arguments do not fit together.
    """
    given = Given(outcomes, arm, covariates, contrast, tuple(timepoints), tuple(names), tuple(common))
    return _compared(given, level, method, structures, combinations)


def clda(
    baseline: FloatArray,
    outcomes: FloatArray,
    arm: Sequence[object],
    covariates: FloatArray,
    contrast: tuple[str, str],
    *,
    timepoints: Sequence[str],
    names: Sequence[str],
    common: Sequence[str] = (),
    level: float = 0.95,
    method: Method = "satterthwaite",
    structures: Sequence[Structure] = ("unstructured",),
    combinations: Sequence[Mapping[str, float]] = (),
) -> MmrmResult:
    """The same with the outcome at baseline (n,) as one of the outcomes, whose mean the arms share.

    Chance allocated, so the arms do not differ before anything was done. Somebody without a baseline stays in by their
    later outcomes, and somebody who has nothing but the baseline counts as analysed: their value enters the
    likelihood. `timepoints` are those after the baseline; lines in covariates are there for the baseline too. Liang
    K-Y, Zeger SL (2000), Sankhya B 62, 134-148; Liu GF, Lu K, Mogg R, Mallick M, Mehrotra DV (2009), Statistics in
    Medicine 28, 2509-2530. Raises AnalysisImpossible and ValueError as `mmrm` does.
    """
    if baseline.shape != (len(outcomes),):
        raise ValueError("everyone has one baseline")
    whole = np.column_stack([baseline, outcomes])
    given = Given(
        whole, arm, covariates, contrast, (BASELINE, *timepoints), tuple(names), tuple(common), same_at_first=True
    )
    return _compared(given, level, method, structures, combinations)


BASELINE = "baseline"


def _compared(
    given: Given,
    level: float,
    method: Method,
    structures: Sequence[Structure],
    combinations: Sequence[Mapping[str, float]],
) -> MmrmResult:
    if not 0 < level < 1 or not structures:
        raise ValueError("a level is between 0 and 1, and there is a structure to try")
    ready = prepared(given)
    found, fell_back = _first_that_holds(ready, structures)
    ends = _Ends(found, errors_of(ready.data, found, method), ready, level)
    at = {name: t for t, name in enumerate(given.timepoints) if not (given.same_at_first and t == 0)}
    first, second = given.contrast
    asked = combinations or ({first: 1.0, second: -1.0},)
    over = {name: [ends.combination(one, t) for one in asked] for name, t in at.items()}
    main = {name: chosen[0] for name, chosen in over.items()}
    return MmrmResult(
        contrast=given.contrast,
        timepoints=tuple(at),
        differences={name: ends.of(chosen) for name, chosen in main.items()},
        average=ends.of(np.mean(list(main.values()), axis=0)),
        combined={name: tuple(map(ends.of, chosen)) for name, chosen in over.items()} if combinations else {},
        means={one: {name: ends.mean(one, t) for name, t in at.items()} for one in ready.arms},
        n={one: int(ready.people(one)) for one in ready.arms},
        with_outcome={one: ready.with_outcome(one)[-len(at) :] for one in ready.arms},
        covariates=ready.covariates,
        dropped=ready.dropped,
        level=level,
        method=method,
        structure=found.structure,
        fell_back=fell_back,
        covariance=found.covariance.matrix * ready.scale**2,
        log_likelihood=found.fitted.log_likelihood - ready.log_scale,
        steps=found.steps,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ends:
    """Combinations of coefficients, back on the outcome's own scale."""

    found: Maximum
    errors: Errors
    ready: Prepared
    level: float

    def combination(self, weights: Mapping[str, float], t: int) -> FloatArray:
        chosen = np.zeros(len(self.found.fitted.beta))
        for arm, weight in weights.items():
            chosen += weight * self._arm(arm, t)
        return chosen

    def mean(self, arm: str, t: int) -> Contrast:
        return self.of(self._arm(arm, t), self.ready.centre)

    def _arm(self, arm: str, t: int) -> FloatArray:
        chosen = np.zeros(len(self.found.fitted.beta))
        chosen[self.ready.place_of[self.ready.arms.index(arm), t]] = 1.0
        return chosen

    def of(self, chosen: FloatArray, centre: float = 0.0) -> Contrast:
        se, df = self.errors.of(chosen)
        scale = self.ready.scale
        estimate, se = float(chosen @ self.found.fitted.beta) * scale + centre, se * scale
        ci, p = t_interval(estimate, se, df, self.level)
        return Contrast(estimate, se, df, estimate / se, p, ci)


def _first_that_holds(
    ready: Prepared, structures: Sequence[Structure]
) -> tuple[Maximum, tuple[tuple[Structure, str], ...]]:
    failed: list[tuple[Structure, str]] = []
    for structure in structures:
        try:
            return maximise(ready.data, structure), tuple(failed)
        except AnalysisImpossible as error:
            failed.append((structure, str(error)))
    raise AnalysisImpossible(failed[-1][1])
