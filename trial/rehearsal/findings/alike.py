"""Questions that everybody answered alike: they tell nobody from anybody."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from trial.core.answers import asked_by
from trial.core.protocol import Questionnaire
from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings.gathered import Facts, listed, many

KIND = "questions answered alike"
ENOUGH = 20  # answers
ALIKE = 0.9


def find(facts: Facts) -> Iterator[Finding]:
    """One finding for each questionnaire."""
    for number, activity in enumerate(facts.protocol.activities):
        if not isinstance(activity, Questionnaire):
            continue
        given: dict[str, Counter[object]] = defaultdict(Counter)
        for person in facts.lived.people:
            for sheet in person.sheets:
                if sheet.activity == activity.id:
                    for column, value in sheet.answers.items():
                        given[column][value] += value is not None
        asked = [
            one
            for one in asked_by(facts.folder.instruments[code] for code in activity.instruments)
            # a yes that is rare is what one asks for: of how something went wrong, of help from elsewhere
            if one.item.type in ("scale", "slider", "number", "choice") and one.item.safety_from is None
        ]
        alike = [one.column for one in asked if _is_alike(given[one.column])]
        if alike:
            name = facts.label(activity.title)
            what = f"Nine in ten gave the same answer to {many(len(alike), 'question')} of “{name}”: {listed(alike)}."
            mend = "Compare with published means of the scale; a question with one answer only makes the sheet longer."
            place = facts.place("activities", number, "instruments")
            share = len(alike) / len(asked)
            yield Finding(KIND, Weight.KNOW, what, mend, place, share=share, rests_on=facts.assume("answers"))


def _is_alike(given: Counter[object]) -> bool:
    total = given.total()
    return total >= ENOUGH and max(given.values()) >= ALIKE * total
