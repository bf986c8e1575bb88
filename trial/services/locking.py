"""What a lock stands on: which matters are open, the digest of the data, and every lock and unlock for the report."""

from __future__ import annotations

from typing import Any

from trial.core.access import Actor
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.trial import Trial
from trial.core.two_person import TwoPersonAct
from trial.services import record
from trial.storage import events, matters, two_person_acts
from trial.storage.work import Work

OPEN = "open_"


def open_matters(work: Work, trial_id: int) -> dict[str, int]:
    """How many matters wait for the team, by list; lists without any are left out."""
    return {kind.value: n for kind, n in matters.counts(work, trial_id).items() if n}


def in_words(found: dict[str, int]) -> str:
    """`2 alert, 1 held enrolment`."""
    return ", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in found.items())


def require_listed(work: Work, trial: Trial, *, with_open: bool) -> None:
    """Refuse to ask for a lock over open matters that nobody speaks for."""
    if (found := open_matters(work, trial.id)) and not with_open:
        raise Refused(
            f"Matters are open: {in_words(found)}. Close them, or say in the reason why they stay open and ask for "
            "the lock with them open."
        )


def require_none_since(work: Work, trial: Trial, act: TwoPersonAct) -> None:
    """Refuse to lock over matters that came after it was asked for: the reason does not speak for those."""
    asked = _asked(work, trial.id, act.id)
    more = {kind: n for kind, n in open_matters(work, trial.id).items() if n > int(asked.get(OPEN + kind, 0))}
    if more:
        raise Refused(
            f"Since the lock was asked for, matters were opened: {in_words(more)} are open now. Close them, or take "
            "the request back and ask again."
        )


def facts(work: Work, trial: Trial, *, digest: bool) -> dict[str, str | int]:
    """What the event of asking, locking or unlocking keeps: the role, what is open, the digest of the data."""
    found: dict[str, str | int] = {"role": roles_of(work.by)}
    if digest:
        found["digest"] = record.digest_now(work, trial)
    return found | {OPEN + kind: n for kind, n in open_matters(work, trial.id).items()}


def roles_of(by: Actor) -> str:
    """`owner`, or several joined by +; what the actor is called where they hold none."""
    held = by.roles if by.role is None else by.roles | {by.role}
    return "+".join(sorted(one.value for one in held)) or by.name.partition(":")[0]


def listed(work: Work, trial_id: int) -> list[dict[str, Any]]:
    """Every lock and unlock in order: when, in whose roles, why, what was open, and the digest of the data."""
    asked = {one.id: one for one in two_person_acts.of_trial(work, trial_id)}
    found = []
    for one in events.of_trial(work, trial_id):
        if one.event in (Event.LOCKED, Event.UNLOCKED):
            act = asked.get(int(one.detail.get("act", 0)))
            found.append(
                {
                    "what": one.event.value,
                    "at": one.at.isoformat(),
                    "asked_by": str(_asked(work, trial_id, act.id).get("role", "")) if act else "",
                    "decided_by": str(one.detail.get("role", "")),
                    "solo": bool(one.detail.get("solo")),
                    "reason": act.reason if act else "",
                    "digest": one.detail.get("digest"),
                    "open": {
                        name.removeprefix(OPEN): n for name, n in one.detail.items() if name.startswith(OPEN)
                    },
                }
            )  # fmt: skip
    return found


def _asked(work: Work, trial_id: int, act_id: int) -> dict[str, str | int]:
    details = events.details_in(work, trial_id, Event.LOCK_ASKED)
    return next((dict(one) for one in details if one.get("act") == act_id), {})
