"""The SMTP server behind `trial.mail.mailbox`: aiosmtpd, made quick at its two slow places.

As it comes, aiosmtpd spends most of its time reading content line by line and taking addresses apart. `_QuickSMTP`
reads a mail's content in one go and matches an address with one pattern; the rest is aiosmtpd.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import re
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from trial.mail.mailbox_files import MISCHIEF, REFUSED, keep_mail, last_number
from trial.starter import when_starter_is_gone

LARGEST_MAIL = 10 * 1024 * 1024
_NO_SUCH_MAILBOX = "550 5.1.1 No such mailbox"
_ADDRESS = re.compile(r"\s*<([^<>\s]{1,254})>\s*(.*)")
_MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(<[\x21-\x3d\x3f-\x7e]{1,298}>)")
_OWN_ANSWER = re.compile(r"[45]\d\d( [\x20-\x7e]+)?")


class _QuickSMTP(SMTP):
    """aiosmtpd's server, told to read whole mails; for our own clients on loopback, not for the open net."""

    line_length_limit = LARGEST_MAIL  # the reader's limit, which must hold one whole mail

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        found = _ADDRESS.fullmatch(arg)
        return (found[1], found[2]) if found else (None, None)

    async def smtp_DATA(self, arg: str | None) -> None:
        assert self.envelope is not None
        assert self.transport is not None
        if not self.envelope.rcpt_tos or arg:
            await self.push("503 5.5.1 Error: need RCPT command" if not arg else "501 5.5.4 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content = bytearray()
        while not (content.endswith(b"\r\n.\r\n") or content == b".\r\n"):
            content += await self._reader.readuntil(b".\r\n")
            if len(content) > LARGEST_MAIL:
                await self.push("552 5.3.4 Too much mail data")
                self.transport.close()
                return
        self.envelope.content = bytes(content[:-3]).replace(b"\r\n..", b"\r\n.").removeprefix(b".")
        status = await self._call_handler_hook("DATA")
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self.push(status)


@dataclass(frozen=True, slots=True)
class Mischief:
    """What a server does to a share of the mails, by a seed: put off, taken or lost, with no answer after the content.

    Each is told once in `mischief.txt` beside the mails, with the Message-ID once the mail had come so far: it can be
    counted, and a mail that comes twice be put down to it.
    """

    seed: int
    put_off: int
    taken_unsaid: int
    lost_unsaid: int

    @classmethod
    def read(cls, written: str) -> Mischief:
        """From `seed:put off:taken:lost`, the shares in a hundred."""
        return cls(*(int(part) for part in written.split(":")))

    def fate(self, number: int) -> str:
        """Of the n-th mail that is offered."""
        drawn = hashlib.blake2b(f"{self.seed}|mail|{number}".encode(), digest_size=4).digest()
        place = int.from_bytes(drawn, "big") % 100
        for name in ("put_off", "taken_unsaid", "lost_unsaid"):
            place -= getattr(self, name)
            if place < 0:
                return name
        return ""


class _Keeper:
    """What aiosmtpd asks: is this recipient known, and where does this mail go."""

    def __init__(self, directory: Path, mischief: Mischief | None = None) -> None:
        self._directory = directory
        self._mischief = mischief
        self._offered = 0
        self._fates: dict[int, str] = {}
        self._number = last_number(directory)
        self._refused: dict[str, str] = {}
        self._seen: tuple[int, int, int] | None = None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._refusals().get(address.casefold())
        if answer is not None:
            return answer
        if self._mischief is not None:
            self._offered += 1
            self._fates[id(session)] = fate = self._mischief.fate(self._offered)
            if fate == "put_off":
                self._tell(fate)
                return "451 4.3.0 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        if (fate := self._fates.pop(id(session), "")) == "lost_unsaid":
            return self._hang_up(server, fate, envelope.content)
        try:
            number = keep_mail(
                self._directory, envelope.mail_from, envelope.rcpt_tos, envelope.content, self._number + 1
            )
        except OSError as error:
            return f"452 4.3.1 {error.strerror}"
        self._number = number
        if fate == "taken_unsaid":
            return self._hang_up(server, fate, envelope.content)
        return f"250 2.0.0 OK: kept as {number}"

    def _hang_up(self, server: SMTP, fate: str, content: bytes) -> str:
        """The connection is gone before the answer is."""
        found = _MESSAGE_ID.search(content)
        self._tell(f"{fate} {found[1].decode()}" if found else fate)
        assert server.transport is not None
        server.transport.abort()  # type: ignore[attr-defined]
        return "451 4.3.0 Nobody hears this"

    def _tell(self, what: str) -> None:
        with (self._directory / MISCHIEF).open("a", encoding="utf-8") as file:
            file.write(f"{what}\n")

    def _refusals(self) -> dict[str, str]:
        path = self._directory / REFUSED
        try:
            found = path.stat()
        except FileNotFoundError:
            return {}
        seen = (found.st_mtime_ns, found.st_size, found.st_ino)
        if seen != self._seen:
            self._refused, self._seen = _read_refusals(path.read_text(encoding="utf-8")), seen
        return self._refused


def _read_refusals(text: str) -> dict[str, str]:
    """Address to answer; blank lines and lines from # on are skipped, an answer that is no 4xx or 5xx is 550 5.1.1."""
    refusals = {}
    for line in text.splitlines():
        address, _, answer = line.split("#", 1)[0].strip().partition(" ")
        if address:
            answer = answer.strip()
            refusals[address.casefold()] = answer if _OWN_ANSWER.fullmatch(answer) else _NO_SUCH_MAILBOX
    return refusals


async def serve(directory: Path, host: str, port: int, parent: int | None, mischief: str = "") -> None:
    """Serve until SIGINT or SIGTERM, or until the process `parent` is gone; says `listening HOST PORT` once it does."""
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd logs each command, with addresses
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    keeper = _Keeper(directory, Mischief.read(mischief) if mischief else None)
    server = await loop.create_server(lambda: _session(keeper, loop), host, port)
    for name in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(name, stop.set)
        except NotImplementedError:  # Windows: the process is simply ended; the files are whole anyway
            break
    if parent is not None:
        _end_with(parent, lambda: loop.call_soon_threadsafe(stop.set))
    bound = server.sockets[0].getsockname()
    sys.stdout.write(f"listening {bound[0]} {bound[1]}\n")
    sys.stdout.flush()
    await stop.wait()
    server.close()


def _session(keeper: _Keeper, loop: asyncio.AbstractEventLoop) -> SMTP:
    return _QuickSMTP(keeper, data_size_limit=LARGEST_MAIL, hostname="localhost", ident="Equipoise mailbox", loop=loop)


def _end_with(parent: int, end: Callable[[], object]) -> None:
    """End when the parent is gone, which holds our standard input."""
    when_starter_is_gone(end)
    if sys.platform == "linux":
        # another child of the parent may have inherited that other end: then only the kernel can tell us
        import ctypes

        ctypes.CDLL(None).prctl(1, int(signal.SIGTERM))  # 1 is PR_SET_PDEATHSIG
        if os.getppid() != parent:
            end()
