"""The first page, which lists one's trials, and the home of a trial."""

from __future__ import annotations

from fastapi import Response

from trial.core.access import SYSTEM, Verb
from trial.services import companions
from trial.services.overview import overview_of
from trial.storage import members
from trial.storage import trials as stored_trials
from trial.web.desk.navigation import LISTS
from trial.web.desk.plots import recruitment_plot
from trial.web.desk.visit import DeskPage, Visit


def _trials(visit: Visit) -> Response:
    with visit.site.open_work(SYSTEM, write=False) as work:
        mine = [stored_trials.by_id(work, one) for one in members.trials_of(work, visit.member.id)]
    if len(mine) == 1 and not visit.said:
        return visit.go(f"/{mine[0].slug}")
    return visit.page("trials.html", trials=mine)


def _home(visit: Visit) -> Response:
    with visit.reading() as work:
        found = overview_of(work, visit.slug)
        beside = companions.stands_beside(work, visit.here)
    return visit.page("trial.html", found=found, beside=beside, plot=recruitment_plot(found.recruitment), lists=LISTS)


PAGES = (
    DeskPage("/", _trials),
    DeskPage("/{slug}", _home, verb=Verb.READ_STATUS, refreshes=True),
)
