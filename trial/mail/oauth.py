"""Access tokens for a mail account that takes no password any more (OAuth 2.0, RFC 6749), and how SMTP is told one.

The file holds JSON: `token_url` (https), `client_id`, `client_secret` where there is one, and either `refresh_token`
(somebody agreed in a browser once) or `scope` (the client acts for itself). XOAUTH2 is the mechanism of Google and
Microsoft: user=…^Aauth=Bearer …^A^A (Gmail's "OAuth 2.0 Mechanism" and Exchange Online's page on the same, both read).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from trial.core.errors import BadInput, Problem, Unavailable

SETTING = "EQUIPOISE_SMTP_OAUTH"
SECONDS = 30.0
# a token is not used in its last minute: a mail that begins with it should also end with it
SPARE_SECONDS = 60.0
_KNOWN = {"token_url", "client_id", "client_secret", "refresh_token", "scope"}


@dataclass(slots=True)
class Tokens:
    """The account's access token, fetched when needed and kept until it lapses. It belongs to one thread."""

    about: Mapping[str, str] = field(repr=False)
    clock: Callable[[], float] = time.monotonic
    _token: str = field(default="", repr=False)
    _until: float = field(default=float("-inf"))

    def token(self, *, fresh: bool = False) -> str:
        """A token that is good now; `fresh` where the server refused the one it had."""
        if fresh or self.clock() >= self._until:
            said = _asked(self.about)
            lives = said.get("expires_in", 300)
            self._token = str(said["access_token"])
            seconds = float(lives) if isinstance(lives, int | float | str) and str(lives).isdigit() else 300.0
            self._until = self.clock() + max(seconds - SPARE_SECONDS, 0.0)
        return self._token


def tokens_of(path: Path) -> Tokens:
    """Read the file; BadInput says what is wrong with it, never what it holds."""
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _wrong(path, f"it cannot be read ({error.strerror}).", "Give the path of a file.") from None
    except ValueError:
        raise _wrong(path, "it is no JSON.", "Write it as docs/guide-operator.md shows.") from None
    if not isinstance(about, dict) or any(not isinstance(one, str) for one in about.values()):
        raise _wrong(path, "it is no list of names with words.", "Write it as docs/guide-operator.md shows.")
    if unknown := sorted(set(about) - _KNOWN):
        raise _wrong(path, f"{unknown[0]!r} is unknown.", f"Known are {', '.join(sorted(_KNOWN))}.")
    if missing := sorted({"token_url", "client_id"} - set(about)):
        raise _wrong(path, f"{missing[0]} is missing.", "Add it.")
    if not about.get("refresh_token") and not about.get("scope"):
        raise _wrong(path, "it has neither refresh_token nor scope.", "Add the one that your provider gave.")
    where = urlsplit(about["token_url"])
    if where.scheme != "https" and where.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise _wrong(path, "token_url is no https address.", "A secret is never sent in the clear.")
    return Tokens(about)


def xoauth2(account: str, token: str) -> Callable[..., str]:
    """What `smtplib.SMTP.auth` asks for: first the token; then, to a complaint, the empty line that is waited for."""

    def answer(challenge: bytes | None = None, /) -> str:
        return f"user={account}\x01auth=Bearer {token}\x01\x01" if challenge is None else ""

    return answer


def _asked(about: Mapping[str, str]) -> dict[str, Any]:
    import httpx  # wanted by few installations, and slow to import

    grant = "refresh_token" if about.get("refresh_token") else "client_credentials"
    fields = {"grant_type": grant} | {name: about[name] for name in sorted(_KNOWN - {"token_url"}) if about.get(name)}
    try:  # a secret goes where the file says: httpx follows no redirection by itself
        reply = httpx.post(about["token_url"], data=fields, timeout=SECONDS)
        said = reply.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable("The server of access tokens", SETTING, str(error)[:200] or type(error).__name__) from None
    token = said.get("access_token") if isinstance(said, dict) and reply.is_success else None
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise Unavailable("The server of access tokens", SETTING, _reason(reply.status_code, said))
    return dict(said)


def _reason(status: int, said: Any) -> str:
    """RFC 6749 5.2: `error` and, where the server explains itself, `error_description`; never what else it sent."""
    words = [str(said[name]) for name in ("error", "error_description") if isinstance(said, dict) and said.get(name)]
    return " ".join(" ".join([str(status), *(words or ["without an access token"])]).split())[:300]


def _wrong(path: Path, what: str, mend: str) -> BadInput:
    return BadInput([Problem(f"{SETTING} ({path.name})", None, None, what, mend)])
