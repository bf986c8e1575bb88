"""A deviation from the protocol, written down by the team."""

from __future__ import annotations

from fastapi import Response

from trial.core.access import Verb
from trial.core.deviations import IN_WORDS
from trial.core.matters import MatterKind
from trial.services import deviations
from trial.storage import matters
from trial.web.desk.reading import wrong
from trial.web.desk.visit import DeskPage, Visit


def _show(visit: Visit) -> Response:
    return visit.page("deviation_new.html", kinds=[(kind.value, words) for kind, words in IN_WORDS.items()])


def _act(visit: Visit) -> Response:
    form = visit.form
    if form.get("important") not in ("yes", "no"):
        raise wrong("important", "Nothing was chosen.", "Choose yes where you are not sure.")
    with visit.acting() as work:
        row = deviations.record(
            work,
            visit.slug,
            kind=form.get("kind", ""),
            important=form["important"] == "yes",
            happened_on=form.get("happened_on", ""),
            description=form.get("description", ""),
            code=form.get("code", ""),
        )
        matter = matters.about(work, MatterKind.DEVIATION, row)
    assert matter is not None
    return visit.go(f"/{visit.slug}/matters/{matter.id}")


PAGES = (DeskPage("/{slug}/deviations/new", _show, _act, verb=Verb.RECORD_DEVIATION),)
