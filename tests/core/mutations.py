"""Every way to change one value of a protocol or an instrument, each with the path at which it should be told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from trial.core.durations import Length


def mutations(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """(path, the same value with one thing in it changed); models are copied unchecked, for a comparison alone."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            key = "schema" if name == "schema_version" else name
            for found, changed in mutations(getattr(value, name), (*path, key)):
                # an entry with another id is another entry
                renamed = name == "id" and _named_by(value) is not None and path and path[-1] == str(value.id)
                yield ".".join(path) if renamed else found, value.model_copy(update={name: changed})
    elif isinstance(value, list | tuple) and any(isinstance(one, BaseModel | dict) for one in value):
        yield from _entries(value, path)
    elif isinstance(value, dict):
        for key, one in value.items():
            for found, changed in mutations(one, (*path, str(key))):
                yield found, {**value, key: changed}
    else:
        yield ".".join(path), _other(value)


def _entries(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for at, one in enumerate(value):
        key = str(at + 1) if _named_by(one) is None else str(_named_by(one))
        for found, changed in mutations(one, (*path, key)):
            at_entry = isinstance(one, BaseModel) and found == ".".join((*path, key, "value"))
            yield ".".join((*path, key)) if at_entry else found, [*value[:at], changed, *value[at + 1 :]]
        without = [*value[:at], *value[at + 1 :]]
        if _named_by(one) is not None:
            yield ".".join((*path, key)), without


def _named_by(entry: Any) -> Any:
    return getattr(entry, "id", getattr(entry, "value", None))


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1000  # no id or answer of another entry
    if isinstance(value, str):
        return f"{value} otherwise"
    if isinstance(value, Length):
        return Length(value.days + 1, value.minutes)
    if isinstance(value, list | tuple):
        return [*value, 99]
    assert value is None, value
    return "there"
