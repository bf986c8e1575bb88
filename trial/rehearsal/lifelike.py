"""What a pretend person answers and whether they are lost, by a profile: scores drawn jointly, items that make them.

The scores of one person are those of `joint_model`, drawn by the person's own dice: keyed by person and timepoint,
never by arm. The same person under another arm differs by the effect alone, and, where the profile lets doing badly
decide who is lost, by what comes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt
from statistics import NormalDist

import numpy as np

from reports.variables import planned_scores
from trial.core.instruments import Instrument, Item
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.answering import Answerer, Lived
from trial.rehearsal.course import Course, course_of
from trial.rehearsal.item_answers import ItemId, Made, in_order, made_of, values_of, with_own_parts
from trial.rehearsal.profile import LifelikeProfile

_NORMAL = NormalDist()


@dataclass(frozen=True, eq=False)
class Shared:
    """What all people of a rehearsal share: the course of the scores, and how items make them."""

    course: Course

    @cached_property
    def made(self) -> Mapping[str, tuple[Made, ...]]:
        """Instrument to the scores that its items are answered by."""
        course = self.course
        first = [*planned_scores(course.folder), *course.profile.scores]
        return {
            code: tuple(
                with_own_parts(
                    tool, made_of(tool, one), course.scores[one.id].mean, course.scores[one.id].sd,
                    course.profile.reliability_of(one.id), quiet_answers(tool),
                )
                for one in in_order(tool, first, course.scores)
            )
            for code, tool in course.folder.instruments.items()
        }  # fmt: skip


def shared_of(folder: ProtocolFolder, profile: LifelikeProfile) -> Shared:
    """Worked out once for a rehearsal; raises BadInput where no scores can be drawn like this."""
    return Shared(course_of(folder, profile.file))


def quiet_answers(instrument: Instrument) -> dict[ItemId, float]:
    """The lowest answer to each item that calls for help from some answer on: how many give it, `alarms` says."""
    return {
        item.id: values[0]
        for item in instrument.items
        if item.safety_from is not None and (values := values_of(instrument, item))
    }


@dataclass(frozen=True, slots=True)
class LifelikeAnswerer(Answerer):
    """The answers of one person, and how far they are from being lost."""

    effect: float
    shared: Shared
    _known: dict[tuple[str, str, str | None], dict[ItemId, float]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def well(self, score: str, timepoint: str, arm: str | None) -> float:
        """A score's height in standard deviations, higher is better."""
        course = self.shared.course
        model = course.scores[score]
        common = course.profile.correlation.between_scores.value
        row = model.root[model.place(timepoint)]
        drawn = 0.0
        for weight, point in zip(row, model.timepoints, strict=True):
            if weight:
                general, own = self.dice.normal("general", point.id), self.dice.normal("own", score, point.id)
                drawn += float(weight) * (sqrt(common) * general + sqrt(1 - common) * own)
        level = course.levels[arm] if arm is not None else 0.0
        return drawn + self.effect * level * course.kept(score, course.protocol.timepoint(timepoint))

    def points(self, score: str, timepoint: str, arm: str | None) -> float:
        """The score itself, before it is made of whole answers."""
        model = self.shared.course.scores[score]
        return model.mean + model.side * model.sd * self.well(score, timepoint, arm)

    def is_lost(self, arm: str, day: int) -> bool:
        """Whether this person of this arm answers nothing any more on a day after randomisation."""
        return self._stays(arm) < self.shared.course.lost_on(arm, day)

    def _stays(self, arm: str) -> float:
        """How likely this person is to stay, uniform where nothing but chance decides."""
        course = self.shared.course
        leaving, model = course.profile.lost, course.scores.get(course.primary_score)
        if model is None:
            return self.dice.uniform("stays")
        weights = np.array([leaving.by_baseline.value if model.at_baseline else 0.0, leaving.by_outcome.value])
        places = [0, model.place(course.primary.timepoint)]
        both = np.array([self.well(model.id, model.timepoints[at].id, arm) for at in places])
        own = 1 - float(weights @ model.covariance[np.ix_(places, places)] @ weights)
        return _NORMAL.cdf(float(weights @ both) + sqrt(own) * self.dice.normal("stays"))

    def _modelled(self, instrument: Instrument, item: Item, timepoint: str, lived: Lived) -> str | None:
        key = (instrument.code, timepoint, lived.arm)
        if key not in self._known:
            self._known[key] = self._sheet_of(instrument, timepoint, lived.arm)
        value = self._known[key].get(item.id)
        if value is None:
            return None
        return ("yes" if value else "no") if item.type == "yes_no" else f"{value:g}"

    def _sheet_of(self, instrument: Instrument, timepoint: str, arm: str | None) -> dict[ItemId, float]:
        """Item to answer, of every item that a drawn score is made of."""
        course, taken = self.shared.course, self.about_danger(instrument, timepoint)
        for made in self.shared.made[instrument.code]:
            asked = {one.id for one in course.scores[made.score.id].timepoints}
            if timepoint in asked:
                made.fill(
                    self.points(made.score.id, timepoint, arm),
                    lambda item: self.dice.normal("item", instrument.code, item, timepoint),
                    taken,
                )
        return taken

    def about_danger(self, instrument: Instrument, timepoint: str) -> dict[ItemId, float]:
        """What is answered to the items that call for help: the lowest, but for one of them now and then."""
        quiet = quiet_answers(instrument)
        if not quiet or not self.dice.happens(self.profile.alarms, "alarms", instrument.code, timepoint):
            return quiet
        loud = self.dice.choice(sorted(quiet, key=str), "alarms about", instrument.code, timepoint)
        item = next(one for one in instrument.items if one.id == loud)
        return quiet | {loud: values_of(instrument, item)[-1]}
