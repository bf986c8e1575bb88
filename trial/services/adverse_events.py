"""Adverse events at the desk: what the team enters about a participant, and how it is judged, blind and again.

What participants report themselves comes in through `harms`. Serious runs on a clock of 24 hours from the moment when
the team learned of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trial.core import access
from trial.core.access import Verb
from trial.core.errors import NotFound, Refused
from trial.core.events import Event
from trial.core.harms import Assessment, Judgement, require_sense
from trial.core.matters import Matter, MatterAct, MatterKind, MatterState
from trial.core.on_call import SERIOUS_WITHIN
from trial.services import call_plans
from trial.services import matters as desk
from trial.storage import adverse_events, events, matters, participants, study_codes, trials, vault
from trial.storage.adverse_events import AdverseEvent
from trial.storage.work import Work

# the kinds of words in the vault: the person's own, and the team's about the person
REPORT, ENTRY = "adverse_event", "adverse_event_entry"
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Shown:
    """An adverse event as its page shows it, without the words about it."""

    event: AdverseEvent
    by_team: bool
    erased: bool
    assessments: list[Assessment]


def record(
    work: Work,
    slug: str,
    code: str,
    words: str,
    *,
    submission: str,
    learned_at: datetime | None = None,
    may_be_serious: bool = False,
) -> Matter:
    """The team learned of something: kept once per form. What may be serious is urgent, and its clock runs."""
    access.require(work.by, Verb.RECORD_ADVERSE_EVENT)
    trial = trials.by_slug(work, slug)
    learned = learned_at or work.now
    if not words.strip():
        raise Refused("Say what happened.")
    if not trial.opened_at <= learned <= work.now:
        raise Refused("The moment when the team learned of it lies in the future, or before the trial began.")
    person = participants.by_id(work, study_codes.person_with(work, trial.id, code))
    if person.erased_at is not None:
        raise Refused("This person's data were erased; nothing more is kept about them.")
    event_id, new = adverse_events.add(work, trial.id, person.id, None, submission, reported_at=learned)
    number = matters.open_one(
        work,
        trial.id,
        MatterKind.ADVERSE_EVENT,
        event_id,
        participant_id=person.id,
        urgent=may_be_serious,
        act_by=learned + SERIOUS_WITHIN if may_be_serious else None,
        detail={"from": "team", "may_be_serious": may_be_serious},
    )
    if new:
        vault.keep_words(work, trial.id, person.id, ENTRY, str(event_id), words.strip()[:LONGEST])
        detail: dict[str, str | int] = {"adverse_event": event_id, "matter": number}
        events.write(
            work, Event.ADVERSE_EVENT_RECORDED, trial_id=trial.id, participant_id=person.id, detail=detail
        )  # fmt: skip
        if may_be_serious:
            call_plans.begin(work, matters.by_id(work, number))
    return matters.by_id(work, number)


def assess(work: Work, matter_id: int, judgement: Judgement) -> Matter:
    """One more assessment. Whoever assesses has the matter; serious is urgent and due 24 hours from awareness."""
    found = matters.by_id(work, matter_id, lock=True)
    access.require(work.by, Verb.ASSESS_ADVERSE_EVENT)
    if found.kind is not MatterKind.ADVERSE_EVENT:
        raise NotFound("There is no such adverse event.")
    require_sense(judgement, work.now.date())
    if found.state is MatterState.OPEN:
        desk.move(work, matter_id, MatterAct.ACKNOWLEDGED)
    report = adverse_events.by_id(work, found.about)
    row = adverse_events.assess(work, report, judgement)
    if judgement.serious:
        matters.change(work, matter_id, urgent=True, act_by=report.reported_at + SERIOUS_WITHIN)
    act = {"assessment": row, "serious": judgement.serious}
    matters.add_act(work, found.trial_id, matter_id, MatterAct.ASSESSED, act)
    detail: dict[str, str | int] = {"adverse_event": report.id, "serious": int(judgement.serious)}
    events.write(
        work,
        Event.ADVERSE_EVENT_ASSESSED,
        trial_id=found.trial_id,
        participant_id=found.participant_id,
        detail=detail,
    )
    return matters.by_id(work, matter_id)


def shown(work: Work, matter_id: int) -> Shown:
    """What is known of an adverse event; the words about it are opened by `own_words`."""
    found = matters.by_id(work, matter_id)
    access.require(work.by, Verb.READ_ADVERSE_EVENTS)
    if found.kind is not MatterKind.ADVERSE_EVENT:
        raise NotFound("There is no such adverse event.")
    report = adverse_events.by_id(work, found.about)
    erased = participants.by_id(work, report.participant_id).erased_at is not None
    opened = matters.history(work, matter_id)[0].detail
    return Shown(report, opened.get("from") == "team", erased, adverse_events.assessments(work, report.id))


def words_about(work: Work, event_id: int) -> str:
    """What the participant wrote about it, or the team; NotFound where it was erased. Whoever asks records it."""
    report = adverse_events.by_id(work, event_id)
    if participants.by_id(work, report.participant_id).erased_at is not None:
        raise NotFound("The words were erased.")
    return _words(work, report, REPORT) or _words(work, report, ENTRY) or ""


def _words(work: Work, report: AdverseEvent, kind: str) -> str | None:
    try:
        return vault.words_of(work, report.participant_id, kind, str(report.id))
    except NotFound:
        return None
