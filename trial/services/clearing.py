"""What is left of signing in goes by itself: ended sessions, proofs of commands, invitations that were used or lapsed.

It is no act of the trial and writes no event: the record says who joined and who was asked.
"""

from __future__ import annotations

from trial.core.access import SYSTEM
from trial.storage import clearing
from trial.storage.work import OpenWork

AT_ONCE = 200


def sweep(open_work: OpenWork) -> int:
    """A bounded part at each tick; returns how many rows went. With nothing old this is one look without a lock."""
    with open_work(SYSTEM, write=False) as work:
        if not clearing.anything_old(work):
            return 0
    with open_work(SYSTEM) as work:
        return clearing.clear(work, AT_ONCE)
