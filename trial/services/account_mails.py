"""A member is told by mail what happens to their account: somebody signed in elsewhere, or how they sign in changed.

The mail says that it happened, and the page that ends every session; no name, no address, no place.
"""

from __future__ import annotations

from typing import Literal

from trial.storage import calls, members
from trial.storage.work import Work

News = Literal["new_browser", "password", "app", "codes", "anew"]
NEWS: tuple[News, ...] = News.__args__  # type: ignore[attr-defined]


def tell(work: Work, member_id: int, news: News) -> None:
    """Plan the mail, in the transaction of what it tells; ring the worker after it. Who is in no trial gets none."""
    if found := members.trials_of(work, member_id):
        calls.plan_for(work, found[-1], news, member_id=member_id)
