"""What a form brought, checked against the items it showed: typed answers, or which item is wrong and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from trial.core.instruments import Instrument, Item

Answer = int | float | str | bool | None
Fault = Literal["not_a_choice", "not_a_number", "too_small", "too_large", "too_long", "needed"]
LONGEST_TEXT = 20_000
_NUMBER = re.compile(r"[+-]?(?=\.?[0-9])[0-9]{0,20}(\.[0-9]{0,20})?")


@dataclass(frozen=True, slots=True)
class Answers:
    """`closed` maps columns to typed answers (None: left out); `free` maps text columns to words for the vault."""

    closed: Mapping[str, Answer] = field(default_factory=dict)
    free: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, Fault] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One item as a form shows it: its column name and its closed answers."""

    column: str
    item: Item
    values: tuple[int | str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Its fields in the form, which are its columns on the sheet."""
        return self.item.columns(self.column)

    def answered(self, form: Mapping[str, str]) -> bool:
        """Whether a form holds something for it; words between items are never left out."""
        return self.item.type == "info" or any(form.get(one, "").strip() for one in self.columns)


def asked_by(instruments: Iterable[Instrument]) -> list[Asked]:
    """Every item of these instruments, in order."""
    return [
        Asked(one.column(item), item, tuple(choice.value for choice in one.choices_of(item)))
        for one in instruments
        for item in one.items
    ]


def asked_plainly(items: Iterable[Item]) -> list[Asked]:
    """Items that stand on their own, such as screening questions: the column is the item's id."""
    return [Asked(str(item.id), item, tuple(choice.value for choice in item.choices)) for item in items]


def read(asked: Iterable[Asked], form: Mapping[str, str], *, needed: Iterable[str] = ()) -> Answers:
    """Check a form. Fields that were not asked are ignored; `needed` columns may not be left out."""
    closed: dict[str, Answer] = {}
    free: dict[str, str] = {}
    faults: dict[str, Fault] = {}
    missing = dict.fromkeys(needed)
    for one in asked:
        if not one.answered(form) and missing.keys() & {one.column, *one.columns}:
            faults[one.column] = "needed"
        elif one.item.type == "choices":
            given, fault = _several(one, form)
            closed |= given
            faults |= {one.column: fault} if fault else {}
        elif one.item.type != "info":
            _one(one, form.get(one.column, "").strip(), closed, free, faults)
    return Answers(closed, free, faults)


def _one(one: Asked, raw: str, closed: dict[str, Answer], free: dict[str, str], faults: dict[str, Fault]) -> None:
    value, fault = _value(one, raw)
    if fault:
        faults[one.column] = fault
    elif one.item.type != "text":
        closed[one.column] = value
    elif raw:
        free[one.column] = raw


def _several(one: Asked, form: Mapping[str, str]) -> tuple[dict[str, Answer], Fault | None]:
    """A yes or no for each choice; nothing for any of them where none was ticked, which may be a gap."""
    raw = {column: form.get(column, "").strip() for column in one.columns}
    if set(raw.values()) - {"", "yes"}:
        return {}, "not_a_choice"
    return {column: value == "yes" if any(raw.values()) else None for column, value in raw.items()}, None


def _value(one: Asked, raw: str) -> tuple[Answer, Fault | None]:
    if not raw:
        return None, None
    if one.item.type == "text":
        return raw, "too_long" if len(raw) > LONGEST_TEXT else None
    if one.item.type == "yes_no":
        return raw == "yes", None if raw in ("yes", "no") else "not_a_choice"
    if one.item.type in ("number", "slider"):
        return _number(one.item, raw)
    for value in one.values:
        if str(value) == raw:
            return value, None
    return None, "not_a_choice"


def _number(item: Item, raw: str) -> tuple[Answer, Fault | None]:
    text = raw.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        return None, "not_a_number"
    value = float(text)
    if item.minimum is not None and value < item.minimum:
        return None, "too_small"
    if item.maximum is not None and value > item.maximum:
        return None, "too_large"
    return int(value) if value.is_integer() else value, None
