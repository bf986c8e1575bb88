"""Looks at the arms of a running trial: at which share of the information, which later bounds need. No effect."""

from __future__ import annotations

from trial.core import access
from trial.core.access import Verb
from trial.core.events import Event
from trial.storage import events, trials
from trial.storage.work import Work

MILLION = 1_000_000


def of_trial(work: Work, trial_id: int) -> list[float]:
    """The share of the information at each look, in order."""
    found = events.details_in(work, trial_id, Event.INTERIM_LOOK)
    return [int(one["information"]) / MILLION for one in found]


def looked(work: Work, slug: str, information: float) -> None:
    """Keep that a committee, or the unblinded statistician, looks at this share of the information."""
    access.require(work.by, Verb.READ_CLOSED_REPORT)
    trial = trials.by_slug(work, slug)
    detail: dict[str, str | int] = {
        "look": len(of_trial(work, trial.id)) + 1,
        "information": round(information * MILLION),
    }
    events.write(work, Event.INTERIM_LOOK, trial_id=trial.id, detail=detail)
