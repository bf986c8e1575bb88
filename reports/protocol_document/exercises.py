"""What the page of an exercise does not show at once: how its clock runs, what its cards accept and say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from reports.methods import listed
from trial.core.protocol import Dialogue, Exercise, Recall, TimedPractice, Writing
from trial.core.texts import say

_GAP = re.compile(r"\{\{.*?\}\}")


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a plain page: Markdown, a question, a remark, or lines of a list."""

    kind: Literal["prose", "question", "quiet", "list"]
    text: str = ""
    lines: tuple[str, ...] = ()


def remarks(activity: Exercise) -> list[str]:
    """What stands beside the exercise's title in the document."""
    found = ["done with a guide"] if activity.needs == "guide" else []
    if isinstance(activity, Writing | Dialogue):
        found.append("nobody reads it" if activity.read_by == "nobody" else "the team may read it later")
    if isinstance(activity, TimedPractice):
        found.append(f"{activity.seconds} seconds" + (", with a bell for those who want one" if activity.bell else ""))
    if isinstance(activity, Dialogue) and activity.rounds > 1:
        found.append(f"the voices take turns {activity.rounds} times")
    return found


def cards(activity: Recall, language: str) -> list[Part]:
    """Every card with the words that fill its gap, what is said then, and how long it waits."""
    waits = listed([str(each) for each in activity.spacing])
    found = [Part("quiet", f"A remembered card waits longer each time: {waits}.")]
    for card in activity.cards:
        answers = card.answers.get(language) or next(iter(card.answers.values()))
        lines = (
            f"Fills the gap: {', '.join(answers)}",
            f"If remembered: {say(card.remembered, language)}",
            f"If forgotten: {say(card.forgotten, language)}",
        )
        found += [Part("question", _GAP.sub("_____", say(card.cloze, language))), Part("list", lines=lines)]
    return found
