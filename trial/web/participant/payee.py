"""Where what was earned is to be sent to: after a fresh code, for it is money and an address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from fastapi import Response

from trial.core.payee import FIELDS, Fault, Way
from trial.core.texts import say
from trial.pages.payee import Earned, PayeePage, payee_page
from trial.services import payees
from trial.web.participant.my_page import mine_of
from trial.web.participant.proof import with_code
from trial.web.participant.visit import Page, Visit


def _person(visit: Visit) -> int:
    assert visit.session.participant is not None  # with_code let nobody else in
    return visit.session.participant


@with_code
def show(visit: Visit) -> Response:
    return _show(visit)


def _show(visit: Visit, way: str = "", faults: Mapping[str, Fault] | None = None, not_ticked: str = "") -> Response:
    frame, mine = mine_of(visit, _person(visit))
    with visit.site.open_work(visit.actor, write=False) as work:
        owed = payees.owed_to(work, mine.person, mine.folder.protocol)
    view = PayeePage(
        zone=mine.person.zone,
        earned=tuple(Earned(say(one.what, frame.language), one.way, one.state, one.given_at) for one in owed),
        keep={one.way: one.keep for one in sorted(owed, key=lambda one: (one.keep.days, one.keep.minutes))},
        way=way,
        faults=faults,
        typed={name: visit.form.get(name, "") for name in FIELDS[_way(way)]} if faults else None,
        not_ticked=not_ticked,
    )
    return visit.page(payee_page(frame, view), 422 if faults or not_ticked else 200)


def _way(given: str) -> Way:
    return "post" if given == "post" else "transfer"


@with_code
def change(visit: Visit) -> Response:
    """Two forms for each way: say where to, which needs something typed, and forget it, which needs a tick."""
    given = visit.form.get("forget", "") or visit.form.get("way", "")
    if given not in get_args(Way):
        return _show(visit)
    way = _way(given)
    if "forget" in visit.form:
        if visit.form.get("sure") != "yes":
            return _show(visit, not_ticked=way)
        with visit.site.open_work(visit.actor) as work:
            payees.take_back(work, _person(visit), way)
        return visit.go("/me?said=payee")
    with visit.site.open_work(visit.actor) as work:
        faults = payees.tell(work, _person(visit), way, visit.form)
    return _show(visit, way, faults) if faults else visit.go("/me?said=payee")


PAGES = (Page("/me/payee", show, change),)
