"""A page or a mail as a picture in words: the real markup, made harmless, and the same as lines for paper.

What could act goes: scripts, style sheets, forms, links, names of fields; fields cannot be filled in. What could clash
with the document around it is renamed: every id gets the screen's own beginning, landmarks and headings become plain
elements (headings keep their role, some levels lower). Elements not named here never get through.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import Literal

from reports.document import Screen, ScreenLine

# elements that become plain ones of the class `as-…`, so that they mean nothing to the document around them; classes of
# the page become `s-…`
PLAIN = {
    "body": "div", "header": "div", "main": "div", "footer": "div", "nav": "div", "section": "div", "form": "div",
    "h1": "div", "h2": "div", "h3": "div", "h4": "div", "h5": "div", "h6": "div", "a": "span", "button": "span",
}  # fmt: skip
KEPT = {
    "p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr",
    "th", "td", "div", "span", "fieldset", "legend", "label", "input", "select", "option", "textarea", "dl", "dt", "dd",
    "i", "b", "small",
}  # fmt: skip
VOID = {"br", "hr", "input"}
DROPPED = {"head", "script", "style", "optgroup", "template", "noscript", "svg", "audio", "video", "object", "iframe"}
FIELDS = {"input", "select", "textarea", "fieldset", "button", "option"}
_ATTRIBUTES = {"lang", "dir", "style", "rows", "start", "type", "colspan", "rowspan", "scope"}
_REFERENCES = {"id", "for", "aria-describedby", "aria-labelledby"}
_ROLES = {"presentation"}
_BLOCKS = {"p", "li", "div", "legend", "label", "td", "th", "dt", "dd", "blockquote", "pre", "option", "br", "tr"}
_LOWER = 3  # an h1 of a screen is an h4 of the document
Kind = Literal["heading", "text", "question", "item", "numbered", "choice", "field", "button", "quiet"]


def screen(key: str, caption: str, page: str, language: str, *, kind: Literal["page", "mail"] = "page") -> Screen:
    """The screen of one rendered page or mail; `key` is its id in the document."""
    found = _Harmless(key)
    found.feed(page)
    found.close()
    html = f'<div class="seen-{kind}">{"".join(found.html)}</div>'
    return Screen(key, caption, html, found.all_lines(), language, found.direction)


class _Harmless(HTMLParser):
    """Reads a page once and writes it twice: as markup without teeth, and as lines."""

    def __init__(self, key: str) -> None:
        super().__init__(convert_charrefs=True)
        self.key = key
        self.html: list[str] = []
        self.direction: Literal["ltr", "rtl"] = "ltr"
        self._dropping = 0
        self._open: list[tuple[str, Kind]] = []
        self._numbers: list[int] = []
        self._lines: list[ScreenLine] = []
        self._pieces: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html" and given.get("dir") == "rtl":
            self.direction = "rtl"
        if tag in DROPPED or self._dropping:
            self._dropping += tag not in VOID and tag not in ("meta", "link")
            return
        hidden = "hidden" in given or "skip" in given.get("class", "").split() or given.get("type") == "hidden"
        if hidden or (tag not in KEPT and tag not in PLAIN):
            self._dropping += hidden and tag not in VOID
            return
        kind = self._kind(tag, given)
        if self._breaks(tag):
            self._flush()
        self._field(tag, given)
        self.html.append(self._start(tag, given))
        if tag == "ol":
            self._numbers.append(int(given["start"]) if given.get("start", "").isdigit() else 1)
        if kind == "numbered" and tag == "li":
            self._pieces.append((f"{self._numbers[-1]}. ", False))
            self._numbers[-1] += 1
        if tag not in VOID:
            self._open.append((tag, kind))

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            self._dropping -= tag not in VOID and tag not in ("meta", "link")
            return
        if tag not in [name for name, _ in self._open]:
            return
        if self._breaks(tag) or self._open[-1][1] == "button":
            self._flush()
        while self._open:
            name, _ = self._open.pop()
            self.html.append(f"</{PLAIN.get(name, name)}>")
            if name == "ol":
                self._numbers.pop()
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._dropping:
            return
        self.html.append(escape(data, quote=False))
        words = data if any(name == "pre" for name, _ in self._open) else " ".join(data.split())
        if words:
            lead = " " if data[:1].isspace() and self._pieces else ""
            trail = " " if data[-1:].isspace() else ""
            self._pieces.append((lead + words + trail, any(name in ("strong", "b", "th") for name, _ in self._open)))
        elif self._pieces and data:
            self._pieces.append((" ", False))

    def all_lines(self) -> tuple[ScreenLine, ...]:
        self._flush()
        return tuple(self._lines)

    def _breaks(self, tag: str) -> bool:
        """Whether a new line begins here on paper."""
        if tag == "a":  # links of a menu stand one below the other
            return "nav" in [name for name, _ in self._open]
        return tag in _BLOCKS or tag in PLAIN

    def _kind(self, tag: str, given: dict[str, str]) -> Kind:
        classes = given.get("class", "").split()
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            return "heading"
        if tag == "button" or "button" in classes:
            return "button"
        if tag == "legend" or "caption" in classes:
            return "question"
        if tag == "li":
            lists = [name for name, _ in self._open if name in ("ol", "ul")]
            return "numbered" if lists[-1:] == ["ol"] else "item"
        if "option" in classes or tag == "option":
            return "choice"
        if {"quiet", "step", "address"} & set(classes):
            return "quiet"
        return self._open[-1][1] if self._open and tag not in ("p", "div") else "text"

    def _start(self, tag: str, given: dict[str, str]) -> str:
        name = PLAIN.get(tag, tag)
        kept = {key: value for key, value in given.items() if key in _ATTRIBUTES}
        for reference in _REFERENCES & given.keys():
            kept[reference] = " ".join(f"{self.key}-{one}" for one in given[reference].split())
        classes = [f"as-{tag}"] if tag in PLAIN else []
        classes += [f"s-{one}" for one in given.get("class", "").split()]
        kept |= {"class": " ".join(classes)} if classes else {}
        if tag[0] == "h" and tag[1:].isdigit():
            kept |= {"role": "heading", "aria-level": str(int(tag[1:]) + _LOWER)}
        if given.get("role") in _ROLES:
            kept["role"] = given["role"]
        if tag in FIELDS and tag in KEPT:
            kept["disabled"] = ""
        if "url(" in kept.get("style", "").lower():
            del kept["style"]
        written = [f'{key}="{escape(value)}"' for key, value in sorted(kept.items())]
        return f"<{' '.join([name, *written])}>"

    def _field(self, tag: str, given: dict[str, str]) -> None:
        """On paper a field for words is an empty box; ticks and choices are known by their words."""
        if tag == "textarea" or tag == "select" or (tag == "input" and given.get("type") not in ("radio", "checkbox")):
            self._flush()
            self._lines.append(ScreenLine("field", (("", False),)))

    def _flush(self) -> None:
        pieces, self._pieces = self._pieces, []
        if not "".join(words for words, _ in pieces).strip():
            return
        kinds = [kind for _, kind in self._open]
        kind: Kind = next(
            (one for one in ("button", "heading", "question", "choice", "item", "numbered", "quiet") if one in kinds),
            "text",
        )
        first, last = pieces[0], pieces[-1]
        pieces[0] = (first[0].lstrip(), first[1])
        if len(pieces) > 1:
            pieces[-1] = (last[0].rstrip(), last[1])
        else:
            pieces[0] = (pieces[0][0].rstrip(), first[1])
        self._lines.append(ScreenLine(kind, tuple(pieces)))
