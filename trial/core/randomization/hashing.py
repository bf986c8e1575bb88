"""SHA-256 over several parts, none of which can run into the next."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def digest_of(parts: Iterable[bytes]) -> str:
    """SHA-256 over the parts, each with its length (8 bytes, big endian) before it; hexadecimal."""
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()
