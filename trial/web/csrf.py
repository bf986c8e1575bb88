"""The token that every form carries: proof that the form was shown to the browser that sends it."""

from __future__ import annotations

import hashlib
import hmac

FIELD = "csrf"


def token(secret: bytes, session_id: str) -> str:
    """The token of a session: HMAC-SHA256, 64 hex digits."""
    return hmac.new(secret, f"csrf|{session_id}".encode(), hashlib.sha256).hexdigest()


def fits(secret: bytes, session_id: str, given: str) -> bool:
    """Whether a posted token belongs to this session, compared in constant time."""
    return hmac.compare_digest(token(secret, session_id).encode(), given.encode())
