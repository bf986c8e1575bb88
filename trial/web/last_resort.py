"""What happens when something breaks that nobody foresaw: a kind page, and a log line that holds no values."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from fastapi import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("trial.web")


class LastResort:
    """ASGI middleware: an exception becomes `page`. The log names its type and the lines it passed, not its words,

    because an error's message may quote what a person sent.
    """

    def __init__(self, app: ASGIApp, *, page: Callable[[], Response]) -> None:
        self.app = app
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:  # the edge: nothing above us could do better
            _log.error("unforeseen %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
            if started or scope["type"] != "http":
                raise
            await self._page()(scope, receive, send)
