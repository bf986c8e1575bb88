"""A mail server that misbehaves as told: it answers, hangs up or stays silent at any step of the conversation."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

HANG_UP = "<hang up>"
SILENCE = "<silence>"

USUAL = {
    "greeting": "220 hostile.example ready",
    "EHLO": "250 hostile.example",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 go on",
    "content": "250 OK kept",
    "RSET": "250 OK",
    "NOOP": "250 OK",
    "QUIT": "221 bye",
}


@dataclass
class HostileServer:
    """`answers` replaces a step's usual answer; a list is used up one by one, the last of it for ever after."""

    answers: dict[str, str | list[str]] = field(default_factory=dict)
    url: str = ""
    seen: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    connections: int = 0

    def answer(self, step: str) -> str:
        told = self.answers.get(step, USUAL.get(step, "500 what?"))
        if isinstance(told, list):
            return told.pop(0) if len(told) > 1 else told[0]
        return told


@contextmanager
def hostile_server(answers: dict[str, str | list[str]] | None = None) -> Iterator[HostileServer]:
    server = HostileServer(dict(answers or {}))
    end = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        server.url = f"smtp://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=_accept, args=(server, listening, end), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            end.set()
            thread.join(5)


def _accept(server: HostileServer, listening: socket.socket, end: threading.Event) -> None:
    while not end.is_set():
        try:
            talk, _ = listening.accept()
        except TimeoutError:
            continue
        server.connections += 1
        threading.Thread(target=_converse, args=(server, talk, end), daemon=True).start()


def _converse(server: HostileServer, talk: socket.socket, end: threading.Event) -> None:
    with talk:
        file = talk.makefile("rb")
        step = "greeting"
        while True:
            told = server.answer(step)
            if told == SILENCE:
                end.wait(5)
                return
            if told == HANG_UP:
                talk.shutdown(socket.SHUT_RDWR)
                return
            talk.sendall(told.encode() + b"\r\n")
            if told.startswith("421") or step == "QUIT":
                return
            if step == "DATA" and told.startswith("354"):
                step = "content"
                server.seen.append(step)
                server.mails.append(_content(file))
                continue
            line = file.readline()
            if not line:
                return
            step = line.split()[0].decode().upper()
            server.seen.append(step)


def _content(file) -> bytes:
    lines = []
    while (line := file.readline()) not in (b".\r\n", b""):
        lines.append(line)
    return b"".join(lines)
