"""How many mails two workers send in a second on PostgreSQL, beside what else people use; same machine, run and mail.

    python -m bench.throughput [--mails 2000] [--rounds 3] [--no-post-office]

- ours: a Celery worker with two processes, by ledger: claim, last look, mail, SMTP, record
- two scripts: two processes that build the mail with email.mime, each on one kept connection, and keep no record
- django-post-office: its queue in PostgreSQL, `send_queued_mail --processes 2`, in its own settings and tuned
- one task per mail: a Celery worker with two processes and a task for each mail, which opens a connection

Each sends to a sink of its own; counted is from the first mail to the last, so that starting costs nobody anything.
What each loses and doubles when it is killed stands in docs/reliability.md. django-post-office is put into a temporary
environment of its own by pip, and left out where that is not possible.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import smtplib
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from bench import office
from bench.classic import Parts, build, parts_of
from bench.delivery import SENDER, specimen_mail
from bench.saying import middle, say
from bench.sink import started_sink
from bench.waves import EVENINGS, move, require_all_accepted, trial_of
from tests.servers.postgres import PostgresServer
from tests.servers.process import free_port
from tests.servers.redis import RedisServer
from tests.servers.workers import CeleryWorker, Installation
from trial.core.access import SYSTEM
from trial.services import rehearsing
from trial.settings import Settings
from trial.storage.work import Store
from workers.app import TICK, make_app

PATIENCE = 300.0
RUNG_BY_US = {"TICK_SECONDS": "3600"}
# as the worker's own metrics name them
STAGES = {
    "claim": "claim",
    "look": "last look, with the commit of `data_started` and of the answer before",
    "render": "the mail",
    "smtp": "SMTP",
    "record": "what the server said",
}
_STAGE_SECONDS = re.compile(r'^equipoise_mail_stage_duration_seconds_sum{stage="(\w+)"} (\S+)$', re.MULTILINE)
Shares = dict[str, float]
Way = Callable[[str], None]
_numbers = count(1)


def main() -> None:
    """Every way in turn, as often as was asked for; the middle of each."""
    parser = argparse.ArgumentParser(prog="python -m bench.throughput", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3, help=f"at most {len(EVENINGS)}")
    parser.add_argument("--no-post-office", action="store_true", help="leave django-post-office out")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(PostgresServer(durable=True))
        broker = stack.enter_context(RedisServer())
        with specimen_mail() as specimen:
            parts = parts_of(specimen)
        (folder / "parts.json").write_text(json.dumps(parts), encoding="utf-8")
        url = database.create_database("ours")
        store = stack.enter_context(trial_of(given.mails, folder, url))
        place = partial(Installation, url, broker.url, folder)
        evenings = iter(EVENINGS)
        shares: list[Shares] = []
        ways: dict[str, Way] = {
            "ours": lambda sink: _ours(
                store, next(evenings), place({"SMTP_URL": sink, "TICK_SECONDS": "3600"}), shares
            ),
            "two scripts": partial(_scripts, parts, given.mails),
            "one task per mail": lambda sink: _one_task(place({"SMTP_URL": sink}), given.mails),
        }
        if not given.no_post_office:
            ways |= _post_office(folder, database, parts, given.mails)
        # in turn, so that a slow minute of the machine is everybody's
        found = [{name: _rate(way, given.mails) for name, way in ways.items()} for _ in range(given.rounds)]
        require_all_accepted(store, given.mails * given.rounds)
    for name in ways:
        rate = middle([one[name] for one in found], 0)
        ratio = middle([one["ours"] / one[name] for one in found], 2)
        sentence = f"{name}: {rate:.0f} mails a second" + (
            "" if name == "ours" else f"; ours are {ratio} times as many"
        )
        say("throughput", {"way": name, "mails": given.mails, "per_s": rate, "ratio": ratio}, f"{sentence}.")
    middles = {stage: middle([one[stage] for one in shares], 0) for stage in STAGES}
    told = ", ".join(f"{words} {middles[stage]:.0f} %" for stage, words in STAGES.items())
    say("throughput_stages", middles, f"Where the time of a worker of ours goes, as it measures itself: {told}.")


def _rate(way: Way, mails: int) -> float:
    """Mails a second from the first to the last, as the sink counted them."""
    with started_sink() as sink:
        way(sink)
        server = urlsplit(sink)
        with smtplib.SMTP(str(server.hostname), int(server.port or 0), local_hostname="[127.0.0.1]") as client:
            deadline = time.monotonic() + PATIENCE
            while (told := client.noop()[1].split()) and int(told[0]) < mails:
                if time.monotonic() > deadline:
                    raise SystemExit(f"{int(told[0])} of {mails} mails came")
                time.sleep(0.1)
    if int(told[0]) != mails:
        raise SystemExit(f"{int(told[0])} mails came where {mails} were sent")
    return (mails - 1) / float(told[1])


# --- the ways: each returns when the sink has everything, or leaves that to the sink ----------------------------------


def _ours(store: Store, evening: datetime, place: Installation, shares: list[Shares]) -> None:
    move(store, evening)
    port = free_port()
    place = replace(place, settings={**place.settings, "METRICS": f"127.0.0.1:{port}"})
    with CeleryWorker(place, concurrency=2), make_app(Settings(broker_url=place.broker_url, home=place.home)) as app:
        for _ in range(2):
            app.send_task(TICK, expires=60, ignore_result=True)
        _until(lambda: _done(store))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            seconds = {stage: float(sum_) for stage, sum_ in _STAGE_SECONDS.findall(answer.read().decode())}
    shares.append({stage: 100 * seconds[stage] / sum(seconds.values()) for stage in STAGES})


def _done(store: Store) -> bool:
    with store.open_work(SYSTEM, write=False) as work:
        return rehearsing.nothing_in_hand(work)


def _scripts(parts: Parts, mails: int, sink: str) -> None:
    halves = (range(mails // 2), range(mails // 2, mails))
    processes = [multiprocessing.Process(target=script, args=(parts, half, sink)) for half in halves]
    for one in processes:
        one.start()
    for one in processes:
        one.join()


def script(parts: Parts, numbers: range, sink: str) -> None:
    """One process that builds and sends them one after the other."""
    server = urlsplit(sink)
    with smtplib.SMTP(str(server.hostname), int(server.port or 0), local_hostname="[127.0.0.1]") as connection:
        for number in numbers:
            address, content = build(parts, number)
            connection.sendmail(SENDER, [address], content)


def _one_task(place: Installation, mails: int) -> None:
    from bench.one_task import send

    with send.app.connection_for_write(place.broker_url) as connection:
        for number in range(mails):
            send.apply_async((number,), connection=connection)
    import redis

    queue = redis.Redis.from_url(place.broker_url)
    with CeleryWorker(place, app="bench.one_task", concurrency=2):
        _until(lambda: queue.llen("celery") == 0 and queue.hlen("unacked") == 0)
        time.sleep(1)


def _post_office(folder: Path, database: PostgresServer, parts: Parts, mails: int) -> dict[str, Way]:
    """Its two ways; none where the package cannot be had."""
    post = office.installed(folder / "post_office")
    if post is None:
        return {}

    def send(settings: dict[str, int], sink: str) -> None:
        url = database.create_database(f"office_{next(_numbers)}")
        queue, sends = post.words(folder, url, sink, parts, settings)
        office.run([*queue, str(mails)])
        office.run(sends)

    return {f"{post.name}, as it comes": partial(send, {}), f"{post.name}, tuned": partial(send, office.TUNED)}


def _until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > deadline:
            raise SystemExit("waited in vain")
        time.sleep(0.2)


if __name__ == "__main__":
    main()
