"""Texts keyed by language, and the identifiers that protocols use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
FolderId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,59}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Text = Annotated[dict[Language, Words], Field(min_length=1)]

# what a mail may hold between {{ and }}: nothing here tells arms apart
PLACEHOLDERS = frozenset({"name_of_trial", "link", "code", "closes", "minutes", "contact_email", "days_left"})


class Part(BaseModel):
    """A frozen piece of a protocol or an instrument; an unknown key is a mistake, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def say(text: Mapping[str, str], language: str) -> str:
    """The text in this language, else in its base language, else in the first language written."""
    for wanted in (language, language.split("-")[0]):
        if wanted in text:
            return text[wanted]
    return next(iter(text.values()))
