"""Mails over SMTP: one kept connection, the caller's last look before DATA, and a plain word on what happened.

`smtplib` has a `sendmail` that does all steps in one go. We take its single steps, because what is known after a lost
connection depends on the step: until the first byte of content left, the mail is surely not delivered; after that,
nobody can say (RFC 1047).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

from trial.core.errors import Unavailable
from trial.mail.mailer import Envelope, Kind, Reply, Stage
from trial.mail.oauth import Tokens, xoauth2

SETTING = "EQUIPOISE_SMTP_URL"
MAILS_PER_CONNECTION = 100

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails go, as the setting says it; the password is kept out of its repr."""

    scheme: Literal["smtp", "smtp+starttls", "smtps"]
    host: str
    port: int
    account: str | None = None
    password: str | None = field(default=None, repr=False)


def server_of(url: str) -> Server:
    """Read smtp://[account:password@]host[:port], smtp+starttls://… or smtps://…; ValueError says what is wrong."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"{SETTING} is no address of a mail server") from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"{SETTING} must look like smtp://host:port, smtp+starttls://… or smtps://…")
    return Server(
        scheme=parts.scheme,  # type: ignore[arg-type]  # one of _PORTS, checked above
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        account=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password is not None else None,
    )


class _Said(Exception):
    """The server answered a step with something other than yes."""

    def __init__(self, stage: Stage, code: int, text: bytes) -> None:
        super().__init__(code)
        self.stage, self.code, self.text = stage, code, text.decode("utf-8", "replace")


class SmtpMailer:
    """A `Mailer` over SMTP. Not safe for several threads: give each worker thread its own.

    A server that refuses the connection, TLS or the account says nothing about the mail in hand, so even its 5xx is
    `deferred`. A kept connection that has died is replaced once before a mail is called deferred.
    """

    def __init__(
        self, url: str, *, timeout: float = 30, tls: ssl.SSLContext | None = None, tokens: Tokens | None = None
    ) -> None:
        self._server = server_of(url)
        self._tokens = tokens
        self._timeout = timeout
        self._tls = tls
        self._connection: smtplib.SMTP | None = None
        self._sent = 0
        self._open_transaction = False

    def send(self, envelope: Envelope, content: Callable[[], bytes | None]) -> Reply:
        """Offer one mail; see `Mailer.send`."""
        offered = self._offer(envelope)
        if isinstance(offered, Reply):
            return offered
        try:
            body = content()
        except BaseException:
            self._reset(offered)
            raise
        if body is None:
            self._reset(offered)
            return Reply("withdrawn", None, "")
        return self._deliver(offered, body)

    def check(self) -> None:
        """Connect, greet and sign in; `Unavailable` names the setting and the server's words, never the password."""
        try:
            code, text = self._connected().noop()
        except (OSError, smtplib.SMTPException, _Said) as error:
            self._drop()
            raise Unavailable("The mail server", SETTING, words(error)) from None
        if code != 250:
            self._drop()
            raise Unavailable("The mail server", SETTING, f"{code} {text.decode('utf-8', 'replace')}")

    def close(self) -> None:
        """QUIT and forget the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()

    def _offer(self, envelope: Envelope) -> smtplib.SMTP | Reply:
        kept = self._connection is not None
        reply = self._offer_once(envelope)
        died = isinstance(reply, Reply) and reply.kind == "deferred" and self._connection is None
        # a server may close a connection that lay idle, with 421 or without a word: that is not this mail's answer
        return self._offer_once(envelope) if kept and died else reply

    def _offer_once(self, envelope: Envelope) -> smtplib.SMTP | Reply:
        stage: Stage = "connect"
        try:
            connection = self._connected()
            if self._open_transaction:  # what a refused or withdrawn mail left behind
                _expect(stage, connection.rset())
            self._open_transaction = True
            stage = "mail"
            _address(connection, envelope)
            return connection
        except _Said as said:
            return self._answered(said)
        except (OSError, smtplib.SMTPException, Unavailable) as error:
            self._drop()
            return Reply("deferred", getattr(error, "smtp_code", None), words(error), stage)

    def _deliver(self, connection: smtplib.SMTP, body: bytes) -> Reply:
        begun = False
        try:
            code, text = connection.docmd("DATA")
            if code != 354:
                return self._answered(_Said("data", code, text))
            begun = True
            connection.send(_terminated(body))
            code, text = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            # without its content no server can have delivered the mail; with some of it sent, it may have
            return Reply("unknown" if begun else "deferred", None, words(error), "content" if begun else "data")
        if 400 <= code <= 599:
            return self._answered(_Said("content", code, text))
        if not 200 <= code <= 299:  # no answer that SMTP knows, and the content is with the server
            self._drop()
            return Reply("unknown", code, text.decode("utf-8", "replace"), "content")
        self._open_transaction = False  # RFC 5321 4.1.1.4: the end of the data ends the transaction
        self._sent += 1
        return Reply("accepted", code, text.decode("utf-8", "replace"), "content")

    def _answered(self, said: _Said) -> Reply:
        kind: Kind = "refused" if 500 <= said.code <= 599 and said.stage != "connect" else "deferred"
        if said.code == 421 or said.stage == "connect" or not 400 <= said.code <= 599:
            self._drop()
        return Reply(kind, said.code, said.text, said.stage)

    def _connected(self) -> smtplib.SMTP:
        if self._connection is not None and self._sent >= MAILS_PER_CONNECTION:
            self.close()
        if self._connection is None:
            self._connection = connected(self._server, self._timeout, self._tls, self._tokens)
            self._sent, self._open_transaction = 0, False
        return self._connection

    def _reset(self, connection: smtplib.SMTP) -> None:
        try:
            _expect("mail", connection.rset())
            self._open_transaction = False
        except (OSError, smtplib.SMTPException, _Said):
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def connected(server: Server, timeout: float, tls: ssl.SSLContext | None, tokens: Tokens | None = None) -> smtplib.SMTP:
    """A greeted, encrypted and signed-in connection; whatever fails closes it again."""
    # plain SMTP needs no certificates, and loading them takes longer than a mail
    context = tls or (None if server.scheme == "smtp" else ssl.create_default_context())
    name = _own_name()
    if server.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, local_hostname=name, timeout=timeout, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=timeout)
    try:
        connection.ehlo_or_helo_if_needed()
        if server.scheme == "smtp+starttls":
            connection.starttls(context=context)  # raises where the server offers none: never in the clear instead
            connection.ehlo_or_helo_if_needed()
        if server.account is not None:
            _sign_in(connection, server.account, server.password or "", tokens)
    except BaseException:
        connection.close()
        raise
    return connection


def _sign_in(connection: smtplib.SMTP, account: str, password: str, tokens: Tokens | None) -> None:
    """With the password, or with an access token; a refused one is replaced once, for it may have been revoked."""
    if tokens is None:
        connection.login(account, password)
        return
    try:
        connection.auth("XOAUTH2", xoauth2(account, tokens.token()))
    except smtplib.SMTPAuthenticationError:
        connection.auth("XOAUTH2", xoauth2(account, tokens.token(fresh=True)))


def _own_name() -> str:
    # smtplib would ask the resolver for a full name, which can take seconds on a machine without one
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _address(connection: smtplib.SMTP, envelope: Envelope) -> None:
    """From whom and to whom; both at once where the server reads ahead (RFC 2920), and answers each all the same.

    The envelope has seen to it that these are plain addresses; `mail` and `rcpt` of smtplib would parse them once more.
    """
    sender, recipient = f"MAIL FROM:<{envelope.sender}>", f"RCPT TO:<{envelope.recipient}>"
    if not connection.has_extn("pipelining"):
        _expect("mail", connection.docmd(sender))
        _expect("rcpt", connection.docmd(recipient))
        return
    connection.send(f"{sender}\r\n{recipient}\r\n")
    first = connection.getreply()
    if first[0] != 421:  # which ends the connection
        second = connection.getreply()
        _expect("mail", first)
        _expect("rcpt", second)
    _expect("mail", first)


def _expect(stage: Stage, answer: tuple[int, bytes]) -> None:
    code, text = answer
    if not 200 <= code <= 299:
        raise _Said(stage, code, text)


def _terminated(body: bytes) -> bytes:
    stuffed = (b"." if body.startswith(b".") else b"") + body.replace(b"\n.", b"\n..")
    return stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n")


def words(error: BaseException) -> str:
    if isinstance(error, _Said):
        return f"{error.code} {error.text}"
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return str(error) or type(error).__name__
