"""The book of a rehearsal: every mail and page as it looked, as files that open without a server and load nothing."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment

from reports.book.nowhere import SHORT, Endings
from reports.book.still import Still, still
from reports.book.values import Book, Lead, Sheet
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
    ends = Endings(sheets)
    stills = {one.id: _still(one, style, ends) for one in sheets if one.html}
    pages = _Pages(book, sheets, stills)
    files = {INDEX: pages.index()}
    files |= {f"sheets/{one.id}.html": pages.sheet(place, one) for place, one in enumerate(sheets)}
    files |= {f"beside/{one.id}.html": pages.beside(place) for place, one in enumerate(book.beside)}
    files |= {f"diaries/{one.id}.html": pages.diary(place) for place, one in enumerate(book.diaries)}
    files |= {f"screens/{name}.html": one.html for name, one in stills.items()}
    files |= {f"screens/{name}.html": html for name, html in ends.screens().items()}
    return write_whole(out, {name: text.encode() for name, text in files.items()})


def _still(one: Sheet, style: str, ends: Endings) -> Still:
    leads = {address: ends.file(lead) for address, lead in one.leads}
    presses = {place: ends.file(lead) for place, lead in one.presses}
    return still(one.html, style if one.look == "page" else "", leads, presses)


class _Pages:
    """The pages of one book."""

    def __init__(self, book: Book, sheets: list[Sheet], stills: dict[str, Still]) -> None:
        self._book, self._sheets, self._stills = book, sheets, stills
        self._by_id = {one.id: one for one in sheets}
        self._chapter_of = {one.id: chapter for chapter in book.chapters for one in chapter.sheets}
        self._beside = {id: one for one in reversed(book.beside) for _, id in one.arms}
        self._environment = self._made()

    def index(self) -> str:
        return self._draw("index.html")

    def sheet(self, place: int, one: Sheet) -> str:
        before = self._sheets[place - 1] if place else None
        after = self._sheets[place + 1] if place + 1 < len(self._sheets) else None
        return self._draw(
            "sheet.html",
            sheet=one,
            before=before,
            after=after,
            chapter=self._chapter_of[one.id],
            links=self._links(one),
            behind=[self._by_id[id] for id in one.behind],
            beside=self._beside.get(one.id),
            other=[each for each in self._chapter_of[one.id].sheets if _same(each, one)],
        )

    def _links(self, one: Sheet) -> list[tuple[str, list[Sheet], str]]:
        """(words, the sheets that it leads to one after the other, or why to none) of each link, alike ones once."""
        shown, leads = self._stills.get(one.id), dict(one.leads)
        links = shown.links if shown else ()
        named = [(words, leads.get(to, Lead())) for words, to in links if words and not to.startswith("#")]
        named += [(f"Button “{shown.buttons[place]}”", lead) for place, lead in one.presses] if shown else []
        return [
            (words, [self._by_id[id] for id in (lead.sheet, lead.then) if id], SHORT[lead.nowhere])
            for words, lead in dict.fromkeys(named)
        ]

    def beside(self, place: int) -> str:
        all_of_them = self._book.beside
        before = all_of_them[place - 1] if place else None
        after = all_of_them[place + 1] if place + 1 < len(all_of_them) else None
        return self._draw("beside.html", beside=all_of_them[place], before=before, after=after)

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
