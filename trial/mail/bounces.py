"""What a refusal means: for the person's address, for the mail, or for us; and when a postponed mail is tried again.

The table in docs/guide-operator.md says the same in words, and is tested against this.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Literal

from trial.mail.mailer import Reply

Verdict = Literal["bounced", "failed", "retry", "policy", "account"]

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
# what servers without enhanced codes write where the sender is at fault; words that a dead address has as well are left
# out ("rejected", "denied", "blocked")
_OURS_TO_MEND = re.compile(
    r"\b(spf|dkim|dmarc|dnsbl|rbl|spamhaus|(block|black|deny) ?-?list(ed)?|reputation|spam|policy|"
    r"(unable to |not )?relay(ing)?( access)? (denied|not allowed|not permitted|prohibited)|unable to relay|"
    r"authentication (is )?required)\b",
    re.I,
)


def enhanced_status(text: str) -> tuple[str, str, str] | None:
    """The enhanced status code (class, subject, detail) that a server's text opens with, if it has one."""
    found = _STATUS.search(text[:60])
    return (found[1], found[2], found[3]) if found else None


def classify(reply: Reply) -> Verdict:
    """bounced: the address is dead; failed: this mail is not wanted; retry: neither is known yet; policy: what we are
    is not wanted; account: we are not let in. The last two are ours to mend and say nothing of the person.

    5.1.x counts as a bounce wherever it was said; a bare 550, 551 or 553 only where the recipient was named. What is
    said to MAIL FROM is said of the sender alone. ValueError for a mail that was accepted, withdrawn, or left unknown:
    those are no refusals.
    """
    if reply.kind == "deferred":
        return "account" if reply.stage == "connect" and 500 <= (reply.code or 0) <= 599 else "retry"
    if reply.kind != "refused":
        raise ValueError(f"a mail that is {reply.kind} was not refused")
    status = enhanced_status(reply.text)
    if reply.stage == "mail" and (status is None or status[1] != "3"):
        return "policy"
    if status is not None:
        _, subject, detail = status
        if subject == "7" or (subject == "1" and detail in _SENDERS_FAULT):
            return "policy"
        return "bounced" if subject == "1" else "failed"
    if _OURS_TO_MEND.search(reply.text):
        return "policy"
    return "bounced" if reply.code in _NO_SUCH_MAILBOX and reply.stage in (None, "rcpt") else "failed"


def pause_before(offered: int) -> timedelta:
    """The pause after the server was offered a mail so many times and put it off (1 = after the first)."""
    return BACK_OFF[min(max(offered, 1), len(BACK_OFF)) - 1]
