"""How the trial looks after people: safety, harms, incentives, leaving, and who watches."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trial.core.durations import Duration, Length
from trial.core.protocol.values import Rule, TextFile
from trial.core.texts import Id, Part, Text, Words


class SafetyRule(Part):
    """What calls for the resources page (any positive answer) or for an alert that a person must acknowledge.

    The rule is over items (`phq9_9 >= 1`), scores, and reliable worsening against the person's own baseline
    (`cesd_worse == true`, by the score's own RCI).
    """

    id: Id
    when: Rule
    tier: Literal["resources", "alert"]
    why: Text


class OnCall(Part):
    """The role that acknowledges alerts, how soon, and what it can do: consent says exactly that."""

    role: Literal["safety_contact", "owner"] = "safety_contact"
    within: Duration
    can: list[Literal["mail", "phone_asked_at_consent", "general_practitioner"]] = Field(min_length=1)
    told_in_consent: Id


class Safety(Part):
    """Two tiers: a page of resources, and alerts. Nobody is told that somebody watches who does not."""

    resources: TextFile
    rules: list[SafetyRule] = Field(default=[], max_length=30)
    on_call: OnCall | None = None


class Harms(Part):
    """The systematic question: an instrument asked at the same timepoints in every arm, and its item."""

    instrument: Id
    item: Id


class Incentive(Part):
    """What a person earns by sending in a questionnaire: never by practising, by arm or by what they answer.

    `given_by`: a code by mail, a transfer to an account, or the post. What people tell for the last two is erased
    `keep_payee` after somebody was paid.
    """

    id: Id
    earned_at: Id
    what: Text
    given_by: Literal["code", "transfer", "post"] = "code"
    keep_payee: Duration = Length(days=30)


class Withdrawal(Part):
    """The levels that people may choose, and what becomes of what they gave until then."""

    levels: list[Literal["exercises", "questionnaires", "everything"]] = ["exercises", "questionnaires", "everything"]
    data_until_then: Literal["kept", "erased_on_request"] = "kept"
    explanation: Text | None = None


class Monitoring(Part):
    """Who looks at the data while the trial runs, what would end it early, and what one person may do alone.

    An act of two people that a team of one declares here is recorded as solo, and the report says so. `bounds` is how
    the interim looks spend the type I error of the primary analysis (Lan and DeMets); without it no look can end the
    trial for its effect.
    """

    committee: Words | None = None
    interim_analyses: int = Field(default=0, ge=0, le=10)
    bounds: Literal["obrien_fleming", "pocock"] | None = None
    stopping: Text
    audits: Text | None = None
    solo: list[Literal["unblinding", "lock", "release"]] = []
