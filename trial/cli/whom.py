"""Whom each command acts as. A command that is not named here does not pass the tests.

What it may do stands in the policy table alone (`trial.core.access`); this says which verbs it asks for, so that the
guide can say from both who has to sign in for what.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trial.core.access import KEPT_BY_OPERATOR, MAY, Role, Verb


class Whom(StrEnum):
    """`NOBODY`: files, or the machine itself. `OPERATOR`: always the account on the server. `TRIAL`: the member who
    signed in, with their roles in the trial that is named, else the operator. `EVERYWHERE`: the same for what concerns
    the whole installation; a member with what they may do in each of its trials."""

    NOBODY = "nobody"
    OPERATOR = "operator"
    TRIAL = "trial"
    EVERYWHERE = "everywhere"


@dataclass(frozen=True, slots=True)
class Command:
    """Whom a command acts as, and every verb that it may ask for."""

    whom: Whom
    verbs: tuple[Verb, ...] = ()

    @property
    def in_words(self) -> str:
        """As the guide says it."""
        if self.whom is Whom.NOBODY:
            return "nobody: it touches no trial"
        if self.whom is Whom.OPERATOR:
            return "the operator"
        if not any(one in MAY[Role.OPERATOR] for one in self.verbs):
            return "a member"
        member = "the member who signed in" + (" (may it in each trial)" if self.whom is Whom.EVERYWHERE else "")
        if all(one in KEPT_BY_OPERATOR for one in self.verbs):
            return f"{member}, else the operator"
        return f"{member}, else the operator; in a live trial with a team a member"


V, W = Verb, Whom
FILES = Command(W.NOBODY)


def _in(*verbs: Verb) -> Command:
    return Command(W.TRIAL, verbs)


COMMANDS: dict[str, Command] = {
    "new": FILES,
    "results": _in(V.READ_STATUS, V.TELL_RESULTS),
    "sign-in": FILES,
    "sign-out": FILES,
    "prepare": _in(V.PREPARE_TRIAL),
    "backup": Command(W.EVERYWHERE, (V.BACK_UP,)),
    "restore": Command(W.EVERYWHERE, (V.RESTORE,)),
    "drill": Command(W.EVERYWHERE, (V.BACK_UP, V.RECORD_EVIDENCE)),
    "release": _in(V.READ_STATUS, V.RESUME_TRIAL, V.ASK_RELEASE, V.APPROVE_RELEASE),
    "check": FILES,
    "schema": FILES,
    "power": FILES,
    "demo": Command(W.OPERATOR, (V.OPEN_TRIAL, V.CLOSE_RECRUITMENT, V.FREEZE, V.READ_STATUS)),
    "rehearse": Command(W.OPERATOR, (V.OPEN_TRIAL, V.CLOSE_RECRUITMENT, V.FREEZE, V.READ_STATUS)),
    "open": _in(V.OPEN_TRIAL),
    "status": _in(V.READ_STATUS),
    "pause": _in(V.PAUSE_TRIAL),
    "resume": _in(V.READ_STATUS, V.RESUME_TRIAL, V.ASK_RELEASE, V.APPROVE_RELEASE),
    "close": _in(V.CLOSE_RECRUITMENT),
    "serve": Command(W.OPERATOR, (V.READ_STATUS,)),
    "cut": _in(V.TAKE_CUT, V.READ_CLOSED_REPORT),
    "open-sealed": FILES,
    "lock": _in(V.READ_ACTS, V.ASK_LOCK, V.APPROVE_LOCK),
    "unlock": _in(V.READ_ACTS, V.ASK_LOCK, V.APPROVE_LOCK),
    "freeze": _in(V.FREEZE),
    "analyse": FILES,
    "report": FILES,
    "meta": FILES,
    "migrate": FILES,
    "mailbox": FILES,
    "member add": _in(V.ADD_MEMBER),
    "member owner": _in(V.ADD_MEMBER),
    "member invite": _in(V.ADD_MEMBER),
    "member renew": Command(W.OPERATOR, (V.ADD_MEMBER,)),
    "member list": _in(V.READ_STATUS),
    "enrolment held": _in(V.READ_HELD),
    "enrolment release": _in(V.REVIEW_ENROLMENT),
    "enrolment refuse": _in(V.REVIEW_ENROLMENT),
    "alert test": _in(V.RECORD_EVIDENCE),
    "alert roster": _in(V.READ_ROSTER),
    "protocol show": _in(V.READ_STATUS),
    "protocol diff": _in(V.READ_STATUS),
    "protocol amend": _in(V.READ_STATUS, V.AMEND),
    "instruments list": FILES,
    "instruments show": FILES,
    "instruments fill": FILES,
    "capsule make": _in(V.FREEZE),
    "capsule verify": FILES,
    "keys custodian": FILES,
    "keys escrow": Command(W.EVERYWHERE, (V.BACK_UP, V.RECORD_EVIDENCE)),
    "gate show": _in(V.READ_GATE),
    "gate rehearsal": _in(V.READ_STATUS, V.RECORD_EVIDENCE),
    "randomization simulate": FILES,
    "randomization test": FILES,
    "randomization share": _in(V.PREPARE_TRIAL),
    "randomization contribute": _in(V.PREPARE_TRIAL),
    "randomization verify": _in(V.VERIFY_ALLOCATION, V.VERIFY_AFTER_LOCK),
    "randomization error": _in(V.MARK_ENROLMENT_ERROR),
    "mail doctor": _in(V.RECORD_EVIDENCE, V.READ_GATE),
    "delivery status": _in(V.READ_STATUS),
    "delivery explain": _in(V.EXPLAIN_DELIVERY),
    "delivery retime": _in(V.AMEND),
}
