"""A mail that a relay or a script hands over: the same road as a mailbox that is read, in one transaction.

It is taken in while the other side waits for the answer. So no worker is needed, no mail lies anywhere as it came, and
whoever handed it over keeps it until the commit is known.
"""

from __future__ import annotations

from enum import StrEnum

from trial.core.access import SYSTEM
from trial.mail.inbound import read
from trial.services.replies import keep
from trial.storage import handed_over
from trial.storage.work import OpenWork

SHORTEST_SECRET = 32


class Outcome(StrEnum):
    """Taken: it was new. Known: it had been taken, or is none for us. Repeated: the request itself came before."""

    TAKEN = "taken"
    KNOWN = "known"
    REPEATED = "repeated"


def take(open_work: OpenWork, raw: bytes, signature: str, bounces: str) -> Outcome:
    """Take in one mail whose signature fits."""
    incoming = read(raw)
    with open_work(SYSTEM) as work:
        if not handed_over.is_first(work, signature):
            return Outcome.REPEATED
        return Outcome.TAKEN if keep(work, incoming, bounces) else Outcome.KNOWN
