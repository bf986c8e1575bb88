"""The numbers of the profile that a finding hangs on, in words, each with where it is from."""

from __future__ import annotations

from collections.abc import Iterable

from trial.core.rehearsed import Assumption
from trial.rehearsal.profile import Profile

WORDS = {
    "eligible": "eligible at screening",
    "never_confirms": "never type the code of their address",
    "mistypes_address": "mistype their address",
    "declines": "say no at consent",
    "leaves_at_consent": "leave at the consent page",
    "leaves_baseline": "leave at the baseline",
    "drops_exercises": "drift away from the exercises each time",
    "skips_an_evening": "skip an exercise each time",
    "needs_reminder": "wait for the next mail",
    "answers_questionnaires": "answer the first, second, … questionnaire",
    "leaves_everything": "leave everything",
    "mailbox_dies": "lose their mailbox at a questionnaire",
    "reports_a_problem": "report a problem",
    "leaves_an_item_out": "leave a question out",
    "weeks_of_recruitment": "weeks in which everybody arrives",
}
_SOURCE = "docs/rehearsal.md, The numbers"


def assumptions(habits: Profile, names: Iterable[str]) -> tuple[Assumption, ...]:
    """Each named habit with its value."""
    return tuple(Assumption(WORDS[one], _value(getattr(habits, one)), _SOURCE) for one in names)


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_value(one) for one in value)
    if isinstance(value, float):
        return f"{100 * value:.3g} %"
    return str(value)
