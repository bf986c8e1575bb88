"""A test trial with rules of safety and a team that can be reached, for the tests of the desk."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from tests.services.scene import MOODS, OPERATOR, Scene
from tests.services.watched import watched
from trial.core.access import Actor, Role, member_actor
from trial.core.matters import Matter, MatterKind
from trial.core.trial import TrialKind
from trial.services import roster
from trial.services.trials import add_member
from trial.storage import matters, members
from trial.storage.tables import member
from trial.storage.work import Store

OWNER, SAFETY, DEPUTY, COORDINATOR, STATISTICIAN = 1, 2, 3, 4, 5
ROLES = {
    OWNER: Role.OWNER,
    SAFETY: Role.SAFETY_CONTACT,
    DEPUTY: Role.SAFETY_CONTACT,
    COORDINATOR: Role.COORDINATOR,
    STATISTICIAN: Role.STATISTICIAN,
}
WITHIN = timedelta(days=2)  # as the small trial promises
DESPAIR = MOODS[0] | {"feeling_3": "3"}


def address(number: int) -> str:
    return f"member{number}@team.example"


class TeamScene(Scene):
    """The trial, and what its members do."""

    def __init__(self, store: Store, *, slug: str = "evenings", target: int | None = None) -> None:
        super().__init__(store, folder=watched(), kind=TrialKind.TEST, slug=slug, target=target)
        with self.work(OPERATOR) as work:
            for number, role in ROLES.items():
                add_member(work, self.slug, f"Member {number}", role)
                work.rows.execute(update(member).where(member.c.id == number).values(address=address(number)))
            assert {one.member_id for one in members.of_trial(work, self.id)} == set(ROLES)

    def actor(self, number: int) -> Actor:
        return member_actor(number, frozenset({ROLES[number]}), self.id)

    def on_duty(self, *numbers: int, until: datetime | None = None) -> None:
        """Put members on the roster, in this order."""
        with self.work(self.actor(OWNER)) as work:
            for place, number in enumerate(numbers, 1):
                roster.add(work, self.slug, number, place, from_at=None, until_at=until)

    def alert(self) -> Matter:
        """Somebody's answers raise one alert (and the resources page)."""
        person, occasion = self.to_baseline()
        self.submit(person, occasion, DESPAIR)
        with self.work(self.actor(OWNER), write=False) as work:
            (found,) = [one for one in matters.of_participant(work, person) if one.kind is MatterKind.ALERT]
        return found
