"""When the first mail after randomisation comes, as far as it can be said without saying which arm."""

from __future__ import annotations

from datetime import datetime

from trial.core.protocol import TrialProtocol
from trial.core.schedule import plan_arm


def first_mail(protocol: TrialProtocol, randomized_at: datetime, zone: str) -> datetime | None:
    """The instant, if it is the same in every arm and for everyone; None otherwise: it could tell the arm."""
    first = set()
    if any(point.between for point in protocol.timepoints):
        return None  # each person has their own hour
    for arm in protocol.arms:
        due = [contact.due_at for one in plan_arm(protocol, arm.id, randomized_at, zone) for contact in one.contacts]
        first.add(min(due, default=None))
    return first.pop() if len(first) == 1 else None
