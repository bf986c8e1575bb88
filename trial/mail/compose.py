"""One mail as bytes: a text and an HTML part from one Markdown source, and headers that give nothing away.

`compose` is told no arm, so none can appear. A PDF that goes along has one neutral name. Most mails of a day differ
in their links only: the two parts are drawn once per wording, with marks where the links go, and the links are put in
for each person.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Literal

from markupsafe import escape

from trial.mail import headers
from trial.mail.plain import plain_text
from trial.mail.templates import PLACEHOLDERS, fill, placeholders
from trial.pages.message import message_html, read_markdown

__all__ = ["LARGEST_HTML", "LARGEST_PAPER", "PLACEHOLDERS", "Mail", "Stream", "compose", "fill", "placeholders"]

LARGEST_HTML = 30_000
LARGEST_PAPER = 5_000_000
# the only name that a paper has: nothing that came from outside, and nothing that a study could be known by
PAPER = "my-copy.pdf"

Stream = Literal["exercises", "questionnaires", "service"]

# The run's own mark: no message can hold it by chance or by design. It never leaves this module.
_RUN = secrets.token_hex(8)
_MARK = re.compile(rf"https://{_RUN}\.invalid/(\d+)x")
_ADDRESS = re.compile(r"https?://(?:\[[0-9A-Fa-f:.]+\])?[A-Za-z0-9\-._~:/?#@!$&+,;=%]*[A-Za-z0-9\-_~/#@$&+=%]")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person. `date` is aware; `marked` is a line such as "Test trial" on top of both parts.

    `paper` is a PDF that goes along. `leave_link` is where the mails of this stream are ended: by one press of the mail
    program's own button where it is https (RFC 8058), else by the page that it leads to (RFC 2369).
    """

    sender_name: str
    sender_email: str
    reply_to: str
    recipient: str
    subject: str
    body_markdown: str
    language: str
    message_id: str
    stream: Stream
    date: datetime
    footer_links: tuple[tuple[str, str], ...] = ()
    marked: str | None = None
    paper: bytes | None = None
    leave_link: str | None = None


def compose(mail: Mail) -> bytes:
    """The mail as it goes over the wire: CRLF, ASCII only, no line over 998 octets.

    `headers.UnsafeHeader` (a ValueError) for a value that could break a header; ValueError for a date without zone, a
    footer address that is no web address, an HTML part over 30 kB, or a paper that is no PDF or over 5 MB.
    """
    boundary = "=_" + hashlib.sha256(headers.message_id(mail.message_id).encode()).hexdigest()[:32]
    both = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
    head = "\r\n".join([*_headers(mail), ""])
    addresses: list[str] = []
    words = _marked_out(mail.body_markdown, addresses)
    labels = tuple((label, _marked_out(_web_address(address), addresses)) for label, address in mail.footer_links)
    text, html = _drawn(mail.subject, words, labels, mail.language, mail.marked)
    html = _MARK.sub(lambda found: str(escape(addresses[int(found[1])])), html)
    if len(html.encode()) > LARGEST_HTML:
        raise ValueError(f"the mail's HTML holds more than {LARGEST_HTML} bytes; shorten the message")
    text = _MARK.sub(lambda found: addresses[int(found[1])], text)
    parts = (
        both.encode(),
        _part("plain", text, boundary),
        _part("html", html, boundary),
        f"--{boundary}--\r\n".encode(),
    )
    body = b"".join(parts)
    return head.encode("ascii") + (body if mail.paper is None else _with_paper(body, mail.paper, f"{boundary}p"))


def _headers(mail: Mail) -> list[str]:
    if mail.date.tzinfo is None:
        raise ValueError("the date of a mail needs a time zone")
    sender = headers.own_address("From", mail.sender_email)
    list_id = f"<{mail.stream}.{sender.rpartition('@')[2]}>"
    return [
        headers.mailbox_header("From", mail.sender_name, mail.sender_email),
        f"To: {headers.one_address('To', mail.recipient)}",
        f"Reply-To: {headers.own_address('Reply-To', mail.reply_to)}",
        headers.text_header("Subject", mail.subject),
        f"Date: {format_datetime(mail.date)}",
        f"Message-ID: {headers.message_id(mail.message_id)}",
        f"List-Id: {headers.one_line('List-Id', list_id)}",
        *_leaving(mail.leave_link),
        f"Content-Language: {headers.language_tag(mail.language)}",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: OOF, AutoReply",
        "MIME-Version: 1.0",
    ]


def _leaving(link: str | None) -> list[str]:
    """How a mail program ends this stream. RFC 8058 asks for https, and for a signature over both: the relay's DKIM."""
    if link is None:
        return []
    lines = [f"List-Unsubscribe: <{headers.one_line('List-Unsubscribe', _web_address(link))}>"]
    return [*lines, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"] if link.startswith("https://") else lines


def _part(kind: Literal["plain", "html"], text: str, boundary: str) -> bytes:
    # quoted-printable never holds "=_", so the boundary cannot occur in a part
    encoded = binascii.b2a_qp(text.replace("\n", "\r\n").encode(), istext=True)
    head = (
        f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode() + encoded + b"\r\n"


def _with_paper(body: bytes, paper: bytes, boundary: str) -> bytes:
    """What to read, and a PDF beside it; base64 holds no "_", so the boundary cannot occur in it."""
    if not paper.startswith(b"%PDF-") or len(paper) > LARGEST_PAPER:
        raise ValueError(f"a paper is a PDF of at most {LARGEST_PAPER} bytes")
    head = f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n--{boundary}\r\n'
    about = (
        f'\r\n--{boundary}\r\nContent-Type: application/pdf; name="{PAPER}"\r\n'
        f'Content-Disposition: attachment; filename="{PAPER}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    encoded = base64.encodebytes(paper).replace(b"\n", b"\r\n")
    return b"".join((head.encode(), body, about.encode(), encoded, f"--{boundary}--\r\n".encode()))


def _marked_out(text: str, addresses: list[str]) -> str:
    """The text with a mark for each web address, which goes to the list: tokens never enter the cache below."""

    def mark(found: re.Match[str]) -> str:
        addresses.append(found[0])
        return f"https://{_RUN}.invalid/{len(addresses) - 1}x"

    return _ADDRESS.sub(mark, text)


def _web_address(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise ValueError("a footer link is no http or https address")
    return address


@lru_cache(maxsize=128)
def _drawn(
    subject: str, body: str, footer_links: Sequence[tuple[str, str]], language: str, marked: str | None
) -> tuple[str, str]:
    tokens = read_markdown(body)
    html = message_html(subject=subject, body=tokens, language=language, footer_links=footer_links, marked=marked)
    return plain_text(tokens, footer_links=footer_links, marked=marked), html
