"""How the scores of a trial run under a profile: what an arm does to them, how that fades, and who is lost by when.

The rehearsal's people and the joint model of whole trials are both drawn from this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trial.core.factor_effects import sides
from trial.core.protocol import PlannedAnalysis, Timepoint, TrialProtocol
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.profile_file import Leaving, ProfileFile
from trial.rehearsal.score_models import ScoreModel, day_of, models_of_all


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """All that is worked out once for a protocol and a profile."""

    folder: ProtocolFolder
    profile: ProfileFile
    scores: Mapping[str, ScoreModel]
    levels: Mapping[str, float]

    @property
    def protocol(self) -> TrialProtocol:
        return self.folder.protocol

    @property
    def primary(self) -> PlannedAnalysis:
        return self.protocol.analysis.primary

    @property
    def primary_score(self) -> str:
        """The score of the primary outcome."""
        return self.protocol.outcome(self.primary.outcome).score

    def kept(self, score: str, timepoint: Timepoint) -> float:
        """The part of the effect that is there on a score at a timepoint: none at the baseline, until the primary one
        all that the score has of it."""
        if timepoint.id == self.protocol.baseline.id:
            return 0.0
        fading = self.profile.fading_of(score)
        days = max(0, day_of(timepoint) - day_of(self.protocol.timepoint(self.primary.timepoint)))
        left = 1 - (1 - fading.left.value) * min(1.0, days / fading.after_days)
        return left * self.profile.effect_on(score, self.primary_score)

    def lost(self, arm: str, timepoint: Timepoint) -> float:
        """The share of an arm that answers nothing any more at a timepoint; at the baseline everyone answers."""
        return self.lost_on(arm, day_of(timepoint))

    def lost_on(self, arm: str, day: int) -> float:
        """The same on a day after randomisation."""
        first, *others = sides(self.protocol, self.primary)
        side = (arm in first) - any(arm in one for one in others)
        return lost_by(self.profile.lost, day, side if others else 0)


def course_of(folder: ProtocolFolder, profile: ProfileFile) -> Course:
    """Of every score that can be drawn, and of any design."""
    return Course(folder, profile, models_of_all(folder, profile), levels_of(folder.protocol, profile))


def lost_by(leaving: Leaving, day: int, side: int = 0) -> float:
    """The share lost by a day: in straight lines from none on day 0; `side` is 1 or -1 in the arms of the contrast."""
    days = [0, *(one.by_day for one in leaving.by_days)]
    share = float(np.interp(day, days, [0.0, *(one.share.value for one in leaving.by_days)]))
    apart = leaving.apart.value / 2 * min(1.0, day / days[1])
    return share + side * apart


def levels_of(protocol: TrialProtocol, profile: ProfileFile) -> dict[str, float]:
    """Arm to its part of the effect: 1 and 0 in the primary contrast, elsewhere by its kind: all of an experimental
    arm, the profile's part of an active one, none of a control.

    In a factorial design what the planned effect is one of: a main effect is that of one side, an interaction twice it.
    """
    planned = protocol.analysis.primary
    if planned.factors:
        plus, _ = sides(protocol, planned)
        return {arm.id: (arm.id in plus) / len(planned.factors) for arm in protocol.arms}
    parts = {"experimental": 1.0, "active": profile.active_arm.value}
    levels = {arm.id: parts.get(arm.kind, 0.0) for arm in protocol.arms}
    return levels | dict(zip(planned.contrast, (1.0, 0.0), strict=False))
