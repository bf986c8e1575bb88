"""Participants, screenings and consents."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, func, null, select, update

from trial.core import access
from trial.core.errors import NotFound, Refused
from trial.core.fraud import BURST_BACKGROUND, BURST_WINDOW, Arrivals
from trial.core.links import make_study_code
from trial.core.participant import MOVES, Participant, ParticipantState, StopLevel
from trial.storage import trials
from trial.storage.rows import add_row, add_row_once
from trial.storage.tables import consent, participant, screening
from trial.storage.tables_people import draft
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class ScreeningRecord:
    """One person assessed; the answers of those not eligible are not kept."""

    id: int
    trial_id: int
    screened_at: datetime
    eligible: bool
    reason: str | None
    source: str
    answers: Mapping[str, Any] | None
    submission: str
    participant_id: int | None


@dataclass(frozen=True, slots=True)
class CodeState:
    """The confirmation code that is out: its generation, wrong tries so far, and when it lapses."""

    generation: int
    tries: int
    expires_at: datetime


def value(row: Row[Any]) -> Participant:
    """A row as a participant."""
    found = row._mapping
    return made([found[name] for name in Participant.__slots__])


def made(values: Sequence[Any]) -> Participant:
    """What the columns hold, in the order of a participant's fields, as a participant."""
    given = list(values)
    given[_STATE] = ParticipantState(given[_STATE])
    given[_STOPPED] = StopLevel(given[_STOPPED]) if given[_STOPPED] else None
    return Participant(*given)


_STATE, _STOPPED = (Participant.__slots__.index(name) for name in ("state", "stopped"))


def add_screening(
    work: Work, trial_id: int, submission: str, *, reason: str | None, source: str, answers: Mapping[str, Any] | None
) -> tuple[int, bool]:
    """Record an assessment: (id, whether it is new). `reason` is the criterion that failed, None for the eligible."""
    values = {"screened_at": work.now, "eligible": reason is None, "reason": reason}
    unique = {"trial_id": trial_id, "submission": submission}
    return add_row_once(work, screening, unique, **values, source=source, answers=answers)


def screening_of(work: Work, trial_id: int, screening_id: int) -> ScreeningRecord:
    """One assessment of this trial."""
    query = select(screening).where(screening.c.id == screening_id, screening.c.trial_id == trial_id)
    row = work.rows.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such screening.")
    return ScreeningRecord(**row._mapping)


def screenings(work: Work, trial_id: int) -> list[ScreeningRecord]:
    """Everyone assessed, in order."""
    query = select(screening).where(screening.c.trial_id == trial_id).order_by(screening.c.id)
    return [ScreeningRecord(**row._mapping) for row in work.rows.execute(query)]


def link_screening(work: Work, screening_id: int, participant_id: int) -> None:
    """This screening led to this participant."""
    work.rows.execute(update(screening).where(screening.c.id == screening_id).values(participant_id=participant_id))


def first_screening(work: Work, participant_id: int) -> int | None:
    """The screening by which somebody first gave their address."""
    query = select(func.min(screening.c.id)).where(screening.c.participant_id == participant_id)
    found = work.rows.execute(query).scalar_one()
    return None if found is None else int(found)


def arrivals_around(work: Work, current: Participant, opened_at: datetime) -> Arrivals:
    """How many from the same source confirmed an address around this person's arrival, and in the week before."""
    own, table = current.created_at, participant.c
    since = max(own - BURST_WINDOW - BURST_BACKGROUND, opened_at)
    edge, until = own - BURST_WINDOW, own + BURST_WINDOW
    near = table.created_at >= edge
    query = select(func.count().filter(near), func.count().filter(~near)).where(
        table.trial_id == current.trial_id,
        table.source == current.source,
        table.state != ParticipantState.ADDRESS_GIVEN.value,
        table.created_at.between(since, until),
    )
    around, before = work.rows.execute(query).one()
    return Arrivals(around, before, max(edge - since, timedelta(0)))


def answers_at_screening(work: Work, participant_id: int) -> Mapping[str, Any]:
    """The screening answers of an eligible person."""
    query = select(screening.c.answers).where(screening.c.participant_id == participant_id).order_by(screening.c.id)
    found = work.rows.execute(query.limit(1)).scalar_one_or_none()
    return found or {}


def add(
    work: Work,
    trial_id: int,
    *,
    protocol_id: int,
    language: str,
    zone: str,
    source: str,
    code_expires_at: datetime,
    country: str | None = None,
) -> Participant:
    """A new person who gave an address; their number is the order of arrival in the trial."""
    trials.by_id(work, trial_id, lock=True)
    last = work.rows.execute(select(func.max(participant.c.number)).where(participant.c.trial_id == trial_id)).scalar()
    number = (last or 0) + 1
    values = {
        "trial_id": trial_id,
        "number": number,
        "code": make_study_code(trials.code_key(work, trial_id), trial_id, number),
        "protocol_id": protocol_id,
        "state": ParticipantState.ADDRESS_GIVEN.value,
        "language": language,
        "zone": zone,
        "country": country,
        "source": source,
        "created_at": work.now,
        "code_generation": 1,
        "code_tries": 0,
        "code_expires_at": code_expires_at,
    }
    return by_id(work, add_row(work, participant, **values))


_BY_ID = select(participant).where(participant.c.id == bindparam("row"))
_LOCKED = _BY_ID.with_for_update(key_share=True)


def by_id(work: Work, participant_id: int, *, lock: bool = False) -> Participant:
    """One participant; `lock` holds the row until the end of the transaction."""
    row = work.rows.execute(_LOCKED if lock else _BY_ID, {"row": participant_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such participant.")
    access.require_trial(work.by, row.trial_id)
    return value(row)


def by_code(work: Work, trial_id: int, code: str) -> Participant:
    """The participant with this study code, however it was typed."""
    query = select(participant).where(
        participant.c.trial_id == trial_id, participant.c.code == code.strip().upper().replace(" ", "")
    )
    row = work.rows.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is nobody with this study code.")
    access.require_trial(work.by, row.trial_id)
    return value(row)


def of_trial(work: Work, trial_id: int) -> list[Participant]:
    """Everyone who gave an address, in order of arrival."""
    query = select(participant).where(participant.c.trial_id == trial_id).order_by(participant.c.number)
    return [value(row) for row in work.rows.execute(query)]


def change_state(work: Work, current: Participant, state: ParticipantState) -> Participant:
    """Take the next step; Refused where it does not follow from the present one."""
    if state not in MOVES[current.state]:
        raise Refused(f"A participant who is {current.state.value} cannot become {state.value}.")
    values: dict[str, Any] = {"state": state.value}
    if state is ParticipantState.RANDOMIZED:
        values["randomized_at"] = work.now
    if state is ParticipantState.HELD:
        values["held_at"] = work.now
    work.rows.execute(update(participant).where(participant.c.id == current.id).values(values))
    return by_id(work, current.id)


def stop(work: Work, participant_id: int, level: StopLevel, reason: str) -> None:
    """Record what the person stopped."""
    values = {"stopped": level.value, "stopped_at": work.now, "stop_reason": reason}
    work.rows.execute(update(participant).where(participant.c.id == participant_id).values(values))


def set_country(work: Work, participant_id: int, country: str) -> None:
    """Whose help lines to show."""
    work.rows.execute(update(participant).where(participant.c.id == participant_id).values(country=country))


def change(work: Work, participant_id: int, **values: Any) -> None:
    """What a person may change about themselves, or what was done at their wish."""
    work.rows.execute(update(participant).where(participant.c.id == participant_id).values(values))


def blank_screening(work: Work, participant_id: int) -> None:
    """What a person answered at screening goes; that they were assessed, and found eligible, stays."""
    query = update(screening).where(screening.c.participant_id == participant_id)
    work.rows.execute(query.values(answers=null()))


def forget_drafts(work: Work, participant_id: int) -> None:
    """What was typed and never sent goes, with when it was opened and saved."""
    work.rows.execute(delete(draft).where(draft.c.participant_id == participant_id))


def mark_bounced(work: Work, participant_id: int) -> bool:
    """The address refuses mail for good; True the first time."""
    query = update(participant).where(participant.c.id == participant_id, participant.c.bounced_at.is_(None))
    return work.rows.execute(query.values(bounced_at=work.now)).rowcount == 1


def code_state(work: Work, participant_id: int) -> CodeState:
    """The confirmation code that is out."""
    columns = (participant.c.code_generation, participant.c.code_tries, participant.c.code_expires_at)
    return CodeState(*work.rows.execute(select(*columns).where(participant.c.id == participant_id)).one())


def count_wrong_code(work: Work, participant_id: int) -> None:
    """One more wrong try."""
    query = update(participant).where(participant.c.id == participant_id)
    work.rows.execute(query.values(code_tries=participant.c.code_tries + 1))


def renew_code(work: Work, participant_id: int, expires_at: datetime) -> int:
    """A fresh code: the old one no longer fits. Returns the new generation."""
    generation = code_state(work, participant_id).generation + 1
    values = {"code_generation": generation, "code_tries": 0, "code_expires_at": expires_at}
    work.rows.execute(update(participant).where(participant.c.id == participant_id).values(values))
    return generation


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One person's consent to one version; `comprehension` says how often each question was answered until right."""

    id: int
    trial_id: int
    participant_id: int
    version: str
    statements: tuple[str, ...]
    signed_at: datetime
    data_sharing: bool | None
    comprehension: Mapping[str, int] | None


def add_consent(
    work: Work,
    current: Participant,
    *,
    version: str,
    statements: list[str],
    data_sharing: bool | None = None,
    comprehension: Mapping[str, int] | None = None,
) -> int:
    """Consent to a version, with the statements that were ticked."""
    values = {"trial_id": current.trial_id, "participant_id": current.id, "version": version}
    asked = {"data_sharing": data_sharing, "comprehension": comprehension}
    return add_row(work, consent, **values, **asked, statements=statements, signed_at=work.now)


def consents_of(work: Work, participant_id: int) -> list[ConsentRecord]:
    """What one person consented to, in order."""
    return _consents(work, consent.c.participant_id == participant_id)


def consents(work: Work, trial_id: int) -> list[ConsentRecord]:
    """Every consent of a trial, in order."""
    return _consents(work, consent.c.trial_id == trial_id)


def _consents(work: Work, which: ColumnElement[bool]) -> list[ConsentRecord]:
    rows = work.rows.execute(select(consent).where(which).order_by(consent.c.id))
    return [ConsentRecord(**{**row._mapping, "statements": tuple(row.statements)}) for row in rows]


def set_version(work: Work, participant_id: int, protocol_id: int) -> None:
    """One person goes on by another version of the protocol."""
    work.rows.execute(update(participant).where(participant.c.id == participant_id).values(protocol_id=protocol_id))


def hold(work: Work, trial_id: int, *, state: ParticipantState) -> None:
    """Hold the rows of everybody in this state to the end of the transaction, in one order."""
    query = select(participant.c.id).where(participant.c.trial_id == trial_id, participant.c.state == state.value)
    work.rows.execute(query.order_by(participant.c.id).with_for_update(key_share=True))


def move_to_version(
    work: Work, trial_id: int, protocol_id: int, *, states: Collection[ParticipantState], since: int | None = None
) -> int:
    """Everyone in these states, or those of them who are on version `since`, goes on by another: how many moved."""
    query = update(participant).where(participant.c.trial_id == trial_id, participant.c.state.in_(_values(states)))
    if since is not None:
        query = query.where(participant.c.protocol_id == since)
    return work.rows.execute(query.values(protocol_id=protocol_id)).rowcount


def count_on_other_versions(
    work: Work, trial_id: int, protocol_id: int, *, states: Collection[ParticipantState]
) -> int:
    """How many people in these states are on another version than this."""
    query = select(func.count()).where(
        participant.c.trial_id == trial_id,
        participant.c.state.in_(_values(states)),
        participant.c.protocol_id != protocol_id,
    )
    return int(work.rows.execute(query).scalar_one())


def _values(states: Collection[ParticipantState]) -> list[str]:
    return [one.value for one in states]
