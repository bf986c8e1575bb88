"""A number of a profile and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from trial.core.texts import Part, Words


class Sourced(Part):
    """Whatever says where it comes from: `read` in a source, `computed` from what was read, or `assumed` by us."""

    tag: Literal["read", "computed", "assumed"]
    source: Words


class Figure(Sourced):
    """A number."""

    value: float


class Share(Figure):
    """A share of people, or a chance."""

    value: float = Field(ge=0, lt=1)


class Alike(Figure):
    """A correlation or a reliability."""

    value: float = Field(ge=0, lt=1)


class Left(Figure):
    """What is left of something: all of it at 1."""

    value: float = Field(ge=0, le=1)


class Spread(Figure):
    """A number above nought."""

    value: float = Field(gt=0)


class Times(Figure):
    """How many times as large as another."""

    value: float = Field(ge=0, le=10)


class Inner(Figure):
    """A share that is neither nothing nor all."""

    value: float = Field(gt=0, lt=1)


class Weeks(Sourced):
    """A whole number of weeks."""

    value: int = Field(ge=1, le=520)


class Several(Sourced):
    """Shares, one after the other."""

    values: Annotated[list[Annotated[float, Field(ge=0, lt=1)]], Field(min_length=1, max_length=50)]


class Between(Sourced):
    """Each moment between the first and the second is as likely as another."""

    values: Annotated[list[Annotated[float, Field(ge=0, le=100_000)]], Field(min_length=2, max_length=2)]

    @model_validator(mode="after")
    def _grows(self) -> Between:
        if self.values[0] > self.values[1]:
            raise ValueError("the first of the two is the shorter time")
        return self


class Listed(Sourced):
    """Words of which each person has one, every one as likely as the others."""

    values: Annotated[list[Annotated[str, Field(max_length=60)]], Field(min_length=1, max_length=100)]


def figures_of(part: Part, where: str = "") -> Iterator[tuple[str, Sourced]]:
    """(where, figure) of everything that says where it comes from, in the order of the file."""
    for name in type(part).model_fields:
        yield from _inside(getattr(part, name), f"{where}.{name}" if where else name)


def _inside(held: object, at: str) -> Iterator[tuple[str, Sourced]]:
    if isinstance(held, Sourced):
        yield at, held
    elif isinstance(held, Part):
        yield from figures_of(held, at)
    elif isinstance(held, dict):
        for key, one in held.items():
            yield from _inside(one, f"{at}.{key}")
    elif isinstance(held, list):
        for one in held:
            yield from _inside(one, f"{at}.{one.by_day}" if hasattr(one, "by_day") else at)
