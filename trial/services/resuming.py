"""What would go out if sending began again now: each mail decided about as at its turn, and nothing changed by it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from trial.core import access
from trial.core.access import Verb
from trial.core.delivery import RESTORED, Contact, ContactState, decide
from trial.core.errors import NotFound
from trial.core.trial import TrialState
from trial.services import delivery, ending, service_mails
from trial.storage import deliveries, held, ledger, trials
from trial.storage.deliveries import Situation
from trial.storage.work import Work

AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class StreamPreview:
    """Mails of one stream: sent now, too late to be of use, not wanted or needed any more, and still waiting."""

    stream: str
    go_out: int
    too_late: int
    not_wanted: int
    still_wait: int


@dataclass(frozen=True, slots=True)
class Preview:
    """By stream, with the sums; `after_restore` of them are held since a restore and need a release of their own."""

    streams: tuple[StreamPreview, ...]
    after_restore: int

    @property
    def go_out(self) -> int:
        return sum(one.go_out for one in self.streams)

    @property
    def too_late(self) -> int:
        return sum(one.too_late for one in self.streams)


def preview(work: Work, slug: str) -> Preview:
    """Count what a resumption would do with every mail that has fallen due."""
    access.require(work.by, Verb.READ_STATUS)
    trial = trials.by_slug(work, slug)
    state = trial.resume_to or TrialState.OPEN if trial.state is TrialState.PAUSED else trial.state
    waiting = held.would_be_due(work, trial.id)
    counted: Counter[tuple[str, str]] = Counter()
    restored = 0
    for start in range(0, len(waiting), AT_ONCE):
        contacts = ledger.by_ids(work, waiting[start : start + AT_ONCE])
        around = deliveries.situations(work, [one.id for one in contacts])
        for one in contacts:
            if one.state is ContactState.HELD and one.reason == RESTORED:
                restored += 1
                continue
            sends = replace(around[one.id], trial=replace(trial, state=state, resume_to=None))
            counted[one.stream, _fate(work, one, sends)] += 1
    streams = sorted({stream for stream, _ in counted})
    fates = ("go_out", "too_late", "not_wanted", "still_wait")
    found = tuple(StreamPreview(one, *(counted[one, fate] for fate in fates)) for one in streams)
    return Preview(found, restored)


def _fate(work: Work, contact: Contact, around: Situation) -> str:
    verdict = decide(delivery.facts(work, contact, around))
    if verdict.state is ContactState.SKIPPED_LATE:
        return "too_late"
    if verdict.state is ContactState.SUPPRESSED or around.person.erased_at is not None:
        return "not_wanted"
    if verdict.state is not None or ending.still_to_come(work, contact, around.person):
        return "still_wait"
    try:
        service_mails.address_for(work, contact)
    except NotFound:
        return "not_wanted"
    return "go_out"
