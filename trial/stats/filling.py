"""Who is missing an outcome, and what is known of them: what every method starts from that fills outcomes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.design import Design, build_design

Index = npt.NDArray[np.intp]
Seen = npt.NDArray[np.bool_]
SPARE = 2  # people that a model must have beyond its parameters and timepoints
_ALONE, _RANK = 1 - 1e-8, 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """One arm of the contrast: its `rows` among the people, its covariates `x` (n, q), its outcomes `y` (n, T).

    `kept` are the columns of the table of covariates that its model has after the intercept.
    """

    rows: Index
    x: FloatArray
    y: FloatArray
    kept: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """Everyone in the model once gaps are filled: both arms of the contrast whole, others where they have the outcome.

    `design` is the planned model's; `columns` (n, k) its covariates, standardised, for the models of the outcome;
    `y` (n, T) the outcome at each timepoint of `timepoints`, and `target` the planned one among them; `lost` (n,)
    whether somebody without the planned outcome has none after it either. `arm` and `reference` are those of the
    contrast. `left_out` names covariates, and auxiliaries, that an arm has too few people for. The last columns of `y`
    are `auxiliaries`, which are drawn with the outcome and analysed nowhere.
    """

    design: Design
    columns: FloatArray
    y: FloatArray
    timepoints: tuple[str, ...]
    target: int
    lost: npt.NDArray[np.bool_]
    arm: Arm
    reference: Arm
    left_out: tuple[str, ...]
    auxiliaries: tuple[str, ...] = ()

    @property
    def outcome(self) -> FloatArray:
        """The planned outcome, NaN where it is missing."""
        return self.y[:, self.target]


def find_gaps(
    row_arms: Sequence[str],
    outcomes: Sequence[tuple[str, FloatArray]],
    planned: str,
    covariates: FloatArray,
    names: Sequence[str],
    contrast: tuple[str, str],
    auxiliaries: Sequence[tuple[str, FloatArray]] = (),
) -> Gaps:
    """Lay out what fills the outcome at the timepoint `planned` in the two arms of `contrast`.

    `outcomes` are (timepoint, values (n,), NaN for missing) after the baseline, in order of time; `covariates` (n, k)
    called `names` have no gaps. `row_arms` (n,) are the arms; give the people of other arms only where they have the
    outcome. Another timepoint is used where both arms have people enough who have it and those used before it; those
    nearest to the planned one are tried first, then `auxiliaries` (name, values (n,), NaN for missing), in the order
    given. In each arm the model has an intercept and those covariates, in the order given, that no single person alone
    determines and that the people with the outcome are enough for.

    Raises AnalysisImpossible where an arm has too few people with the planned outcome to foretell it.
    """
    labels = np.array(row_arms, dtype=object)
    design = build_design(row_arms, covariates, names)
    columns = design.matrix[:, len(design.arms) :]
    at, points = [timepoint for timepoint, _ in outcomes].index(planned), len(outcomes)
    y = np.column_stack([values for _, values in (*outcomes, *auxiliaries)])
    rows = [np.flatnonzero(labels == each) for each in contrast]
    used = _usable(y, at, points, rows, columns)
    arms = [_arm(each, name, columns, y[:, used]) for each, name in zip(rows, contrast, strict=True)]
    gone = [name for at, name in enumerate(design.covariates) if any(at not in arm.kept for arm in arms)]
    gone += [name for place, (name, _) in enumerate(auxiliaries, points) if place not in used]
    return Gaps(
        design,
        columns,
        y[:, used],
        tuple(outcomes[each][0] for each in used if each < points),
        used.index(at),
        np.all(np.isnan(y[:, at:points]), axis=1),
        arms[0],
        arms[1],
        tuple(gone),
        tuple(auxiliaries[each - points][0] for each in used if each >= points),
    )


def _usable(y: FloatArray, at: int, points: int, rows: Sequence[Index], columns: FloatArray) -> list[int]:
    """The timepoints that the models can have, in order of time, and auxiliaries after them."""
    used = [at]
    nearest = sorted(set(range(points)) - {at}, key=lambda each: (abs(each - at), each))
    for other in (*nearest, *range(points, y.shape[1])):
        tried = sorted([*used, other])
        if all(_enough(y[its][:, tried], columns[its]) for its in rows):
            used = tried
    return used


def _enough(y: FloatArray, columns: FloatArray) -> bool:
    """Whether those with every outcome are T + 2 more than the parameters: then the spread has a posterior mean."""
    whole = np.all(np.isfinite(y), axis=1)
    needed: int = 1 + len(_determined(columns[whole], columns.shape[1])) + y.shape[1] + SPARE
    return bool(np.count_nonzero(whole) >= needed)


def _determined(columns: FloatArray, most: int) -> list[int]:
    """At most so many columns, in order, that with an intercept are independent, even with any one person left out."""
    kept: list[int] = []
    for at in range(columns.shape[1]):
        x = np.column_stack([np.ones(len(columns)), columns[:, [*kept, at]]])
        full = len(kept) >= most or len(x) <= x.shape[1]
        if full or np.linalg.matrix_rank(x, tol=_RANK * np.sqrt(x.size)) < x.shape[1]:
            continue
        basis, _ = np.linalg.qr(x)
        if float(np.max(np.sum(basis**2, axis=1))) < _ALONE:
            kept.append(at)
    return kept


def _arm(rows: Index, name: str, columns: FloatArray, y: FloatArray) -> Arm:
    its = y[rows]
    whole = np.all(np.isfinite(its), axis=1)
    most = int(whole.sum()) - 1 - its.shape[1] - SPARE
    if most < 0:
        raise AnalysisImpossible(f"Too few of arm {name!r} have the outcome to foretell it for the others.")
    kept = _determined(columns[rows][whole], most)
    return Arm(rows, with_intercept(columns[rows], kept), its, tuple(kept))


def with_intercept(columns: FloatArray, kept: Sequence[int]) -> FloatArray:
    """A column of ones, then those of `columns` (n, k) that are kept."""
    return np.column_stack([np.ones(len(columns)), columns[:, list(kept)]])
