"""A trial's home at the desk: recruitment against plan, the flow so far, mails and answers. Pooled over the arms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from trial.core import access, pooled
from trial.core.access import Verb
from trial.core.delivery import ContactState
from trial.core.matters import MatterKind
from trial.core.participant import ParticipantState, StopLevel
from trial.core.recruitment import Progress, first_day, last_day, progress
from trial.core.trial import Trial, TrialState
from trial.services import list_ends, matters, troubles
from trial.storage import deliveries, overview, restored, trials
from trial.storage.overview import TimepointCount
from trial.storage.work import Work

S, P = ContactState, ParticipantState


@dataclass(frozen=True, slots=True)
class Flow:
    """People so far; each later step is among those of the step before."""

    assessed: int
    eligible: int
    confirmed: int
    consented: int
    held: int
    randomized: int
    stopped: Mapping[StopLevel, int]


@dataclass(frozen=True, slots=True)
class Mails:
    """Mails of one stream that have fallen due: due = sent + waiting + not_sent + unsure."""

    stream: str
    due: int
    sent: int
    waiting: int
    not_sent: int
    unsure: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the home page shows; `lists` holds only lists that the actor may see. `leaves_out`: for who is blinded,
    mails and windows of timepoints that not every arm has are not counted. `list_low`, `list_ended`: in how many strata
    an outside list has few places left, and none."""

    trial: Trial
    title: Mapping[str, str]
    now: datetime
    recruitment: Progress
    flow: Flow
    mails: tuple[Mails, ...]
    late_since: datetime | None
    after_restore: int
    timepoints: tuple[tuple[Mapping[str, str], TimepointCount], ...]
    lists: Mapping[MatterKind, int]
    leaves_out: bool
    list_low: int = 0
    list_ended: int = 0
    troubles: tuple[troubles.Standing, ...] = ()


def overview_of(work: Work, slug: str) -> Overview:
    """The home page of a trial, for every role that may know how the trial goes."""
    access.require(work.by, Verb.READ_STATUS)
    trial = trials.by_slug(work, slug)
    protocol = trials.folder_of(work, trial.protocol_id).protocol
    hidden = pooled.left_out(protocol) if access.is_blinded(work.by) else []
    counted = {one.timepoint: one for one in overview.by_timepoint(work, trial.id) if one.timepoint not in hidden}
    dates = protocol.administrative.dates
    opened = trial.opened_at.astimezone(UTC).date()
    due = overview.mails(work, trial.id, hidden)
    low, ended = list_ends.warned(work, trial, protocol)
    return Overview(
        trial=trial,
        title=protocol.title,
        now=work.now,
        recruitment=progress(
            overview.randomized_by_day(work, trial.id),
            target=trial.target,
            first=opened,
            today=max(work.now.astimezone(UTC).date(), opened),
            planned_from=first_day(dates.recruitment_from),
            until=last_day(dates.recruitment_until),
        ),
        flow=_flow(work, trial),
        mails=_mails(due),
        after_restore=restored.count(work, trial.id) if any(state == S.HELD for _, state in due) else 0,
        late_since=deliveries.oldest_due(work, trial.id, hidden) if trial.state is not TrialState.FROZEN else None,
        timepoints=tuple((one.label, counted[one.id]) for one in protocol.timepoints if one.id in counted),
        lists=matters.counts(work, slug),
        leaves_out=bool(hidden),
        list_low=low,
        list_ended=ended,
        troubles=tuple(troubles.standing(work)),
    )


# whoever stands at a later step has been through the earlier ones
_CONFIRMED = (P.CONFIRMED, P.DECLINED, P.CONSENTED, P.HELD, P.REFUSED, P.RECRUITMENT_CLOSED, P.RANDOMIZED)
_CONSENTED = (P.CONSENTED, P.HELD, P.REFUSED, P.RECRUITMENT_CLOSED, P.RANDOMIZED)


def _flow(work: Work, trial: Trial) -> Flow:
    assessed, eligible = overview.assessed(work, trial.id)
    states, stops = overview.by_state(work, trial.id), overview.by_stop(work, trial.id)
    return Flow(
        assessed=assessed,
        eligible=eligible,
        confirmed=sum(states.get(one.value, 0) for one in _CONFIRMED),
        consented=sum(states.get(one.value, 0) for one in _CONSENTED),
        held=states.get(P.HELD.value, 0),
        randomized=states.get(P.RANDOMIZED.value, 0),
        stopped={level: stops.get(level.value, 0) for level in StopLevel},
    )


_WAITING = (S.PLANNED, S.DUE, S.CLAIMED, S.DATA_STARTED, S.RETRY, S.HELD)


def _mails(counted: Mapping[tuple[str, str], int]) -> tuple[Mails, ...]:
    found = []
    for stream in sorted({stream for stream, _ in counted}):
        of_stream = {S(state): number for (name, state), number in counted.items() if name == stream}
        sent, unsure = of_stream.get(S.ACCEPTED, 0), of_stream.get(S.UNKNOWN, 0)
        waiting = sum(of_stream.get(one, 0) for one in _WAITING)
        every = sum(of_stream.values())
        found.append(Mails(stream, every, sent, waiting, every - sent - unsure - waiting, unsure))
    return tuple(found)
