"""A small HTTP server of its own for what runs beside the pages: `/metrics`, `/healthz/live`, `/healthz/ready`.

It asks nobody who they are, so it listens on an address that only the inside reaches.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

log = logging.getLogger("trial.metrics")
# (whether it is ready, what there is to say)
Ready = Callable[[], tuple[bool, dict[str, object]]]


class Endpoint:
    """Serves in a thread until `close`; OSError where the address cannot be had."""

    def __init__(self, address: tuple[str, int], registry: CollectorRegistry, ready: Ready) -> None:
        self._server = _Server(address, _handler(registry, ready))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="metrics", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Which one, where any was asked for."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        if ":" in address[0]:
            import socket

            self.address_family = socket.AF_INET6
        super().__init__(address, handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who went away is nobody's business."""


def _handler(registry: CollectorRegistry, ready: Ready) -> type[BaseHTTPRequestHandler]:
    def metrics() -> tuple[int, str, bytes]:
        return 200, CONTENT_TYPE_LATEST, generate_latest(registry)

    def live() -> tuple[int, str, bytes]:
        return 200, "application/json", _json({"live": True})

    def is_ready() -> tuple[int, str, bytes]:
        fine, said = ready()
        return 200 if fine else 503, "application/json", _json({"ready": fine, "checks": said})

    pages = {"/metrics": metrics, "/healthz/live": live, "/healthz/ready": is_ready}

    class Handler(BaseHTTPRequestHandler):
        timeout = 10
        server_version, sys_version = "equipoise", ""

        def do_GET(self) -> None:
            page = pages.get(self.path.partition("?")[0])
            try:
                status, kind, body = page() if page else (404, "text/plain", b"There is no such page.\n")
            except Exception as error:  # the edge: whoever asks next gets an answer all the same
                log.error("the endpoint for metrics failed (%s)", type(error).__name__)
                status, kind, body = 500, "text/plain", b"Something broke.\n"
            self.send_response(status)
            for name, said in (
                ("content-type", kind),
                ("cache-control", "no-store"),
                ("content-length", str(len(body))),
            ):
                self.send_header(name, said)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing of a scrape is logged."""

    return Handler


def _json(said: dict[str, object]) -> bytes:
    return json.dumps(said).encode()
