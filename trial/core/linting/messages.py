"""M: what the mails say, and whether they are ever sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trial.core.linting.rules import Found, Rule, Severity, Subject, add, rule
from trial.core.protocol import Recall

ERROR, WARNING = Severity.ERROR, Severity.WARNING
MOST_REMINDERS = 3
_HELD = re.compile(r"\{\{\s*(\w+)\s*\}\}")
# M301 to M303 ask for these in every language; the reader refuses a mail with a code that lacks it
_OF_OTHER_RULES = frozenset({"link", "closes", "contact_email", "code"})

add(Rule("M307", ERROR, "Untranslated text",
         "A person who chose a language must never meet a page in another one.",
         "Write the text in every language under `languages`.", None))  # fmt: skip


def _lacking(trial: Subject, placeholder: str, streams: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(message id, language) of every mail of these streams that does not hold a placeholder."""
    mark = re.compile(r"\{\{\s*" + placeholder + r"\s*\}\}")
    for message in trial.protocol.messages:
        for language, text in trial.texts.get(f"messages/{message.id}", {}).items():
            if message.stream in streams and not mark.search(text):
                yield message.id, language


def _in_text(message: str, language: str, what: str) -> Found:
    return Found((), what, message, f"messages/{message}.{language}.md", 1)


@rule("M301", ERROR, "Mail without its link",
      why="A mail that asks for something and holds no link leads nowhere.",
      mend="Write {{ link }} where the link belongs.")  # fmt: skip
def no_link(trial: Subject) -> Iterator[Found]:
    for message, language in _lacking(trial, "link", ("exercises", "questionnaires")):
        yield _in_text(message, language, f"the mail {message!r} holds no link.")


@rule("M302", WARNING, "Mail that does not say until when",
      why="People plan their week; who learns of the closing only at a shut page feels cheated.",
      mend="Write {{ closes }} in a sentence of its own.")  # fmt: skip
def no_closing(trial: Subject) -> Iterator[Found]:
    for message, language in _lacking(trial, "closes", ("exercises", "questionnaires")):
        yield _in_text(message, language, f"the mail {message!r} does not say until when the page is open.")


@rule("M303", WARNING, "Mail without anybody to write to",
      why="People who are in trouble with an exercise look for an address in the mail that brought it.",
      mend="Write {{ contact_email }}, and say how soon somebody reads it.")  # fmt: skip
def no_contact(trial: Subject) -> Iterator[Found]:
    for message, language in _lacking(trial, "contact_email", ("exercises", "questionnaires", "service")):
        yield _in_text(message, language, f"the mail {message!r} names nobody to write to.")


@rule("M304", WARNING, "Mail that is never sent",
      why="A mail that no timepoint names was forgotten, or its reminder was.",
      mend="Name it as an invitation or a reminder, or take it out.")  # fmt: skip
def never_sent(trial: Subject) -> Iterator[Found]:
    sent = {one.message for point in trial.protocol.timepoints for one in point.reminders}
    sent |= {str(point.invitation) for point in trial.protocol.timepoints}
    for place, message in enumerate(trial.protocol.messages):
        if message.stream != "service" and message.id not in sent:
            yield Found(("messages", place), f"no timepoint sends {message.id!r}.", message.id)


@rule("M305", WARNING, "Primary outcome without a reminder",
      why="Online trials lose many answers to forgetting alone; the primary outcome is the last to go without "
          "a reminder.",
      mend="Add `reminders` to the timepoint.")  # fmt: skip
def no_reminder(trial: Subject) -> Iterator[Found]:
    wanted = trial.protocol.analysis.primary.timepoint
    for place, point in enumerate(trial.protocol.timepoints):
        if point.id == wanted and not point.reminders and point.time != "at_once":
            yield Found(("timepoints", place), f"{point.id!r} asks the primary outcome and reminds nobody.", point.id)


@rule("M306", WARNING, "Too many reminders",
      why="After the third reminder an answer is no longer quite free.",
      mend=f"Send at most {MOST_REMINDERS} reminders for one request.")  # fmt: skip
def pestering(trial: Subject) -> Iterator[Found]:
    for place, point in enumerate(trial.protocol.timepoints):
        if len(point.reminders) > MOST_REMINDERS:
            what = f"{point.id!r} sends {len(point.reminders)} reminders."
            yield Found(("timepoints", place, "reminders"), what, point.id)


@rule("M308", ERROR, "Card without answers in a language",
      why="A card that knows no answer in a person's language calls every answer wrong.",
      mend="Add the accepted answers in that language.")  # fmt: skip
def unanswerable(trial: Subject) -> Iterator[Found]:
    for place, one in enumerate(trial.protocol.activities):
        for number, card in enumerate(one.cards if isinstance(one, Recall) else []):
            for language in trial.protocol.languages:
                if not card.answers.get(language):
                    path = ("activities", place, "cards", number, "answers")
                    yield Found(path, f"the card {card.id!r} has no answer in {language!r}.", card.id)


@rule("M309", WARNING, "Mail that says less in one language",
      why="What a mail is filled with in one language, such as how long the page takes, people of every language "
          "need to know.",
      mend="Write the placeholder into this language too, or take it out of the others.")  # fmt: skip
def says_less(trial: Subject) -> Iterator[Found]:
    for message in trial.protocol.messages:
        texts = trial.texts.get(f"messages/{message.id}", {})
        held = {language: frozenset(_HELD.findall(text)) for language, text in texts.items()}
        every = frozenset[str]().union(*held.values()) - _OF_OTHER_RULES
        for language, names in held.items():
            if lacking := sorted(every - names):
                of = ", ".join(f"{{{{ {one} }}}}" for one in lacking)
                yield _in_text(
                    message.id, language, f"the mail {message.id!r} holds {of} elsewhere, not in {language!r}."
                )
