"""Where mail that people write to the study is picked up: one interface, and where it may lie.

Nothing is ever deleted. `unread` may give the same mail again (after a restart, or to two workers): whoever takes it
knows it by its Message-ID. `done` comes after the commit, so that a crash in between loses nothing.
"""

from __future__ import annotations

import imaplib
import mailbox
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from trial.core.errors import Unavailable
from trial.core.return_addresses import without_mark
from trial.mail.inbound import LARGEST
from trial.mail.mailbox_files import mail_path, numbers

SETTING = "EQUIPOISE_IMAP_URL"
MOST_AT_ONCE = 200
SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as it lies there; `key` tells its inbox which one is done."""

    key: str
    raw: bytes


class Inbox(Protocol):
    """A place that mail comes to. It belongs to one thread."""

    def unread(self, addresses: frozenset[str]) -> Iterator[Letter]:
        """What has not been handed out yet; where all mail lies in one place, only what went to these addresses."""
        ...

    def done(self, key: str) -> None:
        """This mail is taken care of."""
        ...


class LocalMailbox:
    """The mailbox that ships: mails to participants lie in it as well, so only those to the study are looked at."""

    def __init__(self, directory: Path) -> None:
        self._directory, self._after = directory, 0

    def unread(self, addresses: frozenset[str]) -> Iterator[Letter]:
        for number in [one for one in numbers(self._directory) if one > self._after][:MOST_AT_ONCE]:
            path = mail_path(self._directory, number)
            with path.open("rb") as file:
                head = file.readline(2_000) + file.readline(2_000)
            if {without_mark(one) for one in _envelope_to(head)} & addresses:
                yield Letter(str(number), path.read_bytes()[:LARGEST])
            else:
                self._after = number

    def done(self, key: str) -> None:
        self._after = max(self._after, int(key))


def _envelope_to(head: bytes) -> set[str]:
    """Whom our mail server was told that a mail is for; it writes that into the second line."""
    for line in head.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        if name == "X-Envelope-To":
            return {one.strip().casefold() for one in value.split(",")}
    return set()


class Folder:
    """A maildir, written by the site's own mail server: what is `new` is read, and marked as seen once it is done."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def unread(self, addresses: frozenset[str]) -> Iterator[Letter]:
        try:
            found = sorted(one for one in (self._directory / "new").iterdir() if one.is_file())
        except FileNotFoundError:
            return
        for path in found[:MOST_AT_ONCE]:
            with suppress(FileNotFoundError):  # another worker was quicker
                yield Letter(path.name, path.read_bytes()[:LARGEST])

    def done(self, key: str) -> None:
        with suppress(FileNotFoundError):
            (self._directory / "new" / key).rename(self._directory / "cur" / f"{key}:2,S")


class Mbox:
    """One mbox file. It is read only: how far it was read is known to this process, and begins anew with the next."""

    def __init__(self, path: Path) -> None:
        self._path, self._after, self._seen = path, 0, (0, 0)

    def unread(self, addresses: frozenset[str]) -> Iterator[Letter]:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return
        if (found.st_mtime_ns, found.st_size) == self._seen:
            return
        if found.st_size < self._seen[1]:  # rotated, or emptied by another program
            self._after = 0
        box = mailbox.mbox(self._path, create=False)
        try:
            keys = sorted(box.keys())
            for key in keys[self._after :][:MOST_AT_ONCE]:
                yield Letter(str(key), box.get_bytes(key)[:LARGEST])
            if self._after >= len(keys):
                self._seen = (found.st_mtime_ns, found.st_size)
        finally:
            box.close()

    def done(self, key: str) -> None:
        self._after = max(self._after, int(key) + 1)


class Imap:
    """A mailbox on an IMAP server: what is not seen is read by its UID, and marked as seen once it is done."""

    def __init__(self, url: str, *, tls: ssl.SSLContext | None = None) -> None:
        self._parts = urlsplit(url)
        if self._parts.scheme not in ("imaps", "imap") or not self._parts.hostname or not self._parts.username:
            raise ValueError(f"{SETTING} must look like imaps://account:password@host[:port][/folder]")
        self._tls, self._connection = tls, None  # type: tuple[ssl.SSLContext | None, imaplib.IMAP4 | None]

    def unread(self, addresses: frozenset[str]) -> Iterator[Letter]:
        try:
            connection = self._connected()
            for uid in _said(connection.uid("search", "UNSEEN")).split()[:MOST_AT_ONCE]:
                found = connection.uid("fetch", uid.decode(), f"(BODY.PEEK[]<0.{LARGEST}>)")[1]
                raw = next((one[1] for one in found if isinstance(one, tuple)), None)
                if raw is not None:
                    yield Letter(uid.decode(), raw)
        except (OSError, imaplib.IMAP4.error) as error:
            self._drop()
            raise Unavailable("The mailbox of replies", SETTING, str(error)[:200]) from None

    def done(self, key: str) -> None:
        try:
            self._connected().uid("store", key, "+FLAGS.SILENT", r"(\Seen)")
        except (OSError, imaplib.IMAP4.error):
            self._drop()  # it comes again, and is known by its Message-ID

    def _connected(self) -> imaplib.IMAP4:
        if self._connection is None:
            self._connection = self._signed_in()
        else:
            self._connection.noop()  # tells us what is new
        return self._connection

    def _signed_in(self) -> imaplib.IMAP4:
        host, parts = self._parts.hostname or "", self._parts
        tls = self._tls or ssl.create_default_context()
        connection: imaplib.IMAP4
        if parts.scheme == "imaps":
            connection = imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=tls, timeout=SECONDS)
        else:
            connection = imaplib.IMAP4(host, parts.port or 143, timeout=SECONDS)
        try:
            if parts.scheme == "imap" and host not in ("127.0.0.1", "::1", "localhost"):
                connection.starttls(tls)  # a password is never sent in the clear
            connection.login(unquote(parts.username or ""), unquote(parts.password or ""))
            folder = unquote(parts.path.strip("/")) or "INBOX"
            _said(connection.select(f'"{folder}"'))
        except BaseException:
            connection.shutdown()
            raise
        return connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                connection.shutdown()


def _said(answer: tuple[str, list[bytes | None]]) -> bytes:
    """What the server answered, where it did not refuse."""
    kind, found = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(f"the server answered {kind}")
    return (found[0] or b"") if found else b""


def inbox_at(path: Path) -> Inbox:
    """The maildir or mbox file at this place."""
    return Mbox(path) if path.is_file() else Folder(path)
