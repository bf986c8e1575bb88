"""Numbers that know where they stand in results.json, so that a report can say of each where it comes from.

`keyed(results)` gives the same tree with such numbers. One that is put into a sentence brings its key along, as
`reports.marks` says; one that is worked out of others has the keys of all of them. Whatever reads them as plain numbers
finds plain numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from reports import marks

PROTOCOL = "protocol:"
# texts of results.json that are printed as they stand and may say numbers
_TEXTS = frozenset(
    {"problem", "fallback", "why", "seed", "term", "version", "rule_version", "published", "warnings", "reason"}
)


def keyed(value: Any, key: str = "", name: str = "") -> Any:
    """The tree with a key for each number, and for each text that may say one: `estimates.0.ci.1`."""
    if isinstance(value, Mapping):
        return {each: keyed(one, f"{key}.{each}" if key else str(each), each) for each, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(keyed(one, f"{key}.{place}", name) for place, one in enumerate(value))
    if isinstance(value, str) and name in _TEXTS:
        text = _Text(value)
        text.keys = (key,)
        return text
    return _with_keys(value, (key,))


def of_protocol(value: float, key: str, *, beside: Any) -> Any:
    """A number that stands in the protocol, keyed `protocol: design.arms` where the result `beside` it has a key."""
    return _with_keys(value, (f"{PROTOCOL} {key}",) if keys_of(beside) else ())


def keys_of(*values: Any) -> tuple[str, ...]:
    """The keys that these have, each once; of a mapping or a list those of everything in it."""
    found: dict[str, None] = {}
    for one in values:
        if isinstance(one, Mapping):
            found |= dict.fromkeys(keys_of(*one.values()))
        elif isinstance(one, list | tuple):
            found |= dict.fromkeys(keys_of(*one))
        else:
            found |= dict.fromkeys(getattr(one, "keys", ()))
    return tuple(found)


def said(text: str, *values: Any) -> str:
    """A text that says something worked out of these, with their keys."""
    return marks.keyed(text, keys_of(*values))


def numbers_in(text: str, *values: Any) -> str:
    """A text all of whose numbers that have no key yet come from these."""
    return marks.each_number(text, keys_of(*values))


def worked_out(number: float, *values: Any) -> Any:
    """A number worked out of these in a way that keys do not survive, such as how many there are."""
    return _with_keys(number, keys_of(*values))


def plain(value: Any) -> Any:
    """The number alone; of a tree, the tree with its numbers alone."""
    if isinstance(value, Mapping):
        return {each: plain(one) for each, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(plain(one) for one in value)
    if isinstance(value, _Keyed):
        return value.alone()
    return value


class _Keyed:
    """A value with its keys, which it takes along into any text that it is put into."""

    keys: tuple[str, ...] = ()

    def alone(self) -> Any:
        raise NotImplementedError

    def __format__(self, spec: str) -> str:
        return marks.keyed(format(self.alone(), spec), self.keys)

    def __str__(self) -> str:
        return format(self)


class _Whole(_Keyed, int):
    def alone(self) -> int:
        return int.__int__(self)


class _Real(_Keyed, float):
    def alone(self) -> float:
        return float.__float__(self)


class _Text(_Keyed, str):
    def alone(self) -> str:
        return "".join(self)


def _with_keys(value: Any, keys: tuple[str, ...]) -> Any:
    """The value as a number with these keys; anything but a number as it is."""
    if not keys or isinstance(value, bool) or not isinstance(value, int | float):
        return value
    made = _Whole(value) if isinstance(value, int) else _Real(value)
    made.keys = keys
    return made


def _kept(work: Callable[..., Any], *, turned: bool = False) -> Any:
    """The same on keyed numbers: what comes of it has the keys of all that went in."""

    def keeping(self: Any, *others: Any) -> Any:
        both = (*others, self) if turned else (self, *others)
        return _with_keys(work(*map(plain, both)), keys_of(*both))

    return keeping


for _number in (_Whole, _Real):
    for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
        setattr(_number, f"__{_name}__", _kept(getattr(operator, _name)))
        setattr(_number, f"__r{_name}__", _kept(getattr(operator, _name), turned=True))
    for _name, _work in (("neg", operator.neg), ("abs", abs), ("round", round)):
        setattr(_number, f"__{_name}__", _kept(_work))
