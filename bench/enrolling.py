"""Allocations through the database: eight clients answer the last question of baselines on PostgreSQL, by each method.

    python -m bench.enrolling [--people N] [--standing N N …]

What is timed is a whole submission as the participants' page makes it: answers kept and sealed, stratum worked out,
draw, decision record, event, and all mails and windows of the trial planned, in one transaction that holds the trial.
Beside it, in turn, eight clients that each take the same lock and write one bare row. Commits reach the disk. So many
allocations stand in the trial before: the cost must not grow with them.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache

from sqlalchemy import insert, text

from bench.saying import middle, say
from tests.core.protocols import FOLDER, rewritten
from tests.services.scene import MOODS, Scene
from tests.services.test_methods_of_allocation import BLOCKS, METHODS
from tests.storage.stores import KEYS, opened
from trial.core.access import participant_actor
from trial.core.randomization import STAGE, rule_of
from trial.protocol_files import ProtocolFolder
from trial.services import answers
from trial.storage import schema
from trial.storage.engine import connect
from trial.storage.tables import allocation_state
from trial.storage.work import Store

CLIENTS, ROUNDS = 8, 3
DESIGNS: dict[str, ProtocolFolder] = {"permuted blocks": FOLDER} | {
    version.removesuffix("-1").replace("-", " "): rewritten((BLOCKS, said)) for version, said in METHODS.items()
}
Person = tuple[int, int]
Clients = ProcessPoolExecutor


def main() -> None:
    """Measure each method after each number of allocations, in rounds that alternate with the reference."""
    parser = argparse.ArgumentParser(prog="python -m bench.enrolling", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=80, help="people in each of three rounds")
    parser.add_argument("--standing", type=int, nargs="*", default=[10**3, 10**5], help="allocations before")
    asked = parser.parse_args()
    with _clients() as (server, clients):
        for name, folder in DESIGNS.items():
            found = {}
            for standing in asked.standing:
                url = server(f"enrolling_{name.replace(' ', '_')}_{standing}")
                found[standing] = _measure(url, clients, folder, standing, asked.people)
            _say(name, found, asked.people)


def _say(name: str, found: dict[int, tuple[float, float]], people: int) -> None:
    figures: dict[str, object] = {"method": name, "clients": CLIENTS, "people": people * ROUNDS}
    for standing, (rate, ratio) in found.items():
        figures |= {f"per_second_after_{standing}": rate, f"bare_rows_each_after_{standing}": ratio}
    after = " / ".join(f"{standing:,}" for standing in found)
    rates = " / ".join(f"{rate:.0f}" for rate, _ in found.values())
    ratios = " / ".join(f"{ratio:.1f}" for _, ratio in found.values())
    say(
        "enrolling",
        figures,
        f"{name}: with {after} allocations standing, {CLIENTS} clients get {rates} people per second allocated; one "
        f"costs as much as {ratios} bare rows under the same lock.",
    )


@contextmanager
def _clients() -> Iterator[tuple[Callable[[str], str], Clients]]:
    """A server that keeps its promises about the disk, and eight processes."""
    from tests.servers.postgres import PostgresServer

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.services.scene"])
    with PostgresServer(durable=True) as server, Clients(CLIENTS, mp_context=context) as clients:
        yield server.create_database, clients


def _measure(url: str, clients: Clients, folder: ProtocolFolder, standing: int, people: int) -> tuple[float, float]:
    """(people allocated per second, what one costs in bare rows); the first round warms up and is not counted."""
    with opened(url) as store:
        schema.upgrade(store.engine)
        scene = Scene(store, folder=folder, target=standing + people * (ROUNDS + 1))
        _stand(store, scene, standing)
        waiting = [scene.to_baseline() for _ in range(people * (ROUNDS + 1))]
    rates, ratios = [], []
    for number in range(ROUNDS + 1):
        ours = _rate(clients, _answer, url, waiting[number * people : (number + 1) * people])
        bare = _rate(clients, _bare, url, waiting[number * people : (number + 1) * people])
        if number:
            rates.append(ours)
            ratios.append(bare / ours)
    return middle(rates, 0), middle(ratios, 1)


def _stand(store: Store, scene: Scene, standing: int) -> None:
    """So many allocations as if people had come before: their rows, and what is kept under each key."""
    rule = rule_of(scene.folder.protocol)
    keys = sorted({rule.key({"mood_level": one}) for one in ("good", "low")})
    with store.engine.begin() as rows:
        rows.execute(text("set local session_replication_role = replica"))  # nobody stands behind these rows
        rows.execute(text("create table bare (id serial primary key, person integer)"))
        rows.execute(
            text(
                "insert into allocation (trial_id, stage, participant_id, sequence, stratum, number, arm, record, "
                "allocated_at) select :trial, 'main', -n, n, (cast(:keys as text[]))[1 + n % :count], "
                "(n + :count - 1) / :count, 'letter', '{}', now() from generate_series(1, :standing) n"
            ),
            {"trial": scene.id, "keys": keys, "count": len(keys), "standing": standing},
        )
        for key in keys:
            place = {"trial_id": scene.id, "stage": STAGE, "stratum": key}
            kept = {"number": standing // len(keys) + 1, "epoch": 1, "state": dict(rule.start())}
            rows.execute(insert(allocation_state).values(**place, **kept))
        rows.execute(text("analyze"))


def _rate(clients: Clients, act: Callable[[str, Sequence[Person]], None], url: str, people: Sequence[Person]) -> float:
    """People per second by all clients together."""
    began = time.perf_counter()
    done = [clients.submit(act, url, people[number::CLIENTS]) for number in range(CLIENTS)]
    for one in done:
        one.result()
    return len(people) / (time.perf_counter() - began)


@cache
def _store(url: str) -> Store:
    """This client's own connection."""
    return Store(connect(url), KEYS)


def _answer(url: str, people: Sequence[Person]) -> None:
    store = _store(url)
    for person, occasion in people:
        with store.open_work(participant_actor(person)) as work:
            form = MOODS[person % 2]
            done = answers.submit(work, person, occasion, form, submission=f"form-{person}", opened_at=work.now)
            if not done.allocated:
                raise SystemExit(f"{person} was not allocated: {done.state}")


def _bare(url: str, people: Sequence[Person]) -> None:
    for person, _ in people:
        with _store(url).engine.begin() as rows:
            rows.execute(text("select id from trial order by id limit 1 for no key update"))
            rows.execute(text("insert into bare (person) values (:person)"), {"person": person})


if __name__ == "__main__":
    main()
