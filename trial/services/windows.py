"""Until when answers are taken: the window that mails speak of, and the grace after it."""

from __future__ import annotations

from datetime import datetime

from trial.core.durations import Length
from trial.core.local_time import later
from trial.core.participant import Occasion
from trial.core.protocol import TrialProtocol


def taken_until(protocol: TrialProtocol, occasion: Occasion, zone: str) -> datetime:
    """The end of the window and its grace; an answer after the window is late, and belongs to its timepoint."""
    grace = next((one.grace for one in protocol.timepoints if one.id == occasion.timepoint), Length())
    return occasion.closes_at if grace == Length() else later(occasion.closes_at, grace, zone)


def is_open(protocol: TrialProtocol, occasion: Occasion, zone: str, now: datetime) -> bool:
    """Whether an answer would be taken now."""
    return occasion.done_at is None and occasion.opens_at <= now < taken_until(protocol, occasion, zone)
