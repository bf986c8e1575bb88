"""The local mail server that ships: real SMTP on loopback, each accepted mail one file, nothing ever passed on.

For rehearsals, tests and `docker compose`: DIR/000001.eml, DIR/000002.eml, … in the order of acceptance. An address in
DIR/refused.txt is refused when named as recipient; see `refuse`. It runs in a process of its own; one per directory.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from trial.mail.mailbox_files import StoredMail, count, read_mail, read_mailbox, refuse

__all__ = [
    "MailboxServer",
    "StoredMail",
    "count",
    "read_mail",
    "read_mailbox",
    "refuse",
    "run_mailbox",
    "started_mailbox",
]

LONGEST_START = 30.0
LONGEST_STOP = 5.0


@dataclass(frozen=True, slots=True)
class MailboxServer:
    """A running mailbox: the address for SmtpMailer, and where its mails lie."""

    url: str
    directory: Path


def run_mailbox(
    directory: Path, host: str = "127.0.0.1", port: int = 0, *, parent: int | None = None, mischief: str = ""
) -> None:
    """Serve until SIGINT or SIGTERM; prints `listening HOST PORT` once it does.

    With `parent`, the id of the process that started this one, it also ends when that process is gone. With `mischief`
    it puts off, takes or loses a share of the mails: `seed:put off:taken without an answer:lost without an answer`.
    """
    from trial.mail.mailbox_server import serve  # aiosmtpd, which those who only read mails need not load

    directory.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(directory, host, port, parent, mischief))


@contextmanager
def started_mailbox(directory: Path, *, mischief: str = "") -> Iterator[MailboxServer]:
    """A mailbox in its own process on a free port of loopback, ended on leaving, or when this process dies."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "trial.mail.mailbox",
        str(directory),
        "--port",
        "0",
        "--parent",
        str(os.getpid()),
        *(["--mischief", mischief] if mischief else []),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            host, port = _listening(process)
            yield MailboxServer(f"smtp://{host}:{port}", directory)
        finally:
            _end(process)


def _listening(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Its first line, waited for as long as a start may take."""
    assert process.stdout is not None
    late = threading.Timer(LONGEST_START, process.kill)
    late.start()
    try:
        words = process.stdout.readline().split()
    finally:
        late.cancel()
    if len(words) != 3 or words[0] != "listening":
        raise RuntimeError("the local mailbox did not start; its message is on standard error")
    return words[1], words[2]


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(LONGEST_STOP)
    except subprocess.TimeoutExpired:
        process.kill()


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m trial.mail.mailbox", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--parent", type=int, help="end when this process, which holds our standard input, is gone")
    parser.add_argument("--mischief", default="", help="seed:put off:taken:lost, shares in a hundred, for rehearsals")
    given = parser.parse_args()
    run_mailbox(given.directory, given.host, given.port, parent=given.parent, mischief=given.mischief)


if __name__ == "__main__":
    _main()
