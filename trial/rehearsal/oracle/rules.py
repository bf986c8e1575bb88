"""The protocol's rules read by Python's own parser: what holds, what does not, and what nobody can say.

The small language of rules is part of Python's, but for `true` and `false`. An unknown name, or two kinds that cannot
be compared, gives None; `and`, `or` and `not` are three-valued.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from trial.rehearsal.oracle.facts import Plain

_COMPARE: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
}


@lru_cache(maxsize=1000)
def _parsed(rule: str) -> ast.expr:
    return ast.parse(rule.strip(), mode="eval").body


def holds(rule: str, known: Plain) -> bool:
    """Whether a rule certainly holds."""
    return value(rule, known) is True


def value(rule: str, known: Plain) -> Any:
    """What a rule comes to; None where it cannot be said."""
    return _of(_parsed(rule), known)


def names_in(rule: str) -> set[str]:
    """The names that a rule speaks of."""
    return {one.id for one in ast.walk(_parsed(rule)) if isinstance(one, ast.Name)} - {"true", "false"}


def _of(node: ast.expr, known: Plain) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return {"true": True, "false": False}[node.id] if node.id in ("true", "false") else known.get(node.id)
        case ast.List() | ast.Tuple():
            return tuple(_of(one, known) for one in node.elts)
        case ast.UnaryOp(op=ast.Not()):
            inner = _of(node.operand, known)
            return None if not isinstance(inner, bool) else not inner
        case ast.BoolOp():
            return _together([_of(one, known) for one in node.values], isinstance(node.op, ast.And))
        case ast.BinOp():
            return _sum(_of(node.left, known), _of(node.right, known), isinstance(node.op, ast.Add))
        case ast.Compare():
            return _compared(node.ops[0], _of(node.left, known), _of(node.comparators[0], known))
    raise ValueError(f"a rule holds what no rule may: {ast.unparse(node)}")


def _together(parts: list[Any], every: bool) -> bool | None:
    decided = not every
    if any(one is decided for one in parts):
        return decided
    return every if all(isinstance(one, bool) for one in parts) else None


def _sum(left: Any, right: Any, plus: bool) -> Any:
    if not (_kind(left) == _kind(right) == "number"):
        return None
    return left + right if plus else left - right


def _compared(op: ast.cmpop, left: Any, right: Any) -> bool | None:
    if isinstance(op, ast.In):
        if left is None or not isinstance(right, tuple):
            return None
        found = [_compared(ast.Eq(), left, one) for one in right]
        return True if True in found else None if None in found else False
    if left is None or right is None or _kind(left) != _kind(right):
        return None
    if _kind(left) != "number" and not isinstance(op, ast.Eq | ast.NotEq):
        return None
    return _COMPARE[type(op)](left, right)


def _kind(one: Any) -> str:
    return "yes or no" if isinstance(one, bool) else "number" if isinstance(one, int | float) else type(one).__name__
