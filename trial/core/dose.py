"""How long a page was in use, as the page's own script counted it: the time it was visible and somebody was active.

It is what the page says and no proof. It cannot be longer than the time since the page was opened, nor than the cap.
"""

from __future__ import annotations

from collections.abc import Iterator
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


# part of an item's name to what it means: the dose of one exercise that was sent
DOSE: tuple[tuple[str, str], ...] = (
    ("seconds_open", "seconds from opening the page on which the first word was kept or sent, to sending it"),
    ("seconds_active", "seconds in use, as the page's script counted them: seen and not idle; missing without scripts"),
    ("characters", "characters written, over all fields; missing where nothing is written"),
)


def of_sheet(
    opened_at: datetime | None, submitted_at: datetime, active: int | None, length: int | None
) -> Iterator[tuple[str, int | None]]:
    """The dose of one exercise that was sent, by the parts named above."""
    seconds = None if opened_at is None else round((submitted_at - opened_at).total_seconds())
    yield from zip((part for part, _ in DOSE), (seconds, active, length), strict=True)
