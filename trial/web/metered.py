"""Requests are counted and timed by the pattern of their address: never by the address, which may hold a token."""

from __future__ import annotations

import time
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# whatever leads to no page of ours, and what was answered before anybody looked where it leads
NO_ROUTE = "none"


class Meter(Protocol):
    """What counts."""

    def answered(self, app: str, method: str, route: str, status: int, seconds: float) -> None:
        """One request."""


class Metered:
    """ASGI middleware, outermost. `name` says which of the applications it stands before."""

    def __init__(self, app: ASGIApp, *, name: str, meter: Meter) -> None:
        self.app = app
        self._name, self._meter = name, meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            self._meter.answered(self._name, scope["method"], route, status, time.perf_counter() - began)
