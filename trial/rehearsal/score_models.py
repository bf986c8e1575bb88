"""How one score behaves over a protocol's own timepoints, by a profile: mean, spread, correlation over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reports.variables import asked_at, planned_scores, timepoints_of
from trial.core.errors import BadInput
from trial.core.instruments import Instrument, Score
from trial.core.protocol import Timepoint
from trial.core.scoring import range_of
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.profile_file import ProfileFile
from trial.stats.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ScoreModel:
    """`covariance` (T, T) of the timepoints that ask for the score, in standard deviations, and its root.

    `asked` is which arms each of them asks.
    """

    id: str
    better: str
    mean: float
    sd: float
    timepoints: tuple[Timepoint, ...]
    asked: Mapping[str, frozenset[str]]
    covariance: FloatArray
    root: FloatArray

    @property
    def at_baseline(self) -> bool:
        return self.timepoints[0].anchor == "consent"

    @property
    def side(self) -> float:
        """1 where higher is better, -1 where lower is."""
        return 1.0 if self.better == "higher" else -1.0

    def points(self, well: FloatArray) -> FloatArray:
        """Standard deviations to the better as points of the score."""
        return np.asarray(self.mean + self.side * self.sd * well)

    def place(self, timepoint: str) -> int:
        """Which of its timepoints this is."""
        return [one.id for one in self.timepoints].index(timepoint)


def day_of(timepoint: Timepoint) -> int:
    """The first day of a timepoint, counted from randomisation; 0 for the baseline alone."""
    return 0 if timepoint.anchor == "consent" else max(1, min(timepoint.days))


def score_models(folder: ProtocolFolder, profile: ProfileFile, more: Iterable[str]) -> dict[str, ScoreModel]:
    """Of every score that the plan names, and of `more`; raises BadInput."""
    names = dict.fromkeys([*planned_scores(folder), *more])
    return {name: _model(folder, profile, name) for name in names}


def models_of_all(folder: ProtocolFolder, profile: ProfileFile) -> dict[str, ScoreModel]:
    """Of every score that some timepoint asks for and that has a range, or a mean of its own in the profile."""
    known = {
        one.id: bool(np.isfinite(range_of(tool, one)).all())
        for tool in folder.instruments.values()
        for one in tool.scores
    }
    return {
        name: _model(folder, profile, name)
        for name, drawn in known.items()
        if drawn and any(timepoints_of(folder, name))
    }


def alike_after(profile: ProfileFile, score: str, days: int) -> float:
    """The correlation of two answers to a score so many days apart: at least one day, at most the reliability.

    r(t) = r(t0) k^log2(t / t0), k what it keeps with every doubling of t.
    """
    said = profile.correlation
    known = said.of_scores.get(score, said.typical).value
    doublings = np.log2(max(days, 1) / said.days)
    return float(min(known * said.kept_per_doubling.value**doublings, profile.reliability_of(score)))


def _model(folder: ProtocolFolder, profile: ProfileFile, name: str) -> ScoreModel:
    tool, score = next((tool, one) for tool in folder.instruments.values() for one in tool.scores if one.id == name)
    timepoints = tuple(timepoints_of(folder, name))
    if not timepoints:
        raise BadInput.at(
            name, "the plan names this score, and no timepoint asks for it.", "Ask its instrument somewhere."
        )
    mean, sd = _mean_and_sd(profile, tool, score)
    covariance = _covariance(profile, name, [day_of(one) for one in timepoints])
    root: FloatArray = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    arms = [arm.id for arm in folder.protocol.arms]
    asked = {one.id: frozenset(arm for arm in arms if asked_at(folder, one, tool.code, arm)) for one in timepoints}
    return ScoreModel(name, score.better, mean, sd, timepoints, asked, covariance, root)


def _covariance(profile: ProfileFile, name: str, days: Sequence[int]) -> FloatArray:
    found = np.eye(len(days))
    for one, day in enumerate(days):
        for other, another in enumerate(days[:one]):
            found[one, other] = found[other, one] = alike_after(profile, name, abs(day - another))
    if float(np.linalg.eigvalsh(found).min()) < 1e-6:
        what = f"no scores are correlated like this over the days {', '.join(map(str, days))}."
        raise BadInput.at(
            f"correlation of {name}", what, "Lower the correlation, or what it keeps per doubling, in the profile."
        )
    return found


def _mean_and_sd(profile: ProfileFile, tool: Instrument, score: Score) -> tuple[float, float]:
    """Of the profile, else an SD that the instrument's file says was read, else shares of the range."""
    said = profile.scores.get(score.id)
    if said and said.mean and said.sd:
        return said.mean.value, said.sd.value
    low, high = range_of(tool, score)
    if not np.isfinite([low, high]).all():
        what = "this score has no range that a mean and a standard deviation could be taken from."
        raise BadInput.at(score.id, what, "Name both under `scores` in a profile of your own.")
    told = score.reliability
    read = told.sd if told and told.verified else None
    return low + profile.typical.mean.value * (high - low), read or profile.typical.sd.value * (high - low)
