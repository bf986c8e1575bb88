"""How enrolments that look odd are noticed and held until a person has looked; nobody is ever refused by rule."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trial.core.durations import Duration, Length
from trial.core.protocol.values import Rule
from trial.core.texts import Id, Part, Words

Signal = Literal["no_proof", "honeypot", "fast", "burst", "disposable_domain", "inconsistent", "seen_before"]


class Consistency(Part):
    """Two answers that should agree; `why` is what the person who looks at the enrolment reads when they do not."""

    id: Id
    rule: Rule
    why: Words


class Guard(Part):
    """Automatic checks before randomisation: which of them hold an enrolment, and from where on they speak up.

    Coming back is not holding by default: mails get lost, and a second try is mostly honest.
    """

    holds: list[Signal] = Field(
        default=["no_proof", "honeypot", "fast", "burst", "disposable_domain", "inconsistent"], max_length=7
    )
    words_a_minute: int = Field(default=600, ge=100, le=3000)
    seconds_an_answer: float = Field(default=1.0, ge=0, le=30)
    burst: int = Field(default=10, ge=2, le=1000)
    consistency: list[Consistency] = Field(default=[], max_length=20)
    baseline_lasts: Duration = Length(days=14)
