"""A seed from two contributions: the system's share, which is committed to first, and what somebody outside gives.

Rule. While a trial is in preparation the system draws a share S of 32 bytes and a salt, and publishes
C = SHA-256(S, salt). Then somebody outside the team gives O, any bytes they like. The seed is HMAC-SHA256 with the
key S over O. Whoever has S could not choose it by O, since C was told before; whoever gives O does not know S. So
neither can have chosen the seed, as long as one of the two was drawn by chance and kept from the other.

Commitment by a hash that is opened later: Blum, Coin flipping by telephone, CRYPTO 1981 (cited from memory, not read
for this).
"""

from __future__ import annotations

import hashlib
import hmac

from trial.core.errors import Refused
from trial.core.randomization.hashing import digest_of

LEAST, MOST = 16, 65_536


def commitment_of(share: bytes, salt: bytes) -> str:
    """What is published of the system's share before anything else is given."""
    return digest_of([share, salt])


def combined(share: bytes, contribution: bytes) -> bytes:
    """The seed."""
    return hmac.new(share, contribution, hashlib.sha256).digest()


def receipt(contribution: bytes) -> str:
    """What whoever gave it compares at once: plain SHA-256, so that any tool works it out."""
    return hashlib.sha256(contribution).hexdigest()


def of_name(given_by: str) -> str:
    """What the record of acts holds of the name."""
    return hashlib.sha256(given_by.encode()).hexdigest()


def read_contribution(raw: bytes) -> bytes:
    """A file or a line as it was given; a line break at its end is none of it."""
    given = raw.removesuffix(b"\n").removesuffix(b"\r")
    if not LEAST <= len(given) <= MOST:
        raise Refused(f"A contribution has from {LEAST} to {MOST} bytes; this has {len(given)}.")
    return given
