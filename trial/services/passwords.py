"""Passwords of members: argon2id, twelve characters or more, no rules of composition; common and own words refused.

The lists of common and breached passwords are those of zxcvbn, which ships with the installation: nothing is asked
over a network.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from zxcvbn import zxcvbn

SHORTEST, LONGEST = 12, 200
# what zxcvbn calls "safely unguessable": 10^8 guesses and more, before argon2id makes each of them slow
SAFE = 3
# so many letters and digits must be left of a password once the person's and the trial's own words are taken out
LEFT = 8
_READ = 72
_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
# each takes 64 MB: a crowd at the door waits in line rather than filling the memory
_AT_ONCE = threading.BoundedSemaphore(4)


def hashed(password: str) -> str:
    """argon2id with a salt of its own."""
    with _AT_ONCE:
        return _HASHER.hash(_plain(password))


def fits(kept: str | None, password: str) -> bool:
    """Whether this is the password; for nobody at all it takes as long, and is never right."""
    nobodys = _nobodys()
    with _AT_ONCE:
        try:
            right = _HASHER.verify(nobodys if kept is None else kept, _plain(password[: LONGEST + 1]))
        except (VerificationError, InvalidHashError):
            return False
    return right and kept is not None


@cache
def _nobodys() -> str:
    return _HASHER.hash("the password of nobody at all")


def fault(password: str, own: Iterable[str] = ()) -> str | None:
    """Why this cannot be a password, in one sentence; `own` holds the name, the address, the trial's words."""
    if len(password) < SHORTEST:
        return f"Use {SHORTEST} characters or more. A few words in a row are easy to keep."
    if len(password) > LONGEST:
        return f"Use {LONGEST} characters at most."
    words = sorted(_words(own), key=len, reverse=True)
    if len(_without(password, words)) < LEFT:
        return "This is made of your name, your address or the study's words. Use others."
    # with spaces taken out as well: what is repeated with a space between is still repeated
    spellings = {password, _bare(password)}
    if min(zxcvbn(one[:_READ], user_inputs=words)["score"] for one in spellings if one) < SAFE:
        return "This is a common password, or close to one that was found in a breach. Use another."
    return None


def _plain(password: str) -> str:
    # one keyboard sends an accent by itself, another sends the whole letter
    return unicodedata.normalize("NFKC", password)


def _words(own: Iterable[str]) -> set[str]:
    return {word for one in own for word in re.split(r"[\W_]+", one.casefold()) if len(word) >= 3}


def _without(password: str, words: Iterable[str]) -> str:
    left = password.casefold()
    for word in words:
        left = left.replace(word, " ")
    return _bare(left)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)
