"""What people wrote in their own words, opened for one matter: a reply, or a report of harm. Each opening is on record.

Words can say who somebody is, and what they were given. So they are a class of their own: no list and no page shows
them by itself, whoever opens them leaves a line in the history, and nobody reads them who analyses.
"""

from __future__ import annotations

from dataclasses import dataclass

from trial.core import access
from trial.core.access import Verb
from trial.core.errors import NotFound, Refused
from trial.core.events import Event
from trial.core.matters import Matter, MatterAct, MatterKind
from trial.services import adverse_events
from trial.services.matters import READS
from trial.storage import events, matters, replies
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class OwnWords:
    """`text` is empty where none were written, and None where they were erased. `sender` is the address of somebody
    who is nobody's here, for those who may read identities."""

    text: str | None
    sender: str


def open_for(work: Work, matter_id: int) -> OwnWords:
    """The words that a matter is about, once."""
    found = matters.by_id(work, matter_id, lock=True)
    access.require(work.by, READS[found.kind])
    access.require(work.by, Verb.READ_WORDS)
    opened = _words(work, found)
    matters.add_act(work, found.trial_id, found.id, MatterAct.WORDS_OPENED, {})
    detail: dict[str, str | int] = {"matter": found.id, "kind": found.kind.value}
    events.write(work, Event.WORDS_OPENED, trial_id=found.trial_id, participant_id=found.participant_id, detail=detail)
    return opened


def _words(work: Work, found: Matter) -> OwnWords:
    if found.kind is MatterKind.REPLY:
        said = replies.words_of(work, replies.by_id(work, found.about))
        return OwnWords(said.get("text"), said.get("sender", "") if work.by.may(Verb.READ_IDENTITY) else "")
    if found.kind is MatterKind.ADVERSE_EVENT:
        try:
            return OwnWords(adverse_events.words_about(work, found.about), "")
        except NotFound:
            return OwnWords(None, "")
    raise Refused("Nobody wrote anything here.")
