"""The lists of the desk: one way to show what waits, and, one step further, what was closed."""

from __future__ import annotations

from fastapi import Response

from trial.core.matters import MatterKind
from trial.services import matter_views
from trial.services.matters import READS
from trial.web.desk.navigation import LISTS
from trial.web.desk.visit import DeskPage, Visit


def list_page(kind: MatterKind) -> DeskPage:
    """The page of one list; the template's words are chosen by the kind."""
    end, label = LISTS[kind]

    def show(visit: Visit) -> Response:
        closed = "closed" in visit.request.query_params
        with visit.reading() as work:
            found = matter_views.rows(work, visit.slug, kind, closed=closed)
        return visit.page("matters.html", rows=found, kind=kind, end=end, label=label, closed=closed)

    return DeskPage(f"/{{slug}}/{end}", show, verb=READS[kind], refreshes=True)


PAGES = tuple(list_page(kind) for kind in MatterKind)
