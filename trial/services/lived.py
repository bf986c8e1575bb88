"""What became of each pretend person of a rehearsal, arm and all: what was planned, mailed, opened and sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from trial.core.delivery import Contact
from trial.core.errors import Refused
from trial.core.events import EventRecord
from trial.core.participant import Occasion, Participant
from trial.core.trial import TrialKind
from trial.storage import allocations, answer_sheets, deliveries, events, ledger, occasions, participants, trials
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Life:
    """One pretend person; `arm` is empty before chance decided."""

    person: Participant
    arm: str
    occasions: tuple[Occasion, ...]
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """An activity that was sent: when it was opened, and how many answers it held."""

    occasion: int
    opened_at: datetime | None
    submitted_at: datetime
    answers: int


@dataclass(frozen=True, slots=True)
class Details:
    """What a diary needs beside a life; `ended` is when each mail came to its end, by contact."""

    sent: tuple[Sent, ...]
    ended: Mapping[int, datetime]
    events: tuple[EventRecord, ...]


def lives(work: Work, slug: str) -> list[Life]:
    """Everybody who gave an address, in the order of arrival; Refused for any trial but a rehearsal."""
    trial = trials.by_slug(work, slug)
    if trial.kind is not TrialKind.REHEARSAL:
        raise Refused("Only pretend people may be looked at together with their arm.")
    arms = {one.participant_id: one.arm for one in allocations.of_trial(work, trial.id)}
    planned: dict[int, list[Occasion]] = {}
    for occasion in occasions.of_trial(work, trial.id):
        planned.setdefault(occasion.participant_id, []).append(occasion)
    mailed: dict[int, list[Contact]] = {}
    for contact in deliveries.of_trial(work, trial.id):
        mailed.setdefault(contact.participant_id, []).append(contact)
    return [
        Life(one, arms.get(one.id, ""), tuple(planned.get(one.id, ())), tuple(mailed.get(one.id, ())))
        for one in participants.of_trial(work, trial.id)
    ]


def details(work: Work, slug: str, people: Collection[int]) -> dict[int, Details]:
    """What a few people's diaries need, by participant."""
    trial = trials.by_slug(work, slug)
    happened: dict[int, list[EventRecord]] = {one: [] for one in people}
    for event in events.of_trial(work, trial.id):
        if event.participant_id in happened:
            happened[event.participant_id].append(event)
    return {one: Details(_sent(work, one), ledger.ended_at(work, one), tuple(happened[one])) for one in people}


def _sent(work: Work, participant_id: int) -> tuple[Sent, ...]:
    return tuple(
        Sent(one.occasion_id, one.opened_at, one.submitted_at, sum(each is not None for each in one.answers.values()))
        for one in answer_sheets.of_participant(work, participant_id)
    )
