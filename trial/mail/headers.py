"""What may stand in a header: one line of honest text, and one plain address.

The standard library is no guard: an encoded word in a subject can come out as a second header (CVE-2024-6923).
So nothing that came from outside reaches a header before it passed here. Errors name the header, never the value.
"""

from __future__ import annotations

import re
from email.header import Header
from email.utils import formataddr
from functools import lru_cache
from urllib.parse import unquote

from email_validator import EmailNotValidError, validate_email

# C0, C1, the Unicode line and paragraph separators, and halves of surrogate pairs
BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&*+/^_`{|}~-]{1,128}@[A-Za-z0-9.-]{1,120}>")
# an address in which nothing needs a second look; most are, and the library takes as long for one as all other headers
_PLAIN = re.compile(
    r"\A(?=[^@]{1,64}@)[A-Za-z0-9_+]+(?:[.-][A-Za-z0-9_+]+)*@(?=.{4,189}\Z)"
    r"(?:[a-z0-9]{1,30}(?:-[a-z0-9]{1,30})?\.){1,6}(?!invalid|local|test|arpa|onion|alt)[a-z]{2,20}\Z"
)


class UnsafeHeader(ValueError):
    """A value that could break out of its header, or an address that is none; `header` names the header."""

    def __init__(self, header: str, why: str) -> None:
        super().__init__(f"{header}: {why}")
        self.header = header


def one_line(header: str, value: str) -> str:
    """The value itself, if it stays one line of text however a mail program may decode it."""
    for reading in {value, unquote(value, errors="replace")}:
        if BREAKS.search(reading):
            raise UnsafeHeader(header, "holds a control character or a line break")
        if "=?" in reading:
            raise UnsafeHeader(header, "holds the mark of an encoded word")
    return value


def one_address(header: str, value: str) -> str:
    """The one mail address in `value`, its domain in ASCII; a local part that would need SMTPUTF8 is refused."""
    if _PLAIN.match(value):
        return value
    one_line(header, value)
    try:
        found = validate_email(
            value, check_deliverability=False, allow_smtputf8=False, allow_quoted_local=False, test_environment=True
        )
    except EmailNotValidError:
        raise UnsafeHeader(header, "is not one mail address") from None
    return found.ascii_email or found.normalized


@lru_cache(maxsize=256)
def own_address(header: str, value: str) -> str:
    """`one_address` for the trial's own few addresses, remembered."""
    return one_address(header, value)


@lru_cache(maxsize=256)
def text_header(header: str, value: str) -> str:
    """`Name: value` with RFC 2047 encoding and folding where needed, lines joined by CRLF."""
    one_line(header, value)
    charset = "us-ascii" if value.isascii() else "utf-8"
    return f"{header}: " + Header(value, charset, header_name=header).encode(linesep="\r\n")


@lru_cache(maxsize=256)
def mailbox_header(header: str, name: str, address: str) -> str:
    """`Header: Name <address>` for the trial's own name; participants' names never come here."""
    one_line(header, name)
    return f"{header}: " + formataddr((name, own_address(header, address)), "utf-8")


def language_tag(value: str) -> str:
    """The given language, if it can be one."""
    if not _LANGUAGE.fullmatch(value):
        raise UnsafeHeader("Content-Language", "is not a language such as en or pt-BR")
    return value


def message_id(value: str) -> str:
    """The given Message-ID, if it has the one plain form."""
    if not _MESSAGE_ID.fullmatch(value):
        raise UnsafeHeader("Message-ID", "is not <id@domain>")
    return value
