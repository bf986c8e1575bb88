"""Thirty people send answers that call for help while no worker, broker or mail server runs, and the process that takes
them in is killed -9 between the answers, their alert, its matter and the call, again and again. Bound: missing 0.

The same is done to a naive way, which looks at the answers after they were committed: it must lose alerts, else this
test would have no power.
"""

from __future__ import annotations

import signal
from contextlib import suppress

import pytest
from sqlalchemy import select

from tests.faults import submitting
from tests.faults.allocating import CONTEXT
from tests.services.post import Post, mailbox, post
from tests.services.scene import Scene
from tests.services.team import SAFETY, TeamScene, address
from tests.storage.stores import shared_postgres, shared_sqlite, store
from trial.core.matters import MatterKind
from trial.services.calling import call_due
from trial.storage import alerts, matters
from trial.storage.tables import answer_sheet
from trial.storage.tables_desk import call, matter
from trial.storage.tables_people import alert
from trial.storage.work import Store

__all__ = ["mailbox", "post", "shared_postgres", "shared_sqlite", "store"]
PEOPLE, EVERY = 30, 10


@pytest.fixture
def scene(store: Store) -> TeamScene:
    found = TeamScene(store, target=PEOPLE)
    found.on_duty(SAFETY)
    return found


def send_all(scene: Scene, todo: list[tuple[int, int]], *, naive: bool = False) -> int:
    """Start the process again after each death, until everyone has sent; how often it died."""
    deaths = [person for person, _ in todo[::EVERY]]
    url = scene.store.engine.url.render_as_string(hide_password=False)
    left, died = todo, 0
    while True:
        code, begun = send(url, naive, left, deaths)
        if code == 0:
            return died
        assert code == -signal.SIGKILL
        died += 1
        last = begun[-1]
        deaths.remove(last)
        left = left[[person for person, _ in left].index(last) :]  # whoever heard nothing presses the button again


def send(url: str, naive: bool, todo: list[tuple[int, int]], deaths: list[int]) -> tuple[int | None, list[int]]:
    """(exit code, whose form it began to send in) of one process."""
    ours, theirs = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=submitting.main, args=(theirs, url, naive, todo, deaths), daemon=True)
    process.start()
    theirs.close()
    begun = []
    with suppress(EOFError):
        while True:
            begun.append(ours.recv())
    process.join(120)
    return process.exitcode, begun


def without_alert(scene: Scene) -> set[int]:
    """The sheets that no alert belongs to."""
    with scene.work(write=False) as work:
        kept = set(work.rows.execute(select(answer_sheet.c.id)).scalars())
        raised = set(work.rows.execute(select(alert.c.answer_sheet_id).where(alert.c.rule == "despair")).scalars())
    assert len(kept) == PEOPLE
    return kept - raised


def without_call(scene: Scene) -> set[int]:
    """The alerts that opened no matter, or whose matter calls nobody."""
    with scene.work(write=False) as work:
        raised = set(work.rows.execute(select(alert.c.id).where(alert.c.tier == "alert")).scalars())
        told = select(matter.c.about).join(call, call.c.matter_id == matter.c.id).where(matter.c.kind == "alert")
        return raised - set(work.rows.execute(told).scalars())


def test_no_alert_is_lost_and_each_stands_once_and_calls_when_there_is_mail_again(scene: Scene, post: Post) -> None:
    todo = [scene.to_baseline() for _ in range(PEOPLE)]
    assert send_all(scene, todo) == PEOPLE // EVERY
    assert without_alert(scene) == set()
    assert without_call(scene) == set()
    with scene.work(write=False) as work:
        assert matters.count_untouched(work, scene.id, MatterKind.ALERT) == PEOPLE
        assert all(alerts.called_for(work, person, f"form-{occasion}") for person, occasion in todo)
        assert [alerts.sheets_of(work, person) for person, _ in todo] == [1] * PEOPLE
    assert [scene.events(person).count("alert_raised") for person, _ in todo] == [2] * PEOPLE
    call_due(scene.store.open_work, post.sender())
    told = [one.text for one in post.mails(address(SAFETY))]
    with scene.work(write=False) as work:
        raised_now = matters.listed(work, scene.id, MatterKind.ALERT)
    assert all(one.urgent and one.act_by for one in raised_now)
    assert [sum(f"/matters/{one.id}\n" in text for text in told) for one in raised_now] == [1] * PEOPLE


def test_the_naive_way_loses_the_alert_of_everyone_at_whom_it_died(scene: Scene) -> None:
    todo = [scene.to_baseline() for _ in range(PEOPLE)]
    assert send_all(scene, todo, naive=True) == PEOPLE // EVERY
    assert len(without_alert(scene)) == PEOPLE // EVERY
