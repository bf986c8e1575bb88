"""A team for a scene: one member in each role, acting as the desk lets them act."""

from __future__ import annotations

from tests.services.scene import OPERATOR, Scene
from trial.core.access import Actor, Role, member_actor
from trial.services.trials import add_member
from trial.storage import members

ROLES = (Role.OWNER, Role.COORDINATOR, Role.SAFETY_CONTACT, Role.STATISTICIAN)


def join(scene: Scene) -> dict[Role, Actor]:
    """One member for each role, by role."""
    with scene.work(OPERATOR) as work:
        for role in ROLES:
            add_member(work, scene.slug, f"Member {role.value}", role)
        found = {one.role: one.member_id for one in members.of_trial(work, scene.id)}
    return {role: member_actor(found[role], frozenset({role}), scene.id) for role in ROLES}
