"""A document as plain values, which HTML, PDF and Word are made from: sections of paragraphs, tables, figures, screens.

A text may hold the keys of its numbers, a paragraph also the names of tables and figures, as `reports.marks` says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from reports.drawing import Drawing
from reports.marks import refer


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running words. `key` is the sentence that matters most, `note` is small, `mark` warns."""

    text: str
    style: Literal["plain", "key", "note", "mark"] = "plain"


class Linked(str):
    """The words of a cell that leads to other places: `places` are (id of a section or subheading, its heading)."""

    places: tuple[tuple[str, str], ...]

    def __new__(cls, places: Iterable[tuple[str, str]]) -> Linked:
        kept = tuple(places)
        made = super().__new__(cls, "; ".join(heading for _, heading in kept))
        made.places = kept
        return made


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table; the first cell is its heading. A `group` row heads those `under` it."""

    cells: tuple[str, ...]
    kind: Literal["plain", "group", "under", "strong"] = "plain"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; every row but a group has as many cells as there are columns."""

    id: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""
    alike: bool = True  # columns of the same kind, of the same width
    words: bool = False  # cells hold sentences: set from the left, and one below the other on a phone


@dataclass(frozen=True, slots=True)
class Terms:
    """Pairs of a term and what is said about it."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing with its caption; `table` says the same in numbers.

    `narrow` is for small screens; `pages` are for paper, where one drawing would be too tall.
    """

    id: str
    caption: str
    drawing: Drawing
    narrow: Drawing | None = None
    pages: tuple[Drawing, ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Subheading:
    """A heading inside a section."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """One line of a screen on paper: its pieces are (words, strong)."""

    kind: Literal["heading", "text", "question", "item", "numbered", "choice", "field", "button", "quiet"]
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """Something as a participant sees it: `html` is safe markup for a page, `lines` say the same on paper."""

    id: str
    caption: str
    html: str
    lines: tuple[ScreenLine, ...]
    language: str
    direction: Literal["ltr", "rtl"] = "ltr"


Block = Paragraph | Table | Terms | Figure | Subheading | Screen


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report under one heading."""

    id: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The whole report; `mark` stands on every page of a rehearsal or a test.

    `style` is a style sheet for the screens. With `contents` the first section is a page of its own on paper, followed
    by a list of the sections.
    """

    title: str
    subtitle: str
    mark: str
    language: str
    sections: tuple[Section, ...]
    style: str = ""
    contents: bool = False


def numbered(document: Document) -> dict[str, str]:
    """`Table 3` or `Figure 1` for the id of each table and figure, in the order of reading."""
    names: dict[str, str] = {}
    for kind in (Table, Figure):
        found = [block.id for section in document.sections for block in section.blocks if isinstance(block, kind)]
        names |= {key: f"{kind.__name__} {place}" for place, key in enumerate(found, start=1)}
    return names


def places(sections: Iterable[Section]) -> dict[str, str]:
    """The heading of each section and subheading, by its id."""
    found: dict[str, str] = {}
    for section in sections:
        found[section.id] = section.heading
        found |= {block.id: block.text for block in section.blocks if isinstance(block, Subheading)}
    return found


def cited(section: Section) -> Section:
    """The section with a sentence that leads to each of its tables and figures, before the first of them."""
    shown = [block for block in section.blocks if isinstance(block, Table | Figure)]
    if not shown:
        return section
    kinds = dict.fromkeys(type(block) for block in shown)
    names = [each for kind in kinds for each in _named([refer(one.id) for one in shown if isinstance(one, kind)])]
    said = f"See {' and '.join(filter(None, (', '.join(names[:-1]), names[-1])))}."
    for place, block in enumerate(section.blocks):
        if isinstance(block, Table | Figure):
            break
        if isinstance(block, Paragraph) and block.style == "plain":
            longer = replace(block, text=f"{block.text} {said}")
            return replace(section, blocks=(*section.blocks[:place], longer, *section.blocks[place + 1 :]))
    return replace(section, blocks=(Paragraph(said), *section.blocks))


def grouped(rows: Iterable[tuple[str, Row]]) -> list[Row]:
    """Rows under the heads that they name, each head once, in the order of their first rows."""
    under: dict[str, list[Row]] = {}
    for head, row in rows:
        under.setdefault(head, []).append(row)
    return [row for head, its in under.items() for row in (Row((head,), "group"), *its)]


def _named(names: list[str]) -> list[str]:
    """Names of tables, or of figures, that follow one another; of more than two the first to the last."""
    return names if len(names) < 3 else [f"{names[0]} to {names[-1]}"]


def kind_of(block: Block) -> str:
    """The name by which a template knows a block."""
    return type(block).__name__.lower()
