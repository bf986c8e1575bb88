"""The team of a trial: who is on it, who was asked; inviting, withdrawing, ending a membership."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Response

from trial.core.access import Role, Verb
from trial.core.errors import BadInput, Problem, Refused
from trial.services import team
from trial.web.desk.visit import DeskPage, Visit

ROLES = tuple(role for role in Role if role is not Role.OPERATOR)


def _show(visit: Visit) -> Response:
    with visit.reading() as work:
        found = team.of_trial(work, visit.slug)
    return visit.page("team.html", team=found, roles=ROLES)


def _act(visit: Visit) -> Response:
    acts: dict[str, Callable[[Visit], str]] = {"invite": _invite, "again": _again, "withdraw": _withdraw, "end": _end}
    act = acts.get(visit.form.get("act", ""))
    if act is None:
        raise Refused("This form says nothing that could be done.")
    said = act(visit)
    return visit.go(f"/{visit.slug}/team", said)


def _invite(visit: Visit) -> str:
    form = visit.form
    if form.get("role") not in [role.value for role in ROLES]:
        raise BadInput([Problem("role", None, None, "no role was chosen.", "Choose one.")])
    with visit.acting() as work:
        team.invite(
            work, visit.slug, name=form.get("name", ""), address=form.get("address", ""), role=Role(form["role"])
        )
    visit.site.ring()
    return "invited"


def _again(visit: Visit) -> str:
    with visit.acting() as work:
        team.invite_again(work, visit.picked("invitation"))
    visit.site.ring()
    return "invited"


def _withdraw(visit: Visit) -> str:
    with visit.acting() as work:
        team.withdraw(work, visit.picked("invitation"))
    return "withdrawn"


def _end(visit: Visit) -> str:
    with visit.acting() as work:
        team.end_membership(work, visit.slug, visit.picked("member"))
    return "ended"


PAGES = (DeskPage("/{slug}/team", _show, _act, verb=Verb.READ_STATUS, proves=True),)
