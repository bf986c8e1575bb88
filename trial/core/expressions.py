"""The small safe language of eligibility, strata and conditions.

    expression = or ; or = and ("or" and)* ; and = not ("and" not)* ; not = "not" not | comparison
    comparison = sum [("==" | "!=" | "<" | "<=" | ">" | ">=" | "in") sum] ; sum = term (("+" | "-") term)*
    term = number | 'text' | name | true | false | "(" expression ")" | "[" term ("," term)* "]"

A name stands for an answer, a score or a count that the caller supplies. There is no call, no attribute, no
power: an expression cannot run longer than its own length. A missing value makes a comparison unknown, and so
does comparing two kinds (a number with a text, a yes with a 1): a slip never lets anyone in. Unknown follows
three-valued logic (Kleene): `false and unknown` is false, `true and unknown` is unknown.
`tests/spec/expressions.md` is the table of what holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 1000
DEEPEST = 20  # brackets and nots inside each other; each costs ten frames of Python's stack

Value = float | int | str | bool | tuple["Value", ...] | None

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]{1,15}(?:\.[0-9]{1,15})?)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<name>[a-z_][a-z0-9_]*)|(?P<sign>==|!=|<=|>=|[<>()\[\],+-]))"
)
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">", "in")
_WORDS = {"and", "or", "not", "in", "true", "false"}


class ExpressionError(ValueError):
    """The text is not an expression; `column` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(f"{message} (at character {column})")
        self.column = column


@dataclass(frozen=True, slots=True)
class Node:
    """One operation and its operands; a leaf holds its value."""

    op: str
    parts: tuple[Node, ...] = ()
    value: Value = None


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression, the text it was read from, and the names it needs."""

    text: str
    root: Node
    names: frozenset[str]

    def value(self, facts: Mapping[str, Value]) -> Value:
        """The value under these facts; None where a fact that decides it is missing."""
        return _evaluate(self.root, facts)

    def holds(self, facts: Mapping[str, Value]) -> bool:
        """True only where the expression is known to be true."""
        return self.value(facts) is True


@lru_cache(maxsize=1000)
def parse(text: str) -> Expression:
    """Read an expression, or raise ExpressionError with the place; the same text is read once."""
    if len(text) > LONGEST:
        raise ExpressionError(f"an expression holds at most {LONGEST} characters", LONGEST)
    reader = _Reader(text)
    root = reader.expression(0)
    reader.end()
    return Expression(text, root, frozenset(reader.names))


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0
        self.names: set[str] = set()

    def peek(self) -> str:
        return self.tokens[self.at][1]

    def take(self, *wanted: str) -> str | None:
        if self.tokens[self.at][0] in ("sign", "word") and self.peek() in wanted:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def fail(self, expected: str) -> ExpressionError:
        kind, token, column = self.tokens[self.at]
        found = "the end" if kind == "end" else repr(token)
        return ExpressionError(f"expected {expected}, found {found}", column)

    def end(self) -> None:
        if self.tokens[self.at][0] != "end":
            raise self.fail("the end of the expression")

    def expression(self, depth: int) -> Node:
        self._within(depth)
        return self._chain("or", lambda: self._chain("and", lambda: self._not(depth)))

    def _chain(self, operator: str, operand: Callable[[], Node]) -> Node:
        """One node for `a and b and c`, however many: a long chain is wide, not deep."""
        parts = [operand()]
        while self.take(operator):
            parts.append(operand())
        return Node(operator, tuple(parts)) if len(parts) > 1 else parts[0]

    def _not(self, depth: int) -> Node:
        self._within(depth)
        if self.take("not"):
            return Node("not", (self._not(depth + 1),))
        left = self._sum(depth)
        op = self.take(*_COMPARISONS)
        if not op:
            return left
        node = Node(op, (left, self._sum(depth)))
        if self.peek() in _COMPARISONS and self.tokens[self.at][0] != "text":
            raise ExpressionError("join two comparisons with `and`", self.tokens[self.at][2])
        return node

    def _sum(self, depth: int) -> Node:
        parts = [self._term(depth)]
        while op := self.take("+", "-"):
            term = self._term(depth)
            parts.append(Node("minus", (term,)) if op == "-" else term)
        return Node("sum", tuple(parts)) if len(parts) > 1 else parts[0]

    def _within(self, depth: int) -> None:
        if depth > DEEPEST:
            raise ExpressionError("too many brackets or nots inside each other", self.tokens[self.at][2])

    def _term(self, depth: int) -> Node:
        self._within(depth)
        kind, token, _ = self.tokens[self.at]
        if self.take("("):
            inside = self.expression(depth + 1)
            if not self.take(")"):
                raise self.fail("a closing bracket")
            return inside
        if self.take("["):
            return self._list(depth)
        if kind == "sign" or kind == "end" or (kind == "word" and token not in ("true", "false")):
            raise self.fail("a number, a text or a name")
        self.at += 1
        if kind == "number":
            return Node("value", value=float(token) if "." in token else int(token))
        if kind == "text":
            return Node("value", value=token[1:-1])
        if kind == "word":
            return Node("value", value=token == "true")
        self.names.add(token)
        return Node("name", value=token)

    def _list(self, depth: int) -> Node:
        parts = [self._term(depth + 1)]
        while self.take(","):
            parts.append(self._term(depth + 1))
        if not self.take("]"):
            raise self.fail("']'")
        return Node("list", tuple(parts))


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if not match:
            spaces = len(text[at:]) - len(text[at:].lstrip())
            raise ExpressionError(f"{text[at + spaces]!r} is not part of this language", at + spaces + 1)
        kind = str(match.lastgroup)
        token = match.group(kind)
        yield ("word" if kind == "name" and token in _WORDS else kind, token, match.start(kind) + 1)
        at = match.end()
    yield ("end", "", len(text) + 1)


def _evaluate(node: Node, facts: Mapping[str, Value]) -> Value:
    if node.op == "value":
        return node.value
    if node.op == "name":
        return facts.get(str(node.value))
    values = [_evaluate(part, facts) for part in node.parts]
    if node.op == "list":
        return tuple(values)
    if node.op == "not":
        return not values[0] if isinstance(values[0], bool) else None
    if node.op in ("and", "or"):
        return _joined(node.op == "or", values)
    if node.op in ("sum", "minus"):
        return _added(values, -1 if node.op == "minus" else 1)
    left, right = values
    if node.op == "in":
        return _within_list(left, right)
    return _compare(node.op, left, right)


def _joined(decisive: bool, values: list[Value]) -> Value:
    """`or` is decided by one true part, `and` by one false part; short of that, anything else leaves it open."""
    if any(value is decisive for value in values):
        return decisive
    return (not decisive) if all(isinstance(value, bool) for value in values) else None


def _added(values: list[Value], sign: int) -> Value:
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    return sign * sum(numbers) if len(numbers) == len(values) else None


def _within_list(left: Value, right: Value) -> Value:
    """One equal entry decides; without one, an entry that cannot be compared leaves it open."""
    if not isinstance(right, tuple):
        return None
    return _joined(True, [_compare("==", left, entry) for entry in right])


def _kind(value: Value) -> str | None:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else None


def _compare(op: str, left: Value, right: Value) -> Value:
    kind = _kind(left)
    if kind is None or kind != _kind(right):
        return None
    if op in ("==", "!="):
        return (left == right) is (op == "==")
    if not isinstance(left, int | float) or not isinstance(right, int | float) or kind != "number":
        return None
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]
