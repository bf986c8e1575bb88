"""A second trial beside the place's own, still in preparation, and its owner."""

from __future__ import annotations

from tests.core.ready import READY
from tests.web.desk_place import MemberOfTheTeam, Team
from tests.web.place import OPERATOR, Reply
from trial.core.access import Role
from trial.services import preparing

COMING = "coming"


def coming(team: Team) -> MemberOfTheTeam:
    """The owner of a trial that waits for its gate."""
    with team.place.store.open_work(OPERATOR) as work:
        preparing.prepare(work, READY, slug=COMING, base_url="http://127.0.0.1:8765")
    return team.join(Role.OWNER, "Noa Example", "noa@team.example", COMING)


def refused_gate(team: Team) -> Reply:
    """The gate of such a trial, of which most is missing."""
    return team.signed_in(coming(team)).get(f"/{COMING}/gate")
