"""The end: debrief and thanks, what came out, and the exercises that somebody did not have."""

from __future__ import annotations

from dataclasses import dataclass

from trial.pages.environment import render
from trial.pages.frame import Frame


@dataclass(frozen=True, slots=True)
class EndPage:
    """`text` is the team's debrief; `stopped` says that the person ended it; `results` and `others` are offered."""

    text: str
    stopped: bool = False
    results: bool = False
    others: bool = False


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """A text to read, and nothing to send: what came out, or an exercise of another arm."""

    title: str
    text: str
    exercise: bool = False


def end_page(frame: Frame, view: EndPage) -> str:
    """Thanks, and what the study was about."""
    return render("end.html", frame, view)


def not_yet_page(frame: Frame) -> str:
    """The study goes on for this person."""
    return render("end_not_yet.html", frame)


def others_page(frame: Frame, others: tuple[tuple[str, str], ...]) -> str:
    """The other exercises as (id, title)."""
    return render("other_exercises.html", frame, others)


def reading_page(frame: Frame, view: ReadingPage) -> str:
    """One of them, or the results."""
    return render("end_reading.html", frame, view)
