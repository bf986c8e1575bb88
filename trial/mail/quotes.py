"""What somebody wrote themselves: a reply without what it quotes, and a mail's HTML as plain text.

What is quoted are our own words, which may tell the arm; so a line that is only quoted matter is never shown. No guess
is safe for every mail program: `without_ours` takes out whatever stands in our own texts, however it was quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser

LONGEST_HTML = 200_000
SHORTEST_LINE = 12

_QUOTED = re.compile(r"^\s{0,3}[>|»]")
_WROTE = r"wrote|writes|schrieb|schrieben|hat geschrieben|a écrit|escribió|ha scritto|schreef|كتب|كتبت"
# "On 4 March 2041, the team wrote:", also where a program broke it into two or three lines
_ATTRIBUTION = re.compile(rf"^\s*(?=.{{0,40}}\d)[^\n]{{0,300}}\b({_WROTE})\b[^\n]{{0,120}}[::]\s*$")
_RULE = re.compile(r"^\s*(_{10,}|-{2,}\s*[^-\n]{3,60}\s*-{2,}|-{20,})\s*$")
_HEADER = re.compile(
    r"^\s*\*?(from|von|de|da|van|من|sent|gesendet|date|datum|to|an|subject|betreff|الموضوع|إلى)\s*:\*?\s", re.I
)
_SIGNATURE = re.compile(r"^-- ?$")
_SPACE = re.compile(r"\s+")
_MARKDOWN = re.compile(r"[*_`#>\\\[\]]|\(\S*\)|<\S*>")


def own_words(text: str) -> str:
    """The lines above and between what is quoted; a signature and everything after a quoted mail's head are gone."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept: list[str] = []
    for place, line in enumerate(lines):
        if _SIGNATURE.match(line) or _ends_here(lines, place):
            break
        if not _QUOTED.match(line):
            kept.append(line.rstrip())
    return _tidy(kept)


def without_ours(text: str, ours: Iterable[str]) -> str:
    """The text without the lines that stand in one of these texts of ours, wrapped or marked in whatever way."""
    known = " ".join(_plain(one) for one in ours)
    kept = [line for line in text.split("\n") if len(bare := _plain(line)) < SHORTEST_LINE or bare not in known]
    return _tidy(kept)


def text_of_html(html: str) -> str:
    """What a reader sees of a mail's HTML: no script, style or head; what is marked as quoted is left out."""
    reader = _Reader()
    reader.feed(html[:LONGEST_HTML])
    reader.close()
    lines = "".join(reader.said).split("\n")
    return _tidy([_SPACE.sub(" ", line).strip() for line in lines])


def _ends_here(lines: list[str], place: int) -> bool:
    """Whether from this line on stands somebody else's mail that was not marked line by line."""
    line, rest = lines[place], [one for one in lines[place + 1 : place + 6] if one.strip()]
    following = " ".join(one.strip() for one in lines[place : place + 3])
    if _attributed(line) or (_attributed(following) and not _QUOTED.match(line) and _opens(line)):
        # with the quoted lines marked, words may follow between and below them
        return not any(_QUOTED.match(one) for one in lines[place + 1 : place + 6])
    heads = sum(bool(_HEADER.match(one)) for one in rest[:4])
    return (_RULE.match(line) is not None and heads >= 1) or (_HEADER.match(line) is not None and heads >= 2)


def _attributed(line: str) -> bool:
    return len(line) < 500 and _ATTRIBUTION.match(line) is not None


def _opens(line: str) -> bool:
    return re.match(r"\s*(on|am|le|el|il|op|في)\s.*\d", line, re.I) is not None


def _tidy(lines: list[str]) -> str:
    """No blank lines at either end, and never more than one between; a lone attribution line goes too."""
    kept: list[str] = []
    for line in lines:
        if _attributed(line):
            continue
        if kept and _opens(kept[-1]) and _attributed(f"{kept[-1]} {line}"):
            kept.pop()
            continue
        kept.append(line)
    text = "\n".join(kept)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _plain(text: str) -> str:
    return _SPACE.sub(" ", _MARKDOWN.sub("", text)).strip().casefold()


class _Reader(HTMLParser):
    """Collects the text of a page, a new line for each block."""

    SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "blockquote", "svg", "object"})
    BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr", "table"})
    EMPTY = frozenset({"br", "hr", "img", "input", "meta", "link", "col", "wbr", "area", "base", "embed", "source"})
    QUOTING = ("gmail_quote", "moz-cite-prefix", "yahoo_quoted", "divrplyfwdmsg", "appendonsend", "protonmail_quote")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.EMPTY:
            self._line(tag)
            return
        names = " ".join(value or "" for name, value in attrs if name in ("class", "id")).casefold()
        if self._hidden or tag in self.SILENT or any(one in names for one in self.QUOTING):
            self._hidden.append(tag)
        else:
            self._line(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._line(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            # whatever was left open inside it ends with it
            while self._hidden.pop() != tag:
                pass
        else:
            self._line(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(data.replace("\n", " "))

    def _line(self, tag: str) -> None:
        if tag in self.BLOCKS and not self._hidden:
            self.said.append("\n")
