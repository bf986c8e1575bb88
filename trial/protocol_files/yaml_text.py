"""One YAML text to a plain tree, keeping where each value stands.

Built from the parser's events, so that nothing a hostile file asks for ever happens: an alias, a tag or one level too
many ends the reading where it stands, and no recursion depends on the file. Values are texts, whole numbers, decimal
numbers, true, false and nothing; a date stays the text that was written, and so does `no`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from trial.core.errors import Problem
from trial.core.findings import Path

LARGEST = 200_000
DEEPEST = 30
# a long protocol holds a tenth of this; reading them takes a third of a second
MOST_VALUES = 10_000
MOST_PROBLEMS = 100

_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}([eE][-+]?[0-9]{1,2})?")
_PLAIN = {"": None, "~": None, "null": None, "true": True, "false": False}


class Keys(dict[str, Any]):
    """A mapping of the file; `places` holds the line and column of each key, counted from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[str, tuple[int, int]] = {}


class Entries(list[Any]):
    """A list of the file; `places` holds the line and column of each entry."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[tuple[int, int]] = []


class _Refused(Exception):
    def __init__(self, what: str, mend: str, mark: Any) -> None:
        super().__init__(what)
        self.what, self.mend, self.mark = what, mend, mark


def read(text: str, file: str) -> tuple[Any, list[Problem]]:
    """(tree, problems): the tree is None where the text is not YAML at all; a repeated key leaves it whole."""
    if len(text) > LARGEST:
        what = f"the file is longer than {LARGEST} characters."
        return None, [Problem(file, 1, 1, what, "Keep long texts in Markdown.")]
    builder = _Builder(file)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except _Refused as refused:
        return None, [_located(file, refused.mark, refused.what, refused.mend)]
    except MarkedYAMLError as error:
        return None, [_syntax(error, file)]
    except ReaderError as error:
        return None, [_character(error, text, file)]
    except Exception as error:  # the parser's own slips on hostile text (assertions, indices) are no traceback of ours
        what = f"this is not readable YAML ({type(error).__name__})."
        return None, [Problem(file, None, None, what, "Write it anew, a part at a time.")]
    if not isinstance(builder.root, Keys):
        return None, [Problem(file, 1, 1, "the file holds no keys.", "Start with `schema: 1`.")]
    return builder.root, builder.problems


@dataclass(slots=True)
class _Open:
    """A mapping or list that is still being read, and the key whose value comes next."""

    node: Keys | Entries
    key: str | None = None


class _Builder:
    """Takes events one by one; `stack` holds what is open, outermost first."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Any = None
        self.problems: list[Problem] = []
        self.stack: list[_Open] = []
        self.documents = 0
        self.values = 0

    def take(self, event: Any) -> None:
        _refuse(event)
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _Refused("a second document starts here.", "Keep one, without `---`.", event.start_mark)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.stack.pop()
        elif isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent):
            self._node(event)

    def _node(self, event: Any) -> None:
        self.values += 1
        if self.values > MOST_VALUES or len(self.problems) >= MOST_PROBLEMS:
            what = f"the file holds more than {MOST_VALUES} values or {MOST_PROBLEMS} repeated keys."
            raise _Refused(what, "A protocol needs far fewer: shorten it.", event.start_mark)
        top = self.stack[-1] if self.stack else None
        if top and isinstance(top.node, Keys) and top.key is None:
            top.key = self._key(event, top.node)
            return
        if isinstance(event, ScalarEvent):
            self._put(top, _scalar(event), event.start_mark)
            return
        node: Keys | Entries = Keys() if isinstance(event, MappingStartEvent) else Entries()
        self._put(top, node, event.start_mark)
        self.stack.append(_Open(node))
        if len(self.stack) > DEEPEST:
            raise _Refused(f"values are nested more than {DEEPEST} deep.", "Nest less.", event.start_mark)

    def _key(self, event: Any, node: Keys) -> str:
        mark = event.start_mark
        if not isinstance(event, ScalarEvent):
            raise _Refused("a list or mapping cannot be a key.", "Write a word before the colon.", mark)
        key = str(event.value)
        if key in node.places:
            what = f"the key `{key[:60]}` stands twice; the first is on line {node.places[key][0]}."
            self.problems.append(_located(self.file, mark, what, "Keep one of the two."))
            return key
        node.places[key] = (mark.line + 1, mark.column + 1)
        return key

    def _put(self, top: _Open | None, value: Any, mark: Any) -> None:
        if top is None:
            self.root = value
        elif isinstance(top.node, Keys):
            top.node.setdefault(str(top.key), value)
            top.key = None
        else:
            top.node.append(value)
            top.node.places.append((mark.line + 1, mark.column + 1))


def _refuse(event: Any) -> None:
    if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
        what = "anchors and aliases (& and *) are not part of this language."
        raise _Refused(what, "Write each value out; quote a text that starts so.", event.start_mark)
    if getattr(event, "tag", None):
        what = "tags (!) are not part of this language."
        raise _Refused(what, "Write the plain value; quote a text that starts so.", event.start_mark)


def _scalar(event: Any) -> Any:
    """Quoted and block values are texts; a plain one may be a number, true, false or nothing."""
    text = str(event.value)
    if not event.implicit[0]:
        return text
    if text.lower() in _PLAIN:
        return _PLAIN[text.lower()]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _located(file: str, mark: Any, what: str, mend: str) -> Problem:
    return Problem(file, mark.line + 1, mark.column + 1, what, mend)


def _syntax(error: MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    what = str(error.problem or error.context or "something is wrong here").splitlines()[0]
    mend = "Check indentation, colons and quotes here."
    if "'\\t'" in what:
        what, mend = "a tab stands in the indentation", "Indent with spaces."
    elif "mapping values" in what:
        what, mend = "a colon stands where none can", "Quote a text that holds a colon; check the indentation."
    problem = f"this is not YAML: {what}."
    return _located(file, mark, problem, mend) if mark else Problem(file, None, None, problem, mend)


def _character(error: ReaderError, text: str, file: str) -> Problem:
    before = text[: error.position]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    what = f"the character {text[error.position : error.position + 1]!a} cannot stand in a text file."
    return Problem(file, line, column, what, "Remove it.")


def place(tree: Any, path: Path) -> tuple[int | None, int | None]:
    """(line, column), from 1, of the deepest part of a path that the tree holds; the file's start for none."""
    found: tuple[int, int] = (1, 1)
    node = tree
    for key in path:
        if isinstance(node, Keys) and key in node:
            found, node = node.places[str(key)], node[str(key)]
        elif isinstance(node, Entries) and isinstance(key, int) and key < len(node):
            found, node = node.places[key], node[key]
    return found
