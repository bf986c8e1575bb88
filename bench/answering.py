"""2,000 participants answer within two minutes of one mail wave, on SQLite and on PostgreSQL; and what one page costs.

Everybody opens the link of their mail, presses the button, reads the questionnaire and sends it in: the landing, its
post, the page, the post of the answers, the page after it. The people are spread evenly over two minutes; the
pages are read by a client on the same machine, so its own work is in the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from statistics import median, quantiles

import httpx
import psutil

from bench.saying import say
from bench.served import TRIVIAL
from bench.waves import trial_of
from tests.servers.postgres import PostgresServer
from trial.core.access import SYSTEM
from trial.core.links import make_token
from trial.storage import clock, deliveries, occasions, trials
from trial.storage.engine import sqlite_url
from trial.storage.work import Store

WAVE = "month_1"
SECONDS = 120.0
ALONE = 100  # people who come one after the other before the wave, to see what one page costs
# made once: reading the authorities' certificates for each of two thousand people would cost more than their visits
TLS = ssl.create_default_context()
# its multiples, each without its whole part, fill the two minutes evenly and in no order
GOLDEN = 0.6180339887498949
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)"[^>]*? value="([^"]*)"')
_RADIO = re.compile(r'<input type="radio" name="([^"]+)" value="([^"]+)"')


@dataclass(slots=True)
class Seen:
    """What the client saw: seconds by kind of request, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    sent: int = 0

    def every(self) -> list[float]:
        return [one for found in self.seconds.values() for one in found]


def main() -> None:
    """Both databases, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m bench.answering", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--database", choices=DATABASES, help="this one alone")
    given = parser.parse_args()
    for name in [given.database] if given.database else DATABASES:
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            place = Path(folder)
            url = stack.enter_context(DATABASES[name](place))
            store = stack.enter_context(trial_of(given.people + ALONE, place, url))
            tokens = _due(store)
            address, server = stack.enter_context(_serving(url, place))
            _cost(name, address, tokens[:ALONE])
            _wave(name, address, tokens[ALONE:], given.seconds, store, server)


@contextmanager
def _sqlite(place: Path) -> Iterator[str]:
    yield sqlite_url(place / "bench.sqlite")


@contextmanager
def _postgresql(place: Path) -> Iterator[str]:
    with PostgresServer(durable=True) as server:
        yield server.create_database("bench")


DATABASES = {"SQLite": _sqlite, "PostgreSQL": _postgresql}


def _due(store: Store) -> list[str]:
    """Moves the clock to the wave, and gives the token of each person's invitation."""
    with store.open_work(SYSTEM) as work:
        trial = trials.by_slug(work, "bench")
        planned = [one for one in deliveries.of_trial(work, trial.id) if one.timepoint == WAVE]
        wave = [one for one in planned if one.message == "questionnaire"]
        clock.move(work, max(one.due_at for one in wave) + timedelta(minutes=1))
        return [make_token(work.keys, one.id, one.generation) for one in wave]


@contextmanager
def _serving(url: str, place: Path) -> Iterator[tuple[str, psutil.Process]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "bench.served", url, str(place), str(port)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[1]) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            while process.poll() is None:
                try:
                    httpx.get(address + TRIVIAL, timeout=1)
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield address, psutil.Process(process.pid)
        finally:
            process.terminate()


async def _person(client: httpx.AsyncClient, token: str, seen: Seen) -> None:
    """One person's visit; every answer is looked at."""

    async def ask(kind: str, method: str, path: str, data: dict[str, str] | None = None, expect: int = 200) -> str:
        began = time.perf_counter()
        response = await client.request(method, path, data=data)
        seen.seconds.setdefault(kind, []).append(time.perf_counter() - began)
        if response.status_code != expect:
            raise ValueError(f"{kind} answered {response.status_code}")
        return response.text

    try:
        landing = await ask("landing", "GET", f"/go/{token}")
        await ask("link", "POST", f"/go/{token}", _hidden(landing), 303)
        page = await ask("questionnaire", "GET", "/now")
        chosen = dict(_RADIO.findall(page))
        await ask("answers", "POST", "/now", _hidden(page) | chosen, 303)
        await ask("thanks", "GET", "/done")
        seen.sent += 1
    except (ValueError, httpx.HTTPError) as error:
        seen.wrong.append(f"{type(error).__name__}: {error}")


def _hidden(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _HIDDEN.findall(page)} | {"go_on": "yes"}


def _client(address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=address, timeout=60, verify=TLS, limits=httpx.Limits(max_connections=None))


def _wave(name: str, address: str, tokens: list[str], seconds: float, store: Store, server: psutil.Process) -> None:
    seen = Seen()
    arrivals = [(number * GOLDEN) % 1 * seconds for number in range(len(tokens))]

    async def one(token: str, after: float) -> None:
        await asyncio.sleep(after)
        async with _client(address) as client:
            await _person(client, token, seen)

    async def all_of_them() -> None:
        await asyncio.gather(*(one(token, after) for token, after in zip(tokens, arrivals, strict=True)))

    began, busy = time.perf_counter(), _cores(server)
    asyncio.run(all_of_them())
    took = time.perf_counter() - began
    pages, people = ((after - before) / took for before, after in zip(busy, _cores(server), strict=True))
    with store.open_work(SYSTEM, write=False) as work:
        trial = trials.by_slug(work, "bench")
        wave = [one for one in occasions.of_trial(work, trial.id) if one.timepoint == WAVE]
        kept = sum(one.done_at is not None for one in wave)
    times = seen.every()
    p95 = quantiles(times, n=20)[-1] * 1000
    slowest = {kind: round(quantiles(found, n=20)[-1] * 1000) for kind, found in seen.seconds.items()}
    say(
        "answering",
        {"database": name, "people": len(tokens), "errors": len(seen.wrong), "p95_ms": round(p95), "by_kind": slowest},
        f"{name}: {len(tokens)} people in {took:.0f} s, {len(times)} requests, {len(seen.wrong)} errors "
        f"{seen.wrong[:2] or ''}, median {median(times) * 1000:.0f} ms, 95th percentile {p95:.0f} ms, longest "
        f"{max(times) * 1000:.0f} ms; {kept - ALONE} answers kept. Of two cores the pages took {pages:.2f} "
        f"and the client {people:.2f}.",
    )


def _cores(server: psutil.Process) -> tuple[float, float]:
    """Seconds of processor that the application and this client have used."""
    used = server.cpu_times()
    return used.user + used.system, time.process_time()


def _cost(name: str, address: str, tokens: list[str]) -> None:
    """One visit after the other, each beside a trivial page of the same framework."""
    seen, trivial = Seen(), []

    async def visits() -> None:
        for token in tokens:
            async with _client(address) as client:
                await client.get(TRIVIAL)  # opens the connection, which is no part of any figure
                began = time.perf_counter()
                await client.get(TRIVIAL)
                trivial.append(time.perf_counter() - began)
                await _person(client, token, seen)

    asyncio.run(visits())
    plain = median(trivial)
    page, sent = (median(seen.seconds[kind]) for kind in ("questionnaire", "answers"))
    say(
        "answering.cost",
        {"database": name, "page_ratio": round(page / plain, 1), "answers_ratio": round(sent / plain, 1)},
        f"{name}: a questionnaire page takes {page * 1000:.1f} ms, {page / plain:.1f} times a trivial page of the same "
        f"framework ({plain * 1000:.1f} ms); sending it in {sent * 1000:.1f} ms, {sent / plain:.1f} times.",
    )


if __name__ == "__main__":
    main()
