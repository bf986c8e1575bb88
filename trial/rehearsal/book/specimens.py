"""What nobody of a rehearsal met, drawn by the templates that would have drawn it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from reports.book.values import Sheet
from reports.document import Screen
from reports.protocol_document.names import Names
from reports.protocol_document.pages import pages as drawn_pages
from reports.protocol_document.sheets import screen_style
from reports.variables import LANGUAGE
from trial.core.texts import say
from trial.mail.specimen import Drawn
from trial.pages.activities import After, after_page
from trial.pages.frame import Frame
from trial.pages.service_mail import OWN_MAILS, own_message
from trial.rehearsal.book.mails import Mails
from trial.rehearsal.book.material import PROTOCOL, Material, slug
from trial.rehearsal.book.own_pages import own_pages, own_texts, without_address
from trial.rehearsal.book.pages import Pages, called, not_met, words_of_after
from trial.rehearsal.witness import heading_of
from trial.services import specimens

_LONGEST = "Drawn with the longest values that its placeholders can have."
# pages of the protocol's document, and the addresses at which people are shown them
_PATHS = {
    "trial": "/{slug}", "privacy": "/{slug}/privacy", "notice": "/{slug}/notice", "screening": "/{slug}/screening",
    "address": "/{slug}/address", "code": "/{slug}/code", "consent": "/{slug}/consent", "stop": "/stop",
    "report": "/report", "resources": "/resources", "debrief": "/end", "results": "/end/results",
}  # fmt: skip


def unmet(material: Material, mails: Mails, pages: Pages) -> Iterator[Sheet]:
    """Each mail, page and ending that nobody met, in each language."""
    for drawn in specimens.drawn(material.folder):
        name, _, message = drawn.name.partition("/")
        if name == "messages" and drawn.subject and not mails.sent(message, drawn.language):
            source = (material.text_file(drawn.name, drawn.language),)
            yield _mail(f"specimen-{slug(message)}-{drawn.language}", drawn, source)
    for language in material.protocol.languages:
        yield from _own(material, mails, language)
        yield from _endings(material, language)
        yield from _own_pages(material, language)
    yield from _activities(material, pages)


def _mail(id: str, drawn: Drawn, sources: tuple[str, ...]) -> Sheet:
    return Sheet(
        id=id,
        look="mail",
        title=drawn.subject,
        language=drawn.language,
        html=drawn.html,
        origin="specimen",
        sources=sources,
        text=drawn.text,
        headers=(("Subject", drawn.subject),),
        remarks=(_LONGEST,),
    )


def _own(material: Material, mails: Mails, language: str) -> Iterator[Sheet]:
    for name in OWN_MAILS:
        if not mails.sent(own_message(name), language):
            drawn = specimens.own_drawn(material.folder, name, language)
            yield _mail(f"specimen-own-{slug(name)}-{language}", drawn, ())


def _endings(material: Material, language: str) -> Iterator[Sheet]:
    """Pages after a step that nobody was shown; without pages there are none to miss."""
    office = material.protocol.administrative
    frame = Frame(language=language, contact_name=office.contact_name, contact_email=office.contact_email)
    for name in not_met(material.seen or (), language):
        html = after_page(frame, cast(After, name))
        title = f"After a step: {words_of_after(name)}"
        yield Sheet(f"specimen-after-{slug(name)}-{language}", "page", title, language, html, "specimen")


def _own_pages(material: Material, language: str) -> Iterator[Sheet]:
    """Pages that every trial has, and that nobody went to: known by their address and first heading."""
    shown = [one.kind for one in material.seen or () if one.kind.language == language]
    met = {(one.path, one.heading) for one in shown}
    for number, (path, title, html) in enumerate(own_pages(material.folder, language), start=1):
        if (path, heading_of(html)) not in met:
            id = f"specimen-own-page-{number:02d}-{slug(path)}-{language}"
            sources = tuple(material.text_file(one, language) for one in own_texts(material.protocol, path))
            yield Sheet(id, "page", title or called(path), language, html, "specimen", sources=sources, address=path)
    for name, title, html in without_address(material.folder, language):
        if heading_of(html) not in {one.heading for one in shown}:
            yield Sheet(f"specimen-own-page-{name}-{language}", "page", title, language, html, "specimen")


def _activities(material: Material, pages: Pages) -> Iterator[Sheet]:
    activities = {one.id for one in material.protocol.activities}
    met = {(one.kind.about.activity, one.kind.language) for one in material.seen or () if one.kind.about.activity}
    for one in drawn_pages(Names(material.folder)):
        if not isinstance(one, Screen):
            continue
        key = one.id.removeprefix("page-").removesuffix(f"-{one.language}")
        if key in activities:
            if (key, one.language) not in met:
                title = say(material.protocol.activity(key).title, LANGUAGE)
                yield _screen(one, title, material.activity_files(key, one.language))
        elif key in _PATHS and not pages.at(_PATHS[key], one.language):
            yield _screen(one, str(one.caption), (PROTOCOL,), _PATHS[key])


def _screen(one: Screen, title: str, sources: tuple[str, ...], address: str = "") -> Sheet:
    html = (
        f'<!doctype html><html lang="{one.language}" dir="{one.direction}"><head><title>Specimen</title>'
        f"<style>{screen_style()}</style></head><body>{one.html}</body></html>"
    )
    return Sheet(
        f"specimen-{slug(one.id)}", "page", title, one.language, html, "specimen", sources=sources, address=address
    )
