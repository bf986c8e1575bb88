"""What the models say about each path: which hold texts, names of Markdown files, or one of a few words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from trial.core.instruments import Instrument
from trial.core.protocol import TextFile, TrialProtocol
from trial.core.texts import Text

INSTRUMENT = "instrument"
_TEXT = (Text, get_args(Text)[0])
_FILE = get_args(TextFile)[1]


@cache
def fields() -> dict[str, tuple[Any, tuple[Any, ...]]]:
    """Every path of the language, `*` for any entry, with its type and what pydantic took off that."""
    return dict([*_fields(TrialProtocol, ""), *_fields(Instrument, INSTRUMENT)])


def _fields(model: type[BaseModel], before: str) -> Iterator[tuple[str, tuple[Any, tuple[Any, ...]]]]:
    for name, field in model.model_fields.items():
        path = f"{before}.{name}" if before else name
        yield path, (field.annotation, tuple(field.metadata))
        for inner, rest in _models(field.annotation):
            yield from _fields(inner, path + rest)


def _models(annotation: Any) -> list[tuple[type[BaseModel], str]]:
    """(model, what stands between its path and the field's), also inside lists, dicts and unions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [(annotation, "")]
    entry = ".*" if get_origin(annotation) in (list, dict) else ""
    return [(model, entry + rest) for one in get_args(annotation) for model, rest in _models(one)]


@cache
def texts() -> frozenset[str]:
    """Paths that hold a text by language."""
    return frozenset(
        path for path, (kind, _) in fields().items() if any(one in _TEXT for one in (kind, *get_args(kind)))
    )


@cache
def files() -> tuple[str, ...]:
    """Paths that name a Markdown text."""
    return tuple(
        path
        for path, (kind, extra) in fields().items()
        if any(_FILE in one for one in (extra, *(getattr(each, "__metadata__", ()) for each in get_args(kind))))
    )


@cache
def literals() -> frozenset[str]:
    """Paths that hold one of a few words, or a list of them."""
    return frozenset(path for path, (kind, _) in fields().items() if _chooses(kind))


def _chooses(kind: Any) -> bool:
    return get_origin(kind) is Literal or any(_chooses(one) for one in get_args(kind) if not _models(one))
