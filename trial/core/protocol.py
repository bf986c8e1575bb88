"""A trial as a value: what `protocol.yaml` says, checked part by part.

Each model is one part of the file; `trial.core.references` checks that the parts name each other rightly.
Lengths of time are `trial.core.durations.Length`; days count from the local date of randomisation.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from trial.core import expressions
from trial.core.durations import Duration, Length
from trial.core.instruments import Item
from trial.core.texts import FolderId, Id, Language, Part, Text, Words

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s<>\"]+@[^@\s<>\"]+$", max_length=254)]
LocalTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
TextFile = Annotated[str, StringConstraints(pattern=r"^(messages|exercises)/[a-z0-9][a-z0-9_-]{0,59}$")]


def _expression(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a rule is an expression such as 'age >= 18'")
    expressions.parse(value)
    return value


Rule = Annotated[str, BeforeValidator(_expression)]


class Administrative(Part):
    """What only text can fill: who, where registered, who pays, who agreed."""

    registration: Words | None = None
    sponsor: Words | None = None
    funder: Words | None = None
    ethics: Words | None = None
    contact_name: Words
    contact_email: Email


class Arm(Part):
    """One arm; `received` and `minimum_dose` are expressions over `exercises_done`."""

    id: Id
    label: Text
    kind: Literal["experimental", "active", "attention_control"]
    description: Text
    ratio: int = Field(default=1, ge=1, le=10)
    received: Rule
    minimum_dose: Rule


class StratumLevel(Part):
    """One level of a factor: the first level whose rule holds; the last has none."""

    id: Id
    label: Text
    when: Rule | None = None


class StratificationFactor(Part):
    """A factor known at baseline, as levels by rule over screening answers and baseline scores."""

    id: Id
    label: Text
    levels: list[StratumLevel] = Field(min_length=2, max_length=10)

    @model_validator(mode="after")
    def _only_the_last_level_is_open(self) -> StratificationFactor:
        if any(level.when is None for level in self.levels[:-1]) or self.levels[-1].when is not None:
            raise ValueError("every level but the last has a `when`; the last takes everyone else")
        return self


class AllocationRule(Part):
    """Stratified permuted blocks of random size."""

    method: Literal["permuted_blocks"]
    block_sizes: list[Annotated[int, Field(ge=2, le=60)]] = Field(min_length=1, max_length=6)
    strata: list[StratificationFactor] = []


class Criterion(Part):
    """Someone takes part only where every rule holds; `reason` is what the flow diagram says otherwise."""

    id: Id
    rule: Rule
    reason: Text


class Eligibility(Part):
    """The screening questions and the rules over their answers."""

    notice: TextFile
    questions: list[Item] = Field(min_length=1, max_length=30)
    criteria: list[Criterion] = Field(min_length=1, max_length=30)


class Statement(Part):
    """One sentence that the participant ticks."""

    id: Id
    text: Text


class Consent(Part):
    """The versioned information and the statements agreed to, with a typed signature."""

    version: Words
    information: TextFile
    statements: list[Statement] = Field(min_length=1, max_length=20)


class Questionnaire(Part):
    """An activity: instruments in this order."""

    type: Literal["questionnaire"]
    id: Id
    title: Text
    instruments: list[Id] = Field(min_length=1)
    arms: list[Id] = []
    minutes: int = Field(ge=1, le=240)


class Writing(Part):
    """An activity: a guided text that the participant writes. Length is guidance and never blocks."""

    type: Literal["writing"]
    id: Id
    title: Text
    exercise: TextFile
    arms: list[Id] = []
    minutes: int = Field(ge=1, le=240)


Activity = Annotated[Questionnaire | Writing, Field(discriminator="type")]


class Reminder(Part):
    """A message this long after the timepoint opened, if the answer is not in by then."""

    after: Duration
    message: Id


class Timepoint(Part):
    """When activities open: before randomisation (`anchor: consent`) or on days counted from it."""

    id: Id
    label: Text
    anchor: Literal["consent", "randomization"] = "randomization"
    days: list[Annotated[int, Field(ge=0, le=3650)]] = [0]
    time: LocalTime | None = None
    activities: list[Id] = Field(min_length=1)
    closes_after: Duration
    invitation: Id | None = None
    reminders: list[Reminder] = Field(default=[], max_length=5)

    @model_validator(mode="after")
    def _complete(self) -> Timepoint:
        if self.anchor == "randomization" and (self.time is None or self.invitation is None):
            raise ValueError("a timepoint after randomisation needs a `time` and an `invitation`")
        if len(set(self.days)) != len(self.days):
            raise ValueError("a day is listed twice")
        return self


class Message(Part):
    """One mail, written in `messages/<id>.<language>.md`; worth sending until `latest` after it was due."""

    id: Id
    stream: Literal["exercises", "questionnaires", "service"]
    latest: Duration = Length(days=1)


class Outcome(Part):
    """A score at the timepoints where the plan names it (variable and metric of CONSORT item 14)."""

    id: Id
    label: Text
    score: Id
    better: Literal["lower", "higher"]
    important_difference: float | None = None


class PlannedAnalysis(Part):
    """One estimate: arm minus reference, at one timepoint."""

    outcome: Id
    timepoint: Id
    contrast: tuple[Id, Id]


class Secondary(Part):
    """A family of secondary analyses under one multiplicity rule."""

    multiplicity: Literal["holm", "none"]
    analyses: list[PlannedAnalysis] = Field(max_length=100)


class AnalysisPlan(Part):
    """ANCOVA on baseline and stratification factors, heteroskedasticity-consistent errors, t."""

    method: Literal["ancova"]
    covariance: Literal["HC3", "HC2"] = "HC3"
    level: float = Field(default=0.95, gt=0.5, lt=1)
    covariates: list[Id] = []
    missing_covariate: Literal["mean_imputation"] = "mean_imputation"
    primary: PlannedAnalysis
    secondary: Secondary | None = None
    baseline_table: list[Id] = Field(min_length=1)


class SampleSize(Part):
    """The number to randomise and why."""

    target: int = Field(ge=2, le=1_000_000)
    justification: Text


class Harms(Part):
    """The systematic question: an instrument asked at the same timepoints in every arm, and its item."""

    instrument: Id
    item: Id


class TrialProtocol(Part):
    """The whole of `protocol.yaml`."""

    schema_version: Literal[1] = Field(alias="schema")
    id: FolderId
    version: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+){0,2}$")]
    languages: list[Language] = Field(min_length=1)
    title: Text
    summary: Text
    trial_page: TextFile
    administrative: Administrative
    framework: Literal["superiority"] = "superiority"
    arms: list[Arm] = Field(min_length=2, max_length=12)
    allocation: AllocationRule
    eligibility: Eligibility
    consent: Consent
    instruments: list[Id] = Field(min_length=1)
    activities: list[Activity] = Field(min_length=1)
    timepoints: list[Timepoint] = Field(min_length=2)
    messages: list[Message] = Field(min_length=1)
    outcomes: list[Outcome] = Field(min_length=1)
    analysis: AnalysisPlan
    sample_size: SampleSize
    harms: Harms
    debrief: TextFile

    def arm(self, arm_id: str) -> Arm:
        return next(arm for arm in self.arms if arm.id == arm_id)

    def activity(self, activity_id: str) -> Questionnaire | Writing:
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

    def occurrences(self, timepoint: Timepoint) -> list[tuple[int, int]]:
        """(occurrence, day) pairs, occurrence counting from 1."""
        return list(enumerate(sorted(timepoint.days), start=1))

    def activities_at(self, timepoint: Timepoint, arm_id: str | None) -> list[Questionnaire | Writing]:
        """What this arm does at a timepoint; before randomisation only what every arm does."""
        found = [self.activity(one) for one in timepoint.activities]
        return [one for one in found if not one.arms or arm_id in one.arms]

    def is_exercise(self, activity_id: str) -> bool:
        """Whether an activity counts towards the dose (anything but a questionnaire)."""
        return not isinstance(self.activity(activity_id), Questionnaire)

    @property
    def text_files(self) -> list[str]:
        """Every Markdown text that the protocol needs, without language and ending."""
        exercises = [one.exercise for one in self.activities if isinstance(one, Writing)]
        messages = [f"messages/{message.id}" for message in self.messages]
        fixed = [self.trial_page, self.eligibility.notice, self.consent.information, self.debrief]
        return [*fixed, *messages, *exercises]


SLUG = re.compile(r"^[a-z0-9][a-z0-9-]{1,59}$")
