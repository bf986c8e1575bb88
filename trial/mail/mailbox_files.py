"""The files of a local mailbox: their names, and what the mails in them say."""

from __future__ import annotations

import email
import email.errors
import email.header
import email.message
import email.utils
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from pathlib import Path

REFUSED = "refused.txt"
# what a server that misbehaves by a plan did: a line each, a word and the mail's Message-ID where it had come so far
MISCHIEF = "mischief.txt"


@dataclass(frozen=True, slots=True)
class MailSummary:
    """What a list of mails shows; `date` is None where the mail has none that can be read."""

    number: int
    envelope_to: str
    subject: str
    date: datetime | None


@dataclass(frozen=True, slots=True)
class StoredMail:
    """One mail as it arrived; `headers` decoded, the first of each name, names in lower case."""

    number: int
    envelope_to: str
    subject: str
    date: datetime | None
    text: str
    html: str
    headers: Mapping[str, str]


def mail_path(directory: Path, number: int) -> Path:
    """Where the mail with this number lies."""
    return directory / f"{number:06d}.eml"


def numbers(directory: Path) -> list[int]:
    """The numbers of all mails, ascending; none where the directory does not exist."""
    try:
        with os.scandir(directory) as entries:
            names = [entry.name for entry in entries]
    except FileNotFoundError:
        return []
    return sorted(int(name[:-4]) for name in names if name.endswith(".eml") and name[:-4].isdecimal())


def last_number(directory: Path) -> int:
    """The highest number, 0 for an empty mailbox."""
    return max(numbers(directory), default=0)


def count(directory: Path) -> int:
    """How many mails there are."""
    return len(numbers(directory))


def read_mailbox(directory: Path, after: int = 0) -> Iterator[StoredMail]:
    """The mails numbered above `after`, in the order of acceptance; each file is read when its turn comes."""
    return (read_mail(directory, number) for number in numbers(directory) if number > after)


def read_mail(directory: Path, number: int) -> StoredMail:
    """One mail with both its parts; FileNotFoundError for a number that is not there."""
    message = email.message_from_bytes(mail_path(directory, number).read_bytes())
    summary = _summary(number, message)
    headers: dict[str, str] = {}
    for name, value in message.items():
        headers.setdefault(name.lower(), _decoded(str(value)))
    parts = {part.get_content_type(): part for part in message.walk() if not part.is_multipart()}
    return StoredMail(
        number,
        summary.envelope_to,
        summary.subject,
        summary.date,
        text=_content(parts.get("text/plain")),
        html=_content(parts.get("text/html")),
        headers=headers,
    )


def read_summary(directory: Path, number: int) -> MailSummary:
    """The head of one mail."""
    with mail_path(directory, number).open("rb") as file:
        return _summary(number, BytesHeaderParser().parse(file, headersonly=True))


def keep_mail(directory: Path, sender: str | None, recipients: Sequence[str], content: bytes, number: int = 1) -> int:
    """Keep a mail under the first number from `number` on that is free, and say which; never half of it, never over
    another: whoever lists *.eml sees whole mails only, and several processes may keep mails in one folder."""
    head = f"X-Envelope-From: {sender}\r\nX-Envelope-To: {', '.join(recipients)}\r\n"
    unfinished = directory / f"{secrets.token_hex(8)}.part"
    try:
        unfinished.write_bytes(head.encode() + content)
        while True:
            with suppress(FileExistsError):
                os.link(unfinished, mail_path(directory, number))
                return number
            number += 1
    finally:
        unfinished.unlink(missing_ok=True)


def refuse(directory: Path, *lines: str) -> None:
    """Refuse these recipients too from now on: an address each, with an own answer after it if wanted.

    `someone@mailbox.example` is answered 550 5.1.1; `someone@mailbox.example 451 4.2.0 try later` as it says.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / REFUSED
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    unfinished = path.with_suffix(".part")
    unfinished.write_text(before + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    unfinished.replace(path)


def _summary(number: int, message: email.message.Message) -> MailSummary:
    return MailSummary(
        number, str(message["X-Envelope-To"] or ""), _decoded(str(message["Subject"] or "")), _date(message["Date"])
    )


def _date(value: str | None) -> datetime | None:
    try:
        return email.utils.parsedate_to_datetime(value) if value else None
    except ValueError:
        return None


def _decoded(value: str) -> str:
    if "=?" not in value:
        return " ".join(value.split()) if "\n" in value else value
    try:
        return str(email.header.make_header(email.header.decode_header(value)))
    except (LookupError, ValueError, email.errors.HeaderParseError):  # no mail of ours: shown as it came
        return value


def _content(part: email.message.Message | None) -> str:
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    try:
        text = payload.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = payload.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")
