"""What a pretend person answers at screening: drawn by type until the criteria say what was wanted."""

from __future__ import annotations

from trial.core import expressions, fraud
from trial.core.expressions import Value
from trial.core.instruments import Item
from trial.core.protocol import Eligibility
from trial.rehearsal.dice import Dice

_ATTEMPTS = 200


def screening_answers(eligibility: Eligibility, dice: Dice, *, eligible: bool) -> dict[str, str]:
    """Question to form value, of somebody who is (or is not) eligible; the last try where none comes out so."""
    answers: dict[str, str] = {}
    for attempt in range(_ATTEMPTS):
        answers = {str(item.id): _plain(item, dice, attempt) for item in eligibility.questions}
        facts = facts_of(eligibility, answers)
        holds = all(expressions.parse(one.rule).holds(facts) for one in eligibility.criteria)
        if holds == eligible and not fraud.inconsistent(eligibility.guard, facts):
            break
    return answers


def facts_of(eligibility: Eligibility, answers: dict[str, str]) -> dict[str, Value]:
    """The answers as rules read them: yes is true, a number is one."""
    return {str(item.id): _typed(item, answers[str(item.id)]) for item in eligibility.questions}


def _plain(item: Item, dice: Dice, attempt: int) -> str:
    if item.type == "yes_no":
        share = 0.85 if attempt < 40 else 0.5  # where several criteria want a no, yes must not be the rule
        return "yes" if dice.happens(share, "screen", item.id, attempt) else "no"
    if item.type == "choice":
        return str(dice.choice(item.choices, "screen", item.id, attempt).value)
    low, high = item.minimum or 0, item.maximum if item.maximum is not None else 100
    middle = dice.normal("screen", item.id, attempt) * (high - low) / 9 + low + (high - low) * 0.28
    return str(round(min(max(middle, low), high)))


def _typed(item: Item, answer: str) -> Value:
    if item.type == "yes_no":
        return answer == "yes"
    return float(answer) if item.type == "number" else answer
