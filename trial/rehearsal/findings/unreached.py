"""Questions, branches and whole activities that nobody reached, or that many left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from trial.core.answers import asked_by
from trial.core.protocol import Questionnaire
from trial.core.rehearsed import Finding, Place, Weight
from trial.rehearsal.findings.gathered import Facts, listed, many
from trial.storage.answer_sheets import AnswerSheet

KIND = "questions nobody reached"
LEFT_OUT = 0.2
ENOUGH = 10  # sheets, before a share says anything


def find(facts: Facts) -> Iterator[Finding]:
    """Activities first, then single questions of those that somebody did."""
    done: dict[str, list[AnswerSheet]] = defaultdict(list)
    opened: dict[str, int] = defaultdict(int)
    for person in facts.lived.people:
        for sheet in person.sheets:
            done[sheet.activity].append(sheet)
        for occasion in person.occasions:
            opened[occasion.activity] += 1
    for number, activity in enumerate(facts.protocol.activities):
        place, name = facts.place("activities", number), facts.label(activity.title)
        if not done[activity.id]:
            yield _never(place, name, opened[activity.id])
        elif isinstance(activity, Questionnaire):
            yield from _questions(facts, activity, number, done[activity.id])


def _never(place: Place, name: str, opened: int) -> Finding:
    if opened:
        what = f"“{name}” was open {many(opened, 'time')} and nobody did it."
        mend = "Look at what its mail says and how long its window is."
    else:
        what = f"Nobody was ever asked to do “{name}”."
        mend = "Name it at a timepoint that its arms have, mend the rule before it, or take it out."
    return Finding(KIND, Weight.MEND, what, mend, place, share=1.0)


def _questions(facts: Facts, activity: Questionnaire, number: int, sheets: list[AnswerSheet]) -> Iterator[Finding]:
    whole = [one for one in sheets if not one.short_path]
    asked = asked_by(facts.folder.instruments[one] for one in activity.instruments)
    never, left = [], []
    for one in asked:
        if one.item.type in ("info", "text"):
            continue
        given = [
            [sheet.answers[column] for column in one.columns] for sheet in whole if one.columns[0] in sheet.answers
        ]
        missing = sum(all(value is None for value in values) for values in given)
        if not given and len(whole) >= ENOUGH:
            never.append(one.column)
        elif len(given) >= ENOUGH and missing > LEFT_OUT * len(given):
            left.append(one.column)
    place = facts.place("activities", number, *(("show_if",) if activity.show_if else ("instruments",)))
    name = facts.label(activity.title)
    if never:
        what = f"{many(len(never), 'question')} of “{name}” came up for nobody in {len(whole)} sheets: {listed(never)}."
        mend = "Mend the rule under `show_if`, or take the question out: nobody fits it."
        yield Finding(KIND, Weight.LOOK, what, mend, place, share=len(never) / len(asked))
    if left:
        what = f"More than a fifth left out {many(len(left), 'question')} of “{name}”: {listed(left)}."
        mend = "Ask whether it can be answered by everybody, or add a choice such as “does not apply”."
        rests = facts.assume("leaves_an_item_out")
        yield Finding("questions left out", Weight.LOOK, what, mend, place, share=LEFT_OUT, rests_on=rests)
