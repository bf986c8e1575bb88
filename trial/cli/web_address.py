"""The address of the participants' pages, as an option or setting gives it."""

from __future__ import annotations

from urllib.parse import urlsplit

from trial.core.errors import BadInput, Problem


def require_web_address(url: str) -> None:
    """Links in mails are made from it, long after anybody could notice a slip."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        mend = "Use https://host, or http://127.0.0.1:8765 on this machine alone."
        raise BadInput([Problem("--base-url", None, None, f"{url!r} is no web address.", mend)])
