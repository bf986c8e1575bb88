"""What is told beside the frozen data of how a trial went: dates, versions and their changes, stops, deviations."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from trial.core.plan_history import Seen, What


class Part(BaseModel):
    """A piece of freeze.json; keys that a later version adds are let pass."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ChangeMade(Part):
    """One part of the protocol that an amendment changed; of long texts without what stood there."""

    part: str
    before: str = ""
    after: str = ""
    change: str = Field(alias="class")


class Stop(Part):
    """All mail was stopped from one moment to another; to none where it still was."""

    since: str = Field(alias="from")
    until: str | None = None


class RegisteredVersion(Part):
    """A version of the protocol that ran, and since when; `class` is that of the amendment, the first has none."""

    version: str
    registered: str
    change: str | None = Field(default=None, alias="class")
    changes: list[ChangeMade] = []


class Deviations(Part):
    """How many departures of one kind the team wrote down, and how many of them it called important."""

    kind: str
    n: int
    important: int


class Conduct(Part):
    """The whole of conduct.json: the dates of the trial, its versions, and what departed from them.

    It stands apart, as no file of data holds a date; a folder of an earlier version, or one to be shared, has none.
    """

    opened: str
    recruitment_closed: str | None = None
    frozen: str
    randomised_by_week: list[int] = []
    versions: list[RegisteredVersion] = []
    seen: dict[str, str] = {}
    deviations: list[Deviations] = []
    stops: list[Stop] | None = None


class LaterAnalysis(Part):
    """An analysis that an amendment added, changed, moved or removed, as `trial.core.plan_history` has it."""

    kind: Literal[
        "primary", "secondary", "exploratory", "sensitivity", "subgroups", "clinical_change", "allocation_guess"
    ]
    place: int | None = Field(default=None, ge=0)
    what: What
    amendment: int = Field(ge=1)
    version: str
    seen: Seen
    was: str | None = None
    question: dict[str, Any] = {}


class PlanHistory(Part):
    """The version in which the plan of analyses was first registered, and what amendments did to it, without days."""

    first: str
    later: list[LaterAnalysis] = []
