"""The book of a rehearsal, from the trial that was lived to files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reports.book import build_book
from trial.cli.living import Lived
from trial.core.access import SYSTEM
from trial.rehearsal.book import Material, book_of
from trial.services import lived as lives
from trial.services.lived import Details

FOLDER = "book"


def write_book(lived: Lived, out: Path) -> Path:
    """Write `out/book/`; returns its first page. The store of the rehearsal must still be open."""
    witness, slug = lived.witness, lived.trial.slug
    with lived.store.open_work(SYSTEM, write=False) as work:
        everybody = lives.lives(work, slug)

    def details(people: Sequence[int]) -> dict[int, Details]:
        with lived.store.open_work(SYSTEM, write=False) as work:
            return lives.details(work, slug, people)

    material = Material(
        folder=lived.folder,
        lives=everybody,
        seen=tuple(witness.seen.values()) if witness else None,
        beyond=witness.beyond if witness else 0,
        came=len(lived.driver.people),
        mailbox=lived.mailbox if witness else None,
        link_key=lived.store.keys.link,
        slug=slug,
        base_url=lived.trial.base_url,
    )
    return build_book(book_of(material, details), out / FOLDER)[0]
