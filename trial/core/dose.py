"""How long a page was in use, as the page's own script counted it: the time it was visible and somebody was active.

It is what the page says and no proof. It cannot be longer than the time since the page was opened, nor than the cap.
"""

from __future__ import annotations

from datetime import datetime

MOST_ACTIVE_SECONDS = 6 * 3600


def active_seconds(said: str, opened_at: datetime | None, now: datetime) -> int | None:
    """The seconds in a posted field, kept within what is possible; None where no script counted."""
    if not (said.isascii() and said.isdigit() and len(said) < 10):
        return None
    most = MOST_ACTIVE_SECONDS
    if opened_at is not None:
        most = min(most, max(0, round((now - opened_at).total_seconds())))
    return min(int(said), most)
