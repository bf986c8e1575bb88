"""Items as a form shows them: labels in one language, what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trial.core.answers import Asked, Fault
from trial.core.instruments import Choice, Instrument, ItemType
from trial.core.texts import say


@dataclass(frozen=True, slots=True)
class Option:
    """One closed answer: the value that is posted and its words."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One item. `wide` says that its options stand side by side where there is room."""

    name: str
    label: str
    type: ItemType
    options: tuple[Option, ...] = ()
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    value: str = ""
    fault: Fault | None = None
    unanswered: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """The items of one instrument under its instructions; `placeholder` marks topics in place of its wording."""

    instructions: str
    fields: tuple[Field, ...]
    placeholder: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person sent before: shown again with its faults, and with its gaps once they were counted."""

    values: Mapping[str, str]
    faults: Mapping[str, Fault]
    gaps: tuple[str, ...] = ()


NOTHING = Typed({}, {})


def plain_fields(asked: Iterable[Asked], language: str, typed: Typed = NOTHING) -> tuple[Field, ...]:
    """Items that stand on their own, such as screening questions."""
    return tuple(
        _field(one, say(one.item.topic, language), _options(one.item.choices, language), language, typed)
        for one in asked
    )


def sections(
    instruments: Iterable[Instrument], asked: Iterable[Asked], language: str, typed: Typed = NOTHING
) -> tuple[Section, ...]:
    """The items asked, under the instruments that they come from."""
    shown = {one.column: one for one in asked}
    found = []
    for instrument in instruments:
        fields = tuple(_fields(instrument, shown, language, typed))
        if fields:
            words = say(instrument.instructions, language)
            found.append(Section(words, fields, placeholder=instrument.wording == "topics"))
    return tuple(found)


def _fields(instrument: Instrument, shown: Mapping[str, Asked], language: str, typed: Typed) -> Iterable[Field]:
    for item in instrument.items:
        one = shown.get(instrument.column(item))
        if one is not None:
            label = say(instrument.shown_words(item), language)
            yield _field(one, label, _options(instrument.choices_of(item), language), language, typed)


def _options(choices: Iterable[Choice], language: str) -> tuple[Option, ...]:
    return tuple(Option(str(choice.value), say(choice.label, language)) for choice in choices)


def _field(one: Asked, label: str, options: tuple[Option, ...], language: str, typed: Typed) -> Field:
    return Field(
        name=one.column,
        label=label,
        type=one.item.type,
        options=options,
        unit=say(one.item.unit, language) if one.item.unit else "",
        minimum=one.item.minimum,
        maximum=one.item.maximum,
        value=typed.values.get(one.column, ""),
        fault=typed.faults.get(one.column),
        unanswered=one.column in typed.gaps,
        wide=one.item.type == "scale" and (len(options) <= 7 or all(len(each.label) <= 3 for each in options)),
    )
