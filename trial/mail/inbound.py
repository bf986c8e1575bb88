"""A mail that came in, as far as we need it: who answers what, whether a machine wrote it, and the words.

Whatever arrives is foreign matter. Nothing here raises for a mail that is broken or hostile: a part that cannot be read
is left out. Attachments are counted and dropped; the subject is not kept, for it quotes ours, which may tell the arm.
"""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses
from typing import Literal

from trial.mail.bounces import classify, enhanced_status
from trial.mail.mailer import Reply
from trial.mail.quotes import own_words, text_of_html

LARGEST = 2_000_000
LONGEST_TEXT = 20_000
LONGEST_ID = 300
MOST_PARTS = 100
MOST_IDS = 30

# whom a mail came to, as mail servers write it down, nearest to the mailbox first; then whom its sender named
_CAME_TO = (
    "X-Envelope-To", "Envelope-To", "X-Original-To", "Delivered-To", "X-Delivered-To", "X-Real-To", "X-RCPT-TO",
    "Apparently-To", "To", "Cc",
)  # fmt: skip
_FOR = re.compile(r"\bfor\s+<([^<>\s]{3,320})>")
_ID = re.compile(r"<[^<>\s]{1,298}>")
# controls, the marks that turn the direction of what follows, halves of pairs; tab and new line stay
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
# "Out of office: …" of programs that do not say so in a header
_AWAY = re.compile(
    r"^\s*(re:\s*)?(out of office|automatic reply|auto(matic)?[ -]?reply|autoreply|vacation|abwesenheit\w*|"
    r"automatische antwort|abwesend|رد تلقائي|خارج المكتب)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report that a mail of ours was not delivered: the address is dead, it was refused by policy, or otherwise."""

    verdict: Literal["bounced", "failed", "policy"]
    said: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One mail; `answers` are the Message-IDs that it answers, nearest first; `text` its own words without quotes;
    `recipients` whom it came to, as far as any header tells."""

    message_id: str
    answers: tuple[str, ...]
    sender: str | None
    recipients: tuple[str, ...]
    automatic: bool
    bounce: Bounce | None
    text: str
    attachments: int


# what the interpreter's own parser raises for mail that was made to break it
_BREAKS = (RecursionError, ValueError, LookupError, AttributeError, TypeError)


def read(raw: bytes) -> Incoming:
    """The mail in these bytes; what cannot be read of it is left out.

    One that breaks the parser is a mail without words: it comes before somebody, and holds up no other.
    """
    try:
        return _read(raw)
    except _BREAKS:
        return Incoming(_digest(raw), (), None, (), automatic=False, bounce=None, text="", attachments=0)


def _read(raw: bytes) -> Incoming:
    message = email.message_from_bytes(raw[:LARGEST])
    parts = _leaves(message)
    report = _report(parts) if message.get_content_type() == "multipart/report" else None
    text, attachments = _words(parts)
    return Incoming(
        message_id=_own_id(message, raw),
        answers=_answers(message, parts, of_report=report is not None or _is_report(message)),
        sender=next(iter(_addresses(message, "From", "Reply-To")), None),
        recipients=tuple(dict.fromkeys([*_addresses(message, *_CAME_TO), *_received_for(message)])),
        automatic=report is None and _is_automatic(message),
        bounce=report,
        text="" if report else text,
        attachments=attachments,
    )


def _own_id(message: Message, raw: bytes) -> str:
    """Its Message-ID; one without, or with an endless one, is known by its digest."""
    found = _ID.search(_header(message, "Message-ID"))
    return found[0] if found else _digest(raw)


def _digest(raw: bytes) -> str:
    return f"<{hashlib.sha256(raw).hexdigest()}@no-id.invalid>"


def _answers(message: Message, parts: list[Message], *, of_report: bool) -> tuple[str, ...]:
    written = _ID.findall(_header(message, "In-Reply-To")) + _ID.findall(_header(message, "References"))[::-1]
    if of_report:  # the head of the mail that came back lies in the report
        for part in parts:
            if part.get_content_type() in ("message/rfc822", "text/rfc822-headers", "message/global-headers"):
                written += re.findall(r"(?im)^message-id:\s*(<[^<>\s]{1,298}>)", _content(part))
    return tuple(dict.fromkeys(written))[:MOST_IDS]


def _is_report(message: Message) -> bool:
    return message.get_content_type() == "multipart/report"


def _is_automatic(message: Message) -> bool:
    """RFC 3834, and what programs said before there was one; a report of what was delayed or read as well."""
    said = _header(message, "Auto-Submitted").split(";")[0].strip().casefold()
    bulk = _header(message, "Precedence").strip().casefold() in ("bulk", "junk", "list", "auto_reply")
    marked = any(
        message.get(name) is not None for name in ("X-Autoreply", "X-Autorespond", "List-Unsubscribe", "List-Id")
    )
    nobody = _header(message, "Return-Path").strip() == "<>" or message.get("X-Envelope-From") == ""
    away = _AWAY.match(_header(message, "Subject")) is not None
    return said not in ("", "no") or bulk or marked or nobody or away or _is_report(message)


def _report(parts: list[Message]) -> Bounce | None:
    """What a delivery status says of its first failed recipient (RFC 3464); None where nothing failed for good."""
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    fields = _fields(_content(status)) if status is not None else {}
    if fields.get("action", "").split(";")[0].strip().casefold() != "failed":
        return None
    code = fields.get("status", "").split()[:1]
    said = " ".join([*code, fields.get("diagnostic-code", "").partition(";")[2].strip()]).strip()
    known = enhanced_status(said)
    if known is not None and known[0] == "4":  # tried for days, and given up by the other server
        return Bounce("failed", said[:500])
    verdict = classify(Reply("refused", 550, said, "rcpt"))
    return Bounce(verdict if verdict in ("bounced", "policy") else "failed", said[:500])


def _fields(text: str) -> dict[str, str]:
    """The fields of the groups, the first of each name, continued lines joined."""
    found: dict[str, str] = {}
    for line in re.sub(r"\r?\n[ \t]+", " ", text).splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().casefold(), value.strip())
    return found


def _leaves(message: Message) -> list[Message]:
    """The parts that hold something; a mail inside a mail is one part and is not looked into."""
    found: list[Message] = []
    todo: list[Message] = [message]
    while todo and len(found) < MOST_PARTS:
        part = todo.pop(0)
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            todo[:0] = [one for one in inner if isinstance(one, Message)]
        else:
            found.append(part)
    return found


def _words(parts: list[Message]) -> tuple[str, int]:
    """(own words, how many attachments were dropped)."""
    texts = [part for part in parts if part.get_content_maintype() == "text" and not _is_attached(part)]
    plain = next((part for part in texts if part.get_content_type() == "text/plain"), None)
    html = next((part for part in texts if part.get_content_type() == "text/html"), None)
    said = _content(plain) if plain is not None else ""
    if not said.strip() and html is not None:
        said = text_of_html(_content(html))
    shown = _UNSEEN.sub("", own_words(said[: LONGEST_TEXT * 5]).replace("\r", "\n"))
    return shown[:LONGEST_TEXT], sum(part not in texts for part in parts)


def _is_attached(part: Message) -> bool:
    return _header(part, "Content-Disposition").strip().casefold().startswith("attachment")


def _content(part: Message) -> str:
    """A part's text; a mail or report inside is written out, and what cannot be decoded is shown as such."""
    inner = part.get_payload()
    if isinstance(inner, list):
        return "\n".join(one.as_string() if isinstance(one, Message) else str(one) for one in inner)[:LARGEST]
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError):
        return ""
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset("utf-8") or "utf-8", "replace")
    except (LookupError, ValueError):
        return payload.decode("utf-8", "replace")


def _header(message: Message, name: str) -> str:
    """A header's first value as one line of text, whatever it holds."""
    value = message.get(name)
    return "" if value is None else " ".join(str(value)[:20_000].split())


def _addresses(message: Message, *names: str) -> Iterator[str]:
    for name in names:
        for value in message.get_all(name, [])[:5]:
            for _, address in _parsed(" ".join(str(value)[:5_000].split()))[:20]:
                if "@" in address and len(address) <= 320:
                    yield address.casefold()


def _received_for(message: Message) -> Iterator[str]:
    """Whom the servers on its way had it for, the last one first."""
    for value in message.get_all("Received", [])[:10]:
        yield from (one.casefold() for one in _FOR.findall(" ".join(str(value)[:2_000].split())))


def _parsed(value: str) -> list[tuple[str, str]]:
    try:
        return getaddresses([value])
    except _BREAKS:  # thousands of brackets, each of which it steps into
        return []
