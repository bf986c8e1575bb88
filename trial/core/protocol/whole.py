"""A trial as a value: what `protocol.yaml` says, checked part by part.

Each model is one part of the file; `trial.core.references` checks that the parts name each other rightly.
Lengths of time are `trial.core.durations.Length`; days count from the local date of randomisation.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from trial.core.protocol.activities import Activity, Questionnaire
from trial.core.protocol.administrative import Administrative
from trial.core.protocol.allocation import AllocationRule
from trial.core.protocol.analysis import AnalysisPlan, Estimand, Outcome, SampleSize
from trial.core.protocol.conduct import Harms, Incentive, Monitoring, Safety, Withdrawal
from trial.core.protocol.design import Arm, Design
from trial.core.protocol.factors import with_contrasts
from trial.core.protocol.joining import Consent, DataProtection, Eligibility
from trial.core.protocol.stages import MOST_STAGES, Stage
from trial.core.protocol.timetable import Calendar, Message, Timepoint
from trial.core.protocol.values import TextFile
from trial.core.texts import FolderId, Id, Language, Part, Text, Words

SCHEMA = 2


class Waiver(Part):
    """A finding of the linter that the team has thought about: its code, its place where it has several, and why."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]\d{3}$")]
    where: Id | None = None
    reason: Words


class TrialProtocol(Part):
    """The whole of `protocol.yaml`."""

    schema_version: Literal[2] = Field(alias="schema")
    id: FolderId
    version: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+){0,2}$")]
    languages: list[Language] = Field(min_length=1)
    title: Text
    summary: Text
    trial_page: TextFile
    administrative: Administrative
    design: Design = Design()
    arms: list[Arm] = Field(min_length=1, max_length=12)
    allocation: AllocationRule
    eligibility: Eligibility
    consent: Consent
    data_protection: DataProtection | None = None
    instruments: list[Id] = Field(min_length=1)
    activities: list[Activity] = Field(min_length=1)
    timepoints: list[Timepoint] = Field(min_length=2)
    stages: list[Stage] = Field(default=[], max_length=MOST_STAGES)
    calendar: Calendar = Calendar()
    messages: list[Message] = Field(min_length=1)
    outcomes: list[Outcome] = Field(min_length=1)
    estimands: list[Estimand] = Field(default=[], max_length=10)
    analysis: AnalysisPlan
    sample_size: SampleSize
    safety: Safety | None = None
    harms: Harms
    incentives: list[Incentive] = Field(default=[], max_length=20)
    withdrawal: Withdrawal = Withdrawal()
    monitoring: Monitoring | None = None
    debrief: TextFile
    results: TextFile | None = None
    waivers: list[Waiver] = Field(default=[], max_length=50)

    @model_validator(mode="before")
    @classmethod
    def _arms_of_factors(cls, tree: Any) -> Any:
        return with_contrasts(tree)

    @model_validator(mode="after")
    def _compares_something(self) -> TrialProtocol:
        if not all(one.contrast for one in self.analysis.all):
            raise ValueError("an analysis has a `contrast` of arms, or `factors` in which arms differ")
        if any(one.factors for one in self.analysis.all) and self.design.type != "factorial":
            raise ValueError("`factors` of an analysis belong to a factorial design")
        return self

    @model_validator(mode="after")
    def _fits_its_design(self) -> TrialProtocol:
        single = self.design.type == "single_arm"
        if single != (self.allocation.method == "none") or single != (len(self.arms) == 1):
            raise ValueError("a single-arm study has one arm and `allocation: {method: none}`; no other design has")
        if single != (self.analysis.method == "mean_change"):
            raise ValueError("a single-arm study has the method `mean_change`; no other design has")
        if any(single != (self.analysis.method_of(one) == "mean_change") for one in self.analysis.all):
            raise ValueError("the method `mean_change` is for a single-arm study, and no other method is")
        if single and self.analysis.sensitivity:
            raise ValueError("a single-arm study compares nothing: take `analysis.sensitivity` out")
        return self

    @property
    def open_arms(self) -> list[Arm]:
        """The arms that people are allocated to; an arm with ratio 0 is closed to new people."""
        return [arm for arm in self.arms if arm.ratio]

    def arm(self, arm_id: str) -> Arm:
        return next(arm for arm in self.arms if arm.id == arm_id)

    def activity(self, activity_id: str) -> Activity:
        return next(activity for activity in self.activities if activity.id == activity_id)

    def timepoint(self, timepoint_id: str) -> Timepoint:
        return next(timepoint for timepoint in self.timepoints if timepoint.id == timepoint_id)

    def message(self, message_id: str) -> Message:
        return next(message for message in self.messages if message.id == message_id)

    def outcome(self, outcome_id: str) -> Outcome:
        return next(outcome for outcome in self.outcomes if outcome.id == outcome_id)

    @property
    def baseline(self) -> Timepoint:
        """The timepoint before randomisation."""
        return next(timepoint for timepoint in self.timepoints if timepoint.anchor == "consent")

    @property
    def in_time(self) -> list[Timepoint]:
        """The baseline, then the other timepoints by their first day."""
        return sorted(self.timepoints, key=lambda one: (one.anchor != "consent", min(one.days)))

    def occurrences(self, timepoint: Timepoint) -> list[tuple[int, int]]:
        """(occurrence, day) pairs, occurrence counting from 1."""
        return list(enumerate(sorted(timepoint.days), start=1))

    def stage(self, stage_id: str) -> Stage:
        return next(stage for stage in self.stages if stage.id == stage_id)

    def labels_of(self, *arms: str) -> list[Text]:
        """The labels of arms and of options of stages, in the order given."""
        known = {one.id: one.label for one in self.arms}
        known |= {one.id: one.label for stage in self.stages for one in stage.arms}
        return [known[arm] for arm in arms]

    def activities_at(self, timepoint: Timepoint, *arms: str | None) -> list[Activity]:
        """What this arm, with the options of its stages, does at a timepoint; before randomisation what all do."""
        found = [self.activity(one) for one in timepoint.activities]
        return [one for one in found if not one.arms or any(arm in one.arms for arm in arms)]

    def is_exercise(self, activity_id: str) -> bool:
        """Whether an activity counts towards the dose (anything but a questionnaire)."""
        return not isinstance(self.activity(activity_id), Questionnaire)

    @property
    def text_files(self) -> list[str]:
        """Every Markdown text that the protocol needs, without language and ending."""
        exercises = [one.exercise for one in self.activities if not isinstance(one, Questionnaire)]
        messages = [f"messages/{message.id}" for message in self.messages]
        fixed = [self.trial_page, self.eligibility.notice, self.consent.information, self.debrief]
        guardian = self.eligibility.age.guardian if self.eligibility.age else None
        if guardian:
            fixed += [guardian.consent, guardian.assent]
        if self.results:
            fixed.append(self.results)
        if self.safety:
            fixed.append(self.safety.resources)
        return [*fixed, *messages, *exercises]
