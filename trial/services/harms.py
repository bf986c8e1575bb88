"""A participant's own report that something is not right, and what they want done now. It is no withdrawal."""

from __future__ import annotations

from typing import Literal

from trial.core.events import Event
from trial.services import alarms, passing_over
from trial.storage import adverse_events, events, participants, trials, vault
from trial.storage.work import Work

# what somebody wants whom an activity upset: leave it for today, skip it, not get it again, places to turn to
Wish = Literal["today", "skip", "mute", "help"]
WISHES: tuple[Wish, ...] = Wish.__args__  # type: ignore[attr-defined]


def report(
    work: Work,
    participant_id: int,
    occasion_id: int | None,
    text: str,
    *,
    submission: str,
    wish: Wish | None = None,
    wants_contact: bool = False,
) -> None:
    """Keep the report once, with the person's words in the vault; an empty text counts as well."""
    person = participants.by_id(work, participant_id)
    report_id, new = adverse_events.add(
        work, person.trial_id, person.id, occasion_id, submission, wish=wish, wants_contact=wants_contact
    )
    if not new:
        return
    if text.strip():
        vault.keep_words(work, person.trial_id, person.id, "adverse_event", str(report_id), text.strip()[:20_000])
    events.write(work, Event.ADVERSE_EVENT_REPORTED, trial_id=person.trial_id, participant_id=person.id)
    protocol = trials.folder_of(work, person.protocol_id).protocol
    alarms.report(work, protocol, person.trial_id, person.id, report_id, wants_contact=wants_contact)


def upset(
    work: Work,
    participant_id: int,
    occasion_id: int,
    text: str,
    *,
    wish: Wish | None,
    wants_contact: bool,
    submission: str,
) -> None:
    """An activity upset somebody: kept as a report, and what they wish is done at once. Drafts stay as they are."""
    report(
        work, participant_id, occasion_id, text, submission=submission, wish=wish, wants_contact=wants_contact
    )  # fmt: skip
    if wish in ("today", "skip", "mute"):
        passing_over.pass_over(work, participant_id, occasion_id)
    if wish == "mute":
        passing_over.mute(work, participant_id, occasion_id)
