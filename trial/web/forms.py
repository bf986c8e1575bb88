"""Reading a posted form: plain fields only, cleaned of what no page of ours can send and no database can hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.exceptions import HTTPException

MOST_FIELDS = 2_000
_FORM = "application/x-www-form-urlencoded"
# C0 and C1, halves of surrogate pairs, byte order marks, and the two that are no characters: no paper could show them
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")

Form = Mapping[str, str]


# what RFC 8058 has a mail program post where its reader presses "unsubscribe"
ONE_CLICK: Form = {"List-Unsubscribe": "One-Click"}


async def read_form(request: Request) -> Form:
    """The fields of a form; none for a body that is not a form, so that it fails like a form without a token."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":  # no page of ours posts one, but mail programs do
        return await _one_click(request)
    return parse_form(await request.body()) if kind == _FORM else {}


async def _one_click(request: Request) -> Form:
    """The one field of RFC 8058 in parts; anything else in parts is no form of ours."""
    try:
        parts = (await request.form(max_files=0, max_fields=1, max_part_size=1_000)).multi_items()
    except HTTPException:
        return {}
    return ONE_CLICK if dict(parts) == ONE_CLICK else {}


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
