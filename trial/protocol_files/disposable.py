"""The shipped list of providers of throw-away mailboxes; its source and licence stand at its top."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def disposable_domains() -> frozenset[str]:
    """Every listed domain, in small letters."""
    text = (files("trial.protocol_files") / "disposable_domains.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
