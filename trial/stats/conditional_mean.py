"""Missing outcomes at their expected values, and the planned difference with a jackknife error: no chance in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from trial.core.errors import AnalysisImpossible
from trial.stats.arrays import FloatArray
from trial.stats.filling import Arm, Gaps, Index, Seen, with_intercept
from trial.stats.normal_model import NormalModel, Sums, fit_normal, patterns_of, regression, sums_of

CHUNK = 256  # people left out at a time: what is held in memory does not grow with the trial
_ALONE = 1 - 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Jackknifed:
    """The planned difference, and what it becomes with each person left out, `without` (n,).

    `slope` is how much one point, added to everyone filled in of the contrast's first arm, moves the difference, and
    `slope_without` (n,) the same with each person left out. `filled` counts those filled in, by arm.
    """

    estimate: float
    without: FloatArray
    slope: float
    slope_without: FloatArray
    filled: tuple[int, int]

    def variance(self, shift: float = 0.0) -> float:
        """The jackknife variance after so many points were added: (n - 1) / n times the sum of squares."""
        values = self.without + shift * self.slope_without
        n = len(values)
        return float((n - 1) / n * np.sum((values - values.mean()) ** 2))


Rule = Literal["random", "jump_to_reference", "copy_reference", "copy_increments"]


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """People of one arm with the same gaps, filled in by the same rule; `seen` (T,) is what they have.

    The expected value comes from the model of the arm `target`, with covariates `x_target`; what they have is held
    against that of `residual`, with `x_residual`; `place` is their own arm's. Where `since` is a timepoint, the value
    starts there from `residual`'s mean instead. `z` are their rows of the planned model.
    """

    rows: Index
    place: int
    residual: int
    target: int
    since: int | None
    z: FloatArray
    x_residual: FloatArray
    x_target: FloatArray
    y: FloatArray
    seen: Seen


# the models of the two arms of the contrast with each of n people left out, and last with nobody: whatever the rule
WithoutEach = tuple[NormalModel, NormalModel]


def without_each(gaps: Gaps) -> WithoutEach:
    """What the jackknife of every rule needs, and what it takes long over; raises AnalysisImpossible."""
    centred = _about_the_mean(gaps)
    return _versions(centred.arm, len(gaps.y)), _versions(centred.reference, len(gaps.y))


def conditional_mean(
    gaps: Gaps, contrast: tuple[str, str], rule: Rule, models: WithoutEach | None = None
) -> Jackknifed:
    """Fill each missing outcome with its expected value and run the planned least squares over everyone.

    Missing at random: x B + K (y - x B) over the arm's own people, K the regression of the planned outcome on those
    seen of the same person. The other rules are for whoever of the first arm is lost, and take K from the reference,
    B for their own arm's coefficients and R for the reference's:

        jump to reference                  x R + K (y - x B)
        copy reference                     x R + K (y - x R)
        copy increments in reference       x R + K (y - x B) + what x B has more than x R at their last outcome

    so that they do from then on as the reference does, have done so from the start, or keep what they had gained.
    Carpenter JR, Roger JH, Kenward MG (2013), Journal of Biopharmaceutical Statistics 23, 1352-1371. Who is lost before
    any outcome had gained nothing. Each arm has its own model (`normal_model`, REML) and its own covariance.

    An imputed mean has no error of its own, so the model's errors would be too small; leaving out each person in turn
    and doing everything again, models too, gives the error under repeated sampling. Wolbers M, Noci A, Delmar P, Gower-
    Page C, Yiu S, Bartlett JW (2022), Pharmaceutical Statistics 21, 1246-1257. Nothing is approximated: the sums
    of an arm less one person are fitted again, many at once. Covariates filled with a mean keep it. `models` are those
    of `without_each`, for whoever asks for several rules of the same gaps.

    Raises AnalysisImpossible where one person alone determines a part of the planned model, or a fit is singular.
    """
    gaps = _about_the_mean(gaps)
    versions = models or without_each(gaps)
    groups = _groups(gaps, rule)
    z, n = gaps.design.matrix, len(gaps.y)
    own = np.where(np.isfinite(gaps.outcome), gaps.outcome, 0.0)
    totals = np.tile(z.T @ own, (n + 1, 1))
    moved = np.zeros(n)
    for group in groups:
        added, own[group.rows] = _filled(group, gaps.target, versions)
        totals += added
        moved[group.rows] = group.place == 0
    pushed = np.tile(z.T @ moved, (n + 1, 1))
    estimate, without = _differences(gaps, contrast, totals, own)
    slope, slope_without = _differences(gaps, contrast, pushed, moved)
    filled = [sum(len(each.rows) for each in groups if each.place == arm) for arm in (0, 1)]
    return Jackknifed(estimate, without, slope, slope_without, (filled[0], filled[1]))


def _about_the_mean(gaps: Gaps) -> Gaps:
    """The same with outcomes about their means, which no difference depends on, so that no digits are lost."""
    centre = np.nanmean(gaps.y, axis=0)
    arm, reference = (replace(each, y=each.y - centre) for each in (gaps.arm, gaps.reference))
    return replace(gaps, y=gaps.y - centre, arm=arm, reference=reference)


def _differences(
    gaps: Gaps, contrast: tuple[str, str], totals: FloatArray, own: FloatArray
) -> tuple[float, FloatArray]:
    """The planned difference from Z'y with nobody left out (the last row) and with each person left out.

    c' (Z'Z - z z')^-1 (Z'y - z y_i) for each person, by the formula of Sherman and Morrison.
    """
    z, design = gaps.design.matrix, gaps.design
    weights = np.zeros(z.shape[1])
    weights[design.arms.index(contrast[0])], weights[design.arms.index(contrast[1])] = 1, -1
    solved = z @ np.linalg.inv(z.T @ z)
    leverage = np.einsum("ij,ij->i", solved, z)
    if float(leverage.max()) > _ALONE:
        raise AnalysisImpossible(
            "One participant alone determines a part of the model, so it cannot be fitted without them, as the "
            "jackknife must: merge a rare level of a factor with another."
        )
    direction = np.linalg.solve(z.T @ z, weights)
    rest = totals[:-1] - z * own[:, None]
    without = rest @ direction + (z @ direction) * np.einsum("ij,ij->i", solved, rest) / (1 - leverage)
    return float(totals[-1] @ direction), np.asarray(without)


def _versions(arm: Arm, n: int) -> NormalModel:
    """The model of an arm without each of n people, and last without nobody; it changes for those it was fitted to."""
    sums = sums_of(arm.x, arm.y)
    whole = fit_normal(sums)
    coefficients, covariance = (np.repeat(each, n + 1, axis=0) for each in (whole.coefficients, whole.covariance))
    pattern = patterns_of(arm.y)[1]
    there = np.flatnonzero(pattern >= 0)
    for at in range(0, len(there), CHUNK):
        people = there[at : at + CHUNK]
        less = fit_normal(
            _less_one(sums, arm, pattern[people], people), np.repeat(whole.covariance, len(people), axis=0)
        )
        coefficients[arm.rows[people]], covariance[arm.rows[people]] = less.coefficients, less.covariance
    return NormalModel(coefficients, covariance)


def _less_one(sums: Sums, arm: Arm, pattern: Index, people: Index) -> Sums:
    """The sums of an arm without each of these people, whose patterns are given."""
    x, y = arm.x[people], np.where(np.isfinite(arm.y[people]), arm.y[people], 0.0)
    at = (np.arange(len(people)), pattern)
    n, xx, xy, yy = (np.repeat(each, len(people), axis=0) for each in (sums.n, sums.xx, sums.xy, sums.yy))
    n[at] -= 1
    xx[at] -= x[:, :, None] * x[:, None, :]
    xy[at] -= x[:, :, None] * y[:, None, :]
    yy[at] -= y[:, :, None] * y[:, None, :]
    return Sums(sums.seen, n, xx, xy, yy)


def _groups(gaps: Gaps, rule: Rule) -> list[_Group]:
    found = []
    arms = (gaps.arm, gaps.reference)
    for own, arm in enumerate(arms):
        missing, pattern = np.isnan(arm.y[:, gaps.target]), patterns_of(arm.y)[1]
        leaves = gaps.lost[arm.rows] & (rule != "random") & (own == 0)
        for kind, leaving in sorted(set(zip(pattern[missing].tolist(), leaves[missing].tolist(), strict=True))):
            people = np.flatnonzero(missing & (pattern == kind) & (leaves == leaving))
            rows, target = arm.rows[people], 1 if leaving else own
            y = arm.y[people]
            seen = np.isfinite(y[0])
            x_target = with_intercept(gaps.columns[rows], arms[target].kept)
            copies = leaving and rule == "copy_reference"
            keeps = leaving and rule == "copy_increments" and seen.any()
            found.append(
                _Group(
                    rows=rows,
                    place=own,
                    residual=target if copies else own,
                    target=target,
                    since=int(np.flatnonzero(seen)[-1]) if keeps else None,
                    z=gaps.design.matrix[rows],
                    x_residual=x_target if copies else arm.x[people],
                    x_target=x_target,
                    y=np.where(seen, y, 0.0),
                    seen=seen,
                )
            )
    return found


def _filled(group: _Group, target: int, versions: tuple[NormalModel, NormalModel]) -> tuple[FloatArray, FloatArray]:
    """What the group adds to Z'y in each version (n + 1, k), and what each of it is filled with in their own version.

    With sums over the group, so that it costs no more for more people.
    """
    base, held = versions[group.target].coefficients, versions[group.residual].coefficients
    k = _foretold(versions[group.target], group.seen, target)
    of_target = base[:, :, target]
    of_residual = -np.einsum("rqt,rt->rq", held, k)
    if group.since is not None:
        of_target = of_target - base[:, :, group.since]
        of_residual = of_residual + held[:, :, group.since]
    added = of_target @ (group.x_target.T @ group.z)
    added += of_residual @ (group.x_residual.T @ group.z)
    added += k @ (group.y.T @ group.z)
    rows = group.rows
    filled = np.einsum("iq,iq->i", group.x_target, of_target[rows])
    filled += np.einsum("iq,iq->i", group.x_residual, of_residual[rows]) + np.einsum("it,it->i", group.y, k[rows])
    return np.asarray(added), np.asarray(filled)


def _foretold(model: NormalModel, seen: Seen, target: int) -> FloatArray:
    """K in each version, (R, T): 0 for what is not seen."""
    return regression(model.covariance, seen)[:, target] if seen.any() else np.zeros(model.covariance.shape[:2])
