"""How far one browser has come: ids and flags in a signed cookie, and the tokens derived from it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from trial.services.drafts import Draft

# how long a typed code counts
PROVED_FOR = timedelta(minutes=30)
# an entry of pages.activities.AFTER, or this
ALLOCATED = "allocated"


@dataclass(frozen=True, slots=True)
class Session:
    """`id` is random and changes when somebody proves who they are; `browser` is, too, and stays.

    `after` names the page that follows a post.

    `cards` is the occasion whose cards were just sent: the page that follows says how they went.
    `short` is set by a link that asks for the primary outcome alone.
    `proved` is when a fresh code was typed here; `goal` is where that was to lead.
    `country` is whose help lines somebody asked for who has no place of their own to keep it in yet.
    `language` is the one that was chosen by its link; none: what the browser asks for, or the person said.
    `first` is the first screening that this browser sent, so that a second one is counted with it.
    `undo` is the address change that the link of an old address's mail may take back; then there is no participant.
    `wrote` is the occasion whose exercise was sent from this browser last: those words are shown here without a code.
    """

    id: str
    slug: str = ""
    agreed: bool = False
    source: str = ""
    screening: int | None = None
    participant: int | None = None
    occasion: int | None = None
    after: str = ""
    cards: int | None = None
    country: str = ""
    browser: str = ""
    short: bool = False
    language: str = ""
    proved: str = ""
    goal: str = ""
    first: int | None = None
    first_eligible: bool = True
    wrote: int | None = None
    undo: int | None = None

    def is_proved(self, now: datetime) -> bool:
        """Whether a fresh code was typed in this browser a short while ago."""
        return bool(self.proved) and datetime.fromisoformat(self.proved) <= now < _until(self.proved)


def _until(proved: str) -> datetime:
    return datetime.fromisoformat(proved) + PROVED_FOR


def new_session(**progress: Any) -> Session:
    """A session with a fresh random id (128 bits)."""
    return Session(secrets.token_urlsafe(16), **({"browser": secrets.token_urlsafe(16)} | progress))


def renewed(session: Session, **progress: Any) -> Session:
    """The same progress under a fresh id."""
    return replace(session, id=secrets.token_urlsafe(16), **progress)


def to_cookie(session: Session) -> dict[str, Any]:
    """What is not at its default, for a small cookie."""
    return {one.name: value for one in fields(Session) if (value := getattr(session, one.name)) != one.default}


def from_cookie(held: Mapping[str, Any] | None) -> Session | None:
    """The session, or None where the cookie is missing or of another shape (an older version's, say)."""
    known = {one.name for one in fields(Session)}
    if held is None or not held.keys() <= known or not isinstance(held.get("id"), str):
        return None
    return Session(**held)


def may_see_draft(session: Session, draft: Draft, opened: datetime) -> bool:
    """In the browser that saved it, or after a fresh code: whoever holds a mail's link alone does not read it.

    The code counts if it was fresh when the page was opened, so that a page that showed a draft may also save it.
    """
    return (bool(session.browser) and draft.browser == session.browser) or session.is_proved(opened)


def submission_of(secret: bytes, session: Session) -> str:
    """The id of what this session sends for its occasion: twice the same for a double click or the back button."""
    return _mac(secret, f"submission|{session.id}|{session.occasion}")


def seal_opening(secret: bytes, session: Session, opened_at: datetime) -> str:
    """When a form was opened, as a field that comes back with it and cannot be made up."""
    moment = opened_at.isoformat()
    return f"{moment} {_mac(secret, f'opened|{session.id}|{session.occasion}|{moment}')}"


def read_opening(secret: bytes, session: Session, sealed: str) -> datetime | None:
    """The instant in such a field; None for any other text."""
    moment, _, mac = sealed.partition(" ")
    expected = _mac(secret, f"opened|{session.id}|{session.occasion}|{moment}")
    return datetime.fromisoformat(moment) if hmac.compare_digest(mac.encode(), expected.encode()) else None


def _mac(secret: bytes, text: str) -> str:
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
