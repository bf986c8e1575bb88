"""One signed cookie per application: its name and flags by scheme, its content readable, not forgeable, and dated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

HOURS = 12


class SignedCookie:
    """Ids and flags only; answers and addresses never go into a cookie. `purpose` keeps applications apart."""

    def __init__(self, secret: bytes, purpose: str, *, https: bool, hours: int = HOURS) -> None:
        self.name = f"__Host-{purpose}" if https else purpose
        self._https = https
        self._seconds = hours * 3600
        self._serializer = URLSafeTimedSerializer(secret, salt=f"cookie|{purpose}")

    def read(self, cookies: Mapping[str, str]) -> Mapping[str, Any] | None:
        """What the cookie holds; None for a missing, changed or old one."""
        try:
            held = self._serializer.loads(cookies.get(self.name, ""), max_age=self._seconds)
        except BadSignature:
            return None
        return held if isinstance(held, dict) else None

    def write(self, response: Response, held: Mapping[str, Any], *, keep: bool = False) -> None:
        """Set it for this host and this visit of the browser; `keep`: for as long as it counts."""
        value = self._serializer.dumps(dict(held))
        assert isinstance(value, str)
        age = self._seconds if keep else None
        response.set_cookie(self.name, value, age, path="/", secure=self._https, httponly=True, samesite="lax")
