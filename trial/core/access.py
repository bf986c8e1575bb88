"""Who may do and read what: one policy table, role x verb x privacy class.

A column of the database belongs to one privacy class; a verb reads or writes classes. Nothing is allowed that
the table does not name. `allocation` is a class of its own: who is blinded never reads it before the lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trial.core.errors import NotAllowed, NotFound


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
    """What a datum is: who someone is; what people wrote in their own words, which may say who they are, and their arm
    as well; what the trial knows; which arm; how the machine runs; or what a member proves who they are with, which no
    verb reads."""

    IDENTIFYING = "identifying"
    WORDS = "words"
    TRIAL = "trial"
    ALLOCATION = "allocation"
    OPERATIONAL = "operational"
    CREDENTIAL = "credential"


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
    END_MEMBERSHIP = "end_membership"
    READ_ALERTS = "read_alerts"
    ACT_ON_ALERT = "act_on_alert"
    READ_ADVERSE_EVENTS = "read_adverse_events"
    RECORD_ADVERSE_EVENT = "record_adverse_event"
    ASSESS_ADVERSE_EVENT = "assess_adverse_event"
    READ_HARM_COUNTS = "read_harm_counts"
    READ_WORDS = "read_words"
    READ_REPLIES = "read_replies"
    ACT_ON_REPLY = "act_on_reply"
    READ_DELIVERIES = "read_deliveries"
    MEND_DELIVERY = "mend_delivery"
    EXPLAIN_DELIVERY = "explain_delivery"
    READ_DEVIATIONS = "read_deviations"
    RECORD_DEVIATION = "record_deviation"
    MARK_ENROLMENT_ERROR = "mark_enrolment_error"
    READ_PARTICIPANT = "read_participant"
    CARE_FOR_PARTICIPANT = "care_for_participant"
    READ_ROSTER = "read_roster"
    EDIT_ROSTER = "edit_roster"
    READ_INCENTIVES = "read_incentives"
    GIVE_INCENTIVES = "give_incentives"
    READ_ACTS = "read_acts"
    ASK_UNBLINDING = "ask_unblinding"
    APPROVE_UNBLINDING = "approve_unblinding"
    ASK_LOCK = "ask_lock"
    APPROVE_LOCK = "approve_lock"
    ASK_RELEASE = "ask_release"
    APPROVE_RELEASE = "approve_release"
    PREPARE_TRIAL = "prepare_trial"
    READ_GATE = "read_gate"
    RECORD_EVIDENCE = "record_evidence"
    BACK_UP = "back_up"
    RESTORE = "restore"
    AMEND = "amend"
    VERIFY_ALLOCATION = "verify_allocation"
    VERIFY_AFTER_LOCK = "verify_after_lock"
    TAKE_CUT = "take_cut"
    READ_CLOSED_REPORT = "read_closed_report"


R, V, P = Role, Verb, Privacy
_RUNS = {
    V.OPEN_TRIAL,
    V.PAUSE_TRIAL,
    V.RESUME_TRIAL,
    V.CLOSE_RECRUITMENT,
    V.ADD_MEMBER,
    V.END_MEMBERSHIP,
    V.READ_STATUS,
    V.READ_EVENTS,
    V.TELL_RESULTS,
    V.READ_HELD,
    V.PREPARE_TRIAL,
    V.READ_GATE,
    V.RECORD_EVIDENCE,
    V.READ_ROSTER,
    V.AMEND,
    V.VERIFY_AFTER_LOCK,
    V.EXPLAIN_DELIVERY,
}
# what comes in day by day; who may also decide stands with the role
_LISTS = {
    V.READ_STATUS,
    V.READ_ADVERSE_EVENTS,
    V.RECORD_ADVERSE_EVENT,
    V.READ_HARM_COUNTS,
    V.READ_WORDS,
    V.READ_REPLIES,
    V.ACT_ON_REPLY,
    V.READ_DEVIATIONS,
    V.READ_PARTICIPANT,
    V.READ_ROSTER,
    V.PAUSE_TRIAL,
}
_OFFICE = _LISTS | {
    V.VERIFY_AFTER_LOCK,
    V.READ_EVENTS,
    V.READ_HELD,
    V.REVIEW_ENROLMENT,
    V.READ_DELIVERIES,
    V.MEND_DELIVERY,
    V.EXPLAIN_DELIVERY,
    V.RECORD_DEVIATION,
    V.MARK_ENROLMENT_ERROR,
    V.CARE_FOR_PARTICIPANT,
    V.READ_INCENTIVES,
    V.GIVE_INCENTIVES,
    V.ASK_RELEASE,
    V.READ_ACTS,
    V.READ_GATE,
}
_CARE = {V.READ_ALERTS, V.ACT_ON_ALERT, V.ASSESS_ADVERSE_EVENT, V.READ_IDENTITY, V.ASK_UNBLINDING, V.READ_ACTS}

MAY: dict[Role, frozenset[Verb]] = {
    R.OWNER: frozenset(_RUNS | _OFFICE | _CARE | {V.EDIT_ROSTER, V.ASK_LOCK, V.APPROVE_RELEASE, V.TAKE_CUT}),
    R.COORDINATOR: frozenset(_OFFICE),
    R.STATISTICIAN: frozenset(
        {V.READ_STATUS, V.READ_ANSWERS, V.READ_HARM_COUNTS, V.READ_DEVIATIONS, V.VERIFY_AFTER_LOCK, V.TAKE_CUT}
    ),
    R.UNBLINDED_STATISTICIAN: frozenset(
        {
            V.READ_STATUS,
            V.READ_ANSWERS,
            V.READ_ALLOCATION,
            V.VERIFY_ALLOCATION,
            V.VERIFY_AFTER_LOCK,
            V.FREEZE,
            V.TAKE_CUT,
            V.READ_CLOSED_REPORT,
            V.READ_ACTS,
            V.APPROVE_UNBLINDING,
            V.APPROVE_LOCK,
        }
    ),
    R.SAFETY_CONTACT: frozenset(_LISTS | _CARE | {V.VERIFY_AFTER_LOCK}),
    R.CUSTODIAN: frozenset(
        {
            V.READ_STATUS,
            V.READ_GATE,
            V.RECORD_EVIDENCE,
            V.BACK_UP,
            V.RESTORE,
            V.VERIFY_ALLOCATION,
            V.VERIFY_AFTER_LOCK,
            V.READ_ACTS,
            V.APPROVE_UNBLINDING,
            V.APPROVE_LOCK,
            V.APPROVE_RELEASE,
        }
    ),
    R.OPERATOR: frozenset(
        _RUNS | {V.FREEZE, V.TAKE_CUT, V.READ_CLOSED_REPORT, V.BACK_UP, V.RESTORE, V.MARK_ENROLMENT_ERROR}
    ),
}
# what the operator keeps in a live trial once an owner can sign in: to look, to stop all sending, to take copies and to
# try what the gate asks for. What changes the trial is from then on a member's to do, at the desk or by a command.
KEPT_BY_OPERATOR = frozenset(
    {
        V.READ_STATUS,
        V.READ_EVENTS,
        V.READ_GATE,
        V.READ_ROSTER,
        V.EXPLAIN_DELIVERY,
        V.PAUSE_TRIAL,
        V.PREPARE_TRIAL,
        V.ADD_MEMBER,
        V.RECORD_EVIDENCE,
        V.BACK_UP,
        V.VERIFY_AFTER_LOCK,
    }
)

# kinds of roles that one person never holds in one trial at the same time, nor the first after the second
BLINDED = frozenset(R) - {R.UNBLINDED_STATISTICIAN, R.OPERATOR}

READS: dict[Verb, frozenset[Privacy]] = {
    V.READ_STATUS: frozenset({P.OPERATIONAL}),
    V.READ_EVENTS: frozenset({P.OPERATIONAL}),
    V.READ_ANSWERS: frozenset({P.TRIAL, P.OPERATIONAL}),
    V.READ_ALLOCATION: frozenset({P.ALLOCATION, P.OPERATIONAL}),
    V.READ_IDENTITY: frozenset({P.IDENTIFYING, P.OPERATIONAL}),
    V.READ_HELD: frozenset({P.OPERATIONAL}),
    V.REVIEW_ENROLMENT: frozenset({P.TRIAL, P.OPERATIONAL}),
    V.FREEZE: frozenset({P.TRIAL, P.ALLOCATION, P.OPERATIONAL}),
    V.READ_ALERTS: frozenset({P.TRIAL, P.OPERATIONAL}),
    V.READ_ADVERSE_EVENTS: frozenset({P.TRIAL, P.OPERATIONAL}),
    V.READ_HARM_COUNTS: frozenset({P.TRIAL, P.OPERATIONAL}),
    V.READ_WORDS: frozenset({P.WORDS, P.OPERATIONAL}),
    V.READ_REPLIES: frozenset({P.TRIAL, P.OPERATIONAL}),
    V.READ_DELIVERIES: frozenset({P.OPERATIONAL}),
    V.EXPLAIN_DELIVERY: frozenset({P.OPERATIONAL}),
    V.READ_DEVIATIONS: frozenset({P.TRIAL, P.OPERATIONAL}),
    V.READ_PARTICIPANT: frozenset({P.TRIAL, P.OPERATIONAL}),
    V.READ_ROSTER: frozenset({P.OPERATIONAL}),
    V.READ_INCENTIVES: frozenset({P.TRIAL, P.OPERATIONAL}),
    V.READ_ACTS: frozenset({P.TRIAL, P.OPERATIONAL}),
    V.READ_GATE: frozenset({P.OPERATIONAL}),
    # yes or no, and which allocation; what differs is shown to who may read allocations alone
    V.VERIFY_ALLOCATION: frozenset({P.OPERATIONAL}),
    V.VERIFY_AFTER_LOCK: frozenset({P.OPERATIONAL}),
    # counts over everybody, or by labels that name no arm
    V.TAKE_CUT: frozenset({P.TRIAL, P.OPERATIONAL}),
    V.READ_CLOSED_REPORT: frozenset({P.TRIAL, P.ALLOCATION, P.OPERATIONAL}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `participant:12`, `member:3` with the roles of one trial, `operator:anna`, or `system`.

    A member acts in one trial alone: storage gives them no row of another (`require_trial`). `beside_team`: the
    operator in a live trial that has an owner, who keeps only what KEPT_BY_OPERATOR names.
    """

    name: str
    role: Role | None = None
    roles: frozenset[Role] = frozenset()
    trial_id: int | None = None
    beside_team: bool = False

    def __str__(self) -> str:
        return self.name

    def may(self, verb: Verb) -> bool:
        """Whether any of the roles may do this."""
        if self.beside_team and verb not in KEPT_BY_OPERATOR:
            return False
        held = self.roles if self.role is None else self.roles | {self.role}
        return any(verb in MAY[one] for one in held)


SYSTEM = Actor("system")


def participant_actor(participant_id: int) -> Actor:
    """A participant acting for themselves."""
    return Actor(f"participant:{participant_id}")


def member_actor(member_id: int, roles: frozenset[Role], trial_id: int) -> Actor:
    """A member acting in one trial with the roles they hold there now."""
    return Actor(f"member:{member_id}", roles=roles, trial_id=trial_id)


def is_blinded(actor: Actor) -> bool:
    """Whether this is a member of the team who may not know who is in which arm."""
    return bool(actor.roles) and not actor.may(Verb.READ_ALLOCATION)


def require_trial(actor: Actor, trial_id: int) -> None:
    """Raise NotFound where a member reaches for another trial than the one they act in."""
    if actor.trial_id not in (None, trial_id):
        raise NotFound("There is nothing of this name here.")


def require(actor: Actor, verb: Verb) -> None:
    """Raise NotAllowed unless one of the actor's roles may do this."""
    if not actor.may(verb):
        raise NotAllowed(f"{actor} may not {str(verb).replace('_', ' ')}.")


def may_read(role: Role, privacy: Privacy) -> bool:
    """Whether any verb of a role reads this class."""
    return any(privacy in READS.get(verb, frozenset()) for verb in MAY[role])
