"""What the mail server says of itself: reached, encrypted, signed in, and how large a mail may be."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator

from trial.core.errors import Unavailable
from trial.mail.compose import LARGEST_PAPER
from trial.mail.oauth import Tokens
from trial.mail.sender_domain import Finding
from trial.mail.smtp import connected, server_of, words

# base64 of the largest paper, and the mail around it
NEEDED = LARGEST_PAPER * 4 // 3 + 100_000
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def examine(url: str, *, tokens: Tokens | None = None, tls: ssl.SSLContext | None = None) -> list[Finding]:
    """Connect, encrypt and sign in as sending does, and say how it went. ValueError for an address that is none."""
    server = server_of(url)
    try:
        connection = connected(server, 30, tls, tokens)
    except (OSError, smtplib.SMTPException, Unavailable) as error:
        return [_failed(server.host, error)]
    try:
        return [*_seen(connection, server.host, encrypted=server.scheme != "smtp", account=server.account)]
    finally:
        connection.close()


def _failed(host: str, error: Exception) -> Finding:
    said = words(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        mend = "Use the name that the certificate bears, or a server whose certificate is valid."
        return Finding("TLS", "bad", f"the certificate of {host} is not believed: {error.verify_message}", mend)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Finding("TLS", "bad", f"{host} offers no STARTTLS: {said}", "Try smtps:// or another port.")
    if isinstance(error, smtplib.SMTPAuthenticationError):
        mend = "Check account and password; where the account takes no password, set EQUIPOISE_SMTP_OAUTH."
        return Finding("Account", "bad", f"{host} refuses the account: {said}", mend)
    if isinstance(error, Unavailable):
        return Finding("Account", "bad", str(error), "Check the file of EQUIPOISE_SMTP_OAUTH.")
    return Finding("Server", "bad", f"{host} does not answer: {said}", "Check host and port, and any firewall between.")


def _seen(connection: smtplib.SMTP, host: str, *, encrypted: bool, account: str | None) -> Iterator[Finding]:
    yield Finding("Server", "good", f"{host} answers")
    version = connection.sock.version() if isinstance(connection.sock, ssl.SSLSocket) else None
    if version:
        yield Finding("TLS", "good", f"encrypted by {version}, certificate believed")
    elif host in _LOOPBACK:
        yield Finding("TLS", "good", "in the clear on this machine alone")
    else:
        yield Finding("TLS", "bad", "mail leaves in the clear", "Write smtp+starttls:// or smtps:// in the setting.")
    if account is not None:
        yield Finding("Account", "good", "signed in")
    elif connection.has_extn("auth") and host not in _LOOPBACK:
        mend = "Write account and password into EQUIPOISE_SMTP_URL."
        yield Finding("Account", "look", "the server asks who sends, and no account is named", mend)
    size = connection.esmtp_features.get("size", "").split()[:1]
    largest = int(size[0]) if size and size[0].isdigit() else 0
    if largest and largest < NEEDED:
        mend = "Consent copies as PDF may be refused: ask for a higher limit."
        yield Finding("Size", "look", f"mails of up to {largest:,} bytes", mend)
    else:
        yield Finding("Size", "good", f"mails of up to {largest:,} bytes" if largest else "no limit is told")
