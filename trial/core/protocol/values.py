"""The small values that every part of a protocol is made of: rules, hours, dates, addresses, names of texts."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

from trial.core import expressions


def _in_the_calendar(written: str) -> str:
    if len(written) == len("2027-02-28"):
        date.fromisoformat(written)  # says which part is out of range
    return written


Email = Annotated[str, StringConstraints(pattern=r"^[^@\s<>\"]+@[^@\s<>\"]+$", max_length=254)]
LocalTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
TextFile = Annotated[str, StringConstraints(pattern=r"^(messages|exercises)/[a-z0-9][a-z0-9_-]{0,59}$")]
# a day of the year, whatever the year: 12-24
YearDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
# as far as it is known: 2027, 2027-03 or 2027-03-15
PlainDate = Annotated[
    str,
    StringConstraints(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"),
    AfterValidator(_in_the_calendar),
]
SLUG = re.compile(r"^[a-z0-9][a-z0-9-]{1,59}$")


def _expression(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a rule is an expression such as 'age >= 18'")
    expressions.parse(value)
    return value


Rule = Annotated[
    str, BeforeValidator(_expression), WithJsonSchema({"type": "string", "examples": ["age >= 18", "cesd >= 16"]})
]
