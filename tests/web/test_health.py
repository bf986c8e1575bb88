"""What a supervisor asks of the pages: do they answer, can they be served, how far is the worker behind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from tests.web.desk_place import Team
from tests.web.place import SLUG, Person, Place, Visitor
from trial.core.access import SYSTEM
from trial.core.errors import Unavailable
from trial.services import health


def away(*_: object, **__: object) -> None:
    raise Unavailable("The database", "EQUIPOISE_DATABASE_URL", "secret-detail")


@pytest.fixture(params=["participants", "team"])
def ask(request: pytest.FixtureRequest, place: Place) -> Any:
    """(status, what was said) of a path, at the participants' pages or the team's; with the database away or not."""

    def asked(path: str, *, open_work: Any = None) -> tuple[int, Any]:
        if request.param == "participants":
            app = place.application(open_work=open_work)
        else:
            app = Team(place).application(open_work=open_work)
        reply = Visitor(app).get(path)
        assert reply.headers["cache-control"] == "no-store"
        assert SLUG not in reply.text and "@" not in reply.text and "secret-detail" not in reply.text
        return reply.status, json.loads(reply.text) if reply.text.startswith("{") else reply.text

    return asked


def test_a_process_that_runs_is_live_and_with_its_database_ready(ask: Any) -> None:
    assert ask("/healthz/live") == (200, {"live": True})
    status, said = ask("/healthz/ready")
    assert (status, said["ready"]) == (200, True)
    assert {name: one["ok"] for name, one in said["checks"].items()} == {
        "database": True, "schema": True, "worker": False,
    }  # fmt: skip
    assert said["checks"]["worker"]["looked_seconds_ago"] is None


def test_a_database_that_is_away_leaves_it_live_and_not_ready(ask: Any) -> None:
    assert ask("/healthz/live", open_work=away)[0] == 200
    status, said = ask("/healthz/ready", open_work=away)
    assert (status, said["ready"]) == (503, False)
    assert said["checks"] == {"database": {"ok": False, "is": "does not answer"}}


def test_a_schema_of_another_version_is_not_ready(place: Place, ask: Any) -> None:
    with place.store.open_work(SYSTEM) as work:
        work.rows.execute(text("update schema_version set version_num = '9999'"))
    status, said = ask("/healthz/ready")
    assert status == 503
    assert said["checks"]["schema"] == {"ok": False, "is": "of another version"}


def test_a_worker_that_is_behind_is_told_beside_and_makes_no_page_unready(place: Place, ask: Any) -> None:
    health.note_round(place.store.open_work)
    status, said = ask("/healthz/ready")
    assert (status, said["checks"]["worker"]["ok"], said["checks"]["worker"]["due"]) == (200, True, 0)
    assert 0 <= said["checks"]["worker"]["looked_seconds_ago"] < 30
    Person(place, "robin@mailbox.example").to_allocation()
    place.move(days=3)
    status, said = ask("/healthz/ready")
    assert (status, said["ready"], said["checks"]["worker"]["ok"]) == (200, True, False)
    assert said["checks"]["worker"]["due"] > 0 and said["checks"]["worker"]["oldest_due_seconds"] > 24 * 3600


def test_a_round_of_the_worker_is_written_down_once_in_half_a_minute(place: Place) -> None:
    written = []
    for _ in range(3):
        health.note_round(place.store.open_work)
        with place.store.open_work(SYSTEM, write=False) as work:
            written.append(work.rows.execute(text("select at from heartbeat")).scalar_one())
    assert len(set(written)) == 1
    with place.store.open_work(SYSTEM) as work:
        work.rows.execute(text("update heartbeat set at = datetime('now', '-31 seconds')"))
    health.note_round(place.store.open_work)
    with place.store.open_work(SYSTEM, write=False) as work:
        assert work.rows.execute(text("select at from heartbeat")).scalar_one() >= written[0]
