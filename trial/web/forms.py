"""Reading a posted form: plain fields only, cleaned of what no page of ours can send and no database can hold."""

from __future__ import annotations

import email
import re
from collections.abc import Mapping
from email.message import Message
from urllib.parse import parse_qsl

from fastapi import Request

MOST_FIELDS = 2_000
_FORM = "application/x-www-form-urlencoded"
# C0 and C1, halves of surrogate pairs, byte order marks, and the two that are no characters: no paper could show them
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")

Form = Mapping[str, str]


# what RFC 8058 has a mail program post where its reader presses "unsubscribe"
ONE_CLICK: Form = {"List-Unsubscribe": "One-Click"}
_LARGEST_ONE_CLICK = 2_000


async def read_form(request: Request) -> Form:
    """The fields of a form; none for a body that is not a form, so that it fails like a form without a token."""
    told = request.headers.get("content-type", "")
    kind = told.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":  # no page of ours posts one, but mail programs do
        return ONE_CLICK if _is_one_click(told, await request.body()) else {}
    return parse_form(await request.body()) if kind == _FORM else {}


def _is_one_click(content_type: str, body: bytes) -> bool:
    """Whether the parts are the one field of RFC 8058; a mail's parts and a form's are written alike."""
    if len(body) > _LARGEST_ONE_CLICK or not content_type.isascii() or not content_type.isprintable():
        return False
    whole = email.message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    parts = whole.get_payload()
    if not isinstance(parts, list) or len(parts) != 1 or not isinstance(parts[0], Message):
        return False
    name, said = parts[0].get_param("name", header="Content-Disposition"), parts[0].get_payload(decode=True)
    return isinstance(said, bytes) and {str(name): said.decode("latin-1").strip()} == ONE_CLICK


def parse_form(body: bytes) -> Form:
    """Field names and values. Bytes that are no UTF-8 become replacement characters, line ends become LF."""
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {clean(name): clean(value) for name, value in pairs}


def clean(text: str) -> str:
    """Text without control characters other than tab and LF."""
    return _CONTROL.sub("", _LINE_END.sub("\n", text))
