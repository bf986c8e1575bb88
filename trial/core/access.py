"""Who may do and read what: one policy table, role x verb x privacy class.

A column of the database belongs to one privacy class; a verb reads or writes classes. Nothing is allowed that
the table does not name. `allocation` is a class of its own: who is blinded never reads it before the lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trial.core.errors import NotAllowed


class Role(StrEnum):
    """Members' roles per trial; an operator is the OS account that runs a command on the server."""

    OWNER = "owner"
    COORDINATOR = "coordinator"
    STATISTICIAN = "statistician"
    UNBLINDED_STATISTICIAN = "unblinded_statistician"
    SAFETY_CONTACT = "safety_contact"
    CUSTODIAN = "custodian"
    OPERATOR = "operator"


class Privacy(StrEnum):
    """What a datum is: who someone is, what the trial knows, which arm, or how the machine runs."""

    IDENTIFYING = "identifying"
    TRIAL = "trial"
    ALLOCATION = "allocation"
    OPERATIONAL = "operational"


class Verb(StrEnum):
    """What staff do to a trial."""

    READ_STATUS = "read_status"
    READ_ANSWERS = "read_answers"
    READ_ALLOCATION = "read_allocation"
    READ_IDENTITY = "read_identity"
    READ_EVENTS = "read_events"
    OPEN_TRIAL = "open_trial"
    PAUSE_TRIAL = "pause_trial"
    RESUME_TRIAL = "resume_trial"
    CLOSE_RECRUITMENT = "close_recruitment"
    ADD_MEMBER = "add_member"
    FREEZE = "freeze"
    TELL_RESULTS = "tell_results"
    READ_HELD = "read_held"
    REVIEW_ENROLMENT = "review_enrolment"


R, V, P = Role, Verb, Privacy
_RUNS = {
    V.OPEN_TRIAL,
    V.PAUSE_TRIAL,
    V.RESUME_TRIAL,
    V.CLOSE_RECRUITMENT,
    V.ADD_MEMBER,
    V.READ_STATUS,
    V.READ_EVENTS,
    V.TELL_RESULTS,
    V.READ_HELD,
}

MAY: dict[Role, frozenset[Verb]] = {
    R.OWNER: frozenset(_RUNS | {V.REVIEW_ENROLMENT}),
    R.COORDINATOR: frozenset({V.READ_STATUS, V.READ_EVENTS, V.PAUSE_TRIAL, V.READ_HELD, V.REVIEW_ENROLMENT}),
    R.STATISTICIAN: frozenset({V.READ_STATUS, V.READ_ANSWERS}),
    R.UNBLINDED_STATISTICIAN: frozenset({V.READ_STATUS, V.READ_ANSWERS, V.READ_ALLOCATION, V.FREEZE}),
    R.SAFETY_CONTACT: frozenset({V.READ_STATUS, V.READ_IDENTITY, V.PAUSE_TRIAL}),
    R.CUSTODIAN: frozenset({V.READ_STATUS}),
    R.OPERATOR: frozenset(_RUNS | {V.FREEZE}),
}

READS: dict[Verb, frozenset[Privacy]] = {
    V.READ_STATUS: frozenset({P.OPERATIONAL}),
    V.READ_EVENTS: frozenset({P.OPERATIONAL}),
    V.READ_ANSWERS: frozenset({P.TRIAL, P.OPERATIONAL}),
    V.READ_ALLOCATION: frozenset({P.ALLOCATION, P.OPERATIONAL}),
    V.READ_IDENTITY: frozenset({P.IDENTIFYING, P.OPERATIONAL}),
    V.READ_HELD: frozenset({P.OPERATIONAL}),
    V.REVIEW_ENROLMENT: frozenset({P.TRIAL, P.OPERATIONAL}),
    V.FREEZE: frozenset({P.TRIAL, P.ALLOCATION, P.OPERATIONAL}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `participant:12`, `member:3` with a role, `operator:anna`, or `system`."""

    name: str
    role: Role | None = None

    def __str__(self) -> str:
        return self.name


SYSTEM = Actor("system")


def participant_actor(participant_id: int) -> Actor:
    """A participant acting for themselves."""
    return Actor(f"participant:{participant_id}")


def require(actor: Actor, verb: Verb) -> None:
    """Raise NotAllowed unless the actor's role may do this."""
    if actor.role is None or verb not in MAY[actor.role]:
        raise NotAllowed(f"{actor} may not {str(verb).replace('_', ' ')}.")


def may_read(role: Role, privacy: Privacy) -> bool:
    """Whether any verb of a role reads this class."""
    return any(privacy in READS.get(verb, frozenset()) for verb in MAY[role])
