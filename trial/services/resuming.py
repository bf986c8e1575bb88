"""What would go out if sending began again now: each mail decided about as at its turn, and nothing changed by it.

After a panic stop by stream, for everything that has fallen due; after a restore by timepoint, for what it holds. Both
are counted over all arms together, and a timepoint that not every arm has is not named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from trial.core import access, pooled
from trial.core.access import Verb
from trial.core.delivery import RESTORED, Contact, ContactState, decide
from trial.core.protocol import TrialProtocol
from trial.core.trial import TrialState
from trial.services import delivery, ending, service_mails
from trial.storage import held, ledger, restored, situations, trials
from trial.storage.situations import Situation
from trial.storage.work import Work

AT_ONCE = 400
GO_OUT, TOO_LATE, NOT_WANTED, STILL_WAIT = FATES = ("go_out", "too_late", "not_wanted", "still_wait")


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
    """By stream, with the sums; `after_restore` of them are held since a restore and need a release of their own.
    `leaves_out`: for who is blinded, mails of timepoints that not every arm has are not counted."""

    streams: tuple[StreamPreview, ...]
    after_restore: int
    leaves_out: bool = False

    @property
    def go_out(self) -> int:
        return sum(one.go_out for one in self.streams)

    @property
    def too_late(self) -> int:
        return sum(one.too_late for one in self.streams)


@dataclass(frozen=True, slots=True)
class TimepointPreview:
    """Mails of one timepoint that a restore holds, by what would become of them, and when the first and the last were
    due. `label` is empty for mails of no timepoint, and for those of timepoints that not every arm has."""

    label: Mapping[str, str]
    oldest: datetime
    newest: datetime
    go_out: int
    too_late: int
    not_wanted: int
    still_wait: int


@dataclass(frozen=True, slots=True)
class RestoredPreview:
    """What a restore holds, in the order of the timepoints."""

    timepoints: tuple[TimepointPreview, ...]

    @property
    def count(self) -> int:
        return sum(one.go_out + one.too_late + one.not_wanted + one.still_wait for one in self.timepoints)

    @property
    def go_out(self) -> int:
        return sum(one.go_out for one in self.timepoints)

    @property
    def oldest(self) -> datetime | None:
        return min((one.oldest for one in self.timepoints), default=None)

    @property
    def newest(self) -> datetime | None:
        return max((one.newest for one in self.timepoints), default=None)


def preview(work: Work, slug: str) -> Preview:
    """Count what a resumption would do with every mail that has fallen due."""
    access.require(work.by, Verb.READ_STATUS)
    trial = trials.by_slug(work, slug)
    state = trial.resume_to or TrialState.OPEN if trial.state is TrialState.PAUSED else trial.state
    sending = replace(trial, state=state, resume_to=None)
    protocol = trials.folder_of(work, trial.protocol_id).protocol
    hidden = pooled.left_out(protocol) if access.is_blinded(work.by) else []
    counted: Counter[tuple[str, str]] = Counter()
    after_restore = 0
    fates = _Fates(work)
    for one, around in _looked_at(work, held.would_be_due(work, trial.id)):
        if one.state is ContactState.HELD and one.reason == RESTORED:
            after_restore += 1
        elif not hidden or one.occasion_id is None or one.timepoint not in hidden:
            counted[one.stream, fates.of(one, replace(around, trial=sending))] += 1
    streams = sorted({stream for stream, _ in counted})
    found = tuple(StreamPreview(one, *(counted[one, fate] for fate in FATES)) for one in streams)
    return Preview(found, after_restore, leaves_out=bool(hidden))


def of_restored(work: Work, slug: str) -> RestoredPreview:
    """Count what a release would do with every mail that a restore holds."""
    access.require(work.by, Verb.READ_STATUS)
    trial = trials.by_slug(work, slug)
    protocol = trials.folder_of(work, trial.protocol_id).protocol
    counted: Counter[tuple[str, str]] = Counter()
    due: dict[str, list[datetime]] = {}
    fates = _Fates(work)
    for one, around in _looked_at(work, restored.held(work, trial.id)):
        named = _named(protocol, one)
        counted[named, fates.of(one, around)] += 1
        due.setdefault(named, []).append(one.due_at)
    labels: dict[str, Mapping[str, str]] = {**{one.id: one.label for one in protocol.timepoints}, "": {}}
    return RestoredPreview(
        tuple(
            TimepointPreview(label, min(due[one]), max(due[one]), *(counted[one, fate] for fate in FATES))
            for one, label in labels.items()
            if one in due
        )
    )


def _named(protocol: TrialProtocol, contact: Contact) -> str:
    common = contact.occasion_id is not None and pooled.is_common(protocol, contact.timepoint)
    return contact.timepoint if common else ""


def _looked_at(work: Work, ids: Sequence[int]) -> Iterator[tuple[Contact, Situation]]:
    for start in range(0, len(ids), AT_ONCE):
        contacts = ledger.by_ids(work, ids[start : start + AT_ONCE])
        around = situations.of_several(work, [one.id for one in contacts])
        for one in contacts:
            yield one, around[one.id]


class _Fates:
    """What becomes of each, asked in the order of falling due: of several about the same occasion the first leaves, and
    the others are too late then."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.spoken_of: set[int] = set()

    def of(self, contact: Contact, around: Situation) -> str:
        alone = replace(around, beside=0) if around.beside == situations.STILL_TO_LEAVE else around
        fate = _fate(self.work, contact, alone)
        if fate != GO_OUT or contact.occasion_id is None:
            return fate
        if contact.occasion_id in self.spoken_of:
            return TOO_LATE
        self.spoken_of.add(contact.occasion_id)
        return GO_OUT


def _fate(work: Work, contact: Contact, around: Situation) -> str:
    verdict = decide(delivery.facts(work, contact, around))
    if verdict.state is ContactState.SKIPPED_LATE:
        return TOO_LATE
    if verdict.state is ContactState.SUPPRESSED or around.person.erased_at is not None:
        return NOT_WANTED
    if verdict.state is not None or ending.still_to_come(work, contact, around.person):
        return STILL_WAIT
    return GO_OUT if service_mails.addresses_for(work, [contact]) else NOT_WANTED
