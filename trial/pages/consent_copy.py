"""What somebody agreed to, as it was: for the person alone, to read and to save."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trial.pages.environment import render
from trial.pages.frame import Frame


@dataclass(frozen=True, slots=True)
class CopyPage:
    """The information, what was ticked, who signed and when; `sharing` is the sentence on sharing data, if asked.

    `signature` is empty where the name is shown only after a fresh code. A `saved` copy leads nowhere.
    """

    title: str
    text: str
    version: str
    statements: tuple[str, ...]
    sharing: str
    shares: bool
    signature: str
    signed_at: datetime
    zone: str
    digest: str
    saved: bool = False
    said: str = ""
    fault: bool = False


def copy_page(frame: Frame, view: CopyPage) -> str:
    """The copy on a page."""
    return render("consent_copy.html", frame, view)
