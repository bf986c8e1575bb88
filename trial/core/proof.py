"""Proof of work: a small sum that a browser does while its person reads, and that costs a swarm of robots dearly.

A challenge is `issued.bits.mac`; only the site can make one, for one browser's session, and nothing about it is kept.
The proof is PUZZLES whole numbers: for puzzle i, SHA-256 of `mac:i:number` begins with `bits` zero bits. Many small
puzzles take about the same time each time, where a single large one would now and then take five times as long.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

# the names of the two fields, which no question can have: ids hold no hyphen
CHALLENGE, PROOF = "the-challenge", "the-proof"
PUZZLES = 16
# 16 x 2^11 tries on average: under two seconds on a phone a quarter as fast as a desk (bench/proof.py)
BITS = 11
# pretend browsers pay the same coin, in small change
REHEARSAL_BITS = 2
# as long as the session that it is bound to
LIVES = timedelta(hours=12)
LONGEST = 400

Proved = Literal["proved", "missing", "wrong", "expired", "forged"]
_CHALLENGE = re.compile(r"([0-9]{1,10})\.([0-9]{1,2})\.([0-9a-f]{64})")
_PROOF = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})*")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a form asks of the browser that shows it, and when it was first shown."""

    issued_at: datetime
    bits: int
    mac: str

    def __str__(self) -> str:
        return f"{int(self.issued_at.timestamp())}.{self.bits}.{self.mac}"


def challenge(secret: bytes, session: str, issued_at: datetime, bits: int = BITS) -> Challenge:
    """A challenge for one session; the same one for the same second."""
    second = issued_at.replace(microsecond=0)
    message = f"proof|{session}|{int(second.timestamp())}|{bits}"
    return Challenge(second, bits, hmac.new(secret, message.encode(), hashlib.sha256).hexdigest())


def read(secret: bytes, session: str, text: str, least: int) -> Challenge | None:
    """The challenge that this site gave this session; None for any other text, or for one easier than `least`."""
    found = _CHALLENGE.fullmatch(text)
    if found is None or int(found[2]) < least:
        return None
    again = challenge(secret, session, datetime.fromtimestamp(int(found[1]), UTC), int(found[2]))
    return again if hmac.compare_digest(again.mac, found[3]) else None


def asked_by(text: str) -> Challenge:
    """The challenge as the browser reads it, which cannot tell whose it is."""
    issued, bits, mac = text.split(".")
    return Challenge(datetime.fromtimestamp(int(issued), UTC), int(bits), mac)


def judge(asked: Challenge | None, proof: str, now: datetime) -> Proved:
    """Whether the work was done, in time, for a challenge of ours."""
    if asked is None:
        return "forged" if proof else "missing"
    if not proof:
        return "missing"
    if not timedelta(0) <= now - asked.issued_at <= LIVES:
        return "expired"
    numbers = proof.split(".") if len(proof) <= LONGEST and _PROOF.fullmatch(proof) else []
    right = len(numbers) == PUZZLES and all(_solves(asked, place, one) for place, one in enumerate(numbers))
    return "proved" if right else "wrong"


def solve(asked: Challenge) -> str:
    """The work itself, as the page's script does it: for pretend browsers and for tests."""
    return ".".join(str(_search(asked, place)) for place in range(PUZZLES))


def _search(asked: Challenge, place: int) -> int:
    number = 0
    while not _solves(asked, place, str(number)):
        number += 1
    return number


def _solves(asked: Challenge, place: int, number: str) -> bool:
    digest = hashlib.sha256(f"{asked.mac}:{place}:{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - asked.bits) == 0
