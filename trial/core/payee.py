"""What a person tells so that something can be sent to them that is no code: to an account, or by post."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Way = Literal["transfer", "post"]
# what each way asks for, and how long it may be
FIELDS: Mapping[Way, tuple[str, ...]] = {"transfer": ("name", "account"), "post": ("name", "address")}
LONGEST = {"name": 120, "account": 60, "address": 400}
Fault = Literal["missing", "mistyped"]
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def clean(way: Way, given: Mapping[str, str]) -> dict[str, str]:
    """The fields of a way as they are kept: no space around, no empty lines, one line but for an address."""
    found = {}
    for name in FIELDS[way]:
        lines = [" ".join(line.split()) for line in given.get(name, "").splitlines()]
        found[name] = ("\n" if name == "address" else " ").join(line for line in lines if line)
    return found


def faults(details: Mapping[str, str]) -> dict[str, Fault]:
    """What is wrong with cleaned details, by field."""
    found: dict[str, Fault] = {}
    for name, words in details.items():
        if not 0 < len(words) <= LONGEST[name] or not words.replace("\n", "").isprintable():
            found[name] = "missing"
        elif name == "account" and _is_mistyped(words):
            found[name] = "mistyped"
    return found


def _is_mistyped(account: str) -> bool:
    """Whether what looks like an IBAN fails its own check: ISO 13616, a remainder of 1 modulo 97 (ISO 7064)."""
    packed = re.sub(r"[^A-Za-z0-9]", "", account).upper()
    if not _IBAN.fullmatch(packed):
        return False
    return int("".join(str(int(sign, 36)) for sign in packed[4:] + packed[:4])) % 97 != 1
