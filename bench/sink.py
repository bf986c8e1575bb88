"""The smallest SMTP server that can be measured against: it takes every mail, counts it, and keeps nothing.

    python -m bench.sink        prints its port, serves until its standard input ends

It runs in a process of its own, so that its work is not done on the sender's time. NOOP is answered with how many mails
were taken, and the seconds between the first and the last.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

END = b"\r\n.\r\n"


taken: list[float] = []


class Sink(asyncio.Protocol):
    """One connection."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._held = bytearray()
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._held += data
        while True:
            mark = END if self._in_data else b"\r\n"
            # the mark may lie across two reads, so only what cannot hold its beginning is skipped
            at = self._held.find(mark, max(0, len(self._held) - len(data) - len(mark)) if self._in_data else 0)
            if at < 0:
                return
            line = bytes(self._held[: min(at, 4)])
            del self._held[: at + len(mark)]
            self._answer(line.upper())

    def _answer(self, verb: bytes) -> None:
        if self._in_data:
            self._in_data = False
            taken.append(time.monotonic())
            self.transport.write(b"250 2.0.0 taken\r\n")
        elif verb == b"NOOP":
            self.transport.write(f"250 {len(taken)} {taken[-1] - taken[0] if taken else 0:.6f}\r\n".encode())
        elif verb == b"EHLO":  # it reads ahead, as the usual servers do
            self.transport.write(b"250-sink\r\n250 PIPELINING\r\n")
        elif verb == b"DATA":
            self._in_data = True
            self.transport.write(b"354 go on\r\n")
        elif verb == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
        else:
            self.transport.write(b"250 ok\r\n")


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@contextmanager
def started_sink() -> Iterator[str]:
    """The address of a sink of one's own, ended on leaving."""
    command = [sys.executable, "-m", "bench.sink"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"smtp://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()


if __name__ == "__main__":
    asyncio.run(_serve())
