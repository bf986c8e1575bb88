"""The book of a rehearsal: what pretend people were sent and shown, by the way that they went, for a researcher."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from reports.book.values import Book, Chapter, Sheet
from reports.numbers import count
from reports.protocol_document import timetable
from reports.protocol_document.names import Names
from reports.variables import LANGUAGE
from trial.core.texts import say
from trial.rehearsal.book.beside import beside
from trial.rehearsal.book.days import days
from trial.rehearsal.book.diaries import Diaries, chosen, examples
from trial.rehearsal.book.leads import linked
from trial.rehearsal.book.mails import Mails
from trial.rehearsal.book.material import (
    ALWAYS,
    END,
    JOINING,
    OWN,
    UNMET,
    Material,
    chapter_of_point,
    point_heading,
)
from trial.rehearsal.book.pages import Pages
from trial.rehearsal.book.specimens import unmet
from trial.services.lived import Details

__all__ = ["Material", "book_of"]

_INTROS = {
    JOINING: "From the trial's own page to the consent.",
    ALWAYS: "Pages that can be met on any day.",
    END: "What everybody reads once their part is over.",
    OWN: "Mails that every trial sends in the product's own words; they name no arm.",
    UNMET: "Nobody of this rehearsal was sent or shown these. They are drawn by the same templates.",
}
_HEADINGS = {
    JOINING: "Before joining",
    ALWAYS: "At any time",
    END: "The end",
    OWN: "The product's own mails",
    UNMET: "What nobody met",
}
Ask = Callable[[Sequence[int]], Mapping[int, Details]]


def book_of(material: Material, details: Ask) -> Book:
    """The book; `details` reads what the diaries of a few people need."""
    pages, mails = Pages(material), Mails(material)
    people = examples(material.lives, list(material.arms))
    known = details(list(chosen(people)))
    writes = Diaries(material, mails, pages)
    chapters = list(_chapters(material, mails, pages))
    sheets = linked(material, mails, pages, (sheet for one in chapters for sheet in one.sheets))
    return Book(
        title=say(material.protocol.title, LANGUAGE),
        arms=tuple(material.arms.values()),
        facts=tuple(_facts(material)),
        chapters=tuple(replace(one, sheets=tuple(sheets[each.id] for each in one.sheets)) for one in chapters),
        days=days(material, mails, pages),
        diaries=tuple(writes.diary(arm, kind, life, known[life.person.id]) for arm, kind, life in people),
        beside=beside(material, mails, pages, sheets),
    )


def _facts(material: Material) -> Iterator[str]:
    joined = sum(bool(one.arm) for one in material.lives)
    yield (
        f"{count(material.came)} pretend people came, and {count(joined)} were in at the end of the baseline. "
        "Everything here is what they were sent and shown by the code that runs the trial. Names, addresses and "
        "answers are pretended. Links of a mail or page lead to the book's own picture of where they led, and never "
        "out of the book; buttons of forms lead to what somebody was shown after them. Nothing can be sent."
    )
    yield (
        "This book shows the arms. Whoever is to be blind in the trial must not read it: neither its participants, nor "
        "the members of the team with a blinded role."
    )
    if material.seen is None:
        yield (
            "This rehearsal went through the services alone (--fast), without pages and mails: all of them are drawn "
            "here as specimens. Without --fast the book shows each as pretend people met it."
        )
    if material.beyond:
        yield f"{count(material.beyond)} more pages were of so many kinds that the book leaves them out."


def _chapters(material: Material, mails: Mails, pages: Pages) -> Iterator[Chapter]:
    placed: dict[str, list[tuple[tuple[int, ...], Sheet]]] = {}
    for one in [*mails.placed, *pages.placed]:
        placed.setdefault(one.chapter, []).append((one.order, one.sheet))
    names = Names(material.folder)
    points = [one.id for one in timetable.in_order(material.protocol)]
    order = [JOINING, *(chapter_of_point(one) for one in points), END, ALWAYS, OWN]
    headings = {chapter_of_point(one): point_heading(names, one) for one in points} | _HEADINGS
    languages = material.protocol.languages
    for chapter in order:
        found = sorted(placed.get(chapter, []), key=lambda one: (_place(languages, one[1]), one[0]))
        if found:
            intro = _INTROS.get(chapter, "")
            yield Chapter(chapter, headings[chapter], intro, tuple(sheet for _, sheet in found))
    if missed := tuple(unmet(material, mails, pages)):
        yield Chapter(UNMET, _HEADINGS[UNMET], _INTROS[UNMET], missed)


def _place(languages: Sequence[str], sheet: Sheet) -> int:
    return languages.index(sheet.language) if sheet.language in languages else len(languages)
