"""A process that sends in answers which call for help, and dies at given ones: between the sheet and its alert, between
the alert and its matter, or between the matter and the call.

`naive` raises the alert after the answers were committed, in a transaction of its own: the control, which must lose.
"""

from __future__ import annotations

import os
import signal
from multiprocessing.connection import Connection
from typing import Any

from tests.storage.stores import opened
from trial.core.access import participant_actor
from trial.services import alarms, answers, calling, safety
from trial.storage.work import Store

FORM = {"feeling_1": "0", "feeling_2": "1", "feeling_3": "3"}
_watch = safety.watch


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def send(store: Store, person: int, occasion: int) -> str:
    """One form, as a browser sends it again after it heard nothing."""
    with store.open_work(participant_actor(person)) as work:
        return answers.submit(work, person, occasion, FORM, submission=f"form-{occasion}", opened_at=work.now).state


def send_naively(store: Store, person: int, occasion: int, *, dies: bool) -> None:
    """First keep the answers; then, in another transaction, look whether they call for help."""
    later: list[tuple[Any, ...]] = []
    safety.watch = lambda *given: bool(later.append(given))
    kept = send(store, person, occasion)
    safety.watch = _watch
    if dies:
        die()
    if kept == "kept":
        with store.open_work(participant_actor(person)) as work:
            _watch(work, *later[0][1:])


# where the process dies, in turn
PLACES = ((safety.alerts, "add"), (alarms.matters, "open_one"), (calling.calls, "plan"))


def main(pipe: Connection, url: str, naive: bool, todo: list[tuple[int, int]], deaths: list[int]) -> None:
    """Says over the pipe whose form it sends in, before it does."""
    with opened(url) as store:
        for person, occasion in todo:
            pipe.send(person)
            if naive:
                send_naively(store, person, occasion, dies=person in deaths)
                continue
            if person in deaths:
                where, what = PLACES[-len(deaths) % len(PLACES)]
                setattr(where, what, die)
            send(store, person, occasion)
