"""An instrument: items, response scales, scores and their keys, licence and source. Keys, not the items' wording."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from trial.core.texts import Id, Part, Text, Words

ItemType = Literal["scale", "slider", "choice", "choices", "yes_no", "number", "text", "info"]


class Choice(Part):
    """One answer of a closed item: the value that is stored and the words that are shown."""

    value: int | Id
    label: Text


class Response(Part):
    """The answers that scale items share, lowest first."""

    choices: list[Choice] = Field(min_length=2, max_length=11)

    @property
    def lowest(self) -> int:
        return min(int(choice.value) for choice in self.choices)

    @property
    def highest(self) -> int:
        return max(int(choice.value) for choice in self.choices)


class Item(Part):
    """One item. `topic` is a short label in the project's own words; `words` is the official wording, which the team
    fills in and which ships with nothing.

    `response` names one of the instrument's other response scales. A `slider` runs from `minimum` to `maximum` by
    `step`, with words at its ends, and holds nothing until it is moved. `choices` takes several answers, each in a
    column of its own; an `info` is words between items and has no column. `safety_from` is the lowest answer that
    calls for the resources page. A `filler` is asked and never scored.
    """

    id: int | Id
    topic: Text
    words: Text | None = None
    type: ItemType = "scale"
    choices: list[Choice] = []
    response: Id | None = None
    minimum: float | None = None
    maximum: float | None = None
    step: float = Field(default=1, gt=0)
    low: Text | None = None
    high: Text | None = None
    unit: Text | None = None
    safety_from: int | None = None
    filler: bool = False

    @model_validator(mode="after")
    def _closed_items_have_choices(self) -> Item:
        if self.type in ("choice", "choices") and len(self.choices) < 2:
            raise ValueError("a choice item needs at least two choices")
        if self.type == "slider" and (self.minimum is None or self.maximum is None or self.minimum >= self.maximum):
            raise ValueError("a slider needs a `minimum` and a higher `maximum`")
        return self

    def columns(self, column: str) -> tuple[str, ...]:
        """The columns that answers stand in, where the item's own is `column`: one, one per choice, or none."""
        if self.type == "choices":
            return tuple(f"{column}_{choice.value}" for choice in self.choices)
        return () if self.type == "info" else (column,)


class Missing(Part):
    """How much of a score may be missing before it is: prorated by the person's mean up to `at_most` items."""

    at_most: int = Field(ge=0)
    source: Words | None = None


class CutOff(Part):
    """A published boundary of a score and what it is taken to mean; it is no diagnosis."""

    at_least: float
    label: Text
    source: Words


class Reliability(Part):
    """What reliable change is worked out from: a reliability, and the SD of the score in a named population.

    `verified` is false for figures that nobody read in a source: defaults to replace by the trial's own baseline.
    """

    alpha: float | None = Field(default=None, gt=0, lt=1)
    retest: float | None = Field(default=None, gt=0, lt=1)
    sd: float | None = Field(default=None, gt=0)
    verified: bool
    source: Words


class Score(Part):
    """One number made from items: reversed where the key says so, then summed, averaged or counted.

    `count` is how many items were answered yes, or above the lowest answer. `mean_of_scores` averages other scores,
    named in `of`. The result is multiplied by `times`, then `plus` is added.
    """

    id: Id
    label: Text
    items: list[int | Id] = []
    reverse: list[int | Id] = []
    method: Literal["sum", "mean", "count", "mean_of_scores"]
    of: list[Id] = []
    times: float = 1
    plus: float = 0
    better: Literal["lower", "higher"]
    missing: Missing | None = None
    cut_offs: list[CutOff] = []
    reliability: Reliability | None = None
    source: Words

    @model_validator(mode="after")
    def _made_from_something(self) -> Score:
        if (self.method == "mean_of_scores") != bool(self.of):
            raise ValueError("`of` names the scores that `mean_of_scores` averages, and belongs there only")
        return self


class Permission(Part):
    """What the rights holder allows, as it was read; `closed` instruments cannot be used without a licence."""

    status: Literal["free", "conditions", "ask", "closed"]
    commercial: bool = False
    conditions: Text | None = None
    ask_at: Words | None = None


class Instrument(Part):
    """One instrument file, `instruments/<code>.yaml`; `trial.core.instrument_keys` checks that its parts fit.

    `item_order` names the printed order that the key belongs to, where more than one is about.
    """

    schema_version: Literal[2] = Field(alias="schema")
    code: Id
    name: Words
    instructions: Text
    wording: Literal["topics", "own", "official"]
    validated: bool = True
    item_order: Words | None = None
    items: list[Item] = Field(min_length=1, max_length=200)
    response: Response | None = None
    responses: dict[Id, Response] = {}
    scores: list[Score] = Field(default=[], max_length=100)
    permission: Permission
    licence: Words
    source: Words

    def score(self, score_id: str) -> Score:
        return next(one for one in self.scores if one.id == score_id)

    @cached_property
    def score_of_item(self) -> dict[int | str, Score]:
        """The first score made of each item that any score is made of."""
        found: dict[int | str, Score] = {}
        for score in self.scores:
            for item in () if score.of else self.scored_items(score):
                found.setdefault(item, score)
        return found

    def scored_items(self, score: Score) -> list[int | Id]:
        """The items that a score rests on: those it names, those of its parts, or every scale item but fillers."""
        if score.of:
            parts = [self.scored_items(one) for one in self.scores if one.id in score.of and not one.of]
            return list(dict.fromkeys(item for part in parts for item in part))
        return score.items or [item.id for item in self.items if item.type == "scale" and not item.filler]

    def shown_words(self, item: Item) -> Text:
        """What stands on the page: the official wording where there is one, else the topic."""
        return item.words if self.wording == "official" and item.words else item.topic

    def column(self, item: Item) -> str:
        """The item's name in forms, answers and items.csv."""
        return f"{self.code}_{item.id}"

    def columns(self, item: Item) -> tuple[str, ...]:
        """Where the item's answers stand: several columns where several answers may be given."""
        return item.columns(self.column(item))

    def response_of(self, item: Item) -> Response | None:
        """The response scale of a scale item; None for any other item."""
        if item.type != "scale":
            return None
        return self.responses.get(item.response) if item.response else self.response

    def choices_of(self, item: Item) -> list[Choice]:
        """The closed answers of an item; empty for numbers and texts."""
        response = self.response_of(item)
        return response.choices if response is not None else item.choices
