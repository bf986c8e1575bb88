"""The roster: who is called when something is urgent, and the test of it."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Response

from trial.core.access import Verb
from trial.core.errors import Refused
from trial.core.on_call import MOST_PLACES
from trial.services import call_tests, roster
from trial.web.desk.reading import moment, whole
from trial.web.desk.visit import DeskPage, Visit


def _show(visit: Visit) -> Response:
    with visit.reading() as work:
        found, tests = roster.shown(work, visit.slug), call_tests.listed(work, visit.slug)
        ahead, now = call_tests.standing(work, visit.slug), work.now
    return visit.page(
        "roster.html", roster=found, tests=tests[:10], ahead=ahead, now=now, places_to_take=range(1, MOST_PLACES + 1)
    )


def _act(visit: Visit) -> Response:
    acts: dict[str, Callable[[Visit], str]] = {
        "add": _add,
        "end": _end,
        "test": _test,
        "test_all": _test_all,
        "acknowledge": _acknowledge,
    }
    act = acts.get(visit.form.get("act", ""))
    if act is None:
        raise Refused("This form says nothing that could be done.")
    return visit.go(f"/{visit.slug}/roster", act(visit))


def _add(visit: Visit) -> str:
    form = visit.form
    with visit.acting() as work:
        roster.add(
            work,
            visit.slug,
            whole(form, "member"),
            whole(form, "place"),
            from_at=moment(form, "from_at", visit.zone),
            until_at=moment(form, "until_at", visit.zone),
        )
    return "added"


def _end(visit: Visit) -> str:
    with visit.acting() as work:
        roster.end(work, visit.slug, whole(visit.form, "line"))
    return "ended"


def _test(visit: Visit) -> str:
    with visit.acting() as work:
        call_tests.ask(work, visit.slug, visit.picked("member"))
    visit.site.ring()
    return "called"


def _test_all(visit: Visit) -> str:
    with visit.acting() as work:
        call_tests.ask(work, visit.slug)
    visit.site.ring()
    return "called"


def _acknowledge(visit: Visit) -> str:
    with visit.acting() as work:
        call_tests.acknowledge(work, visit.slug, whole(visit.form, "call"))
    return "acknowledged"


PAGES = (DeskPage("/{slug}/roster", _show, _act, verb=Verb.READ_ROSTER),)
