"""The rules of a protocol in words: `age >= 18 and reads_english == true` as a reader says it."""

from __future__ import annotations

from collections.abc import Callable

from reports.methods import listed
from trial.core.expressions import Node, parse

_SIGNS = {
    "==": "is",
    "!=": "is not",
    "<": "is under",
    "<=": "is at most",
    ">": "is over",
    ">=": "is at least",
    "in": "is one of",
}


def in_words(rule: str, name: Callable[[str], str]) -> str:
    """A rule as a sentence part; `name` gives the label of an answer, a score or a count."""
    return _say(parse(rule).root, name)


def _say(node: Node, name: Callable[[str], str]) -> str:
    if node.op == "name":
        return name(str(node.value))
    if node.op == "value":
        return {"True": "yes", "False": "no"}.get(str(node.value), str(node.value))
    parts = [_say(one, name) for one in node.parts]
    if node.op in ("and", "or"):
        inside = [f"({said})" if one.op in ("and", "or") else said for said, one in zip(parts, node.parts, strict=True)]
        return f" {node.op} ".join(inside)
    if node.op == "not":
        return f"not ({parts[0]})"
    if node.op == "list":
        return listed(parts).replace(" and ", " or ")
    if node.op == "sum":
        return " + ".join(parts).replace("+ −", "− ")
    if node.op == "minus":
        return f"−{parts[0]}"
    return f"{parts[0]} {_SIGNS[node.op]} {parts[1]}"
