"""A pretend coordinator at the desk: each morning somebody decides about the enrolments that look odd, and answers the
mails that people wrote, so that the whole way is lived.
"""

from __future__ import annotations

from trial.core.access import Actor, Role
from trial.core.matters import MatterAct, MatterKind, MatterState
from trial.core.replies import ReplyKind
from trial.services import matters, replies, reviews, suspending
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


ANSWER = "Thank you for writing. We have read your mail and will see to it."


def answer(open_work: OpenWork, slug: str) -> int:
    """Answer every mail that waits; how many that were. Who wrote "stop" wanted to stop, as far as the team can tell.

    What nobody's address explains stays open, as it would until somebody finds out whose it is.
    """
    with open_work(COORDINATOR, write=False) as work:
        waiting = [
            one
            for one in matters.listed(work, slug, MatterKind.REPLY)
            if one.state is MatterState.OPEN and one.participant_id is not None
        ]
    for one in waiting:
        with open_work(COORDINATOR) as work:
            found = replies.read_letter(work, one.id)
            if found.reply.kind is ReplyKind.STOP:
                suspending.decide(work, one.id, "everything")
            elif not found.erased:
                replies.answer(work, one.id, ANSWER)
            matters.move(work, one.id, MatterAct.CLOSED)
    return len(waiting)


def _against(one: Held) -> str | None:
    signs = {sign.signal for sign in one.signs}
    if signs >= _OF_A_ROBOT:
        return "Filled in by a robot: the hidden field was filled in, and no script ran."
    return one.obstacle
