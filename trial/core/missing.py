"""Mails that did not arrive, or may not have: why, and what that means in plain words."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

# for so long a mail that did not arrive may wait for somebody
MEND_WITHIN = timedelta(days=2)


class Cause(StrEnum):
    """Bounced: the address is dead. Failed: this mail was refused, or could not be made. Unknown: nobody can say."""

    BOUNCED = "bounced"
    FAILED = "failed"
    UNKNOWN = "unknown"


IN_WORDS = {
    Cause.BOUNCED: "The address does not exist any more, or was mistyped: the other mail server says so.",
    Cause.FAILED: "The mail was refused or could not be written. The address may be right.",
    Cause.UNKNOWN: "The connection broke while the mail was handed over. It may have arrived, and may not.",
}
