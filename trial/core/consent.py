"""What a consent form asks: answers to questions about the information, ticks, a name; and when it is valid."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from trial.core.protocol.joining import Consent

SIGNATURE = "signature"
QUESTION = "question_"


def is_valid(form: Consent, day: date) -> bool:
    """Whether people may consent on this day; a date without a day stands for its whole month or year."""
    today = day.isoformat()
    begun = form.valid_from is None or today[: len(form.valid_from)] >= form.valid_from
    return begun and not is_over(form, day)


def is_over(form: Consent, day: date) -> bool:
    """Whether the form's last day has passed."""
    return form.valid_until is not None and day.isoformat()[: len(form.valid_until)] > form.valid_until


def is_valid_somewhere(form: Consent, now: datetime) -> bool:
    """The same before it is known where somebody lives: whether it is such a day anywhere from UTC-12 to UTC+14."""
    return any(is_valid(form, (now + timedelta(hours=ahead)).date()) for ahead in (-12, 0, 14))


@dataclass(frozen=True, slots=True)
class Checked:
    """What a form lacks: statements and questions left open (`missing`), and questions answered wrongly (`wrong`)."""

    missing: tuple[str, ...]
    wrong: tuple[str, ...]


def check(form: Consent, *, ticked: Collection[str], signature: str, answers: Mapping[str, str]) -> Checked:
    """The statements and the questions of a form against what was sent; sharing data is never needed."""
    given = {one.id: answers.get(str(one.id), "") for one in form.comprehension}
    missing = [f"{QUESTION}{one}" for one, answer in given.items() if not answer]
    missing += [one.id for one in form.statements if one.id not in ticked]
    missing += [] if signature.strip() else [SIGNATURE]
    wrong = (one.id for one in form.comprehension if given[one.id] and given[one.id] != str(one.correct))
    return Checked(tuple(missing), tuple(wrong))


def tries(form: Consent, misses: Iterable[str]) -> dict[str, int] | None:
    """How often each question was answered until it was right; `misses` names one for each time it was not."""
    missed = list(misses)
    return {one.id: missed.count(one.id) + 1 for one in form.comprehension} or None
