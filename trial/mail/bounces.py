"""What a refusal means for the person, and when a postponed mail is tried again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Literal

from trial.mail.mailer import Reply

Verdict = Literal["bounced", "failed", "retry"]

# Tries after the first, counted from the last reply; the last pause repeats until the message's latest useful time.
BACK_OFF: tuple[timedelta, ...] = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
)

# RFC 3463 status at the start of the text, or at the start of a later line of a multi-line reply joined by a blank
_STATUS = re.compile(r"(?:^|\s)([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$|[:;,-])")

# X.1.7 and X.1.8 speak of the sender's address, which is ours to mend: no fault of the recipient's
_SENDERS_FAULT = {"7", "8"}
_NO_SUCH_MAILBOX = {550, 551, 553}


def enhanced_status(text: str) -> tuple[str, str, str] | None:
    """The enhanced status code (class, subject, detail) that a server's text opens with, if it has one."""
    found = _STATUS.search(text[:60])
    return (found[1], found[2], found[3]) if found else None


def classify(reply: Reply) -> Verdict:
    """bounced: the address is dead; failed: this mail is not wanted; retry: neither is known yet.

    5.1.x counts as a bounce wherever it was said; a bare 550, 551 or 553 only where the recipient was named.
    ValueError for a mail that was accepted, withdrawn, or left unknown: those are no refusals.
    """
    if reply.kind == "deferred":
        return "retry"
    if reply.kind != "refused":
        raise ValueError(f"a mail that is {reply.kind} was not refused")
    status = enhanced_status(reply.text)
    if status is not None:
        _, subject, detail = status
        return "bounced" if subject == "1" and detail not in _SENDERS_FAULT else "failed"
    return "bounced" if reply.code in _NO_SUCH_MAILBOX and reply.stage in (None, "rcpt") else "failed"


def pause_before(attempt: int) -> timedelta:
    """The pause after the given number of tries (1 = after the first)."""
    return BACK_OFF[min(max(attempt, 1), len(BACK_OFF)) - 1]
