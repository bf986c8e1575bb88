"""`equipoise serve` in a process of its own, and people at its pages over real HTTP."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx

from tests.system.commands import running, wait_for
from trial.core import proof
from trial.rehearsal.forms import Form, Page

_TOLD = re.compile(r"^(participants|team) +(http://127\.0\.0\.1:\d+)/", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Served:
    """The two addresses that the command told, and its process."""

    public: str
    desk: str
    process: subprocess.Popen[bytes]


@contextmanager
def serving(*words: str | Path, cwd: Path, **settings: str) -> Iterator[Served]:
    """Serve until the end of the block."""
    with running("serve", *words, cwd=cwd, **settings) as process:

        def told() -> dict[str, str] | None:
            found = dict(_TOLD.findall((cwd / "out").read_text()))
            return found if {"participants", "team"} <= found.keys() else None

        where = wait_for(told, process=process)
        for address in where.values():
            wait_for(lambda address=address: answers(address), process=process)  # type: ignore[misc]
        yield Served(where["participants"], where["team"], process)


def answers(address: str) -> bool:
    """Whether anything is served there yet."""
    try:
        return httpx.get(address, timeout=5).status_code > 0
    except httpx.TransportError:
        return False


def two_free_ports() -> int:
    """The first of two neighbouring ports that nobody listens on at this moment."""
    while True:
        with ExitStack() as stack:
            try:
                first = stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
                stack.enter_context(socket.create_server(("127.0.0.1", first + 1)))
            except (OSError, OverflowError):
                continue
            return int(first)


class Visitor:
    """A browser with cookies: the page it shows, and how to go on from there."""

    def __init__(self, address: str) -> None:
        self.client = httpx.Client(base_url=address, follow_redirects=True, timeout=20)
        self.page = Page(0, "", "")

    def get(self, path: str) -> Page:
        """Open an address."""
        return self._show(self.client.get(path))

    def submit(self, form: Form, values: Mapping[str, str] | None = None, *, script: bool = True) -> Page:
        """Send a form of the page that is shown, with what was typed, and the sum that its script does."""
        target = urljoin(self.page.path, form.action or self.page.path)
        asked = form.fields.get(proof.CHALLENGE) if script else None
        done = {proof.PROOF: proof.solve(proof.asked_by(asked.value))} if asked else {}
        return self._show(self.client.post(target, data=form.filled() | done | dict(values or {})))

    def _show(self, response: httpx.Response) -> Page:
        self.page = Page(response.status_code, response.url.raw_path.decode(), response.text)
        return self.page


def crawl(address: str, start: str) -> dict[str, httpx.Response]:
    """Every address of a site that links lead to from its first page, with what it answered."""
    seen: dict[str, httpx.Response] = {}
    waiting = [start]
    with httpx.Client(base_url=address, timeout=20) as client:
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen[path] = client.get(path)
            if seen[path].headers["content-type"].startswith("text/html") and not path.endswith(("/html", ".html")):
                found = re.findall(r'(?:href|src)="(/[^"#]*)"', seen[path].text)
                waiting += [one.replace("&amp;", "&") for one in found]
    return seen
