"""What people are asked to do: questionnaires, and exercises of six kinds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trial.core.durations import Duration, parse_length
from trial.core.protocol.values import Rule, TextFile
from trial.core.texts import Id, Part, Text, Words

# how long a remembered card waits at each level: the article's own spacing
SPACING = tuple(parse_length(one) for one in
                ("4 hours", "8 hours", "1 day", "2 days", "4 days", "2 weeks", "30 days", "120 days"))  # fmt: skip


# who may read what a person writes: the page says so above the field
Reader = Literal["nobody", "team"]


class Questionnaire(Part):
    """An activity: instruments in this order.

    `show_if` names items that are asked only where a rule over the person's answers holds; the whole of it is asked
    only where `only_if` does. It stands as a whole on one page, or an `instrument` or an `item` on each. With
    `shuffle` the items of each instrument come in an order of each person's own.
    """

    type: Literal["questionnaire"]
    id: Id
    title: Text
    instruments: list[Id] = Field(min_length=1)
    arms: list[Id] = []
    minutes: int = Field(ge=1, le=240)
    only_if: Rule | None = None
    show_if: dict[Id, Rule] = {}
    layout: Literal["whole", "instrument", "item"] = "whole"
    shuffle: bool = False


class _Exercise(Part):
    """What every exercise has: its text, whose it is, how long it takes, whether it needs a guide, when it is asked."""

    id: Id
    title: Text
    exercise: TextFile
    arms: list[Id] = []
    minutes: int = Field(ge=1, le=240)
    needs: Literal["guide"] | None = None
    only_if: Rule | None = None


class Guidance(Part):
    """How long a text may be, in words; it never blocks."""

    at_least: int = Field(ge=1, le=5000)
    about: int | None = Field(default=None, ge=1, le=5000)


class Prompt(Part):
    """One field of a writing exercise with its own question."""

    id: Id
    text: Text


class Writing(_Exercise):
    """A guided text that the participant writes. Length is guidance and never blocks.

    `prompts` give it several fields; `shows_writing_of` shows what the person wrote in an earlier exercise. `read_by`
    is what the page promises.
    """

    type: Literal["writing"]
    read_by: Reader = "nobody"
    prompts: list[Prompt] = Field(default=[], max_length=12)
    words: Guidance | None = None
    shows_writing_of: Id | None = None


class Reading(_Exercise):
    """A text to read to its end."""

    type: Literal["reading"]


class Card(Part):
    """A sentence with a gap, written `{{gap}}`; any of the `answers` fills it, by language."""

    id: Id
    cloze: Text
    answers: dict[str, list[Words]] = Field(min_length=1)
    remembered: Text
    forgotten: Text


class Recall(_Exercise):
    """Fill-in cards. A remembered card goes up a level and waits longer, a forgotten one goes down a level."""

    type: Literal["recall"]
    cards: list[Card] = Field(min_length=1, max_length=50)
    spacing: list[Duration] = Field(default=list(SPACING), min_length=1, max_length=20)


class TimedPractice(_Exercise):
    """Steps to follow for a while, with a clock and a bell at the end for those who want one."""

    type: Literal["timed_practice"]
    seconds: int = Field(ge=5, le=3600)
    steps: list[Text] = Field(min_length=1, max_length=20)
    bell: bool = True


class Voice(Part):
    """One side of a dialogue, and what it is asked to say."""

    id: Id
    label: Text
    prompt: Text


class Dialogue(_Exercise):
    """Voices in turn, each with a field of its own, for a number of rounds."""

    type: Literal["dialogue"]
    read_by: Reader = "nobody"
    voices: list[Voice] = Field(min_length=2, max_length=4)
    rounds: int = Field(default=1, ge=1, le=6)


class Tick(Part):
    """One line of a checklist."""

    id: Id
    text: Text


class Checklist(_Exercise):
    """Things done today; none of them need be."""

    type: Literal["checklist"]
    items: list[Tick] = Field(min_length=1, max_length=30)


Exercise = Writing | Reading | Recall | TimedPractice | Dialogue | Checklist
Activity = Annotated[
    Questionnaire | Writing | Reading | Recall | TimedPractice | Dialogue | Checklist, Field(discriminator="type")
]
