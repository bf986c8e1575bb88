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
    for one in asked:
        raw = form.get(one.column, "").strip()
        value, fault = _value(one, raw)
        if fault:
            faults[one.column] = fault
        elif one.item.type == "text":
            if raw:
                free[one.column] = raw
        else:
            closed[one.column] = value
    for column in needed:
        if closed.get(column) is None and not free.get(column) and column not in faults:
            faults[column] = "needed"
    return Answers(closed, free, faults)


def _value(one: Asked, raw: str) -> tuple[Answer, Fault | None]:
    if not raw:
        return None, None
    if one.item.type == "text":
        return raw, "too_long" if len(raw) > LONGEST_TEXT else None
    if one.item.type == "yes_no":
        return raw == "yes", None if raw in ("yes", "no") else "not_a_choice"
    if one.item.type == "number":
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
