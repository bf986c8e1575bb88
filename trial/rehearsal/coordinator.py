"""A pretend coordinator: each morning somebody decides about the enrolments that look odd, so that the way is lived."""

from __future__ import annotations

from trial.core.access import Actor, Role
from trial.services import reviews
from trial.services.reviews import Held
from trial.storage.work import OpenWork

COORDINATOR = Actor("pretend:coordinator", Role.COORDINATOR)
# what a person does not do by mistake; all else is let in after a look
_OF_A_ROBOT = frozenset({"honeypot", "no_proof"})


def decide(open_work: OpenWork, slug: str) -> int:
    """Decide about everyone who waits, first come first; how many that were."""
    with open_work(COORDINATOR, write=False) as work:
        waiting = [one for one in reviews.held(work, slug) if one.decision is None]
    for one in waiting:
        with open_work(COORDINATOR) as work:
            if (reason := _against(one)) is not None:
                reviews.refuse(work, slug, one.code, reason)
            else:
                reviews.release(work, slug, one.code, "Looked at: a person, as far as anybody can tell.")
    return len(waiting)


def _against(one: Held) -> str | None:
    signs = {sign.signal for sign in one.signs}
    if signs >= _OF_A_ROBOT:
        return "Filled in by a robot: the hidden field was filled in, and no script ran."
    return one.obstacle
