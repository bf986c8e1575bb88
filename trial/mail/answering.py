"""An answer to a mail in the local mailbox, as the person who got it would write it: for trying a trial out."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from email.utils import format_datetime, parseaddr

from trial.core.errors import Refused
from trial.mail import headers
from trial.mail.mailbox_files import StoredMail

LONGEST_ANSWER = 5_000
# what a mail program would name: the person's own domain is no business of a mailbox that passes nothing on
_DOMAIN = "mailbox.invalid"


def answer_to(mail: StoredMail, words: str, now: datetime) -> tuple[str, str, bytes]:
    """Sender, recipient and bytes of an answer: to who asked for answers, the first mail quoted below.

    `now` is aware. Refused for no words, and for a mail whose addresses or Message-ID could not be answered.
    """
    words = words.strip()[:LONGEST_ANSWER]
    if not words:
        raise Refused("Write something to send.")
    to = parseaddr(mail.headers.get("reply-to") or mail.headers.get("from", ""))[1]
    try:
        lines = [
            f"From: {headers.one_address('From', mail.envelope_to)}",
            f"To: {headers.one_address('To', to)}",
            headers.text_header("Subject", f"Re: {mail.subject.removeprefix('Re: ')}"),
            f"Date: {format_datetime(now)}",
            f"Message-ID: <{secrets.token_hex(16)}@{_DOMAIN}>",
            *_threaded(mail.headers.get("message-id", "")),
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ]
    except headers.UnsafeHeader as error:
        raise Refused(f"This mail cannot be answered: {error}.") from None
    quoted = "\n".join(f"> {line}" for line in mail.text.splitlines())
    body = base64.encodebytes(f"{words}\n\n{quoted}\n".encode()).replace(b"\n", b"\r\n")
    return mail.envelope_to, to, "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _threaded(message_id: str) -> list[str]:
    if not message_id:
        return []
    known = headers.message_id(message_id)
    return [f"In-Reply-To: {known}", f"References: {known}"]
