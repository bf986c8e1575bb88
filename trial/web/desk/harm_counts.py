"""Adverse events so far, over all arms together: what the report will say by arm."""

from __future__ import annotations

from fastapi import Response

from trial.core.access import Verb
from trial.core.harm_words import HARM_LINES
from trial.services import harm_rows
from trial.web.desk.visit import DeskPage, Visit


def _show(visit: Visit) -> Response:
    with visit.reading() as work:
        found = harm_rows.pooled(work, visit.slug)
    return visit.page("harm_counts.html", found=found, lines=HARM_LINES)


PAGES = (DeskPage("/{slug}/harm-counts", _show, verb=Verb.READ_HARM_COUNTS),)
