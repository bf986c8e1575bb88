"""Places to turn to: the team's own file `resources.yaml`. The product ships none, because a wrong number does harm."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from trial.core.texts import Language, Part, Text, Words

EVERYWHERE = "everywhere"
# what somebody chooses whose country is not in the list: the code that ISO 3166-1 leaves to its users
ANOTHER = "ZZ"
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
WebAddress = Annotated[str, StringConstraints(pattern=r"^https://[^\s<>\"]+$", max_length=300)]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Resource(Part):
    """One place to turn to: who answers there, how to reach them, when, and who made sure of it.

    `country` is two capital letters after ISO 3166-1, or `everywhere`. `source` is where number and hours were read.
    """

    country: Country | Literal["everywhere"]
    name: Text
    number: Words | None = None
    url: WebAddress | None = None
    hours: Text | None = None
    languages: list[Language] = Field(default=[], max_length=30)
    source: Words
    checked_on: Day
    checked_by: Words

    @model_validator(mode="after")
    def _can_be_reached(self) -> Resource:
        if self.number is None and self.url is None:
            raise ValueError("a place to turn to has a `number`, a `url`, or both")
        return self


class Resources(Part):
    """The whole of `resources.yaml`."""

    schema_version: Literal[1] = Field(alias="schema")
    resources: list[Resource] = Field(max_length=500)


def countries(resources: Iterable[Resource]) -> list[str]:
    """The countries that have an entry of their own."""
    return sorted({one.country for one in resources if one.country != EVERYWHERE})


def for_country(resources: Iterable[Resource], country: str) -> list[Resource]:
    """What to show to somebody there: the country's own first, then what holds everywhere, as the file has them."""
    found = list(resources)
    own = [one for one in found if one.country == country] if country else []
    return [*own, *(one for one in found if one.country == EVERYWHERE)]
