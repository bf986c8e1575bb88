"""The witness that is also the culprit: a mail server in a process of its own that misbehaves by dice and notes all.

    python -m tests.faults.runs.hostile LOG GIVEN      GIVEN is JSON; prints its port, ends with its standard input

What it does to a mail depends on the recipient alone, so that the run can say what must have come of each. Every line
of its log has the machine's monotonic clock, which all processes share.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.runs.frame import Chance

LARGEST = 10 * 1024 * 1024
# fates of a mail; all but the refused one meet it at the first try only
FATES = ("dropped_kept", "dropped_lost", "deferred", "refused", "hung_up", "tarpit")


@dataclass(frozen=True)
class Given:
    """`shares` of mails by fate; `connections` that hang before a word, or break the TLS handshake, likewise."""

    seed: int = 1
    shares: Mapping[str, float] = field(default_factory=dict)
    tarpit: float = 0.2
    hang: float = 0.0
    breaks: float = 0.0
    certificate: str = ""
    # before the answer to RCPT and to the content: a server far away
    slow: float = 0.0

    def fate(self, recipient: str) -> str:
        share = Chance(self.seed).uniform("fate", recipient)
        for name in FATES:
            share -= self.shares.get(name, 0.0)
            if share < 0:
                return name
        return "usual"


class _Gone(Exception):
    """The server hangs up."""


class Sink:
    """All connections of one server."""

    def __init__(self, log: int, given: Given) -> None:
        self.log, self.given, self.chance = log, given, Chance(given.seed)
        self.tries: dict[str, int] = {}
        self.connections = 0
        self.tls: ssl.SSLContext | None = None
        if given.certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(given.certificate)

    def note(self, what: str, to: str = "", **more: Any) -> None:
        os.write(self.log, json.dumps({"at": time.monotonic(), "what": what, "to": to, **more}).encode() + b"\n")

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        with suppress(_Gone, ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            # the second and the fourth, so that each is tried however few connections there are
            if self.given.hang and (number == 2 or self.chance.uniform("hang", number) < self.given.hang):
                self.note("banner_hang")
                await reader.read()  # until the other side has lost its patience
                raise _Gone
            await Talk(self, reader, writer, number).serve()
        writer.transport.abort()


class Talk:
    """One connection."""

    def __init__(self, sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self.sink, self.reader, self.writer, self.number = sink, reader, writer, number
        self.to, self.fate, self.turn = "", "usual", 0

    async def say(self, words: str) -> None:
        self.writer.write(words.encode() + b"\r\n")
        await self.writer.drain()

    async def serve(self) -> None:
        await self.say("220 hostile.example")
        while line := (await self.reader.readline()).decode("ascii", "replace").strip():
            verb = line.split()[0].upper()
            if verb == "QUIT":
                await self.say("221 bye")
                return
            if verb == "EHLO":
                await self.say("250-hostile.example" if self.sink.tls else "250 hostile.example")
                if self.sink.tls:
                    await self.say("250 STARTTLS")
            elif verb == "STARTTLS":
                await self.encrypt()
            elif verb == "RCPT":
                await self.recipient(line.partition("<")[2].partition(">")[0])
            elif verb == "DATA":
                await self.data()
            else:
                await self.say("250 2.0.0 OK")

    async def encrypt(self) -> None:
        given = self.sink.given
        await self.say("220 go on")
        if given.breaks and (self.number == 4 or self.sink.chance.uniform("breaks", self.number) < given.breaks):
            self.sink.note("tls_broken")
            await self.say("this is no handshake")
            raise _Gone
        assert self.sink.tls is not None
        await self.writer.start_tls(self.sink.tls)

    async def recipient(self, to: str) -> None:
        self.to, self.fate = to, self.sink.given.fate(to)
        self.turn = self.sink.tries[to] = self.sink.tries.get(to, 0) + 1
        await asyncio.sleep(self.sink.given.slow)
        if self.fate == "refused":
            await self.refuse(f"550 5.1.1 <{to}>: No such mailbox")
        elif not await self.misbehaved("rcpt"):
            await self.say(f"250 2.1.5 <{to}> OK")

    async def data(self) -> None:
        began = time.monotonic()
        if await self.misbehaved("data"):
            return
        await self.say("354 go on")
        content = await self.reader.readuntil(b"\r\n.\r\n")
        head = content.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
        found = {name: _header(head, name) for name in ("Message-ID", "Subject")}
        seen = {"id": found["Message-ID"], "subject": found["Subject"], "began": began}
        if self.turn == 1 and self.fate in ("dropped_kept", "dropped_lost"):
            self.sink.note(self.fate, self.to, **seen)
            raise _Gone
        if self.turn == 1 and self.fate == "tarpit":
            await asyncio.sleep(self.sink.given.tarpit)
        elif await self.misbehaved("content"):
            return
        self.sink.note("kept", self.to, **seen)
        await asyncio.sleep(self.sink.given.slow)
        await self.say(f"250 2.0.0 kept for {self.to}")

    async def misbehaved(self, stage: str) -> bool:
        """451, once or twice, or 421 and the end of the connection: at one stage of the first tries."""
        twice = self.sink.chance.uniform("twice", self.to) < 0.3
        if self.fate not in ("deferred", "hung_up") or self.turn > (2 if twice and self.fate == "deferred" else 1):
            return False
        if self.sink.chance.choice(("rcpt", "data", "content"), "stage", self.to) != stage:
            return False
        await self.refuse(f"451 4.2.0 <{self.to}>: try later" if self.fate == "deferred" else "421 4.3.2 closing")
        if self.fate == "hung_up":
            raise _Gone
        return True

    async def refuse(self, words: str) -> None:
        self.sink.note(self.fate, self.to)
        await self.say(words)


def _header(head: str, name: str) -> str:
    lines = [line for line in head.split("\r\n") if line.lower().startswith(f"{name.lower()}:")]
    return lines[0].partition(":")[2].strip() if lines else ""


@dataclass(frozen=True)
class Hostile:
    """A running one: where it listens, and what it noted."""

    url: str
    log: Path
    given: Given

    def events(self, *what: str) -> list[dict[str, Any]]:
        lines = self.log.read_text().splitlines()
        return [one for one in map(json.loads, lines) if not what or one["what"] in what]


@contextmanager
def started_hostile(folder: Path, name: str = "sink", **given: Any) -> Iterator[Hostile]:
    """A hostile server of one's own, ended on leaving."""
    log = folder / f"{name}.jsonl"
    log.touch()
    command = [sys.executable, "-m", "tests.faults.runs.hostile", str(log), json.dumps(given)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            scheme = "smtp+starttls" if given.get("certificate") else "smtp"
            yield Hostile(f"{scheme}://127.0.0.1:{int(process.stdout.readline())}", log, Given(**given))
        finally:
            process.stdin.close()


async def _serve(log: Path, given: Given) -> None:
    sink = Sink(os.open(log, os.O_WRONLY | os.O_APPEND), given)
    server = await asyncio.start_server(sink.connection, "127.0.0.1", 0, limit=LARGEST)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), Given(**json.loads(sys.argv[2]))))
