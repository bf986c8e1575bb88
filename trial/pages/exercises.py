"""The pages of the six kinds of exercise, and the page that says how the cards went.

`exercise_page` draws any exercise: one template per kind, all with the text of the exercise above and the form below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from trial.core.answers import Asked
from trial.core.exercises import NOTHING as NOTHING_GIVEN
from trial.core.protocol import (
    Checklist,
    Dialogue,
    Exercise,
    Guidance,
    Reading,
    Recall,
    TimedPractice,
    Writing,
)
from trial.core.recall import GAP
from trial.core.texts import say
from trial.pages.activities import Sheet
from trial.pages.environment import render
from trial.pages.fields import NOTHING, Field, Typed, plain_fields
from trial.pages.frame import Frame


@dataclass(frozen=True, slots=True)
class ExercisePage:
    """An exercise as its page needs it: its text in Markdown, the fields asked, what was typed into them before.

    `earlier` are (question, words) of the person's own earlier writing; the question is empty where there was none.
    `locked`: there is some, and it is shown after a fresh code.
    """

    sheet: Sheet
    exercise: Exercise
    text: str
    asked: Sequence[Asked]
    typed: Typed = NOTHING
    earlier: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    locked: bool = False


@dataclass(frozen=True, slots=True)
class FormPage:
    """What every kind shows: text above, fields below; `faulty` is the first field with something wrong.

    `undecided`: nothing was given, and nobody said that there is nothing.
    """

    sheet: Sheet
    text: str
    fields: tuple[Field, ...]
    undecided: bool = False

    @property
    def faulty(self) -> Field | None:
        return next((one for one in self.fields if one.fault), None)


@dataclass(frozen=True, slots=True)
class WritingPage(FormPage):
    """`prompted`: its fields have questions of their own; `goes_on`: earlier words belong above, if there are any.

    `team`: the research team may read it; else nobody.
    """

    prompted: bool = False
    words: Guidance | None = None
    goes_on: bool = False
    earlier: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    locked: bool = False
    team: bool = False


@dataclass(frozen=True, slots=True)
class RecallPage(FormPage):
    """`sentences` are the cards' words before and after the gap, one pair for each field."""

    sentences: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TimedPage(FormPage):
    """Two fields: how it went, and the hidden one that the clock fills."""

    steps: tuple[str, ...] = ()
    seconds: int = 0
    bell: bool = True


@dataclass(frozen=True, slots=True)
class DialoguePage(FormPage):
    """`prompts` are what each voice is asked; the fields are the voices in turn, round after round."""

    prompts: tuple[str, ...] = ()
    rounds: int = 1
    team: bool = False


@dataclass(frozen=True, slots=True)
class WentPage:
    """Each card's whole sentence and what is said of it now, no score; `leads_on` is where the visit goes on."""

    cards: tuple[tuple[str, str], ...]
    leads_on: str = ""


def exercise_page(frame: Frame, page: ExercisePage) -> str:
    """Any exercise, by its kind."""
    exercise, language = page.exercise, frame.language
    fields = plain_fields(page.asked, language, page.typed)
    base = (page.sheet, page.text, fields, NOTHING_GIVEN in page.typed.faults)
    match exercise:
        case Writing():
            goes_on = exercise.shows_writing_of is not None
            view = WritingPage(
                *base,
                prompted=bool(exercise.prompts),
                words=exercise.words,
                goes_on=goes_on,
                earlier=page.earlier,
                locked=page.locked,
                team=exercise.read_by == "team",
            )
            return render("writing.html", frame, view)
        case Reading():
            return render("reading.html", frame, FormPage(*base))
        case Recall():
            return render("recall.html", frame, RecallPage(*base, tuple(_parted(one.label) for one in fields)))
        case TimedPractice():
            steps = tuple(say(step, language) for step in exercise.steps)
            return render("timed_practice.html", frame, TimedPage(*base, steps, exercise.seconds, exercise.bell))
        case Dialogue():
            prompts = tuple(say(voice.prompt, language) for voice in exercise.voices)
            return render(
                "dialogue.html", frame, DialoguePage(*base, prompts, exercise.rounds, exercise.read_by == "team")
            )
        case Checklist():
            return render("checklist.html", frame, FormPage(*base))


def went_page(frame: Frame, view: WentPage) -> str:
    """After the cards were sent: the sentences whole, and a word on each."""
    return render("went.html", frame, view)


def _parted(cloze: str) -> tuple[str, str]:
    before, _, after = cloze.partition(GAP)
    return before, after
