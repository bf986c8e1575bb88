"""Test people: the test trials that stand beside a live one, and the button that opens another."""

from __future__ import annotations

from fastapi import Response

from trial.core.access import SYSTEM, Verb
from trial.core.trial import TrialKind
from trial.rehearsal.outside_list import pretend_list
from trial.services import companions
from trial.services.trials import Chance
from trial.storage import trials as stored_trials
from trial.web.desk.visit import DeskPage, Visit


def _show(visit: Visit) -> Response:
    # rows of other trials, which a member who acts in this one is not given: only their names and versions are told
    with visit.site.open_work(SYSTEM, write=False) as work:
        found = [(one, companions.stands_beside(work, one)) for one in stored_trials.beside(work, visit.here)]
    here = visit.here
    return visit.page("test_people.html", found=found, may=here.kind is TrialKind.LIVE and here.has_begun)


def _act(visit: Visit) -> Response:
    with visit.acting() as work:
        trial = companions.open_beside(work, visit.slug, chance=Chance.from_system(), listed=pretend_list)
    return visit.go(f"/{trial.slug}")


PAGES = (DeskPage("/{slug}/test-people", _show, _act, verb=Verb.OPEN_TRIAL),)
