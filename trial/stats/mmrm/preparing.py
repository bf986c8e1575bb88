"""People, arms and covariates laid out for a model of repeated outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.mmrm.layout import NONE, Layout, Places, by_timepoint
from trial.stats.mmrm.likelihood import Data, data_of
from trial.stats.normal_model import by_pattern, sums_over

_CONSTANT = 1e-12
_DEPENDENT = 1e-10
_REPEATED = 1e-10
_SPARE = 2
_MANY = 50  # times as many people as columns
BLOCK = 1 << 15  # people who are laid out at a time: what is worked on beside the data does not grow with them


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
    """People with at least one outcome as sums, their outcomes and covariates centred and scaled.

    `place_of` (arms, T) is the coefficient that is an arm's mean; the first columns of the sums are those of `arms`.
    """

    arms: tuple[str, ...]
    covariates: tuple[str, ...]
    dropped: tuple[str, ...]
    places: Places
    place_of: Places
    centre: float
    scale: float
    data: Data
    log_scale: float

    def people(self, arm: str) -> float:
        """How many of an arm have at least one outcome."""
        return float(self._by_pattern(arm).sum())

    def with_outcome(self, arm: str) -> tuple[int, ...]:
        """How many of an arm have the outcome at each timepoint."""
        return tuple(int(one) for one in self._by_pattern(arm) @ self.data.seen)

    def _by_pattern(self, arm: str) -> FloatArray:
        at = self.arms.index(arm)
        found: FloatArray = self.data.xx[:, at, at]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _People:
    """Everybody as given, the arm of each as a number among `arms`, -1 without any outcome; `kept` are the covariates
    that vary, with their means and spreads."""

    given: Given
    codes: npt.NDArray[np.int32]
    arms: tuple[str, ...]
    kept: npt.NDArray[np.intp]
    means: FloatArray
    spreads: FloatArray
    centre: float
    scale: float

    def blocks(self) -> Iterator[tuple[FloatArray, FloatArray]]:
        """(columns (n, q): arms, what they share, covariates; outcomes (n, T)) of some people after others."""
        for start in range(0, len(self.codes), BLOCK):
            part = slice(start, start + BLOCK)
            has = self.codes[part] >= 0
            codes = self.codes[part][has]
            indicators = (codes[:, None] == np.arange(len(self.arms))).astype(np.float64)
            shared = [np.ones((len(codes), 1))] if self.given.same_at_first else []
            lines = (self.given.covariates[part][has][:, self.kept] - self.means) / self.spreads
            yield np.hstack([indicators, *shared, lines]), (self.given.outcomes[part][has] - self.centre) / self.scale


def prepared(given: Given) -> Prepared:
    """Lay it out; raises AnalysisImpossible when the data cannot carry the model."""
    _check(given)
    people = _people(given)
    kept = tuple(given.names[at] for at in people.kept)
    places, place_of = _places(len(people.arms), kept, given)
    data = data_of(sums_over(people.blocks()), Layout(places))
    ready = Prepared(
        arms=people.arms,
        covariates=kept,
        dropped=tuple(one for one in given.names if one not in kept),
        places=places,
        place_of=place_of,
        centre=people.centre,
        scale=people.scale,
        data=data,
        log_scale=_log_scale(data, places, people.spreads, people.scale),
    )
    _refuse_dependence(ready, given)
    _refuse_repetition(people, data)
    return ready


def _people(given: Given) -> _People:
    arms, codes = _arms(given)
    for one in given.contrast:
        if one not in arms:
            raise AnalysisImpossible(f"Nobody of the arm {one!r} has an outcome at any timepoint.")
    parts = [slice(start, start + BLOCK) for start in range(0, len(codes), BLOCK)]

    def lines() -> Iterator[FloatArray]:
        return (given.covariates[part][codes[part] >= 0] for part in parts)

    ends = np.array([[one.min(axis=0), one.max(axis=0)] for one in lines() if len(one)])
    low, high = ends[:, 0].min(axis=0), ends[:, 1].max(axis=0)
    kept = np.flatnonzero(high - low > _CONSTANT * np.maximum(np.abs(low), np.abs(high)))
    means, spreads = _moments(lambda: (one[:, kept] for one in lines()))
    centre, scale = _moments(lambda: (given.outcomes[part].reshape(-1, 1) for part in parts))
    if not scale[0] > _CONSTANT * abs(centre[0]):
        raise AnalysisImpossible("The outcome does not vary.")
    return _People(given, codes, arms, kept, means, spreads, float(centre[0]), float(scale[0]))


def _arms(given: Given) -> tuple[tuple[str, ...], npt.NDArray[np.int32]]:
    """(The arms that somebody with an outcome is of, the place of everyone's among them, -1 without an outcome)."""
    met: dict[str, int] = {}
    codes = np.fromiter((met.setdefault(str(one), len(met)) for one in given.arm), dtype=np.int32, count=len(given.arm))
    has: npt.NDArray[np.bool_] = np.any(np.isfinite(given.outcomes), axis=1)
    counts = np.bincount(codes[has], minlength=len(met))
    arms = tuple(sorted(name for name, at in met.items() if counts[at]))
    places = np.array([arms.index(name) if name in arms else -1 for name in met], dtype=np.int32)
    return arms, np.where(has, places[codes], np.int32(-1))


def _moments(blocks: Callable[[], Iterator[FloatArray]]) -> tuple[FloatArray, FloatArray]:
    """Means and standard deviations of columns whose rows come in blocks; what is missing is left out."""
    parts = [(np.isfinite(one).sum(axis=0), np.nansum(one, axis=0)) for one in blocks()]
    n = np.sum([seen for seen, _ in parts], axis=0)
    means: FloatArray = np.sum([total for _, total in parts], axis=0) / n
    squares = np.sum([np.nansum((one - means) ** 2, axis=0) for one in blocks()], axis=0)
    return means, np.sqrt(squares / n)


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


def _refuse_repetition(people: _People, data: Data) -> None:
    """Outcomes that follow exactly from one another have no covariance, and a simpler structure would be untrue."""
    timepoints, q = people.given.timepoints, data.xx.shape[1]
    rows = _rows_of(people)
    for one, other in combinations(range(len(timepoints)), 2):
        both = [at for at, seen in enumerate(data.seen) if seen[one] and seen[other]]
        n = data.n[both].sum()
        if not n:
            continue
        its = np.vstack([rows[at] for at in both])
        x, y, nothing = its[:, :q], its[:, [q + one, q + other]], np.finfo(np.float64).eps * max(n, q)
        if n < np.linalg.matrix_rank(x, rtol=nothing) + _SPARE:
            continue  # what is left over from so few lies on a line by itself
        left = y - x @ np.linalg.lstsq(x, y, rcond=nothing)[0]
        (first, shared), (_, second) = left.T @ left
        varies = min(first, second) > n * _REPEATED**2
        if varies and shared**2 > (1 - _REPEATED) * first * second:
            raise AnalysisImpossible(
                f"The outcomes at {timepoints[one]!r} and {timepoints[other]!r} follow exactly from one "
                "another: leave one of these timepoints out."
            )


def _rows_of(people: _People) -> list[FloatArray]:
    """Columns and outcomes (…, q + T) of each pattern of gaps: those of its people or, where they are many, fewer rows
    with the same sums of products (their R of a QR decomposition), which regressions cannot tell from them."""
    found: dict[int, FloatArray] = {}
    for x, y in people.blocks():
        for pattern, its_x, its_y in by_pattern(x, y):
            rows = np.hstack([its_x, its_y])
            if pattern in found:
                rows = np.vstack([found[pattern], rows])
            found[pattern] = _condensed(rows)
    return [found[pattern] for pattern in sorted(found)]


def _condensed(rows: FloatArray) -> FloatArray:
    if len(rows) <= _MANY * rows.shape[1]:
        return rows
    return np.asarray(np.linalg.qr(rows, mode="r"), dtype=np.float64)


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
