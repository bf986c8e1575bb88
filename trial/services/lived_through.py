"""A rehearsal as it was lived, for reading alone: its people with their windows and answers, every mail, the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trial.core import access
from trial.core.access import Verb
from trial.core.delivery import Contact
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.matters import Matter
from trial.core.trial import Trial, TrialKind
from trial.protocol_files import ProtocolFolder
from trial.services.record import Person, people_of
from trial.storage import alerts, deliveries, events, matters, participants, stage_entries, trials
from trial.storage.alerts import Raised
from trial.storage.participants import ScreeningRecord
from trial.storage.stage_entries import StageEntry
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class LivedThrough:
    """The whole of it. `sent_at` tells of each mail of the ledger that was taken when that was.

    `moved` tells of people who changed their zone when that was, and which one they had before, in order.
    """

    trial: Trial
    folder: ProtocolFolder
    people: tuple[Person, ...]
    screenings: tuple[ScreeningRecord, ...]
    mails: tuple[Contact, ...]
    sent_at: dict[int, datetime]
    alerts: tuple[Raised, ...]
    matters: tuple[Matter, ...]
    stages: tuple[StageEntry, ...]
    moved: Mapping[int, list[tuple[datetime, str]]] = field(default_factory=dict)


def lived_through(work: Work, slug: str) -> LivedThrough:
    """Read everything; Refused of a trial with real people, whose desk and ledger are nobody's to read as a whole."""
    access.require(work.by, Verb.FREEZE)
    trial = trials.by_slug(work, slug)
    if trial.kind is not TrialKind.REHEARSAL:
        raise Refused("Only a rehearsal may be read as a whole.")
    folder = trials.folder_of(work, trial.protocol_id)
    return LivedThrough(
        trial=trial,
        folder=folder,
        people=tuple(people_of(work, trial, folder)),
        screenings=tuple(participants.screenings(work, trial.id)),
        mails=tuple(deliveries.of_trial(work, trial.id)),
        sent_at=deliveries.sent_at(work, trial.id),
        alerts=tuple(alerts.of_trial(work, trial.id)),
        matters=tuple(matters.of_trial(work, trial.id)),
        stages=tuple(stage_entries.of_trial(work, trial.id)),
        moved=_moved(work, trial.id),
    )


def _moved(work: Work, trial_id: int) -> dict[int, list[tuple[datetime, str]]]:
    found: dict[int, list[tuple[datetime, str]]] = {}
    for one in events.of_kind(work, trial_id, Event.PREFERENCES_CHANGED):
        before = one.detail.get("zone_before")
        if one.participant_id is not None and before is not None:
            found.setdefault(one.participant_id, []).append((one.at, str(before)))
    return found
