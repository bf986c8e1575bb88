"""What a load balancer or a supervisor asks: does this process answer, and can it do its work?

`/healthz/live` looks at nothing; `/healthz/ready` looks into the database. How far the worker is behind stands beside
it and makes no page unready: whoever answers a page is served whether mail leaves or not.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Response
from fastapi.responses import JSONResponse, PlainTextResponse

from trial.core.access import SYSTEM
from trial.services import health
from trial.services.delivery_status import LIVES
from trial.services.health import Health
from trial.storage.work import OpenWork

# a mail that is due for longer than a few rounds of the worker
LATE = 120.0


def routes(open_work: OpenWork) -> dict[str, Callable[..., Response]]:
    """By path; SecurityHeaders says of each answer that it is not to be kept."""

    def plain() -> Response:
        with open_work(SYSTEM, write=False):
            return PlainTextResponse("ok\n")

    def live() -> Response:
        return JSONResponse({"live": True})

    def ready() -> Response:
        found = health.look(open_work)
        return JSONResponse(told(found), status_code=200 if found.ready else 503)

    return {"/healthz": plain, "/healthz/live": live, "/healthz/ready": ready}


def told(found: Health) -> dict[str, object]:
    """Numbers of the whole installation; no trial, no person."""
    checks: dict[str, object] = {
        "database": {"ok": found.database, "is": "answers" if found.database else "does not answer"},
    }
    if found.database:
        checks["schema"] = {"ok": found.schema, "is": "current" if found.schema else "of another version"}
    if found.ready:
        checks["worker"] = _worker(found)
    return {"ready": found.ready, "checks": checks}


def _worker(found: Health) -> dict[str, object]:
    alive = found.late.in_hand > 0 or (found.looked is not None and found.looked < LIVES.total_seconds())
    return {
        "ok": alive and found.lag < LATE,
        "looked_seconds_ago": None if found.looked is None else round(found.looked),
        "due": found.late.number,
        "oldest_due_seconds": round(found.lag),
        "in_hand": found.late.in_hand,
    }
