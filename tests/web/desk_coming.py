"""A second trial beside the place's own, still in preparation, and its owner."""

from __future__ import annotations

from tests.core.ready import READY
from tests.web.desk_place import MemberOfTheTeam, Team
from tests.web.place import OPERATOR, Reply
from trial.core.access import Role
from trial.services import contributing, preparing

COMING = "coming"


def coming(team: Team) -> MemberOfTheTeam:
    """The owner of a trial that waits for its gate."""
    with team.place.store.open_work(OPERATOR) as work:
        preparing.prepare(work, READY, slug=COMING, base_url="http://127.0.0.1:8765")
    return team.join(Role.OWNER, "Noa Example", "noa@team.example", COMING)


def refused_gate(team: Team) -> Reply:
    """The gate of such a trial, of which most is missing, the contribution to its seed too."""
    owner = team.signed_in(coming(team))
    shared(team)
    return owner.get(f"/{COMING}/gate")


def shared(team: Team) -> str:
    """The system's share of its seed is drawn; what was committed to."""
    with team.place.store.open_work(OPERATOR) as work:
        return contributing.share(work, COMING, b"s" * 32, b"t" * 32)
