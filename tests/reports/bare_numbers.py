"""Finds numbers in a report that do not say where they come from."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from html.parser import HTMLParser
from typing import Any

import docx
from docx.oxml.ns import qn

from reports.document import Block, Document, Figure, Table, Terms, numbered
from reports.labels import Labels
from reports.marks import pieces

NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,/:]\d+)*(?!\w)")
# numbers that no result gives, each with its reason
ALLOWED = (
    (r"CONSORT 2025", "the name of a guideline"),
    (r"\bitems? \d+", "the number of an item of a checklist"),
    (r"(?:Table|Figure) \d+", "the number of a caption, or a reference to one"),
    (r"\b\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2})?\b", "a date, with or without its time, written as in the record"),
    (r"SHA-256", "the name of an algorithm"),
    (r"For 80% it would", "the power that trials are planned with by convention"),
    (r"0\.05 of one test", "the convention that p-values are read by"),
    (r"as far from 0\b", "no difference"),
    (r"with 95% confidence", "of how exactly a p was simulated, whatever the trial's own level"),
    (r"^\d+\. (?=[A-Z])", "the number of an item of TIDieR"),
    (r"^\d+ of \d+ lines differ", "how many lines the table above has"),
    (r"^0(?: v\. 0)*$", "a cell of a table: what happened is listed, so what is not happened to nobody"),
)


def own_texts(labels: Labels) -> list[str]:
    """The protocol's own words in which a number stands, the longest first, with the ranges of its scales."""
    folder = labels.folder
    trees = [folder.protocol.model_dump(), *(tool.model_dump() for tool in folder.instruments.values())]
    found = {text.strip() for tree in trees for text in _texts(tree) if re.search(r"\d", text)}
    found |= {labels.variable(name) for name in folder.protocol.analysis.baseline_table}
    return sorted((text for text in found if not NUMBER.fullmatch(text)), key=len, reverse=True)


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for each in node.values():
            yield from _texts(each)
    elif isinstance(node, list | tuple | frozenset | set):
        for each in node:
            yield from _texts(each)


def bare(said: str, own: Iterable[str]) -> list[str]:
    """The numbers of a text without keys that nothing allows, each with the words around it."""
    rest = said
    for text in own:
        rest = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", "…", rest, flags=re.IGNORECASE)
    for pattern, _ in ALLOWED:
        rest = re.sub(pattern, "…", rest.strip())
    return [rest[max(0, found.start() - 40) : found.end() + 40] for found in NUMBER.finditer(rest)]


class Page(HTMLParser):
    """The texts of a page that no key covers, and each keyed one with its keys."""

    # pictures show what the tables say; a style is not read
    UNREAD = ("svg", "style", "title")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.loose: list[str] = []
        self.keyed: list[tuple[str, list[str]]] = []
        self._unread = 0
        self._keys: list[str] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in self.UNREAD
        keys = dict(attrs).get("data-key")
        self._keys = keys.split() if keys and ":" not in keys else [keys] if keys else self._keys

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in self.UNREAD
        self._keys = None if tag == "span" else self._keys

    def handle_data(self, data: str) -> None:
        if self._unread or not data.strip():
            return
        if self._keys is not None:
            self.keyed.append((data, self._keys))
        else:
            self.loose.append(data)


def bare_on_page(page: str, own: Iterable[str]) -> list[str]:
    """The numbers of an HTML report without a key."""
    return [one for text in Page(page).loose for one in bare(text, own)]


def bare_in_word(data: bytes, keyed: Document, own: Iterable[str]) -> list[str]:
    """The numbers of a Word report that stand in no text of the document with a key there."""
    texts = {"".join(names_or_text): loose for names_or_text, loose in _of_document(keyed)}
    word = docx.Document(io.BytesIO(data))
    found: list[str] = []
    for paragraph in word.element.body.iter(qn("w:p")):
        said = "".join(one.text or "" for one in paragraph.iter(qn("w:t")))
        for text in texts.get(said, [said]):
            found += bare(text, own)
    return found


def _of_document(document: Document) -> Iterator[tuple[list[str], list[str]]]:
    """Each text as Word shows it, and what of it has no key."""
    names = numbered(document)
    for section in document.sections:
        for block in section.blocks:
            for text in _of_block(block, names):
                taken = list(pieces(text))
                yield (
                    [names.get(one.to, one.text) for one in taken],
                    [one.text for one in taken if not one.keys and not one.to],
                )


def _of_block(block: Block, names: dict[str, str]) -> Iterator[str]:
    if isinstance(block, Terms):
        yield from (f"{term}: {said}" for term, said in block.items)
    elif isinstance(block, Table | Figure):
        yield f"{names[block.id]}. {block.caption}"
        table = block if isinstance(block, Table) else block.table
        yield from _strings(table) if table else ()
    else:
        yield from _strings(block)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _strings(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _strings(getattr(value, each.name))
