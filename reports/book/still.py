"""A page or mail as a still: the document as it was shown, with its style inside, in which nothing acts or leads away.

Its links lead to other stills or to a page that says why they lead no further, and never to where they led.

Three walls, each enough alone for what it stops: what could act is taken out here; the document's own policy lets
nothing run, load or be sent; and the book shows it in a frame with no rights.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

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
_PICTURE = (
    '<small lang="en" dir="ltr" style="display: block; margin-block: 0.25rem 1rem">Picture of a form: nothing is sent. '
    "It leads to what a pretend person was shown after it.</small>"
)
_LOADS = re.compile(r"url\s*\(|@import|expression\s*\(|image-set|\\", re.IGNORECASE)
_WITHIN = re.compile(r"#[\w-]+", re.ASCII)
HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
)


@dataclass(frozen=True, slots=True)
class Still:
    """The document, the words that it begins with, where its links led: (words, address), and its buttons' words."""

    html: str
    words: str
    links: tuple[tuple[str, str], ...]
    buttons: tuple[str, ...] = ()


def still(
    html: str, style: str = "", leads: Mapping[str, str] | None = None, presses: Mapping[int, str] | None = None
) -> Still:
    """The still of one document; `style` is the style sheet of the pages, for those that asked for it.

    `leads` has the file beside it that each link leads to, by the link's address; any other link loses its address.
    `presses` has the file for each button of a form, by its place among all of them: such a button becomes a link that
    says that it is the picture of one.
    """
    if "</" in style:
        raise ValueError("a style sheet holds no markup")
    tree = _without_what_acts(html)
    buttons = _buttons(tree)
    pressed = tuple(" ".join(node.text().split()) for node in buttons)
    links = tuple(
        (" ".join(node.text().split()), node.attributes.get("href") or "") for node in tree.css("a[href]")
    )  # fmt: skip
    for node in tree.css("style"):
        if _LOADS.search(node.text()):
            node.decompose()
    for node in tree.css("*"):
        _quieten(node, leads or {})
    for place, file in (presses or {}).items():
        _lead_on(buttons[place], file)
    head = HEAD + (f"<style>{style}</style>" if style else "")
    root = tree.root
    drawn = (root.html if root else "") or ""
    words = _words(tree)
    return Still(f"<!doctype html>\n{drawn.replace('<head>', f'<head>{head}', 1)}\n", words, links, pressed)


def pressable(html: str) -> list[tuple[str, str, str]]:
    """(the form's address, the button's name, its value) of each button of a document, in the order of a still's."""
    found = []
    for node in _buttons(_without_what_acts(html)):
        form = node.parent
        while form is not None and form.tag != "form":
            form = form.parent
        action = form.attributes.get("action") if form is not None else None
        found.append((action or "", node.attributes.get("name") or "", node.attributes.get("value") or ""))
    return found


def _without_what_acts(html: str) -> LexborHTMLParser:
    tree = LexborHTMLParser(html)
    while node := tree.css_first(_GONE):  # one by one: what lay inside another has gone with it
        node.decompose()
    return tree


def _buttons(tree: LexborHTMLParser) -> list[LexborNode]:
    return tree.css("form[method=post] button")


def _lead_on(button: LexborNode, file: str) -> None:
    """A link in place of a button, with its words and look, and what it is."""
    look = escape(f"button {button.attributes.get('class') or ''}".strip())
    words = escape(" ".join(button.text().split()))
    drawn = LexborHTMLParser(f'<a class="{look}" href="{escape(file)}">{words}</a>{_PICTURE}')
    for node in drawn.css("body > *"):
        button.insert_before(node)
    button.decompose()


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
