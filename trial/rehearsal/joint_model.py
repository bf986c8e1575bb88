"""Everyone's scores at every timepoint at once, drawn from a profile, allocated by the protocol's own rule.

The scores of one person are jointly normal. A score has one mean and one standard deviation at all timepoints, the
correlation of two timepoints falls with the days between them, and two scores of one timepoint share a part. An arm
moves every score by its effect on that score, which is whole until the primary timepoint and fades after it. Whoever is
lost is lost for good. What comes out is the table that a frozen dataset is read into, so that the plan runs as it will.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from trial.protocol_files import ProtocolFolder
from trial.rehearsal.course import Course, levels_of
from trial.rehearsal.joining import Joining
from trial.rehearsal.profile_file import ProfileFile
from trial.rehearsal.score_models import ScoreModel, score_models
from trial.stats.arrays import FloatArray
from trial.stats.dice import Dice
from trial.stats.plan.table import AnalysisTable
from trial.stats.reliability import reliable_changes

Codes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class JointModel(Course):
    """All that is worked out once for a protocol and a profile; `draw` makes one trial of it."""

    joining: Joining
    reliable: Mapping[str, float]

    @property
    def outcome(self) -> ScoreModel:
        """The score of the primary outcome."""
        return self.scores[self.primary_score]

    @property
    def alike(self) -> float | None:
        """The correlation of the primary outcome with its baseline, which nobody has where none is asked for."""
        score = self.outcome
        return float(score.covariance[0, score.place(self.primary.timepoint)]) if score.at_baseline else None

    def draw(self, n: int, effect: float, dice: Dice, seed: bytes) -> AnalysisTable:
        """One trial of `n` people with a true difference of `effect` standard deviations, in favour of the first arm.

        `dice` are those of people, `seed` (32 bytes) that of the allocation.
        """
        well = self._well(n, dice)
        arms, joined = self.joining.joined(
            {name: self.scores[name].points(z[0]) for name, z in well.items() if self.scores[name].at_baseline},
            n, dice, seed,
        )  # fmt: skip
        places = {arm: at for at, arm in enumerate(self.joining.arms)}
        codes = np.array([places[arm] for arm in arms])
        for name, model in self.scores.items():
            well[name] = well[name] + self._gains(model, codes, effect)
        stays = self._stays(well, dice)
        return AnalysisTable(
            participants=tuple(f"P{number:06}" for number in range(1, n + 1)),
            arms=arms,
            scores=self._answered(well, stays, codes),
            numbers=joined.numbers,
            factors=joined.factors,
            reliable_change=self.reliable,
        )

    def _well(self, n: int, dice: Dice) -> dict[str, FloatArray]:
        """Each score (T, n) without any arm, higher is better, mean 0 and standard deviation 1."""
        shared = self.profile.correlation.between_scores.value
        order = [one.id for one in self.protocol.in_time]
        general = dice.normal(len(order), n)
        found = {}
        for name, model in self.scores.items():
            own = dice.normal(len(model.timepoints), n)
            at = [order.index(one.id) for one in model.timepoints]
            found[name] = model.root @ (np.sqrt(shared) * general[at] + np.sqrt(1 - shared) * own)
        return found

    def _gains(self, model: ScoreModel, codes: Codes, effect: float) -> FloatArray:
        """(T, n): what each one's arm does to a score, in standard deviations."""
        kept = np.array([self.kept(model.id, one) for one in model.timepoints])
        level = np.array([self.levels[arm] for arm in self.joining.arms])[codes]
        return np.asarray(effect * kept[:, None] * level)

    def _stays(self, well: Mapping[str, FloatArray], dice: Dice) -> FloatArray:
        """(n,): how likely each one is to stay, uniform where nothing but chance decides."""
        leaving, model = self.profile.lost, self.outcome
        z = well[model.id]
        at = model.place(self.primary.timepoint)
        weights = np.array([leaving.by_baseline.value if model.at_baseline else 0.0, leaving.by_outcome.value])
        both = z[[0, at]]
        alike = model.covariance[np.ix_([0, at], [0, at])]
        own = 1 - float(weights @ alike @ weights)
        return np.asarray(special.ndtr(weights @ both + np.sqrt(own) * dice.normal(z.shape[1])))

    def _answered(
        self, well: Mapping[str, FloatArray], stays: FloatArray, codes: Codes
    ) -> dict[tuple[str, str], FloatArray]:
        arms, found = self.joining.arms, {}
        for name, model in self.scores.items():
            for place, timepoint in enumerate(model.timepoints):
                # whoever an arm does not ask is as good as lost here
                share = [self.lost(arm, timepoint) if arm in model.asked[timepoint.id] else 1.0 for arm in arms]
                seen = stays >= np.array(share)[codes]
                found[name, timepoint.id] = np.where(seen, model.points(well[name][place]), np.nan)
        return found


def joint_model(folder: ProtocolFolder, profile: ProfileFile) -> JointModel:
    """Work it out; raises BadInput, with what and how to mend, where the protocol or profile cannot be drawn from."""
    joining = Joining.of(folder)
    scores = score_models(folder, profile, joining.scores)
    return JointModel(
        folder,
        profile,
        scores,
        levels_of(folder.protocol, profile),
        joining,
        reliable_changes(folder.instruments.values()),
    )
