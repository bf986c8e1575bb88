"""Pages that belong to no trial: the landing of a link, a link that does not work, errors in the same kind voice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from trial.pages.environment import render
from trial.pages.frame import Frame

Notice = Literal[
    "landing", "link_invalid", "link_sent", "read_only", "refused", "recruitment_closed", "not_found",
    "not_allowed", "too_large", "too_many", "broken", "unavailable",
]  # fmt: skip
NOTICES: tuple[Notice, ...] = Notice.__args__  # type: ignore[attr-defined]


def notice(frame: Frame, name: Notice) -> str:
    """One of these pages."""
    return render(f"notices/{name}.html", frame)


def no_session(frame: Frame, written: str = "") -> str:
    """The visit is over; `written` is a text that arrived too late, shown so that it can be copied."""
    return render("notices/no_session.html", frame, written)


def too_many(frame: Frame, fields: Mapping[str, str] | None = None) -> str:
    """Somebody has to wait; `fields` are those of the form that they sent, which can be sent again from here."""
    return render("notices/too_many.html", frame, fields)
