"""How people come in: eligibility, consent, and what the privacy notice says."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from trial.core.durations import Duration
from trial.core.instruments import Choice, Item
from trial.core.protocol.guard import Guard
from trial.core.protocol.values import PlainDate, Rule, TextFile
from trial.core.texts import Id, Part, Text, Words


class Criterion(Part):
    """Someone takes part only where every rule holds; `reason` is what the flow diagram says otherwise."""

    id: Id
    rule: Rule
    reason: Text


class Guardian(Part):
    """What a parent or guardian reads and agrees to, and what the young person assents to."""

    consent: TextFile
    assent: TextFile


class AgeRule(Part):
    """The question that asks for age, in years or in bands, and the lowest age; under 18 a guardian consents too."""

    question: Id
    minimum: int = Field(default=18, ge=0, le=120)
    guardian: Guardian | None = None

    @model_validator(mode="after")
    def _guarded(self) -> AgeRule:
        if self.minimum < 18 and self.guardian is None:
            raise ValueError("an age under 18 needs `guardian: {consent: …, assent: …}`")
        return self


class Eligibility(Part):
    """The screening questions, the rules over their answers, and the checks that keep robots out."""

    notice: TextFile
    age: AgeRule | None = None
    questions: list[Item] = Field(min_length=1, max_length=30)
    criteria: list[Criterion] = Field(min_length=1, max_length=30)
    guard: Guard = Guard()

    @model_validator(mode="after")
    def _one_answer_each(self) -> Eligibility:
        if odd := [str(one.id) for one in self.questions if one.type in ("slider", "choices", "info")]:
            raise ValueError(f"a screening question has one plain answer: {', '.join(odd)}")
        return self


# what people have to be told before they agree; the linter asks that every one is covered
Element = Literal[
    "purpose", "procedures", "chance", "risks", "voluntary", "data", "contact", "not_treatment", "emergency"
]  # fmt: skip


class Statement(Part):
    """One sentence that the participant ticks. `covers` names the elements of consent that it holds."""

    id: Id
    text: Text
    covers: list[Element] = Field(default=[], max_length=20)


class ComprehensionQuestion(Part):
    """A question about the information; a wrong answer is explained and asked again, and is never a score."""

    id: Id
    question: Text
    choices: list[Choice] = Field(min_length=2, max_length=6)
    correct: int | Id
    explanation: Text

    @model_validator(mode="after")
    def _answerable(self) -> ComprehensionQuestion:
        if self.correct not in [choice.value for choice in self.choices]:
            raise ValueError("`correct` is none of the choices")
        return self


class Consent(Part):
    """The versioned information and the statements agreed to, with a typed signature."""

    version: Words
    valid_from: PlainDate | None = None
    valid_until: PlainDate | None = None
    information: TextFile
    statements: list[Statement] = Field(min_length=1, max_length=20)
    comprehension: list[ComprehensionQuestion] = Field(default=[], max_length=10)
    reconsent: Literal["never", "substantial", "every_version"] = "substantial"
    data_sharing: Statement | None = None

    @model_validator(mode="after")
    def _has_a_day(self) -> Consent:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from[: len(self.valid_until)]:
            raise ValueError("`valid_until` lies before `valid_from`: nobody could ever consent")
        return self


class Recipient(Part):
    """Who else gets to hold data: a mail relay, a host, a body that audits."""

    name: Words
    role: Literal["mail_relay", "host", "analysis", "audit", "other"]
    country: Words | None = None


class Retention(Part):
    """How long each class of data is kept after the last follow-up; logs from the day they are written."""

    identity: Duration
    consent_proof: Duration
    answers: Duration
    writing: Duration
    logs: Duration


class DataProtection(Part):
    """What the privacy notice tells. Legal bases are the team's words: they are read, not checked."""

    controller: Words
    contact: Words
    lawful_basis: Text
    special_category_condition: Text
    recipients: list[Recipient] = Field(default=[], max_length=20)
    transfers: Text
    retention: Retention
    rights: Text
    limits: Text
