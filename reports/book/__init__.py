"""The book of a rehearsal: every mail and page as it looked, as files that open without a server and load nothing."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment

from reports.book.still import Still, still
from reports.book.values import Book, Sheet
from reports.files import write_whole
from reports.html import templates
from reports.numbers import count, share
from trial.pages.assets import asset

INDEX = "index.html"
MARK = "Shows the arms. Not for anybody who is blinded"
_FIRST_LINE = 110


def build_book(book: Book, out: Path) -> list[Path]:
    """Write the book into `out`; every file is made before any is written. The files, the index first."""
    style = asset("style.css").content.decode()
    sheets = [one for chapter in book.chapters for one in chapter.sheets]
    stills = {one.id: still(one.html, style if one.look == "page" else "") for one in sheets if one.html}
    pages = _Pages(book, sheets, stills)
    files = {INDEX: pages.index()}
    files |= {f"sheets/{one.id}.html": pages.sheet(place, one) for place, one in enumerate(sheets)}
    files |= {f"diaries/{one.id}.html": pages.diary(place) for place, one in enumerate(book.diaries)}
    files |= {f"screens/{name}.html": one.html for name, one in stills.items()}
    return write_whole(out, {name: text.encode() for name, text in files.items()})


class _Pages:
    """The pages of one book."""

    def __init__(self, book: Book, sheets: list[Sheet], stills: dict[str, Still]) -> None:
        self._book, self._sheets, self._stills = book, sheets, stills
        self._by_id = {one.id: one for one in sheets}
        self._chapter_of = {one.id: chapter for chapter in book.chapters for one in chapter.sheets}
        self._environment = self._made()

    def index(self) -> str:
        return self._draw("index.html")

    def sheet(self, place: int, one: Sheet) -> str:
        before = self._sheets[place - 1] if place else None
        after = self._sheets[place + 1] if place + 1 < len(self._sheets) else None
        shown = self._stills.get(one.id)
        links = tuple(dict.fromkeys(words for words, _ in shown.links if words)) if shown else ()
        return self._draw(
            "sheet.html",
            sheet=one,
            before=before,
            after=after,
            chapter=self._chapter_of[one.id],
            links=links,
            other=[each for each in self._chapter_of[one.id].sheets if _same(each, one)],
        )

    def diary(self, place: int) -> str:
        diaries = self._book.diaries
        before = diaries[place - 1] if place else None
        after = diaries[place + 1] if place + 1 < len(diaries) else None
        return self._draw("diary.html", diary=diaries[place], before=before, after=after)

    def _draw(self, template: str, **given: object) -> str:
        common = {"book": self._book, "mark": MARK, "by_id": self._by_id}
        return self._environment.get_template(f"book/{template}").render(**common, **given)

    def _made(self) -> Environment:
        found = templates()
        found.filters["met"] = met
        found.filters["first_line"] = self._first_line
        return found

    def _first_line(self, one: Sheet) -> str:
        words = self._stills[one.id].words if one.id in self._stills else " ".join(one.text.split())
        return words if len(words) <= _FIRST_LINE else f"{words[:_FIRST_LINE].rsplit(' ', 1)[0]} …"


def met(one: Sheet) -> str:
    """How many met it, in a phrase."""
    if one.origin == "specimen":
        return "a specimen: met by nobody"
    verb = "sent to" if one.look == "mail" else "met by"
    return f"{verb} {share(one.met, one.of)} of {count(one.of)} people" if one.of else f"{verb} {count(one.met)}"


def _same(one: Sheet, other: Sheet) -> bool:
    """Whether two sheets are the same mail or page in another language: a mail's title is its subject."""

    def about(sheet: Sheet) -> tuple[object, ...]:
        return sheet.look, sheet.origin, sheet.arms, sheet.when, sheet.remarks, sheet.look == "page" and sheet.title

    return one.language != other.language and about(one) == about(other)
