"""The six kinds of exercise as forms: what each page asks, and what is kept of what comes back.

A column is `<activity>_<part>`; only a writing without prompts has the one column `writing`. Closed answers go to
the sheet, free text to the vault. A card's column holds both: whether it was remembered, and the word that was typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from trial.core import answers
from trial.core.answers import LONGEST_TEXT, Answers, Asked, Fault
from trial.core.instruments import Choice, Item, ItemType
from trial.core.protocol import Card, Checklist, Dialogue, Exercise, Reading, Recall, TimedPractice, Writing
from trial.core.recall import answers_of, fills
from trial.core.texts import Id, Text

WRITING = "writing"
# the tick that says "none of these" where nothing else need be given: no column, only proof that somebody chose it
NOTHING = "nothing"
CONFIRMED, HOW_IT_WENT, SECONDS = "read", "done", "seconds"
# what a person says of a timed practice: codes on the sheet, and their labels in the codebook
PRACTISED: tuple[tuple[str, str], ...] = (
    ("as_planned", "done as planned"),
    ("partly", "done in part"),
    ("not_today", "not today"),
)


def column(exercise: Exercise, *parts: Id | int) -> str:
    """The name of a field in forms, answers and items.csv."""
    return "_".join([exercise.id, *(str(one) for one in parts)])


def asked(exercise: Exercise, cards: Iterable[Card] = ()) -> list[Asked]:
    """What the page asks, in order; of a recall only the cards given, which are those due."""
    match exercise:
        case Writing():
            return _writing(exercise)
        case Reading():
            return [_asked(exercise, CONFIRMED, {"en": "Read to the end"}, "yes_no")]
        case Recall():
            return [_asked(exercise, card.id, card.cloze, "text") for card in cards]
        case TimedPractice():
            return _timed(exercise)
        case Dialogue():
            turns = [(number, voice) for number in range(1, exercise.rounds + 1) for voice in exercise.voices]
            return [
                Asked(column(exercise, number, voice.id), Item(id=voice.id, topic=voice.label, type="text"), ())
                for number, voice in turns
            ]
        case Checklist():
            return [_asked(exercise, tick.id, tick.text, "yes_no") for tick in exercise.items]


def practised(exercise: Exercise, given: Mapping[str, object]) -> bool:
    """Whether a sheet counts towards the dose: a practice answered with `not today` is an answer, and no practice."""
    return not isinstance(exercise, TimedPractice) or given.get(column(exercise, HOW_IT_WENT)) != "not_today"


def closed(exercise: Exercise) -> list[Asked]:
    """The columns of the answer sheet, for every card that there is: what items.csv may hold of this exercise."""
    if isinstance(exercise, Recall):
        return [_asked(exercise, card.id, card.cloze, "yes_no") for card in exercise.cards]
    return [one for one in asked(exercise) if one.item.type != "text"]


def read(exercise: Exercise, shown: Sequence[Asked], form: Mapping[str, str], language: str = "en") -> Answers:
    """Check a form of this exercise; `shown` are the fields of its page. Anything else in the form is ignored."""
    given = answers.read(shown, {**form, **_settled(exercise, shown, form)})
    faults = (
        dict(given.faults) or _missing(exercise, shown, given) or _too_much(given) or _undecided(exercise, given, form)
    )
    judged = _judged(exercise, shown, given, language) if isinstance(exercise, Recall) else {}
    return Answers({**given.closed, **judged}, given.free, faults)


def length(shown: Iterable[Asked], given: Answers) -> int | None:
    """Characters over all free fields; None where the page has none."""
    free = any(one.item.type == "text" for one in shown)
    return sum(len(words) for words in given.free.values()) if free else None


def _asked(exercise: Exercise, part: Id, topic: Text, kind: ItemType) -> Asked:
    return Asked(column(exercise, part), Item(id=part, topic=topic, type=kind), ())


def _writing(exercise: Writing) -> list[Asked]:
    if not exercise.prompts:
        return [Asked(WRITING, Item(id=WRITING, topic={"en": "Your words"}, type="text"), ())]
    return [_asked(exercise, prompt.id, prompt.text, "text") for prompt in exercise.prompts]


def _timed(exercise: TimedPractice) -> list[Asked]:
    choices = [Choice(value=value, label={"en": label}) for value, label in PRACTISED]
    how = Item(id=HOW_IT_WENT, topic={"en": "How it went"}, type="choice", choices=choices)
    seconds = Item(
        id=SECONDS,
        topic={"en": "Seconds that the clock of the page ran; missing without scripts"},
        type="number",
        minimum=0,
        maximum=exercise.seconds,
    )
    values = tuple(value for value, _ in PRACTISED)
    return [Asked(column(exercise, HOW_IT_WENT), how, values), Asked(column(exercise, SECONDS), seconds, ())]


def _settled(exercise: Exercise, shown: Sequence[Asked], form: Mapping[str, str]) -> dict[str, str]:
    """Fields that a page cannot leave to the person: a tick that is not set is a no; a clock is never in the way."""
    if isinstance(exercise, Checklist):
        return {one.column: form.get(one.column, "").strip() or "no" for one in shown}
    if isinstance(exercise, TimedPractice):
        measured = column(exercise, SECONDS)
        clock = [one for one in shown if one.column == measured]
        if answers.read(clock, form).faults:
            return {measured: ""}
    return {}


def _missing(exercise: Exercise, shown: Sequence[Asked], given: Answers) -> dict[str, Fault]:
    """What there is nothing to keep without: one filled text, the confirmation, how the practice went."""
    first = shown[0].column if shown else ""
    empty = {
        Writing: not given.free,
        Dialogue: not given.free,
        Reading: given.closed.get(first) is not True,
        TimedPractice: given.closed.get(first) is None,
    }.get(type(exercise), False)
    return {first: "needed"} if empty else {}


def _undecided(exercise: Exercise, given: Answers, form: Mapping[str, str]) -> dict[str, Fault]:
    """A list without a tick, or cards without a word, are an answer only of somebody who says so."""
    empty = {Checklist: True not in given.closed.values(), Recall: not given.free}.get(type(exercise), False)
    return {NOTHING: "needed"} if empty and form.get(NOTHING) != "yes" else {}


def _too_much(given: Answers) -> dict[str, Fault]:
    """One page holds as much text as one field may: the longest field is named."""
    longest = max(given.free, key=lambda name: len(given.free[name]), default="")
    return {longest: "too_long"} if sum(map(len, given.free.values())) > LONGEST_TEXT else {}


def _judged(exercise: Recall, shown: Sequence[Asked], given: Answers, language: str) -> dict[str, bool]:
    """Whether each card on the page was remembered: the typed word fills its gap. No word is not remembered."""
    on_page = {one.column for one in shown}
    return {
        name: fills(given.free.get(name, ""), answers_of(card, language))
        for card in exercise.cards
        if (name := column(exercise, card.id)) in on_page
    }
