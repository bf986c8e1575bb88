"""The HTML of a mail, from the Markdown a researcher wrote: for sending and for previews alike.

No word is added here: every word of the page comes from the message, the marks and the footer's labels, so that the
text part can say the same and no translation is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import css_inline
import nh3
from jinja2 import Environment, FileSystemLoader, Template
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup, escape

Tokens = list[Token]
FooterLinks = Sequence[tuple[str, str]]

_TAGS = {"a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "hr", "li", "ol", "p", "pre", "span", "strong", "ul"}
_RIGHT_TO_LEFT = {"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"}
_BARE_ADDRESS = re.compile(r"https?://[^\s<>\"'()]*[^\s<>\"'().,;:!?]")


def read_markdown(text: str) -> Tokens:
    """The message as markdown-it tokens: no raw HTML, no images, one h1 at most, lone links marked as buttons."""
    tokens = _parser().parse(text)
    h1_seen = False
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            if token.tag == "h1" and h1_seen:
                token.tag = "h2"
            h1_seen = h1_seen or (token.type == "heading_close" and token.tag == "h1")
            token.tag = min(token.tag, "h3")
    for opening, inline in pairwise(tokens):
        if opening.type == "paragraph_open" and not opening.hidden:
            _mark_button(inline.children or [])
    return tokens


def message_html(
    *, subject: str, body: Tokens, language: str, footer_links: FooterLinks = (), marked: str | None = None
) -> str:
    """One complete HTML page with inlined styles; readable without styles or images, light and dark."""
    inner = nh3.clean(
        _parser().renderer.render(body, _parser().options, {}),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        allowed_classes={"a": {"button"}, "span": {"address"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer",
    )
    page = _template().render(
        subject=subject,
        has_heading=any(token.type == "heading_open" and token.tag == "h1" for token in body),
        body=Markup(inner),  # noqa: S704 - nh3 let through an allow-list only
        language=language,
        direction="rtl" if language.split("-")[0] in _RIGHT_TO_LEFT else "ltr",
        footer_links=footer_links,
        marked=marked,
    )
    return _inliner().inline(page)


def _link_bare_addresses(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline":
            token.children = list(_with_links(token.children or []))


def _with_links(children: list[Token]) -> Iterator[Token]:
    """Images as their descriptions, bare web addresses as links; escaped text, such as a value's, is left alone."""
    depth = 0
    for child in children:
        depth += child.nesting if child.type.startswith("link_") else 0
        if child.type == "image":
            yield Token("text", "", 0, content=child.content)
        elif child.type == "text" and depth == 0:
            yield from _linked(child.content)
        else:
            yield child


def _linked(text: str) -> Iterator[Token]:
    """Text with its bare web addresses as links."""
    end = 0
    for found in _BARE_ADDRESS.finditer(text):
        yield Token("text", "", 0, content=text[end : found.start()])
        yield Token("link_open", "a", 1, attrs={"href": found[0]})
        yield Token("text", "", 0, content=found[0])
        yield Token("link_close", "a", -1)
        end = found.end()
    yield Token("text", "", 0, content=text[end:])


def _mark_button(children: list[Token]) -> None:
    """A paragraph that is one link and nothing else is what the reader is asked to do."""
    shown = [child for child in children if child.type != "text" or child.content]
    if len(shown) < 3 or shown[0].type != "link_open" or shown[-1].type != "link_close":
        return
    href = str(shown[0].attrs.get("href", ""))
    label = "".join(child.content for child in shown)
    once = sum(child.type == "link_open" for child in shown) == 1
    if once and href.startswith(("http://", "https://")) and label != href:
        shown[0].attrSet("class", "button")
        shown[-1].meta = {"address": href}


def _close_link(tokens: Sequence[Token], index: int, *_: object) -> str:
    address = tokens[index].meta.get("address")
    return f'</a><br><span class="address">{escape(address)}</span>' if address else "</a>"


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False})
    # before escaped characters join the text around them: a value that reads like an address stays text
    parser.core.ruler.before("text_join", "bare_addresses", _link_bare_addresses)
    parser.renderer.rules["link_close"] = _close_link  # type: ignore[attr-defined]  # a dict on the HTML renderer
    return parser


@lru_cache(maxsize=1)
def _environment() -> Environment:
    folder = Path(__file__).with_name("templates")
    return Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def _template() -> Template:
    return _environment().get_template("message.html")


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)
