"""What a claim, a tick with nothing due and an enrolment cost beside millions of planned mails, and beside a few.

    python -m bench.claiming [--rows 20000000] [--sqlite-rows 2000000] [--no-postgres] [--no-sqlite]

A thousand mails are due in each. The references, in the same run: the small ledger, for what is planned and not due
must not be felt; and a bare claim, by one statement from a table of seven columns with one partial index, small and as
large as the ledger, of which nothing is made: rows that fall due together lie on pages of their own there too, and the
database reads and writes each. The plan of the database for the claim is printed. Twenty million rows take about ten
minutes to lay down.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from bench.crowd import MAILS_EACH, SPREAD, Crowd
from bench.saying import middle, say
from bench.waves import OPERATOR, trial_of
from tests.faults.runs.load import enrol
from trial.core.access import SYSTEM
from trial.mail.smtp import SmtpMailer
from trial.protocol_files import ProtocolFolder, read_files, read_folder, shipped
from trial.services import delivery, trials
from trial.services.delivery import Sender
from trial.services.trials import Chance
from trial.storage import claims
from trial.storage.engine import connect, sqlite_url
from trial.storage.keys import load_keys
from trial.storage.work import Store
from workers.timetable import tick

SMALL, DUE, BATCH, ROUNDS = 10_000, 1000, 500, 15
WORKERS = (1, 2, 4, 8)
EVENINGS = "days: [1, 2, 3, 4, 5, 6, 7]"
LONGER = f"days: [{', '.join(map(str, range(1, 97)))}]"


def main() -> None:
    """Measure each database, small and large."""
    parser = argparse.ArgumentParser(prog="python -m bench.claiming", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000_000, help="planned mails on PostgreSQL")
    parser.add_argument("--sqlite-rows", type=int, default=2_000_000, help="planned mails on SQLite")
    parser.add_argument("--no-postgres", action="store_true", help="leave PostgreSQL out")
    parser.add_argument("--no-sqlite", action="store_true", help="leave SQLite out")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if not given.no_sqlite:
            _measure("SQLite", folder / "lite", lambda name: sqlite_url(folder / f"{name}.sqlite"), given.sqlite_rows)
        if not given.no_postgres:
            from tests.servers.postgres import PostgresServer

            server = stack.enter_context(PostgresServer(durable=True))
            url = _measure("PostgreSQL", folder / "post", server.create_database, given.rows)
            _several(url, folder / "post" / "crowd", given.rows // MAILS_EACH)


def _measure(database: str, home: Path, new_database: Callable[[str], str], rows: int) -> str:
    """Claim, tick and enrolment beside ten thousand planned mails, and beside as many as were asked for.

    Returns the address of the large one.
    """
    places = {name: home / name for name in ("few", "crowd")}
    for place in places.values():
        place.mkdir(parents=True)
    with trial_of(1, places["few"], new_database("few")) as store:
        small = _costs(Crowd(store), SMALL)
    url = new_database("crowd")
    with trial_of(1, places["crowd"], url) as store:
        crowd = Crowd(store)
        large = _costs(crowd, rows, told=True)
        sizes, small_bare, bare = crowd.bytes_each(), _bare(store, SMALL), _bare(store, rows)
    figures: dict[str, object] = {"database": database, "rows": crowd.rows, "due": DUE, "small_rows": SMALL}
    figures |= {f"{name}_ms": value for name, value in large.items()}
    figures |= {f"small_{name}_ms": value for name, value in small.items()}
    figures |= {f"bytes_{name}": value for name, value in sizes.items()}
    ratio, dearer = round(large["claim"] / small["claim"], 2), round(large["claim"] / bare, 1)
    say(
        "claiming",
        figures | {"bare_claim_ms": bare, "small_bare_claim_ms": small_bare, "to_bare": dearer, "ratio": ratio},
        f"{database}, {crowd.rows:,} planned mails of which {DUE:,} are due: {BATCH} are claimed in "
        f"{large['claim']} ms, beside {SMALL:,} in {small['claim']} ms: ratio {ratio}; a bare claim takes {bare} ms "
        f"and {small_bare} ms, ratio {round(bare / small_bare, 2)}, so with attempts, fences and all that a worker "
        f"needs to know of a mail it is {dearer} times that. A tick with nothing due takes {large['tick']} ms "
        f"({small['tick']} ms), an enrolment with 200 planned mails {large['enrolment']} ms ({small['enrolment']} ms). "
        f"A planned mail takes {sizes['row']:.0f} bytes and {sizes['indexes']:.0f} in indexes.",
    )
    return url


def _costs(crowd: Crowd, rows: int, *, told: bool = False) -> dict[str, float]:
    """Milliseconds, each the middle of several."""
    crowd.end_due()
    crowd.grow(rows // MAILS_EACH)
    mailer = SmtpMailer("smtp://127.0.0.1:1")
    idle = _middle(lambda: tick(crowd.store.open_work, Sender(mailer, "study@equipoise.example", "bench")))
    found: list[float] = []
    with _explained(crowd.store) if told else nullcontext():
        for _ in range(ROUNDS // 2 + 1):  # others each time, as in a trial: what was claimed has left
            crowd.let_fall_due(DUE)
            found += [_claim(crowd.store) for _ in range(DUE // BATCH)]
            crowd.end_claimed()
        crowd.let_fall_due(DUE)
        _claim(crowd.store)  # half of them: the plan, drawn at the end of this block, is for the others
    longer = _longer(crowd.store)
    longer()
    crowd.settle()
    return {"claim": middle(found[DUE // BATCH :]), "tick": idle, "enrolment": _middle(longer)}


def _middle(act: Callable[[], object]) -> float:
    found = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        act()
        found.append(1000 * (time.perf_counter() - began))
    return middle(found[1:])  # the first warmed up


def _claim(store: Store) -> float:
    """Milliseconds of one claim, its commit included."""
    began = time.perf_counter()
    with store.open_work(SYSTEM) as work:
        taken = claims.claim(work, owner="bench", limit=BATCH)
    if len(taken) != BATCH:
        raise SystemExit(f"{len(taken)} mails were claimed where {BATCH} were due")
    return 1000 * (time.perf_counter() - began)


_BARE = (
    "drop table if exists bare",
    "create table bare (id integer primary key, due_at integer, state varchar(20), owner varchar(60), "
    "lease_until {time}, attempt integer, payload varchar(200))",
    "insert into bare with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows}) "
    # as in a trial, rows that fall due together lie far apart
    "select i, i % 250000 * 7919 % {spread}, 'planned', null, null, 0, 'for somebody' from n",
    "create index bare_due on bare (due_at) where state = 'planned'",
)
_BARE_UNTIL = "select due_at from bare where state = 'planned' order by due_at limit 1 offset {last}"
_BARE_CLAIM = (
    "update bare set state = 'claimed', owner = 'bench', lease_until = current_timestamp, attempt = attempt + 1 "
    "where id in (select id from bare where state = 'planned' and due_at <= :until order by due_at "
    "limit {limit} {lock}) returning id, payload, attempt"
)


def _bare(store: Store, rows: int) -> float:
    """Milliseconds of the plainest claim that takes as many rows, beside so many that are planned."""
    lite = store.engine.dialect.name == "sqlite"
    claim = text(_BARE_CLAIM.format(limit=BATCH, lock="" if lite else "for update skip locked"))
    with store.engine.begin() as work:
        for statement in _BARE:
            time_type = "text" if lite else "timestamptz"
            work.execute(text(statement.format(time=time_type, rows=rows, spread=SPREAD)))
    Crowd(store).settle()
    found = []
    for _ in range(ROUNDS + 1):
        with store.engine.connect() as work:
            until = work.execute(text(_BARE_UNTIL.format(last=BATCH - 1))).scalar_one()
        began = time.perf_counter()
        with store.engine.begin() as work:
            if len(work.execute(claim, {"until": until}).all()) != BATCH:
                raise SystemExit("the bare claim took fewer rows than were due")
        found.append(1000 * (time.perf_counter() - began))
    return middle(found[1:])


@contextmanager
def _explained(store: Store) -> Iterator[None]:
    """Print the plan of the last claim: the statement that ran, with its values."""
    seen: dict[str, Any] = {}

    def note(_: object, cursor: object, statement: str, given: Any, *more: object) -> None:
        if "chosen" in statement:  # the last of a claim is for what was planned, after what somebody waits for
            seen.update(statement=statement, given=given)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
    word = (
        "explain query plan " if store.engine.dialect.name == "sqlite" else "explain (analyze, costs off, timing off) "
    )
    with store.engine.connect() as rows:
        for line in rows.exec_driver_sql(word + seen["statement"], seen["given"]):
            print("   ", line[-1])
        rows.rollback()


# --- an enrolment with two hundred planned mails ---------------------------------------------------------------------


def _longer(store: Store) -> Callable[[], None]:
    """A trial of ninety-six evenings in the same database; each call allocates somebody in it and plans all of it."""
    folder = read_folder(shipped("shapira-mongrain-2010"))
    files = folder.files | {"protocol.yaml": folder.files["protocol.yaml"].replace(EVENINGS, LONGER)}
    long: ProtocolFolder = read_files(files)
    with store.open_work(OPERATOR) as work:
        trial = trials.open_trial(
            work, long, slug="long", kind=trials.TrialKind.REHEARSAL, base_url="http://127.0.0.1:8765",
            chance=Chance(b"s" * 32, b"t" * 32, b"c" * 32), target=10_000,
        )  # fmt: skip
    numbers = iter(range(1, 10_000))

    def one() -> None:
        with store.open_work(OPERATOR) as work:
            enrol(work, trial, next(numbers))

    return one


# --- several workers -------------------------------------------------------------------------------------------------


def _several(url: str, home: Path, people: int) -> None:
    """How many mails several processes claim in a second, a batch at a time, and the longest wait for a claim."""
    store = Store(connect(url), load_keys(home / "keys"))
    crowd = Crowd(store, people)
    alone = 0.0
    for workers in WORKERS:
        crowd.end_claimed()
        due = crowd.let_fall_due(10 * DUE)
        barrier = multiprocessing.Barrier(workers)
        with multiprocessing.Pool(workers, _meet, (barrier,)) as pool:
            began = time.perf_counter()
            found = pool.starmap(_claim_all, [(url, str(home), number) for number in range(workers)], chunksize=1)
            seconds = time.perf_counter() - began
        taken = sum(count for count, _ in found)
        if taken != due:
            raise SystemExit(f"{taken} claims of {due} due mails")
        rate = round(taken / seconds)
        alone = alone or rate
        longest = round(1000 * max(longest for _, longest in found), 1)
        say(
            "claiming_together",
            {"workers": workers, "claims_per_s": rate, "longest_ms": longest, "ratio": round(rate / alone, 2)},
            f"{workers} workers on PostgreSQL claim {rate:,} mails a second, {rate / alone:.2f} times as many as one; "
            f"no claim of {delivery.BATCH} took longer than {longest} ms.",
        )
    crowd.end_claimed()
    store.engine.dispose()


_together: list[Any] = []


def _meet(barrier: Any) -> None:
    _together[:] = [barrier]


def _claim_all(url: str, home: str, number: int) -> tuple[int, float]:
    """(how many, seconds of the longest): one worker's claims until nothing is due."""
    store = Store(connect(url), load_keys(Path(home) / "keys"))
    with store.open_work(SYSTEM, write=False):
        pass
    _together[0].wait()
    count, longest = 0, 0.0
    while True:
        began = time.perf_counter()
        with store.open_work(SYSTEM) as work:
            taken = len(claims.claim(work, owner=f"bench-{number}", limit=delivery.BATCH))
        longest = max(longest, time.perf_counter() - began)
        count += taken
        if not taken:
            return count, longest


if __name__ == "__main__":
    main()
