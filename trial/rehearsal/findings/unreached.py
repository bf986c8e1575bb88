"""Questions, branches and whole activities that nobody reached, or that many left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from trial.core.answers import asked_by
from trial.core.protocol import Activity, Questionnaire
from trial.core.rehearsed import Finding, Place, Weight
from trial.rehearsal.findings.gathered import ENOUGH, Facts, Like, as_one, listed, many, people
from trial.storage.answer_sheets import AnswerSheet

KIND = "questions nobody reached"
LEFT_OUT = 0.2


def find(facts: Facts) -> Iterator[Finding]:
    """Activities first, then single questions of those that somebody did."""
    done: dict[str, list[AnswerSheet]] = defaultdict(list)
    opened: dict[str, set[int]] = defaultdict(set)
    for person in facts.lived.people:
        for sheet in person.sheets:
            done[sheet.activity].append(sheet)
        for occasion in person.occasions:
            opened[occasion.activity].add(person.record.id)
    never: dict[tuple[bool, bool, Weight], list[Like]] = defaultdict(list)
    for number, activity in enumerate(facts.protocol.activities):
        place, name = facts.place("activities", number), facts.label(activity.title)
        if not done[activity.id]:
            concerned, open_to = _concerned(facts, activity), opened[activity.id]
            one = _never(facts, place, f"“{name}” (`{activity.id}`)", concerned, open_to)
            never[bool(open_to), bool(concerned), one.finding.weight].append(one)
    for alike in never.values():
        yield from as_one(alike)
    for number, activity in enumerate(facts.protocol.activities):
        if done[activity.id] and isinstance(activity, Questionnaire):
            yield from _questions(facts, activity, number, done[activity.id])


def _concerned(facts: Facts, activity: Activity) -> set[int]:
    """Who is in an arm that the activity is for; of an option of a stage, who was allocated at that stage."""
    stages = [one.id for one in facts.protocol.stages if any(option.id in activity.arms for option in one.arms)]
    again = {one.participant_id for one in facts.lived.stages if one.stage in stages and one.state.value == "allocated"}
    return again | {one for one, arm in facts.arm_of.items() if not activity.arms or arm in activity.arms}


def _never(facts: Facts, place: Place, name: str, concerned: set[int], opened: set[int]) -> Like:
    """What was asked of nobody must be mended, unless chance put so few people there that it may not have come up."""
    rests = facts.assume("drops_exercises", "lost")
    if opened:
        what, weight = f"{name} was open to {people(len(opened))} and nobody did it.", Weight.LOOK
        mend = "Look at what its mail says and how long its window is, or at how late in the trial it comes."
    elif concerned:
        what, weight, rests = f"Nobody was ever asked to do {name}.", Weight.MEND, ()
        mend = "Name it at a timepoint that its arms have, mend the rule before it, or take it out."
    else:
        what, weight = f"Nobody came into an arm that is asked to do {name}.", Weight.LOOK
        mend = "Rehearse with more people."
    if len(opened or concerned or facts.randomized) < ENOUGH:
        weight, mend = Weight.KNOW, "So few people tell nothing: rehearse with more."
    found = Finding(KIND, weight, what, mend, place, share=1.0, rests_on=rests)
    return Like(found, f"{name}, {people(len(opened))}" if opened else name, len(opened or concerned))


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
        share, rests = len(never) / len(asked), facts.assume("answers")
        yield Finding(KIND, Weight.LOOK, what, mend, place, share=share, rests_on=rests)
    if left:
        what = f"More than a fifth left out {many(len(left), 'question')} of “{name}”: {listed(left)}."
        mend = "Ask whether it can be answered by everybody, or add a choice such as “does not apply”."
        rests = facts.assume("leaves_an_item_out")
        yield Finding("questions left out", Weight.LOOK, what, mend, place, share=LEFT_OUT, rests_on=rests)
