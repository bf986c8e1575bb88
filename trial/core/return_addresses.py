"""The envelope sender of a mail, one of its own for each: what cannot be delivered comes back to it and says by the
address alone which mail it was, whatever is left of its headers (known as VERP).

The part after the plus sign is a mark that only this installation can make, of a purpose of its own: it is no
Message-ID, tells nobody anything, and outlives a server that changes the case of an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from trial.core.links import delivery_marked, make_mark

_PURPOSE = "bounce"
MARK_LENGTH = 32
# RFC 5321 4.5.3.1.1: 64 octets to the left of the @; the plus sign and the mark take theirs
LONGEST_NAME = 64 - 1 - MARK_LENGTH
_PLAIN = re.compile(
    rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_NAME - 1}}}@[A-Za-z0-9](?:[A-Za-z0-9.-]{{0,180}}[A-Za-z0-9])?"
)


def fits(bounces: str) -> bool:
    """Whether mails can come back to addresses made from this one."""
    return _PLAIN.fullmatch(bounces) is not None


def address_for(link_key: bytes, bounces: str, delivery_id: int) -> str:
    """The envelope sender of one mail: name+mark@domain. Row 0 is no mail, so its address names none."""
    name, _, domain = bounces.rpartition("@")
    return f"{name}+{make_mark(link_key, delivery_id, _PURPOSE)}@{domain}"


@dataclass(frozen=True, slots=True)
class Found:
    """What the addresses say that a mail came to: which mail of ours came back, or that one of them was made up."""

    delivery_id: int | None = None
    made_up: bool = False


def mail_named(link_key: bytes, bounces: str, addresses: Iterable[str]) -> Found:
    """The mail that the first genuine one of these addresses names, nearest to the mailbox first.

    Made up: there are such addresses, and none of them is ours.
    """
    if not bounces:
        return Found()
    name, _, domain = bounces.casefold().rpartition("@")
    made_up = False
    for one in addresses:
        local, _, host = one.casefold().rpartition("@")
        if host != domain or not local.startswith(f"{name}+"):
            continue
        row = delivery_marked(link_key, local.removeprefix(f"{name}+"), _PURPOSE)
        if row is not None:
            return Found(row)
        made_up = True
    return Found(made_up=made_up)


def without_mark(address: str) -> str:
    """name+anything@domain is picked up where name@domain is."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"
