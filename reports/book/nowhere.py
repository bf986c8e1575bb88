"""What a link of the book says that leads to none of its sheets: a screen of its own for each such page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from reports.book.still import HEAD
from reports.book.values import Lead, Nowhere, Sheet

SAID: dict[Nowhere, str] = {
    "unseen": "Nobody of this rehearsal opened this page, and the book has no picture of it.",
    "due": "What this leads to hangs on who presses it and when: whatever is due for that person at that moment.",
    "file": "This saves a file. The book holds none.",
    "outside": "This link leads out of the study. The book does not follow it.",
}
SHORT: dict[Nowhere, str] = {
    "unseen": "nobody opened this page",
    "due": "whatever is due then",
    "file": "a file to save",
    "outside": "leads out of the study",
}
_STYLE = (
    ":root { color-scheme: light dark } body { font: 1.0625rem/1.6 system-ui, sans-serif; margin: 0; padding: 1.5rem; "
    "overflow-wrap: anywhere } main { max-width: 36rem; margin: 0 auto } h1 { font-size: 1.4rem; line-height: 1.3 }"
)


class Endings:
    """The screens on which links end, alike ones once."""

    def __init__(self, sheets: Iterable[Sheet]) -> None:
        leads = (lead for sheet in sheets for _, lead in sheet.leads if not lead.sheet)
        self._of = {lead: f"ends-{number:03d}" for number, lead in enumerate(dict.fromkeys(leads), start=1)}

    def file(self, lead: Lead) -> str:
        """The file that a link leads to, beside the screen that it stands on."""
        return f"{lead.sheet or self._of[lead]}.html"

    def screens(self) -> dict[str, str]:
        """Name to document of each."""
        return {name: _screen(lead) for lead, name in self._of.items()}


def _screen(lead: Lead) -> str:
    about = escape(lead.about or "A link")
    words = f"<h1>{about}</h1><p>{SAID[lead.nowhere]}</p><p>Go back to where you came from.</p>"
    return (
        f'<!doctype html>\n<html lang="en"><head>{HEAD}<title>{about}</title><style>{_STYLE}</style></head>'
        f'<body><main id="main" dir="auto">{words}</main></body></html>\n'
    )
