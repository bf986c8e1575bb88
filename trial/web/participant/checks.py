"""What the screening form carries to tell people from robots: a sum, a trap, and when the page was opened.

Nothing of it stops anybody: what is missing or wrong becomes a flag, and a person looks before the allocation.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from trial.core import proof
from trial.core.fraud import FormEvidence
from trial.core.proof import CHALLENGE, PROOF
from trial.core.trial import Trial, TrialKind
from trial.web.participant.session import Session
from trial.web.participant.visit import Visit

TRAP = "web-site"


def challenge_of(visit: Visit, trial: Trial, now: datetime) -> tuple[str, str]:
    """The challenge that came with the form and its proof, if it is ours to this session; a new one otherwise."""
    if (sent := _sent(visit, trial)) is not None:
        return str(sent), visit.form.get(PROOF, "")
    return str(proof.challenge(visit.site.secret, visit.session.id, now, _bits(trial))), ""


def evidence_of(visit: Visit, trial: Trial, now: datetime) -> FormEvidence:
    """What the sent form says about who sent it."""
    asked, session = _sent(visit, trial), visit.session
    return FormEvidence(
        proof=proof.judge(asked, visit.form.get(PROOF, "").strip(), now),
        trapped=bool(visit.form.get(TRAP, "").strip()),
        seconds=None if asked is None else (now - asked.issued_at).total_seconds(),
        earlier=None if session.first is None else (session.first, session.first_eligible),
    )


def tried(session: Session, screening_id: int | None, *, eligible: bool) -> Session:
    """The session that remembers its first screening, and whether any was not eligible."""
    first = screening_id if session.first is None else session.first
    return replace(session, first=first, first_eligible=session.first_eligible and eligible)


def _sent(visit: Visit, trial: Trial) -> proof.Challenge | None:
    return proof.read(visit.site.secret, visit.session.id, visit.form.get(CHALLENGE, ""), _bits(trial))


def _bits(trial: Trial) -> int:
    return proof.REHEARSAL_BITS if trial.kind is TrialKind.REHEARSAL else proof.BITS
