"""Foreign text made safe: decoded, within limits, without control characters, HTML or what a spreadsheet would run."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

LARGEST = 2_000_000
# told apart by their first bytes; none of them is text
_BINARY = {
    b"PK\x03\x04": ("an Excel or zip file", "Save the sheet as CSV (UTF-8) and name that file."),
    b"%PDF": ("a PDF", "Copy the items out of it and paste them: --from -"),
    b"\xd0\xcf\x11\xe0": ("an old Office file", "Save the sheet as CSV (UTF-8) and name that file."),
    b"{\\rtf": ("an RTF document", "Copy the items out of it and paste them: --from -"),
}
# characters that nobody sees and that turn or split what is read
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BLOCKS = {"br", "p", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6"}
_SILENT = {"script", "style", "head", "title", "template"}
_MARKUP = re.compile(r"<[a-zA-Z/!][^>]*>?|&[#a-zA-Z]")


class Unusable(Exception):
    """What cannot be read: at a line, where one is known, what it is and how to mend it."""

    def __init__(self, line: int | None, what: str, mend: str) -> None:
        super().__init__(what)
        self.line, self.what, self.mend = line, what, mend


def decode(raw: bytes) -> str:
    """The text of a file; raise Unusable for what is too large, no text, or holds characters that hide something."""
    if len(raw) > LARGEST:
        what = f"it holds more than {LARGEST // 1_000_000} MB; a scale takes a few thousand characters."
        raise Unusable(None, what, "Export the questionnaire alone.")
    for start, (what, mend) in _BINARY.items():
        if raw.startswith(start):
            raise Unusable(None, f"this is {what}.", mend)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        what = f"the byte 0x{raw[error.start]:02x} is not UTF-8 text."
        raise Unusable(line, what, "Save the file as UTF-8.") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for place, character in enumerate(text):
        if (unicodedata.category(character) == "Cc" and character not in "\n\t") or _TURNING.match(character):
            what = f"the character U+{ord(character):04X} cannot stand in a question."
            raise Unusable(text.count("\n", 0, place) + 1, what, "Remove it.")
    return text.translate(_UNSEEN)


def plain(text: str, line: int | None) -> str:
    """One label as words: HTML reduced to its text, white space single; raise Unusable for a formula or a pipe."""
    words = " ".join((_without_markup(text) if _MARKUP.search(text) else text).split())
    if re.match(r"[=+@]|-\S", words):
        what = f"{words[:30]!r} starts like a formula, which a spreadsheet would run."
        raise Unusable(line, what, "Write the words of the item alone.")
    if piped := re.search(r"\$\{[^}]*\}|\[[a-z][a-z0-9_]*(?:-[a-z]+)?\]", words):
        what = f"{piped[0][:40]} is filled in by the other program, not words of the scale."
        raise Unusable(line, what, "Write out what stands there.")
    if re.search(r"\((r|rev|reversed?|reverse[- ]scored)\)$", words, re.IGNORECASE):
        what = f"{words[-20:]!r} ends with a mark for scoring, which people would read."
        raise Unusable(line, what, "Take the mark out: the key knows which items are reversed.")
    return words


def _without_markup(text: str) -> str:
    reader = _Words()
    reader.feed(text)
    reader.close()
    return "".join(reader.words)


class _Words(HTMLParser):
    """Keeps the words between tags; what stands in a script or style is dropped."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BLOCKS:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)
