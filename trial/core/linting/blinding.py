"""B: what could tell people, or those who work with them, which arm somebody is in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trial.core.linting.asked import text_lines
from trial.core.linting.rules import Found, Severity, Subject, rule
from trial.core.protocol import Arm, StageArm, TrialProtocol

WARNING = Severity.WARNING
SHORTEST, SHORTEST_OF_IDS = 5, 4
# words of arms' names that tell nothing apart: what every trial of this kind asks people to do, and when
_PLAIN = frozenset({
    "about", "after", "again", "before", "daily", "evening", "evenings", "every", "exercise", "exercises",
    "first", "from", "group", "lesson", "minutes", "month", "morning", "nothing", "online", "other",
    "people", "practice", "questions", "reading", "seconds", "self", "session", "short", "study", "text", "their",
    "then", "these", "time", "this", "three", "today", "training", "trial", "week", "weekly", "weeks", "with", "write",
    "writing", "your",
})  # fmt: skip
_CONDITION = re.compile(
    r"placebo|wait(?:ing)?[-_ ]?list|"
    r"(?:control|treatment|intervention|experimental|active|comparison)[-_ ](?:group|arm|condition)|"
    r"attention[-_ ]control|no[-_ ]treatment|group[-_ ][a-d]\b|arm[-_ ][a-d0-9]\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s)>\]]+", re.IGNORECASE)


def telling_words(protocol: TrialProtocol) -> frozenset[str]:
    """The words that stand in the names of some arms, or options of a stage, and not of all."""
    arms: list[Arm | StageArm] = [*protocol.arms, *(one for stage in protocol.stages for one in stage.arms)]
    named = [
        {word for text in arm.label.values() for word in _words(text) if len(word) >= SHORTEST}
        | {word for word in _words(arm.id) if len(word) >= SHORTEST_OF_IDS}
        for arm in arms
    ]
    if len(named) < 2 or protocol.design.disclosure == "arm_known":
        return frozenset()
    every = named[0].union(*named)
    return frozenset(every - named[0].intersection(*named) - _PLAIN)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _revealing(protocol: TrialProtocol, text: str) -> str | None:
    """The first word of a text that tells an arm; None for a text that tells nothing."""
    if protocol.design.type == "single_arm":
        return None
    telling = telling_words(protocol)
    found = next((word for word in _words(text) if word in telling or word.removesuffix("s") in telling), None)
    condition = _CONDITION.search(text)
    return found or (condition[0] if condition else None)


@rule("B401", WARNING, "Subject that reveals the arm",
      why="A subject is read by everybody who sees the inbox, and tells people which kind of exercise they drew.",
      mend="Write one subject that is true in every arm.")  # fmt: skip
def subjects(trial: Subject) -> Iterator[Found]:
    for message in trial.protocol.messages:
        for language, text in trial.texts.get(f"messages/{message.id}", {}).items():
            word = _revealing(trial.protocol, text.split("\n", 1)[0].removeprefix("Subject:"))
            if word:
                file = f"messages/{message.id}.{language}.md"
                yield Found((), f"the subject of {message.id!r} says {word!r}.", message.id, file, 1)


@rule("B402", WARNING, "Sender that reveals the arm",
      why="The trial's title and contact stand as the sender of every mail; they must not name what is compared.",
      mend="Choose a title and a contact name that say what people do in every arm.")  # fmt: skip
def sender(trial: Subject) -> Iterator[Found]:
    for language, title in trial.protocol.title.items():
        if word := _revealing(trial.protocol, title):
            yield Found(("title", language), f"the title says {word!r}.", "title")
    for key in ("contact_name", "contact_email"):
        if word := _revealing(trial.protocol, getattr(trial.protocol.administrative, key)):
            yield Found(("administrative", key), f"the sender says {word!r}.", key)


@rule("B403", WARNING, "File name of a mail that reveals the arm",
      why="The names of mails stand in logs, lists and previews that people with a blinded role work with.",
      mend="Name the mail for what it does in every arm, such as evening_reminder.")  # fmt: skip
def file_names(trial: Subject) -> Iterator[Found]:
    for place, message in enumerate(trial.protocol.messages):
        if word := _revealing(trial.protocol, message.id):
            yield Found(("messages", place), f"the name of the mail {message.id!r} says {word!r}.", message.id)


@rule("B404", WARNING, "Titles that tell the arms apart",
      why="The title of an activity stands in the browser's tab and in lists; one for each arm gives the arm away.",
      mend="Give the activities that stand for each other in the arms one title.")  # fmt: skip
def titles(trial: Subject) -> Iterator[Found]:
    protocol = trial.protocol
    if protocol.design.disclosure == "arm_known":
        return
    place_of = {one.id: place for place, one in enumerate(protocol.activities)}
    for point in protocol.timepoints:
        shared = [protocol.activity(one) for one in point.activities if protocol.activity(one).arms]
        for one in shared[1:]:
            if dict(one.title) != dict(shared[0].title):
                what = f"{one.id!r} and {shared[0].id!r} stand for each other and have different titles."
                yield Found(("activities", place_of[one.id], "title"), what, one.id)


@rule("B405", WARNING, "Link that reveals the arm",
      why="The address of a link is seen in the mail, kept in histories and logged on the way.",
      mend="Use {{ link }}, or an address without the arm's name.")  # fmt: skip
def links(trial: Subject) -> Iterator[Found]:
    for message in trial.protocol.messages:
        for language, text in trial.texts.get(f"messages/{message.id}", {}).items():
            for number, line in text_lines(text):
                for address in _ADDRESS.findall(line):
                    if word := _revealing(trial.protocol, address):
                        file = f"messages/{message.id}.{language}.md"
                        yield Found((), f"a link of {message.id!r} says {word!r}.", message.id, file, number)


@rule("B406", Severity.BEFORE_OPENING, "Hypothesis withheld without a reference",
      why="To leave people in the dark about the hypothesis is for a committee to allow, and for the debrief to mend.",
      mend="Write the committee's reference into `administrative.ethics`.")  # fmt: skip
def withheld(trial: Subject) -> Iterator[Found]:
    ethics = trial.protocol.administrative.ethics
    if trial.protocol.design.disclosure == "hypothesis_withheld" and (ethics is None or ethics.reference is None):
        what = "the hypothesis is withheld, and no reference of a committee allows it yet."
        yield Found(("design", "disclosure"), what)
