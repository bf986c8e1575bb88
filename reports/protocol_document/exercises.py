"""What is inside an exercise, in plain form: its text, then steps, cards, voices, ticks or prompts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from reports.methods import listed
from trial.core.protocol import Checklist, Dialogue, Exercise, Reading, Recall, TimedPractice, Writing
from trial.core.texts import say

_GAP = re.compile(r"\{\{.*?\}\}")


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of an exercise: Markdown, a question, a remark, or lines of a list, of ticks or of fields."""

    kind: Literal["prose", "question", "quiet", "list", "ticks", "fields"]
    text: str = ""
    lines: tuple[str, ...] = ()


def parts(activity: Exercise, text: str, language: str) -> list[Part]:
    """The text, then what the kind of exercise adds to it."""
    inside = _INSIDE[type(activity)](activity, language)
    guided = [Part("quiet", "Done with a guide, not alone.")] if activity.needs == "guide" else []
    return [Part("prose", text), *inside, *guided]


def _writing(one: Writing, language: str) -> list[Part]:
    fields = tuple(say(prompt.text, language) for prompt in one.prompts) or (say(one.title, language),)
    said = []
    if one.words:
        about = f", about {one.words.about}" if one.words.about else ""
        said.append(Part("quiet", f"Length is guidance: at least {one.words.at_least} words{about}. It never blocks."))
    if one.shows_writing_of:
        said.append(Part("quiet", "What the person wrote in an earlier exercise is shown here again."))
    return [*said, Part("fields", lines=fields)]


def _reading(_: Reading, __: str) -> list[Part]:
    return []


def _recall(one: Recall, language: str) -> list[Part]:
    found = [Part("quiet", f"A remembered card waits longer each time: {listed([str(each) for each in one.spacing])}.")]
    for card in one.cards:
        answers = card.answers.get(language) or next(iter(card.answers.values()))
        lines = (
            _GAP.sub("_____", say(card.cloze, language)),
            f"Fills the gap: {', '.join(answers)}",
            f"If remembered: {say(card.remembered, language)}",
            f"If forgotten: {say(card.forgotten, language)}",
        )
        found.append(Part("list", lines=lines))
    return found


def _practice(one: TimedPractice, language: str) -> list[Part]:
    bell = ", with a bell at the end" if one.bell else ""
    steps = tuple(say(step, language) for step in one.steps)
    return [Part("list", lines=steps), Part("quiet", f"A clock runs for {one.seconds} seconds{bell}.")]


def _dialogue(one: Dialogue, language: str) -> list[Part]:
    voices = tuple(f"{say(each.label, language)}: {say(each.prompt, language)}" for each in one.voices)
    rounds = "once" if one.rounds == 1 else f"{one.rounds} times"
    return [Part("quiet", f"The voices take turns, {rounds}."), Part("fields", lines=voices)]


def _checklist(one: Checklist, language: str) -> list[Part]:
    return [Part("ticks", lines=tuple(say(each.text, language) for each in one.items))]


_INSIDE: dict[type, Callable[[Any, str], list[Part]]] = {
    Writing: _writing,
    Reading: _reading,
    Recall: _recall,
    TimedPractice: _practice,
    Dialogue: _dialogue,
    Checklist: _checklist,
}
