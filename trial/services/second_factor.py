"""The code of an authenticator app (RFC 6238), and the ten recovery codes for when it is lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

STEP = 30
# a clock may go half a minute wrong
DRIFT = (0, -1, 1)
RECOVERY_CODES = 10
ISSUER = "Equipoise"
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"


def offered(secret: bytes, about: str) -> str:
    """The app's secret that a page offers: the same each time it is shown to one browser, another in every other.

    Nothing is kept until a code of the app has confirmed it.
    """
    mac = hmac.new(secret, f"authenticator|{about}".encode(), hashlib.sha256).digest()
    return base64.b32encode(mac[:20]).decode()


def address_of(totp: str, name: str) -> str:
    """What an authenticator app reads from the picture."""
    return pyotp.TOTP(totp).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(totp: str, typed: str, now: datetime) -> int | None:
    """The half minute whose code this is, around now; None for any other code."""
    code = "".join(typed.split())
    current = int(now.timestamp()) // STEP
    app = pyotp.TOTP(totp)
    found = [current + drift for drift in DRIFT if hmac.compare_digest(app.at((current + drift) * STEP), _plain(code))]
    return found[0] if found else None


def _plain(code: str) -> str:
    # two texts are compared in constant time where both are ASCII
    return code if code.isascii() else ""


def new_recovery_codes() -> list[str]:
    """Ten codes of 10 letters and digits (49 bits), without look-alikes."""
    return ["-".join(_some(5) for _ in range(2)) for _ in range(RECOVERY_CODES)]


def _some(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
