"""An instrument: items, response scale, scores and their keys, licence and source. Keys, not the items' wording."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from trial.core.texts import Id, Part, Text, Words

ItemType = Literal["scale", "choice", "yes_no", "number", "text"]


class Choice(Part):
    """One answer of a closed item: the value that is stored and the words that are shown."""

    value: int | Id
    label: Text


class Response(Part):
    """The answers that every scale item of an instrument shares, lowest first."""

    choices: list[Choice] = Field(min_length=2, max_length=11)

    @property
    def lowest(self) -> int:
        return min(int(choice.value) for choice in self.choices)

    @property
    def highest(self) -> int:
        return max(int(choice.value) for choice in self.choices)


class Item(Part):
    """One item. `topic` is a short label in the project's own words, never official wording."""

    id: int | Id
    topic: Text
    type: ItemType = "scale"
    choices: list[Choice] = []
    minimum: float | None = None
    maximum: float | None = None
    unit: Text | None = None

    @model_validator(mode="after")
    def _closed_items_have_choices(self) -> Item:
        if self.type == "choice" and len(self.choices) < 2:
            raise ValueError("a choice item needs at least two choices")
        return self


class Missing(Part):
    """How much of a score may be missing before it is: prorated by the person's mean up to `at_most` items."""

    at_most: int = Field(ge=0)
    source: Words | None = None


class Score(Part):
    """One number made from items: reversed where the key says so, then summed or averaged."""

    id: Id
    label: Text
    items: list[int | Id] = []
    reverse: list[int | Id] = []
    method: Literal["sum", "mean"]
    better: Literal["lower", "higher"]
    missing: Missing | None = None
    cut_off: float | None = None
    source: Words


class Instrument(Part):
    """One instrument file, `instruments/<code>.yaml`; `trial.core.instrument_keys` checks that its parts fit."""

    schema_version: Literal[1] = Field(alias="schema")
    code: Id
    name: Words
    instructions: Text
    wording: Literal["topics", "own", "official"]
    items: list[Item] = Field(min_length=1, max_length=200)
    response: Response | None = None
    scores: list[Score] = []
    licence: Words
    source: Words

    def scored_items(self, score: Score) -> list[int | Id]:
        """The items that a score counts: those it names, or every scale item."""
        return score.items or [item.id for item in self.items if item.type == "scale"]

    def column(self, item: Item) -> str:
        """The item's name in forms, answers and items.csv."""
        return f"{self.code}_{item.id}"

    def choices_of(self, item: Item) -> list[Choice]:
        """The closed answers of an item; empty for numbers and texts."""
        if item.type == "scale" and self.response is not None:
            return self.response.choices
        return item.choices
