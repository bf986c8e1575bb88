"""The page of incentives on a trial that gives something, in each state, for the samples of the desk."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.web.desk_place import Team, send
from tests.web.paying import earned, earner, paying_protocol, tell
from tests.web.place import SLUG, Place, Reply, Visitor
from trial.core.access import Role

PAGE = f"/{SLUG}/incentives"


@cache
def paying() -> tuple[Team, str]:
    """Three people: one said where to send it, one did not, one was refused; and the number of what waits."""
    team = Team(Place(Path(mkdtemp(prefix="equipoise-desk-pays-")), protocol=paying_protocol()))
    told, _, refused = (earner(team.place, f"person{number}@mailbox.example") for number in range(3))
    tell(told)
    office = team.visitor(Role.OWNER)
    office.get(PAGE)
    reason = "The same answers came from three addresses within ten minutes."
    send(office, "refuse", {"earning": str(earned(team.place, refused)["money"]), "reason": reason})
    return team, str(earned(team.place, told)["money"])


def _at(role: Role) -> Visitor:
    browser = paying()[0].visitor(role)
    browser.get(PAGE)
    return browser


def _payee(look: str) -> Reply:
    return send(_at(Role.OWNER), "payee", {"payee": paying()[1], "look": look})


SAMPLES: dict[str, Callable[[Team], Reply]] = {
    "desk-incentives-earned": lambda _: _at(Role.OWNER).page,
    "desk-incentives-office": lambda _: _at(Role.COORDINATOR).page,
    "desk-incentives-not-said-why": lambda _: _payee(" "),
    "desk-payee": lambda _: _payee("It is the first of the month."),
}
