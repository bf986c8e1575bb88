"""When a worker or beat is ready: by what the database says and by what it did itself, never by the broker's word.

No Celery here.
"""

from __future__ import annotations

from trial.services.health import Health

Found = tuple[bool, dict[str, object]]


def worker_is_ready(found: Health, claimed_ago: float, patience: float) -> Found:
    """Not where mails are overdue, nobody has one in hand, and this worker has taken none for as long."""
    late = found.late
    stands_still = found.lag > patience and not late.in_hand and claimed_ago > patience
    checks: dict[str, object] = {
        "database": {"ok": found.database, "is": "answers" if found.database else "does not answer"},
        "schema": {"ok": found.schema, "is": "current" if found.schema else "not known to be current"},
        "mails": {"ok": not stands_still, "due": late.number, "oldest_due_seconds": round(found.lag),
                  "in_hand": late.in_hand},
    }  # fmt: skip
    return found.ready and not stands_still, checks


def beat_is_ready(sent_ago: float, patience: float) -> Found:
    """Not where the broker took no tick for some ticks' time."""
    fine = sent_ago <= patience
    return fine, {"ticks": {"ok": fine, "seconds_since_the_last": round(sent_ago)}}
