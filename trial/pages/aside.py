"""The pages beside an activity: not today, and this upset me. Nothing is chosen beforehand on either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trial.pages.environment import render
from trial.pages.frame import Frame


@dataclass(frozen=True, slots=True)
class NotTodayPage:
    """`missing`: the button was pressed and nothing was chosen."""

    missing: bool = False


@dataclass(frozen=True, slots=True)
class UpsetPage:
    """`wishes` are those that fit the activity: today, skip, mute, help. The rest is what was chosen and typed."""

    wishes: Sequence[str]
    wish: str = ""
    contact: bool = False
    text: str = ""
    missing: bool = False
    too_long: bool = False


def not_today_page(frame: Frame, view: NotTodayPage) -> str:
    """Leave an exercise out today, or do it later."""
    return render("not_today.html", frame, view)


def upset_page(frame: Frame, view: UpsetPage) -> str:
    """An activity upset somebody: what they would like now."""
    return render("upset.html", frame, view)
