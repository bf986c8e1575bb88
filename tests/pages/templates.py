"""The templates as text: what stands in them outside of gettext, and every message that they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

from jinja2 import Environment, nodes
from jinja2.ext import babel_extract

import trial.pages

FOLDER = Path(trial.pages.__file__).parent / "templates"
# drawn by trial.pages.message, which says no word of its own
MAIL = "message.html"
SPOKEN = {"title", "alt", "aria-label", "placeholder", "label", "value", "content"}
_LETTERS = re.compile(r"[A-Za-z]{2,}")


def names() -> list[str]:
    found = (path.relative_to(FOLDER).as_posix() for path in sorted(FOLDER.rglob("*.html")))
    return [name for name in found if name != MAIL]


@lru_cache(maxsize=1)
def messages() -> tuple[str, ...]:
    """Every message of every template, plural forms included."""
    found: list[str] = []
    for name in names():
        for _, _, message, _ in babel_extract(
            BytesIO((FOLDER / name).read_bytes()), ("_", "gettext", "ngettext"), [], {}
        ):
            found += [one for one in (message if isinstance(message, tuple) else (message,)) if one]
    return tuple(dict.fromkeys(found))


def words_outside_of_gettext(name: str) -> list[str]:
    """Letters that a person would see or hear and no translator could reach."""
    bare = _Bare()
    bare.feed("".join(_data(Environment(extensions=["jinja2.ext.i18n"]).parse((FOLDER / name).read_text()))))
    return bare.words


def _data(tree: nodes.Template) -> Iterator[str]:
    """The template's own text, a 0 wherever something is filled in."""
    for node in tree.find_all(nodes.Output):
        for part in node.nodes:
            yield part.data if isinstance(part, nodes.TemplateData) else "0"


class _Bare(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words += _LETTERS.findall(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("meta", "input", "button"):
            return  # their values are codes, not words
        for attribute, value in attrs:
            if attribute in SPOKEN - {"value"}:
                self.words += _LETTERS.findall(value or "")
