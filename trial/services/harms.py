"""A participant's own report that something is not right."""

from __future__ import annotations

from trial.core.events import Event
from trial.storage import adverse_events, events, participants, vault
from trial.storage.work import Work


def report(work: Work, participant_id: int, occasion_id: int | None, text: str, *, submission: str) -> None:
    """Keep the report once, with the person's words in the vault; an empty text counts as well."""
    person = participants.by_id(work, participant_id)
    report_id, new = adverse_events.add(work, person.trial_id, person.id, occasion_id, submission)
    if not new:
        return
    if text.strip():
        vault.keep_words(work, person.trial_id, person.id, "adverse_event", str(report_id), text.strip()[:20_000])
    events.write(work, Event.ADVERSE_EVENT_REPORTED, trial_id=person.trial_id, participant_id=person.id)
