"""What only text can fill (SPIRIT and CONSORT 2025): who, where registered, who pays, who agreed, what is shared."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from trial.core.local_time import is_zone
from trial.core.protocol.values import Email, PlainDate
from trial.core.resources import Country
from trial.core.texts import Part, Text, Words


def _known_zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError("this is no time zone; write it like Europe/Amsterdam")
    return name


Zone = Annotated[str, Field(max_length=60), AfterValidator(_known_zone)]
RoleName = Literal[
    "sponsor",
    "principal_investigator",
    "investigator",
    "trial_manager",
    "statistician",
    "data_manager",
    "safety_contact",
    "custodian",
    "patient_representative",
]


class Registration(Part):
    """Where and under which number the trial is registered, and since when."""

    registry: Words
    number: Words
    date: PlainDate | None = None

    def __str__(self) -> str:
        return f"{self.registry} {self.number}" + (f", {self.date}" if self.date else "")


class Ethics(Part):
    """The committee that agreed, its reference, and the date of its decision."""

    committee: Words
    reference: Words | None = None
    date: PlainDate | None = None

    def __str__(self) -> str:
        return ", ".join(one for one in (self.committee, self.reference, self.date) if one)


class Person(Part):
    """Somebody with a part in the trial; `interests` is their statement of competing interests."""

    name: Words
    role: RoleName
    affiliation: Words | None = None
    interests: Words | None = None


class Clinician(Part):
    """Who of a profession that may judge it has read every exercise and page, as what, and on which day."""

    name: Words
    role: Words
    reviewed_on: PlainDate


class Dates(Part):
    """Planned recruitment and end, as far as they are known."""

    recruitment_from: PlainDate | None = None
    recruitment_until: PlainDate | None = None
    last_follow_up: PlainDate | None = None


class DataSharing(Part):
    """What will be shared, with whom, where and from when; `what: nothing` is an answer too."""

    statement: Text
    where: Words | None = None
    licence: Words | None = None
    from_date: PlainDate | None = None


class Administrative(Part):
    """What only the team can fill in; `null` means not yet."""

    registration: Registration | None = None
    ethics: Ethics | None = None
    sponsor: Words | None = None
    funder: Words | None = None
    dates: Dates = Dates()
    countries: list[Country] | None = Field(default=None, max_length=100)
    clinician: Clinician | None = None
    people: list[Person] = Field(default=[], max_length=100)
    data_sharing: DataSharing | None = None
    patient_involvement: Text | None = None
    dissemination: Text | None = None
    time_zone: Zone | None = None
    contact_name: Words
    contact_email: Email
