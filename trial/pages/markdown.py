"""Markdown as researchers write it, turned into HTML that can do nothing but be read.

Raw HTML stays text; what is left passes an allow-list; links go to https or mailto only; there are no images, because
a page that fetches nothing from elsewhere tells nobody that it was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TAGS = {
    "p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_LOWEST = 6
_parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


@lru_cache(maxsize=1024)
def to_html(text: str) -> Markup:
    """The text as safe HTML. Its headings start at h2 and skip no level, because the page has the h1."""
    tokens = _parser.parse(text)
    _settle_headings(tokens)
    html = _parser.renderer.render(tokens, _parser.options, {})
    safe = nh3.clean(
        html,
        tags=TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer",
        strip_comments=True,
    )
    return Markup(safe)  # noqa: S704 - the allow-list above made it safe


def _settle_headings(tokens: Sequence[Token]) -> None:
    """One level below the nearest heading above that outranks it, or below the page's own."""
    above: list[tuple[int, int]] = []
    for token in tokens:
        if token.type == "heading_open":
            written = int(token.tag[1])
            while above and above[-1][0] >= written:
                above.pop()
            above.append((written, min((above[-1][1] if above else 1) + 1, _LOWEST)))
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{above[-1][1]}"
