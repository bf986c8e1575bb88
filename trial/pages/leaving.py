"""The pages that are one step away from every activity: stop or change, and something is not right."""

from __future__ import annotations

from dataclasses import dataclass

from trial.core.participant import STOP_REASONS, StopLevel
from trial.pages.environment import render
from trial.pages.frame import Frame


@dataclass(frozen=True, slots=True)
class StopPage:
    """`levels` are what can still be stopped, the smallest first; none is chosen beforehand, a press stops nothing."""

    levels: tuple[StopLevel, ...]
    missing: bool = False

    @property
    def reasons(self) -> tuple[str, ...]:
        return STOP_REASONS


@dataclass(frozen=True, slots=True)
class ReportPage:
    """`text` is what was typed before; without a word, a tick sends it, and `missing` says that there was neither."""

    text: str = ""
    too_long: bool = False
    missing: bool = False


def stop_page(frame: Frame, view: StopPage) -> str:
    """Stop the exercises, or everything, in one step."""
    return render("stop.html", frame, view)


def report_page(frame: Frame, view: ReportPage) -> str:
    """Tell the team that something is not right."""
    return render("report.html", frame, view)
