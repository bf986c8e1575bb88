"""People, arms and covariates laid out for a model of repeated outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.mmrm.layout import NONE, Layout, Places, by_timepoint
from trial.stats.mmrm.likelihood import Data, data_of
from trial.stats.normal_model import sums_of

_CONSTANT = 1e-12
_DEPENDENT = 1e-10
_REPEATED = 1e-10
_SPARE = 2


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What an analysis was asked for: see `mmrm`. `same_at_first` says that the first outcome comes before the arms do
    anything, so that they share its mean."""

    outcomes: FloatArray
    arm: Sequence[object]
    covariates: FloatArray
    contrast: tuple[str, str]
    timepoints: tuple[str, ...]
    names: tuple[str, ...]
    common: tuple[str, ...]
    same_at_first: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """People with at least one outcome, their outcomes and covariates centred and scaled.

    `codes` (n,) is the arm of each among `arms`; `place_of` (arms, T) the coefficient that is an arm's mean.
    """

    y: FloatArray
    codes: npt.NDArray[np.intp]
    arms: tuple[str, ...]
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]
    places: Places
    place_of: Places
    centre: float
    scale: float
    data: Data
    log_scale: float


def prepared(given: Given) -> Prepared:
    """Lay it out; raises AnalysisImpossible when the data cannot carry the model."""
    _check(given)
    has: npt.NDArray[np.bool_] = np.any(np.isfinite(given.outcomes), axis=1)
    names, codes = np.unique(np.array([str(one) for one in given.arm])[has], return_inverse=True)
    arms = tuple(str(one) for one in names)
    for one in given.contrast:
        if one not in arms:
            raise AnalysisImpossible(f"Nobody of the arm {one!r} has an outcome at any timepoint.")
    y, x = given.outcomes[has], given.covariates[has]
    varying = [at for at in range(x.shape[1]) if np.ptp(x[:, at]) > _CONSTANT * np.max(np.abs(x[:, at]))]
    kept = tuple(given.names[at] for at in varying)
    lines = x[:, varying]
    spreads = lines.std(axis=0)
    centre, scale = float(np.nanmean(y)), float(np.nanstd(y))
    if not scale > _CONSTANT * abs(centre):
        raise AnalysisImpossible("The outcome does not vary.")
    places, place_of = _places(len(arms), kept, given)
    indicators = (codes[:, None] == np.arange(len(arms))).astype(np.float64)
    shared = [np.ones((len(y), 1))] if given.same_at_first else []
    columns = np.hstack([indicators, *shared, (lines - lines.mean(axis=0)) / spreads])
    y = (y - centre) / scale
    data = data_of(sums_of(columns, y), Layout(places))
    ready = Prepared(
        y=y,
        codes=codes,
        arms=arms,
        covariates=kept,
        dropped=tuple(one for one in given.names if one not in kept),
        places=places,
        place_of=place_of,
        centre=centre,
        scale=scale,
        data=data,
        log_scale=_log_scale(data, places, spreads, scale),
    )
    _refuse_dependence(ready, given)
    _refuse_repetition(ready, columns, given)
    return ready


def _log_scale(data: Data, places: Places, spreads: FloatArray, scale: float) -> float:
    """What centring and scaling took from the log-likelihood: the restricted one depends on the scale of both."""
    used = [np.unique(row[row != NONE]) for row in places[len(places) - len(spreads) :]]
    of_lines = sum(len(row) * float(np.log(spread)) for row, spread in zip(used, spreads, strict=True))
    return float((data.values - data.selection.shape[1]) * np.log(scale) + of_lines)


def _places(arms: int, covariates: Sequence[str], given: Given) -> tuple[Places, Places]:
    """(of every column, of each arm's mean): arms first, then what they share, then the covariates."""
    timepoints = len(given.timepoints)
    if given.same_at_first:
        means = np.hstack([np.full((arms, 1), NONE), by_timepoint(arms, timepoints - 1, first=1)])
        shared = np.full((1, timepoints), NONE)
        shared[0, 0] = 0
        rows = [means, shared]
        place_of = np.hstack([np.zeros((arms, 1), dtype=np.intp), means[:, 1:]])
    else:
        rows = [by_timepoint(arms, timepoints)]
        place_of = rows[0]
    following = int(max(row.max() for row in rows)) + 1
    for name in covariates:
        own = 1 if name in given.common else timepoints
        rows.append(np.broadcast_to(following + np.arange(own), (1, timepoints)).copy())
        following += own
    return np.vstack(rows), place_of


def _refuse_dependence(ready: Prepared, given: Given) -> None:
    """Every timepoint has to be seen in both arms, and every coefficient to be told from the others."""
    data = ready.data
    for t, name in enumerate(given.timepoints):
        seen = data.xx[data.seen[:, t] > 0].sum(axis=0)
        for place, one in enumerate(ready.arms):
            if seen[place, place] < 1 and not (given.same_at_first and t == 0):
                raise AnalysisImpossible(f"Nobody of the arm {one!r} has the outcome at {name!r}.")
        has = ready.places[:, t] != NONE
        people = int(data.n @ data.seen[:, t])
        own = sum(int(np.count_nonzero(ready.places == place)) == 1 for place in ready.places[has, t])
        if people <= own:
            raise AnalysisImpossible(
                f"Of those analysed, {people} have the outcome at {name!r}, where the model has {own} coefficients: "
                "leave that timepoint out or plan fewer covariates."
            )
        inner = seen[np.ix_(has, has)]
        root = np.sqrt(np.diagonal(inner))
        if np.any(root == 0) or np.linalg.eigvalsh(inner / np.outer(root, root)).min() < _DEPENDENT:
            culprits = ", ".join(repr(one) for one in ready.covariates)
            raise AnalysisImpossible(
                f"Among those who have the outcome at {name!r}, the covariates ({culprits}) cannot be told apart from "
                "one another or from the arms: leave one out of the model."
            )


def _refuse_repetition(ready: Prepared, columns: FloatArray, given: Given) -> None:
    """Outcomes that follow exactly from one another have no covariance, and a simpler structure would be untrue."""
    for one, other in combinations(range(len(given.timepoints)), 2):
        both = np.isfinite(ready.y[:, [one, other]]).all(axis=1)
        x, y = columns[both], ready.y[both][:, [one, other]]
        if len(y) < np.linalg.matrix_rank(x) + _SPARE:
            continue  # what is left over from so few lies on a line by itself
        left = y - x @ np.linalg.lstsq(x, y)[0]
        (first, shared), (_, second) = left.T @ left
        varies = min(first, second) > len(y) * _REPEATED**2
        if varies and shared**2 > (1 - _REPEATED) * first * second:
            raise AnalysisImpossible(
                f"The outcomes at {given.timepoints[one]!r} and {given.timepoints[other]!r} follow exactly from one "
                "another: leave one of these timepoints out."
            )


def _check(given: Given) -> None:
    outcomes, names = given.outcomes, given.names
    timepoints = given.timepoints
    if outcomes.ndim != 2 or outcomes.shape[1] != len(timepoints) or len(set(timepoints)) != len(timepoints):
        raise ValueError("outcomes are a table with one column for each timepoint")
    if len(given.arm) != len(outcomes) or given.covariates.shape != (len(outcomes), len(names)):
        raise ValueError("everyone has one arm and one value of each covariate")
    if not set(given.common) <= set(names) or given.contrast[0] == given.contrast[1]:
        raise ValueError("common covariates are among the names, and a contrast has two arms")
    if not np.all(np.isfinite(given.covariates)):
        raise AnalysisImpossible("A covariate is missing or not a number for somebody.")
    if np.any(np.isinf(outcomes)):
        raise AnalysisImpossible("An outcome is not a number.")
    if not np.any(np.isfinite(outcomes)):
        raise AnalysisImpossible("Nobody has an outcome at any timepoint.")
