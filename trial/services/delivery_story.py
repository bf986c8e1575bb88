"""Each mail of one person in plain words: what it was about, when it was to leave, what became of it, and why.

As on the person's page nothing of an arm shows. A mail server's answer may hold the address: it is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from trial.core import access, contact_words, pooled
from trial.core.access import Verb
from trial.core.delivery import ContactState
from trial.services.participant_page import about, may_show
from trial.storage import deliveries, ledger, participants, trials
from trial.storage.work import Work

S = ContactState
_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")
# of what was never tried nothing was said
_TRIED = (S.ACCEPTED, S.RETRY, S.BOUNCED, S.FAILED, S.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Told:
    """One mail. `rule` is its plan in the person's own time; `tries` how often a worker took it; `again` is how
    long it takes until one that is put off is tried again."""

    about: str
    rule: str
    due_at: datetime
    ended_at: datetime | None
    state: str
    reason: str
    tries: int
    said: str
    again: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """All mails of a person in the order of falling due; `leaves_out`: not every arm has every timepoint."""

    code: str
    zone: str
    now: datetime
    mails: tuple[Told, ...]
    leaves_out: bool


def _minutes(wait: timedelta) -> timedelta:
    """In whole minutes, and never none."""
    return -(-wait // timedelta(minutes=1)) * timedelta(minutes=1)


def explain(work: Work, slug: str, code: str) -> Story:
    """The story of every mail to one person."""
    access.require(work.by, Verb.EXPLAIN_DELIVERY)
    person = participants.by_code(work, trials.by_slug(work, slug).id, code)
    protocol = trials.folder_of(work, person.protocol_id).protocol
    ended, said = ledger.ended_at(work, person.id), ledger.said(work, person.id)
    again = ledger.again_at(work, person.id)
    shown = [one for one in deliveries.of_participant(work, person.id) if may_show(protocol, one)]
    told = [
        Told(
            about(protocol, one),
            one.local_rule,
            one.due_at,
            ended.get(one.id),
            contact_words.state_of(one),
            contact_words.reason_of(one),
            one.attempt,
            _ADDRESS.sub("…", said.get(one.id, "")) if one.state in _TRIED else "",
            _minutes(again[one.id] - work.machine_now) if one.id in again else None,
        )
        for one in sorted(shown, key=lambda one: (one.due_at, one.id))
    ]
    return Story(person.code, person.zone, work.now, tuple(told), pooled.leaves_out(protocol))
