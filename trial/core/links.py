"""Personal links: a token that only this installation can make, never stored, revocable by its generation."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from functools import lru_cache
from typing import Protocol

TOKEN = re.compile(r"^[A-Za-z0-9_-]{43}\Z")
MARK = re.compile(r"^[0-9a-f]{32}$")


class LinkKeys(Protocol):
    """`index` finds a row, and stays as long as the data do; `link` proves, and is a new one after a restore."""

    @property
    def index(self) -> bytes: ...
    @property
    def link(self) -> bytes: ...


# made for the ledger and, right after, for the mail itself
@lru_cache(maxsize=1)
def make_token(keys: LinkKeys, delivery_id: int, generation: int) -> str:
    """43 characters of URL-safe base64: which row, as a mark of 16 bytes, and 16 bytes of HMAC-SHA256 over it and its
    generation. Nobody without the keys can make one, or read the row's number from it."""
    proof = hmac.digest(keys.link, f"link|{delivery_id}|{generation}".encode(), "sha256")[:16]
    return _letters(bytes.fromhex(make_mark(keys.index, delivery_id, _LINK)) + proof)


def delivery_linked(keys: LinkKeys, token: str) -> int | None:
    """The row that a link speaks of; None for what no link of this installation can be. It proves nothing yet: that
    does making it again, or the hash that a row keeps whose mail has left."""
    if not TOKEN.match(token):
        return None
    return delivery_marked(keys.index, base64.urlsafe_b64decode(token + "=")[:16].hex(), _LINK)


def _letters(mac: bytes) -> str:
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def hash_token(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_code(link_key: bytes, participant_id: int, generation: int, purpose: str = "") -> str:
    """The six digits that confirm an address; with a purpose, those that prove once more who asks, for that alone."""
    about = f"code|{participant_id}|{generation}" + (f"|{purpose}" if purpose else "")
    mac = hmac.digest(link_key, about.encode(), "sha256")
    return f"{int.from_bytes(mac[:8], 'big') % 1_000_000:06d}"


def make_message_id(link_key: bytes, delivery_id: int, domain: str) -> str:
    """The Message-ID of a contact, the same on every attempt; whoever holds the key reads the contact from it."""
    return f"<{make_mark(link_key, delivery_id)}@{domain}>"


def delivery_of(link_key: bytes, message_id: str) -> int | None:
    """The contact whose Message-ID this is; None for one that this installation did not make."""
    found = _OWN_MESSAGE_ID.match(message_id.strip())
    return None if found is None else delivery_marked(link_key, found[1])


def make_mark(link_key: bytes, delivery_id: int, purpose: str = "message") -> str:
    """32 hex digits that name a contact where people look: the numbers themselves count how many mails were planned
    for whoever came in between, and with them the arm where arms differ in that. Whoever knows the mark of one purpose
    knows nothing of that of another."""
    return _mixed(link_key, purpose, delivery_id.to_bytes(8, "big"), bytes(8), _ROUNDS).hex()


def delivery_marked(link_key: bytes, mark: str, purpose: str = "message") -> int | None:
    """The contact with this mark; None for one that this installation did not make."""
    if not MARK.match(mark):
        return None
    block = bytes.fromhex(mark)
    # the other way round: halves swapped, rounds backwards
    plain = _mixed(link_key, purpose, block[8:], block[:8], _ROUNDS[::-1])
    number, zeros = plain[8:], plain[:8]
    return int.from_bytes(number, "big") if zeros == bytes(8) else None


_ROUNDS = (1, 2, 3, 4)
_LINK = "link"
_OWN_MESSAGE_ID = re.compile(r"<?([0-9a-f]{32})@[^@<>\s]{1,200}>?$")


def _mixed(link_key: bytes, purpose: str, left: bytes, right: bytes, rounds: tuple[int, ...]) -> bytes:
    """A permutation of sixteen bytes under the key: four rounds of a Feistel network (Luby and Rackoff 1988)."""
    for number in rounds:
        mac = hmac.digest(link_key, f"{purpose}|{number}|".encode() + right, "sha256")
        left, right = right, (int.from_bytes(left) ^ int.from_bytes(mac[:8])).to_bytes(8)
    return left + right


def make_call_id(link_key: bytes, call_id: int, domain: str) -> str:
    """The Message-ID of a mail to the team: the same on every attempt."""
    mac = hmac.digest(link_key, f"call|{call_id}".encode(), "sha256")
    return f"<{mac.hex()[:32]}@{domain}>"


def make_study_code(code_key: bytes, trial_id: int, number: int) -> str:
    """A study code from the order of arrival that does not show the order: 8 letters and digits, no look-alikes."""
    alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
    value = int.from_bytes(hmac.digest(code_key, f"code|{trial_id}|{number}".encode(), "sha256"), "big")
    letters = []
    for _ in range(8):
        value, remainder = divmod(value, len(alphabet))
        letters.append(alphabet[remainder])
    return "".join(letters)


def make_invitation(link_key: bytes, invitation_id: int) -> str:
    """The link of an invitation to a trial's team: 43 characters, as a participant's, and never one of theirs."""
    return _letters(hmac.digest(link_key, f"invitation|{invitation_id}".encode(), "sha256"))
