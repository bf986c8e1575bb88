"""Where a relay or a script hands over mail that came in, as it came (RFC 5322), signed with a shared secret.

It is part of the participants' application because that is the one that can be reached: the desk may stand behind a
network of its own, and who calls here is a mail server, not a member. It is not a page: no cookie, no form, no session.

A request is looked at from the outside in, so that a stranger costs little: the head before any of the body is read,
the signature before anything is parsed, and nothing is asked of the database before the signature fits.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from trial.core.errors import EquipoiseError
from trial.mail.inbound import LARGEST
from trial.services.handing_over import Outcome, take
from trial.storage.work import OpenWork

PATH = "/incoming/mail"
# seconds by which the clocks of two machines, and the way between them, may differ
WINDOW = 300
_TIME = re.compile(r"\d{1,12}")
_SIGNATURE = re.compile(r"v1=([0-9a-f]{64})")
_STATUS = {Outcome.TAKEN: 200, Outcome.KNOWN: 200, Outcome.REPEATED: 409}


@dataclass(frozen=True, slots=True)
class HandingOver:
    """What is needed to take mail in: the shared secret, and what return addresses are made from."""

    secret: bytes = field(repr=False)
    bounces: str = ""
    clock: Callable[[], float] = time.time

    def signature(self, moment: str, body: bytes) -> str:
        """HMAC-SHA256 over the time, a dot, and the mail."""
        return hmac.new(self.secret, moment.encode() + b"." + body, hashlib.sha256).hexdigest()


class IncomingMail:
    """ASGI middleware: answers POST at PATH, and lets everything else through."""

    def __init__(self, app: ASGIApp, *, open_work: OpenWork, by: HandingOver, ring: Callable[[], None]) -> None:
        self.app = app
        self._open_work, self._by, self._ring = open_work, by, ring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        answer = await self._answer(Headers(scope=scope), receive)
        if answer is not None:
            await answer(scope, receive, send)

    async def _answer(self, headers: Headers, receive: Receive) -> Response | None:
        moment, given = headers.get("x-equipoise-timestamp", ""), headers.get("x-equipoise-signature", "")
        signature = _SIGNATURE.fullmatch(given)
        if not _TIME.fullmatch(moment) or signature is None:
            return _refused(403, "The headers X-Equipoise-Timestamp and X-Equipoise-Signature are needed.")
        if abs(self._by.clock() - int(moment)) > WINDOW:
            return _refused(403, f"The time is more than {WINDOW} seconds from ours.")
        if headers.get("content-type", "").partition(";")[0].strip().casefold() != "message/rfc822":
            return _refused(415, "The body is one mail, of the type message/rfc822.")
        length = headers.get("content-length", "0")
        if not length.isdigit() or len(length) > 12 or int(length) > LARGEST:
            return _too_large()
        body = await _taken_in(receive)
        if body is None:
            return None  # whoever called went away
        if len(body) > LARGEST:
            return _too_large()
        if not hmac.compare_digest(self._by.signature(moment, body), signature[1]):
            return _refused(403, "The signature does not fit.")
        if not body.strip():
            return _refused(400, "There is no mail.")
        return await run_in_threadpool(self._take, body, signature[1])

    def _take(self, body: bytes, signature: str) -> Response:
        try:
            outcome = take(self._open_work, body, signature, self._by.bounces)
        except EquipoiseError:  # the database is away: it is handed over again
            return _refused(503, "Try again later.")
        if outcome is Outcome.TAKEN:
            self._ring()
        return PlainTextResponse(f"{outcome.value}\n", status_code=_STATUS[outcome])


async def _taken_in(receive: Receive) -> bytes | None:
    """The body, up to a little over the limit; None where it was broken off."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > LARGEST or not message.get("more_body", False):
            return bytes(body)


def _refused(status: int, why: str) -> Response:
    return PlainTextResponse(f"{why}\n", status_code=status)


def _too_large() -> Response:
    return _refused(413, f"A mail has at most {LARGEST} bytes here; hand over as much of its beginning.")
