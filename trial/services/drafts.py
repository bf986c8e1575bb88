"""Drafts: what stands in a form and was not sent. Kept locked for the person who typed it; never data.

Saving is no act of the trial: it writes no event, and nothing of a draft reaches the data set. A draft goes when its
form is sent or cleared, and when its window is over. A form in which nothing
was typed or chosen leaves no trace, so that a program that opens pages and presses buttons cannot seem to be somebody.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from trial.core import dose, exercises
from trial.core.access import SYSTEM
from trial.core.answers import asked_by
from trial.core.errors import NotFound
from trial.core.participant import Occasion, Participant
from trial.core.protocol import Activity, Questionnaire, Recall, TimedPractice, TrialProtocol
from trial.protocol_files import ProtocolFolder
from trial.services import windows
from trial.storage import drafts, occasions, participants, trials, vault
from trial.storage.work import OpenWork, Work

# more than any one form may send, so that what is too long to send is still kept
MOST_CHARACTERS = 60_000

Saved = Literal["saved", "nothing", "too_long", "done", "closed", "stopped", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What stood in the form. `browser` is the one that saved it; `place` the page of the form that was shown."""

    values: Mapping[str, str] = field(repr=False)
    browser: str = field(repr=False)
    opened_at: datetime
    saved_at: datetime
    place: int = 0
    active_seconds: int = 0
    pages: Sequence[Any] | None = None


def of(work: Work, participant_id: int, occasion_id: int) -> Draft | None:
    """The draft of this person's occasion; None where there is none or its words are erased."""
    row = drafts.of_occasion(work, occasion_id)
    if row is None:
        return None
    try:
        held = json.loads(vault.words_of(work, participant_id, vault.DRAFT, _about(occasion_id)))
    except NotFound:
        return None
    return Draft(
        held["values"], held["browser"], row.opened_at, row.saved_at, row.place, row.active_seconds, row.pages
    )  # fmt: skip


def save(
    work: Work,
    participant_id: int,
    occasion_id: int,
    values: Mapping[str, str],
    *,
    place: int = 0,
    active_seconds: str = "",
    opened_at: datetime | None = None,
    pages: Sequence[Any] | None = None,
    browser: str = "",
    proven: bool = False,
    emptied: bool = False,
) -> Saved:
    """Keep what stands in the form in the place of what was kept before, and say what came of it.

    A draft that another browser saved is not replaced by one that could not see it, unless the person is `proven`
    there (a fresh code) and nothing was saved since their page was opened. `active_seconds` is the field as the page
    sent it. `emptied`: this page showed the draft, so that an empty form means that it was cleared.
    """
    person = participants.by_id(work, participant_id, lock=True)  # one form of a person at a time
    occasion = occasions.by_id(work, occasion_id, participant_id=participant_id)
    folder = trials.folder_of(work, person.protocol_id)
    activity = folder.protocol.activity(occasion.activity)
    exercise = not isinstance(activity, Questionnaire)
    refused = _refused(work, folder.protocol, person, occasion, exercise=exercise)
    if refused:
        return refused
    before = of(work, participant_id, occasion_id)
    if before is not None and before.browser != browser:
        newer = opened_at is not None and before.saved_at > opened_at
        if newer or not proven:
            return "elsewhere"
    kept = _kept(activity, folder, values)
    if not _anything(activity, kept):
        if before is not None and emptied:
            forget(work, participant_id, occasion_id)
        return "nothing"
    if sum(map(len, kept.values())) > MOST_CHARACTERS:
        return "too_long"
    text = json.dumps({"browser": browser, "values": kept}, ensure_ascii=False, sort_keys=True)
    vault.replace_words(work, person.trial_id, person.id, vault.DRAFT, _about(occasion_id), text)
    first = before.opened_at if before else opened_at or work.now
    active = dose.active_seconds(active_seconds, first, work.now) or 0
    until = windows.taken_until(folder.protocol, occasion, person.zone)
    drafts.keep(work, occasion, opened_at=first, goes_at=until, place=place, active_seconds=active, pages=pages)
    return "saved"


def opened_at(work: Work, occasion_id: int) -> datetime | None:
    """When the first page was opened on which anything was typed, where a draft is kept."""
    row = drafts.of_occasion(work, occasion_id)
    return row.opened_at if row else None


def forget(work: Work, participant_id: int, occasion_id: int) -> None:
    """The draft and its words go: the form was sent, or was cleared."""
    if drafts.forget(work, occasion_id):
        vault.forget_words(work, participant_id, vault.DRAFT, _about(occasion_id))


def sweep(open_work: OpenWork) -> int:
    """What can be sent no more is forgotten, each in a transaction of its own; returns how many drafts went."""
    gone = 0
    while True:
        with open_work(SYSTEM, write=False) as work:
            due = drafts.due(work)
        for whose in due:
            with open_work(SYSTEM) as work:
                gone += _gone(work, *whose)
        if not due:
            return gone


def _gone(work: Work, participant_id: int, occasion_id: int) -> bool:
    """Forget it, unless its window was moved meanwhile."""
    person = participants.by_id(work, participant_id, lock=True)
    occasion = occasions.by_id(work, occasion_id, participant_id=participant_id)
    until = windows.taken_until(trials.folder_of(work, person.protocol_id).protocol, occasion, person.zone)
    if until > work.now:
        drafts.stays(work, occasion_id, until)
        return False
    forget(work, participant_id, occasion_id)
    return True


def _about(occasion_id: int) -> str:
    return f"occasion:{occasion_id}"


def _refused(
    work: Work, protocol: TrialProtocol, person: Participant, occasion: Occasion, *, exercise: bool
) -> Saved | None:
    if occasion.done_at is not None:
        return "done"
    if not person.takes(exercise=exercise) or person.data_withdrawn_at or person.erased_at:
        return "stopped"
    frozen = trials.by_id(work, person.trial_id).is_locked
    return "closed" if frozen or not windows.is_open(protocol, occasion, person.zone, work.now) else None


def _kept(activity: Activity, folder: ProtocolFolder, form: Mapping[str, str]) -> dict[str, str]:
    """The fields of this activity that hold anything; tokens and whatever else a form may bring are left out."""
    known = _columns(activity, folder)
    return {name: value for name, value in form.items() if value.strip() and _belongs(name, known)}


def _columns(activity: Activity, folder: ProtocolFolder) -> frozenset[str]:
    if isinstance(activity, Questionnaire):
        asked = asked_by(folder.instruments[code] for code in activity.instruments)
    else:
        asked = exercises.asked(activity, activity.cards if isinstance(activity, Recall) else ())
    return frozenset(one.column for one in asked)


def _belongs(name: str, known: Collection[str]) -> bool:
    """A field is named by its column, or by its column, an underscore and one of its choices."""
    parts = name.split("_")
    return any("_".join(parts[:end]) in known for end in range(len(parts), 0, -1))


def _anything(activity: Activity, kept: Mapping[str, str]) -> bool:
    """Whether a person did something: a clock that was started is a button that was pressed."""
    clock = exercises.column(activity, exercises.SECONDS) if isinstance(activity, TimedPractice) else ""
    return any(name != clock for name in kept)
