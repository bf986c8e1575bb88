"""What pydantic says, in a researcher's words: located, with a mend."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from trial.core.errors import Problem
from trial.core.expressions import ExpressionError
from trial.core.findings import Path, shown
from trial.protocol_files.yaml_text import place

M = TypeVar("M", bound=BaseModel)

MOST = 200
GUIDE = "See this part in docs/guide-protocol.md."


def validate(model: type[M], tree: Any, file: str) -> tuple[M | None, list[Problem]]:
    """(value, problems): every mistake of one file against its model, at most MOST, one for each place."""
    try:
        return model.model_validate(tree), []
    except ValidationError as error:
        found: dict[Path, ErrorDetails] = {}
        for one in error.errors(include_url=False):
            path = _path(tree, one)
            # of two branches that both refuse a value, the pattern tells a researcher more than "not a number"
            if path not in found or one["type"] == "string_pattern_mismatch":
                found[path] = one
        return None, [_problem(path, one, tree, file, model) for path, one in list(found.items())[:MOST]]


def _path(tree: Any, error: ErrorDetails) -> Path:
    """Where in the file: pydantic also names the branches it tried, which no file holds."""
    path: list[str | int] = []
    node = tree
    for key in error["loc"]:
        held = key in node if isinstance(node, dict) else isinstance(key, int) and isinstance(node, list)
        if held:
            path.append(key)
            node = node[key]
    if error["type"] == "missing":
        path.append(error["loc"][-1])
    if error["type"] == "union_tag_invalid":
        path.append("type")
    return tuple(path)


def _problem(path: Path, error: ErrorDetails, tree: Any, file: str, model: type[BaseModel]) -> Problem:
    line, column = place(tree, path)
    name = next((str(key) for key in reversed(path) if isinstance(key, str)), "the file")
    what, mend = _words(error, name[:60], model)
    return Problem(file, line, column, what, mend)


def _words(error: ErrorDetails, name: str, model: type[BaseModel]) -> tuple[str, str]:
    kind = error["type"]
    if kind == "extra_forbidden":
        near = get_close_matches(name, _known_keys(model), n=1)
        return f"`{name}` is not a key of this part.", f"Did you mean `{near[0]}`?" if near else "Remove it."
    if kind == "value_error":
        return _own_words(error, name)
    if error["loc"] and error["loc"][-1] == "[key]":
        if " " in name:
            return f"`{name}` stands where a language should.", "Quote a text that holds a comma inside { }."
        return f"`{name}` is not a language.", "Write a code such as en or pt-BR before the text."
    if kind in _KINDS:
        return _KINDS[kind](error, name)
    message = error["msg"].replace("Input should be", "must be")
    return f"`{name}`: {message[:1].lower()}{message[1:]}.", GUIDE


def _own_words(error: ErrorDetails, name: str) -> tuple[str, str]:
    """What a check of ours said; its sentence names the mend, except for a rule that cannot be read."""
    message = error["msg"].removeprefix("Value error, ")
    cause = error.get("ctx", {}).get("error")
    mend = (
        "Write a rule such as `age >= 18 and reads_english == true`." if isinstance(cause, ExpressionError) else GUIDE
    )
    return f"`{name}`: {message}.", mend


def _missing(error: ErrorDetails, name: str) -> tuple[str, str]:
    return f"`{name}` is missing.", f"Add `{name}: …` here."


def _literal(error: ErrorDetails, name: str) -> tuple[str, str]:
    expected = str(error.get("ctx", {}).get("expected"))
    return (
        f"`{name}: {_plain(error['input'])}` is not possible.",
        f"Use {'one of ' if ' or ' in expected else ''}{expected}.",
    )


def _tag(error: ErrorDetails, name: str) -> tuple[str, str]:
    context = error.get("ctx", {})
    if error["type"] == "union_tag_not_found":
        return "`type` is missing.", "Add `type: questionnaire` or `type: writing` here."
    return f"`type: {str(context.get('tag'))[:60]}` is not possible.", f"Use one of {context.get('expected_tags')}."


def _pattern(error: ErrorDetails, name: str) -> tuple[str, str]:
    return f"{shown(error['input'])} is not a good `{name}`.", _PATTERNS.get(name, _PATTERNS["id"])


def _text(error: ErrorDetails, name: str) -> tuple[str, str]:
    value = error["input"]
    if isinstance(value, int | float):
        return (
            f"`{name}: {_plain(value)}` is read as a number or as true or false.",
            f"Put quotes around it: '{value}'.",
        )
    return f"`{name}` must be a text.", "Write the text behind the colon."


def _keys(error: ErrorDetails, name: str) -> tuple[str, str]:
    if error["type"] == "dict_type":
        return f"`{name}` needs its text by language.", "Write `en: …` on a line of its own below, indented."
    return f"`{name}` must hold keys here, not {_plain(error['input'])}.", "Write each key on a line below, indented."


def _list(error: ErrorDetails, name: str) -> tuple[str, str]:
    return f"`{name}` must be a list.", "Write each entry on a line that starts with `- `, or [in, brackets]."


def _count(error: ErrorDetails, name: str) -> tuple[str, str]:
    context = error.get("ctx", {})
    if "min_length" in context:
        return f"`{name}` holds too few entries.", f"Give at least {context['min_length']}."
    return f"`{name}` holds too many entries.", f"Give at most {context.get('max_length')}."


def _length(error: ErrorDetails, name: str) -> tuple[str, str]:
    if error["type"] == "string_too_short":
        return f"`{name}` is empty.", "Write it, or leave the key out."
    return f"`{name}` is too long.", f"Shorten it to {error.get('ctx', {}).get('max_length')} characters."


def _number(error: ErrorDetails, name: str) -> tuple[str, str]:
    whole = "whole number" if error["type"].startswith("int") else "number"
    return f"`{name}` must be a {whole}, not {_plain(error['input'])}.", "Write digits only."


def _limit(error: ErrorDetails, name: str) -> tuple[str, str]:
    limits = error["msg"].removeprefix("Input should be ")
    return f"`{name}: {_plain(error['input'])}` is out of range.", f"It must be {limits}."


def _plain(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "keys"
    return "nothing" if value is None else shown(value).strip("'")


_PATTERNS = {
    "id": "Use small letters, digits and _, starting with a letter.",
    "version": "Write it like '1.0'.",
    "time": "Write the hour like '19:00'.",
    "contact_email": "Write one address, like team@example.org.",
    "languages": "Write codes such as en or pt-BR.",
} | dict.fromkeys(
    ("trial_page", "notice", "information", "exercise", "debrief", "results"),
    "Name a text as messages/name or exercises/name, without language and ending.",
)

_KINDS: dict[str, Callable[[ErrorDetails, str], tuple[str, str]]] = (
    {"missing": _missing, "literal_error": _literal, "string_pattern_mismatch": _pattern, "list_type": _list}
    | dict.fromkeys(("union_tag_invalid", "union_tag_not_found"), _tag)
    | {"string_type": _text, "tuple_type": _list}
    | dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), _keys)
    | dict.fromkeys(("too_short", "too_long"), _count)
    | dict.fromkeys(("string_too_short", "string_too_long"), _length)
    | dict.fromkeys(("int_type", "int_parsing", "int_from_float", "float_type", "float_parsing"), _number)
    | dict.fromkeys(("greater_than", "greater_than_equal", "less_than", "less_than_equal"), _limit)
)


@cache
def _known_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """Every key that any part below this model knows."""
    definitions = model.model_json_schema()
    parts = [definitions, *definitions.get("$defs", {}).values()]
    return tuple(sorted({key for part in parts for key in part.get("properties", {})}))
