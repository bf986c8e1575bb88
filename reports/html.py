"""The report as one self-contained HTML file: style and pictures inside, nothing fetched, no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from reports.document import Document, Screen, kind_of, numbered
from reports.drawing import FONT, Drawing
from reports.marks import Piece, pieces

TEMPLATES = Path(__file__).parent / "templates"
FAMILY = "system-ui, 'Segoe UI', 'DejaVu Sans', Verdana, sans-serif"


def templates() -> Environment:
    """Our own templates; every value is escaped, and one that is missing is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render_html(document: Document) -> str:
    """The document as HTML; every text is escaped, only our own drawings and screens are markup."""
    names = numbered(document)
    return page_templates(names).get_template("report.html").render(document=document, names=names)


def page_templates(names: Mapping[str, str]) -> Environment:
    """The templates with all that a page made of blocks needs; `names` are those of its tables and figures."""
    environment = templates()
    environment.filters["kind"] = kind_of
    environment.filters["said"] = lambda text: _said(text, names)
    environment.filters["drawn"] = _drawn
    environment.filters["shown"] = _shown
    environment.filters["sheet"] = _sheet
    return environment


def _said(text: str, names: Mapping[str, str]) -> Markup:
    """A text with each number in its key and each name of a table or figure as a link; every piece is escaped."""
    return Markup("").join(_piece(one, names) for one in pieces(text))


def _piece(one: Piece, names: Mapping[str, str]) -> Markup:
    if one.to:
        return Markup('<a href="#{}-caption">{}</a>').format(one.to, names[one.to])
    if not one.keys:
        return escape(one.text)
    keys = " ".join(one.keys)
    return Markup('<span data-key="{}" title="{}">{}</span>').format(keys, _source(one.keys), one.text)


def _source(keys: Sequence[str]) -> str:
    """Where a number comes from, in words."""
    found = [key for key in keys if ":" not in key]
    where = [f"results.json: {' '.join(found)}"] if found else []
    return "; ".join(where + [key for key in keys if ":" in key])


def _drawn(drawing: Drawing) -> Markup:
    """A drawing inline. It is markup because our own code wrote it and escaped every text in it."""
    return Markup(drawing.svg.replace(FONT, FAMILY))  # noqa: S704


def _shown(screen: Screen) -> Markup:
    """A screen inline: our own templates escaped every text in it, and what could act was taken out."""
    return Markup(screen.html)  # noqa: S704


def _sheet(style: str) -> Markup:
    """A style sheet of our own inline; one that could end its element is refused."""
    if "</" in style:
        raise ValueError("a style sheet holds no markup")
    return Markup(style)  # noqa: S704
