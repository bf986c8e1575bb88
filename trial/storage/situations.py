"""All that is known around a mail when it is decided about: person, trial, occasion and the mails beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Select, and_, bindparam, case, func, literal_column, or_, select

from trial.core.delivery import IN_HAND, WAITING, ContactState
from trial.core.participant import Occasion, Participant
from trial.core.trial import Trial
from trial.storage import muted, participants, trials
from trial.storage.tables import occasion, participant, protocol_version, trial
from trial.storage.tables_delivery import delivery
from trial.storage.times import MachineNow, TrialNow
from trial.storage.work import Work

S = ContactState


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision and a mail need to know beside the contact itself."""

    person: Participant
    trial: Trial
    occasion: Occasion | None
    muted: bool = False
    beside: int = 0  # of other mails about the same occasion: see `_BESIDE`


_other = delivery.alias("other")


def _is(*states: ContactState) -> ColumnElement[bool]:
    """Written as it stands: a list of values would be put together anew at each execution."""
    return literal_column(f"other.state in ({', '.join(repr(one.value) for one in states)})", Boolean)


_left = and_(_is(S.ACCEPTED, S.UNKNOWN), _other.c.ended_at >= delivery.c.due_at)
_to_leave = and_(
    _other.c.reminder < delivery.c.reminder,
    or_(and_(_is(*WAITING), _other.c.due_at <= TrialNow()), _is(*IN_HAND)),
)
LEFT_SINCE, STILL_TO_LEAVE = 2, 1
# whether another mail about the same occasion has left since this one was due, or an earlier one is about to
_BESIDE = (
    select(func.max(case((_left, LEFT_SINCE), else_=STILL_TO_LEAVE)))
    .where(
        _other.c.participant_id == delivery.c.participant_id,  # the one that has an index
        _other.c.occasion_id == delivery.c.occasion_id,
        _other.c.id != delivery.c.id,
        or_(_left, _to_leave),
    )
    .correlate(delivery)
    .scalar_subquery()
)
_PERSON = [participant.c[name] for name in Participant.__slots__]
_OCCASION = [occasion.c[name] for name in Occasion.__slots__]
_TRIAL = trials.columns()
_OCCASION_AT = 2 + len(_PERSON)
_TRIAL_AT = _OCCASION_AT + len(_OCCASION)
# looked up, not joined: where an amendment gives the person another version while we wait for their row, PostgreSQL
# looks at that row anew, finds that it does not go with the version joined before, and returns nothing
_DIGEST = (
    select(protocol_version.c.digest)
    .where(protocol_version.c.id == participant.c.protocol_id)
    .correlate(participant)
    .scalar_subquery()
)
_COLUMNS: list[ColumnElement[Any]] = [
    *(delivery.c.id, _BESIDE, *_PERSON, *_OCCASION, *_TRIAL),
    *(muted.OF_CONTACT, _DIGEST, TrialNow(), MachineNow()),
]
# each by a name of its own, so that another statement can read them
_AROUND: Select[Any] = select(*(one.label(f"c{place}") for place, one in enumerate(_COLUMNS))).select_from(
    delivery.join(participant, participant.c.id == delivery.c.participant_id)
    .join(trial, trial.c.id == delivery.c.trial_id)
    .outerjoin(occasion, occasion.c.id == delivery.c.occasion_id)
)
_OF_SEVERAL = _AROUND.where(delivery.c.id.in_(bindparam("ids", expanding=True)))
# who is about to be written to cannot stop in between: the stop is recorded before this look, or after the mail began
OF_ONE_HELD = _AROUND.where(delivery.c.id == bindparam("row")).with_for_update(read=True, of=participant)


def of_several(work: Work, ids: Sequence[int]) -> dict[int, Situation]:
    """The situation of each mail, in one query."""
    found = work.rows.execute(_OF_SEVERAL, {"ids": list(ids)}) if ids else ()
    return {row[0]: made(work, row) for row in found}


def of_one_held(work: Work, contact_id: int) -> Situation:
    """That of one mail; its person stays as they are until the transaction ends."""
    return made(work, work.rows.execute(OF_ONE_HELD, {"row": contact_id}).one())


def made(work: Work, row: Sequence[Any]) -> Situation:
    """From the columns of a query: by place, not by name, for a mail is looked at once more for each that leaves, and
    there are many columns."""
    *_, is_muted, digest, trial_now, machine_now = row
    person = participants.made(row[2:_OCCASION_AT])
    trials.remember(work, person.protocol_id, digest)
    work.read_along(trial_now, machine_now)
    return Situation(
        person,
        trials.made(row[_TRIAL_AT:-4]),
        Occasion(*row[_OCCASION_AT:_TRIAL_AT]) if row[_OCCASION_AT] is not None else None,
        bool(is_muted),
        row[1] or 0,
    )
