"""Pasted text: numbered items, or one item a line."""

from __future__ import annotations

import re

from trial.core.official_wording import Written
from trial.protocol_files.wording.picking import leading_number
from trial.protocol_files.wording.text import plain

NAME = "pasted text"
_BULLET = re.compile(r"^[-*•–—]\s+")


def read(text: str) -> list[Written]:
    """Its items. Under numbers, a line without one goes on with the item above it."""
    lines = [(number, _BULLET.sub("", line.strip())) for number, line in enumerate(text.split("\n"), start=1)]
    found: list[Written] = []
    for line, words in lines:
        if not words:
            continue
        mark, rest = leading_number(words)
        if mark is None and found and found[-1].mark is not None:
            before = found[-1]
            found[-1] = Written(plain(f"{before.text} {rest}", line), before.mark, before.line)
        else:
            found.append(Written(plain(rest, line), mark, line))
    return found
