"""Items as a form shows them: labels in one language, what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from trial.core.answers import Asked, Fault
from trial.core.instruments import Choice, Instrument, ItemType
from trial.core.texts import say


@dataclass(frozen=True, slots=True)
class Option:
    """One closed answer: the value that is posted and its words; where several may be given, a field of its own."""

    value: str
    label: str
    name: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One item. `wide` says that its options stand side by side where there is room; `low` and `high` are the words
    at the ends of a slider."""

    name: str
    label: str
    type: ItemType
    options: tuple[Option, ...] = ()
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float = 1
    low: str = ""
    high: str = ""
    value: str = ""
    fault: Fault | None = None
    unanswered: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Items that stand together: with `heads`, rows of one matrix under the answers that they share."""

    fields: tuple[Field, ...]
    heads: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The items of one instrument under its instructions; `placeholder` marks topics in place of its wording."""

    instructions: str
    fields: tuple[Field, ...]
    placeholder: bool = False

    @property
    def blocks(self) -> Iterator[Block]:
        """Items one after the other; those that follow each other on one response scale are a matrix."""
        for shared, fields in groupby(self.fields, key=lambda one: one.options if one.wide else ()):
            rows = tuple(fields)
            yield Block(rows, shared if len(rows) > 1 else ())


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person sent before: shown again with its faults, and with its gaps once they were counted.

    `empty` says that nothing at all was answered.
    """

    values: Mapping[str, str]
    faults: Mapping[str, Fault]
    gaps: tuple[str, ...] = ()
    empty: bool = False


NOTHING = Typed({}, {})


def plain_fields(asked: Iterable[Asked], language: str, typed: Typed = NOTHING) -> tuple[Field, ...]:
    """Items that stand on their own, such as screening questions."""
    return tuple(_field(one, say(one.item.topic, language), one.item.choices, language, typed) for one in asked)


def sections(
    instruments: Iterable[Instrument], asked: Iterable[Asked], language: str, typed: Typed = NOTHING
) -> tuple[Section, ...]:
    """The items asked, in the order in which they are asked, under the instruments that they come from."""
    shown = list(asked)
    found = []
    for instrument in instruments:
        items = {instrument.column(item): item for item in instrument.items}
        fields = tuple(
            _field(one, say(instrument.shown_words(item), language), instrument.choices_of(item), language, typed)
            for one in shown
            if (item := items.get(one.column))
        )
        if fields:
            words = say(instrument.instructions, language)
            found.append(Section(words, fields, placeholder=instrument.wording == "topics"))
    return tuple(found)


def _options(one: Asked, choices: Iterable[Choice], language: str, typed: Typed) -> tuple[Option, ...]:
    if one.item.type != "choices":
        return tuple(Option(str(choice.value), say(choice.label, language)) for choice in choices)
    return tuple(
        Option("yes", say(choice.label, language), name, typed.values.get(name) == "yes")
        for choice, name in zip(choices, one.columns, strict=True)
    )


def _field(one: Asked, label: str, choices: list[Choice], language: str, typed: Typed) -> Field:
    item, options = one.item, _options(one, choices, language, typed)
    return Field(
        name=one.column,
        label=label,
        type=item.type,
        options=options,
        unit=say(item.unit, language) if item.unit else "",
        minimum=item.minimum,
        maximum=item.maximum,
        step=item.step,
        low=say(item.low, language) if item.low else "",
        high=say(item.high, language) if item.high else "",
        value=typed.values.get(one.column, ""),
        fault=typed.faults.get(one.column),
        unanswered=one.column in typed.gaps,
        wide=item.type == "scale" and (len(options) <= 7 or all(len(each.label) <= 3 for each in options)),
    )
