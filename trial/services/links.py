"""Following a personal link: reads, changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from trial.core.errors import LinkInvalid
from trial.core.links import TOKEN, hash_token
from trial.core.trial import Trial
from trial.storage import deliveries, occasions, trials
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads."""

    trial: Trial
    participant_id: int
    occasion_id: int | None


def follow(work: Work, token: str, *, lapsed_too: bool = False) -> Target:
    """The person and occasion behind a link; forged, truncated, revoked and lapsed links are refused alike.

    `lapsed_too` lets the link of a window that is over lead to stopping or reporting: that must work from any mail.
    """
    contact = deliveries.by_token(work, hash_token(token)) if TOKEN.match(token) else None
    if contact is None:
        raise LinkInvalid("This link does not work any more.")
    if contact.occasion_id is not None:
        occasion = occasions.by_id(work, contact.occasion_id)
        if work.now >= occasion.closes_at and occasion.done_at is None and not lapsed_too:
            raise LinkInvalid("This link does not work any more.")
    return Target(trials.by_id(work, contact.trial_id), contact.participant_id, contact.occasion_id)
