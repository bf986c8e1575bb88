"""What a page would ask, as the fields of its form: kinds and names as `trial.pages` draws them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trial.core.answers import Asked
from trial.core.exercises import NOTHING
from trial.core.protocol import Checklist, Exercise, Reading, Recall, TimedPractice
from trial.rehearsal.forms import Field

_TYPED = ("number", "slider")


def questions(asked: Sequence[Asked], typed: Mapping[str, str]) -> Iterator[Field]:
    """The items of a questionnaire or of the screening; what was typed stands in the fields that hold text."""
    for one in asked:
        if one.item.type == "choices":
            yield from (Field(name, "checkbox", "", ["yes"]) for name in one.columns)
        elif one.values or one.item.type == "yes_no":
            yield Field(one.column, "radio", "", [str(value) for value in one.values] or ["yes", "no"])
        elif one.item.type in _TYPED:
            yield Field(one.column, "text", typed.get(one.column, ""))
        elif one.item.type != "info":
            yield Field(one.column, "textarea")


def exercise(activity: Exercise, asked: Sequence[Asked], typed: Mapping[str, str]) -> Iterator[Field]:
    """The fields of an exercise, by its kind."""
    match activity:
        case Reading():
            yield Field(asked[0].column, "checkbox", "", ["yes"])
        case Recall():
            yield from (Field(one.column, "text", typed.get(one.column, "")) for one in asked)
            yield Field(NOTHING, "checkbox", "", ["yes"])
        case TimedPractice():
            how, clock = asked
            yield Field(clock.column, "hidden", typed.get(clock.column, ""))
            yield Field(how.column, "radio", "", [str(value) for value in how.values])
        case Checklist():
            yield from (Field(one.column, "checkbox", "", ["yes"]) for one in asked)
            yield Field(NOTHING, "checkbox", "", ["yes"])
        case _:  # a writing or a dialogue
            yield from (Field(one.column, "textarea") for one in asked)
