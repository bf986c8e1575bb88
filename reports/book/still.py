"""A page or mail as a still: the document as it was shown, with its style inside, in which nothing acts or leads away.

Its links lead to other stills or to a page that says why they lead no further, and never to where they led.

Three walls, each enough alone for what it stops: what could act is taken out here; the document's own policy lets
nothing run, load or be sent; and the book shows it in a frame with no rights.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
_GONE = (
    "script, link, base, meta, iframe, frame, frameset, object, embed, applet, audio, video, source, track, img, "
    "picture, svg, math, canvas, template, noscript, portal, area"
)
# the attributes that a still keeps; whatever else there is could load, lead, send, act or take the focus
_KEPT = frozenset(
    (
        "lang", "dir", "class", "id", "for", "role", "title", "type", "value", "name", "checked", "selected",
        "placeholder", "rows", "cols", "min", "max", "step", "start", "colspan", "rowspan", "scope", "hidden", "open",
        "disabled", "readonly", "multiple", "style", "width", "align",
    )
)  # fmt: skip
_LOADS = re.compile(r"url\s*\(|@import|expression\s*\(|image-set|\\", re.IGNORECASE)
_WITHIN = re.compile(r"#[\w-]+", re.ASCII)
HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
)


@dataclass(frozen=True, slots=True)
class Still:
    """The document, the words that it begins with, and where its links led: (words, address)."""

    html: str
    words: str
    links: tuple[tuple[str, str], ...]


def still(html: str, style: str = "", leads: Mapping[str, str] | None = None) -> Still:
    """The still of one document; `style` is the style sheet of the pages, for those that asked for it.

    `leads` has the file beside it that each link leads to, by the link's address; any other link loses its address.
    """
    if "</" in style:
        raise ValueError("a style sheet holds no markup")
    tree = LexborHTMLParser(html)
    while node := tree.css_first(_GONE):  # one by one: what lay inside another has gone with it
        node.decompose()
    links = tuple(
        (" ".join(node.text().split()), node.attributes.get("href") or "") for node in tree.css("a[href]")
    )  # fmt: skip
    for node in tree.css("style"):
        if _LOADS.search(node.text()):
            node.decompose()
    for node in tree.css("*"):
        _quieten(node, leads or {})
    head = HEAD + (f"<style>{style}</style>" if style else "")
    root = tree.root
    drawn = (root.html if root else "") or ""
    words = _words(tree)
    return Still(f"<!doctype html>\n{drawn.replace('<head>', f'<head>{head}', 1)}\n", words, links)


def _quieten(node: LexborNode, leads: Mapping[str, str]) -> None:
    """Take every attribute not known to be harmless. A link stays underlined; it leads to a still or nowhere."""
    given = dict(node.attributes)
    for name, value in given.items():
        if (name not in _KEPT and not name.startswith("aria-")) or (name == "style" and value and _LOADS.search(value)):
            del node.attrs[name]
    if node.tag == "a" and "href" in given and "button" not in (given.get("class") or ""):
        node.attrs["style"] = f"text-decoration: underline; {node.attributes.get('style') or ''}"
    address = given.get("href") or ""
    target = address if _WITHIN.fullmatch(address) else leads.get(address)
    if node.tag == "a" and target:
        node.attrs["href"] = target


def _words(tree: LexborHTMLParser) -> str:
    """What the document is about, without what stands on every page of a trial. The tree is used up."""
    main = tree.css_first("main, [role=main]") or tree.body
    if main is None:
        return ""
    while node := main.css_first(".mark, .marked, .step, .skip"):
        node.decompose()
    return " ".join(main.text(separator=" ").split())
