"""How much a request may bring. The body is taken in whole and counted before anything looks at it."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 256 * 1024


class BodyLimit:
    """ASGI middleware: a body over the limit is answered with `page` and never reaches the application."""

    def __init__(self, app: ASGIApp, *, page: Callable[[], Response], largest: int = LARGEST_BODY) -> None:
        self.app = app
        self._page = page
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        if _announced(scope) > self._largest:
            await self._page()(scope, receive, send)
            return
        body = await self._take_in(receive)
        if body is None:
            await self._page()(scope, receive, send)
            return
        await self.app(scope, _once(body, receive), send)

    async def _take_in(self, receive: Receive) -> bytes | None:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return bytes(body)
            body += message.get("body", b"")
            if len(body) > self._largest:
                return None
            if not message.get("more_body", False):
                return bytes(body)


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() and len(length) < 19 else 0


def _once(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
