"""The pages of somebody who takes part: a questionnaire, and what comes after; exercises are in `exercises.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from trial.pages.environment import render
from trial.pages.fields import Field, Section
from trial.pages.frame import Frame


@dataclass(frozen=True, slots=True)
class Unsent:
    """What was typed before and not sent: `shown` in the form now, there `again` after a fault, or `elsewhere`.

    `active` are the seconds that the page has been in use so far.
    """

    draft: Literal["", "shown", "again", "elsewhere"] = ""
    active: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every activity shows; `submission` and `opened` come back with its form (which sending, opened when)."""

    title: str
    minutes: int
    closes_at: datetime
    zone: str
    submission: str
    opened: str
    unsent: Unsent = Unsent()


@dataclass(frozen=True, slots=True)
class QuestionnairePage:
    """`gaps` names the items left out once they were counted; `all_needed` does not offer to leave any out.

    `empty` says that nothing was answered. `branches` are the items shown that are asked only of some; None where
    there are no such items. `late`: the window is over and its grace is not. `short` asks the primary outcome alone.
    `place` is one of several `pages`, with the fields `here`; `before` counts the questions on those before it.
    """

    sheet: Sheet
    sections: tuple[Section, ...]
    gaps: tuple[str, ...] = ()
    all_needed: bool = False
    empty: bool = False
    branches: tuple[str, ...] | None = None
    late: bool = False
    short: bool = False
    place: int = 0
    pages: int = 1
    here: tuple[str, ...] = ()
    before: int = 0

    @property
    def left_out(self) -> list[Field]:
        """The items without an answer, for a list that leads to each."""
        return [one for section in self.sections for one in section.fields if one.unanswered]

    @property
    def slides(self) -> bool:
        """Whether the page has a slider, which needs its script."""
        return any(one.type == "slider" for section in self.sections for one in section.fields)


After = Literal[
    "kept", "already", "closed", "not_open", "nothing", "not_eligible", "declined", "recruitment_closed",
    "enrolment_held", "enrolment_refused",
    "form_not_valid",
    "stopped_exercises", "stopped_questionnaires", "stopped_everything", "reported", "later", "nothing_yet",
    "passed_over", "later_today", "upset", "muted", "address_back",
]  # fmt: skip
AFTER: tuple[After, ...] = After.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Allocated:
    """Someone has just been randomised; `first_at` is when the first mail comes, where that can be said."""

    first_at: datetime | None
    zone: str


def questionnaire_page(frame: Frame, view: QuestionnairePage) -> str:
    """Instruments one after the other, on one page."""
    return render("questionnaire.html", frame, view)


def allocated_page(frame: Frame, view: Allocated) -> str:
    """The baseline is complete; the page says nothing about arms."""
    return render("allocated.html", frame, view)


def after_page(frame: Frame, after: After) -> str:
    """Where a step ends: thanks, a kind no, or what was stopped."""
    return render(f"after/{after}.html", frame)
