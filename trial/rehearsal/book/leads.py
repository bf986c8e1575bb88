"""Where the links of a book's mails and pages lead: to the sheet of that page, or to none, and then why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborHTMLParser

from reports.book.still import pressable
from reports.book.values import Lead, Sheet
from reports.protocol_document import timetable
from trial.rehearsal.book.mails import Mails
from trial.rehearsal.book.material import Material
from trial.rehearsal.book.pages import Pages, called
from trial.rehearsal.witness import ACTIVITY, template

# whose page hangs on who is there
_HANGS = (ACTIVITY, "/done")
_FILES = ("/copy/pdf", "/copy/page", "/me/data/download")


class Leads:
    """Puts the leads on sheets, once all of them are known."""

    def __init__(self, material: Material, sheets: Sequence[Sheet]) -> None:
        self._home, self._base = f"/{material.slug}", material.base_url.rstrip("/")
        self._at: dict[tuple[str, str], list[Sheet]] = {}
        for one in sheets:
            if one.address:
                self._at.setdefault((one.address, one.language), []).append(one)

    def on(self, sheet: Sheet) -> Sheet:
        """The sheet with where each of its links leads."""
        addresses = dict.fromkeys(_addresses(sheet.html))
        return replace(sheet, leads=tuple((one, self._lead(sheet, one)) for one in addresses))

    def _lead(self, sheet: Sheet, address: str) -> Lead:
        path = self._path(address)
        if path is None:
            return Lead(nowhere="outside", about=address)
        if path in _FILES:
            return Lead(nowhere="file", about=path)
        if path in _HANGS or path.startswith(f"{ACTIVITY}/"):
            return Lead(sheet.id) if sheet.address == path else Lead(nowhere="due", about=called(path))
        landing, _, goal = path.partition("?to=")
        first = self._shown(sheet, path) or self._shown(sheet, landing)  # the landing page is the same for every goal
        then = self._shown(sheet, "/end/results" if goal == "results" else f"/{goal}") if goal else ""
        return Lead(first, then) if first else Lead(nowhere="unseen", about=called(path))

    def _shown(self, sheet: Sheet, path: str) -> str:
        """The sheet of an address as people of this one's arms and language see it; a specimen where nobody did."""
        found = self._at.get((path, sheet.language), [])
        alike = [one for one in found if not one.arms or set(one.arms) & set(sheet.arms or one.arms)]
        first = min(alike or found, key=lambda one: one.origin == "specimen", default=None)
        return first.id if first else ""

    def _path(self, address: str) -> str | None:
        """The template of an address of this trial, whichever host a mail names; None for any other."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        goal = parse_qs(parts.query).get("to", [""])[0]
        found = template(parts.path, goal, self._home)
        ours = not (parts.scheme or parts.netloc) or f"{parts.scheme}://{parts.netloc}" == self._base
        return found if parts.path.startswith("/") and (ours or found.startswith("/go/{token}")) else None


def _addresses(html: str) -> Iterator[str]:
    for node in LexborHTMLParser(html).css("a[href]") if html else ():
        address = node.attributes.get("href") or ""
        if address and not address.startswith("#"):
            yield address


def behind(material: Material, mails: Mails, pages: Pages, sheet: Sheet) -> tuple[str, ...]:
    """The sheets of what a mail asks for, of each arm that was sent it."""
    found: dict[str, None] = {}
    for kind in mails.kinds(sheet.id):
        for ask in timetable.asks(material.protocol, kind.arm) if kind.timepoint else ():
            if (ask.point.id, ask.occurrence) == (kind.timepoint, kind.occurrence):
                id = pages.of(ask.activity.id, kind.timepoint, kind.occurrence, kind.arm, kind.language)
                found |= {id: None} if id else {}
    return tuple(found)


def linked(material: Material, mails: Mails, pages: Pages, sheets: Iterable[Sheet]) -> dict[str, Sheet]:
    """Every sheet by its id, with its leads."""
    known = list(sheets)
    leads = Leads(material, known)
    return {
        one.id: replace(
            leads.on(one), behind=behind(material, mails, pages, one), presses=tuple(_presses(material, pages, one))
        )
        for one in known
    }


def _presses(material: Material, pages: Pages, sheet: Sheet) -> Iterator[tuple[int, Lead]]:
    """Where each button led that somebody pressed."""
    after = pages.after(sheet.id)
    for place, (action, name, value) in enumerate(pressable(sheet.html) if after else ()):
        known = template(action, "", f"/{material.slug}")
        if found := after.get((known, name, value)):
            yield place, Lead(found)
