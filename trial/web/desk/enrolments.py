"""Enrolments that wait until a person has looked: study codes and what looked odd. Read only; commands decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fastapi import Response

from trial.services.reviews import Held
from trial.web.desk.pages import Pages

# whoever waits, first come first, by the trial's name
Waiting = Callable[[], Mapping[str, Sequence[Held]]]


def routes(pages: Pages, waiting: Waiting) -> dict[str, Callable[..., Response]]:
    """The one page of this list."""

    def enrolments() -> Response:
        return pages.show("enrolments.html", trials=waiting())

    return {"/enrolments": enrolments}


def how_many(waiting: Waiting) -> int:
    """How many people wait, in all trials."""
    return sum(len(found) for found in waiting().values())
