"""Whether every text of a protocol is written in every language that it declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from trial.core.findings import Finding, Path, texts_at
from trial.core.protocol import TrialProtocol
from trial.core.texts import Text

MOST = 20


def of(tree: Any) -> list[str]:
    """The languages that a file declares; a hostile one may declare thousands."""
    return texts_at(tree, "languages.*")[:MOST]


def find(tree: Any) -> Iterator[Finding]:
    """Every text that a declared language is missing from."""
    declared = of(tree)
    for path, text in _texts(tree, ()):
        for language in declared:
            if language not in text:
                yield Finding(path, f"this text is not written in {language!r}.", f"Add a line `{language}: …`.")


def _texts(node: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key in text_keys() and isinstance(value, Mapping):
                yield (*path, key), value
            else:
                yield from _texts(value, (*path, key))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _texts(value, (*path, place))


@cache
def text_keys() -> frozenset[str]:
    """Every key of the language that holds a text by language, and no part of its own anywhere.

    `words` is the wording of an item in an instrument file, and how long a writing may be in this one.
    """
    by_language = (Text, get_args(Text)[0])
    found: set[str] = set()
    parts: set[str] = set()
    seen: set[Any] = set()
    waiting: list[Any] = [TrialProtocol]
    while waiting:
        kind = waiting.pop()
        if get_origin(kind) is not None:
            waiting += get_args(kind)
        elif isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen:
            seen.add(kind)
            for name, field in kind.model_fields.items():
                kinds = (field.annotation, *get_args(field.annotation))
                if any(one in by_language for one in kinds):
                    found.add(name)
                elif any(isinstance(one, type) and issubclass(one, BaseModel) for one in kinds):
                    parts.add(name)
                waiting.append(field.annotation)
    return frozenset(found - parts)
