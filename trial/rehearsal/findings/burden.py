"""What the trial asks of one person in each arm: minutes, mails, questions, the longest day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import fmean

from trial.core.answers import asked_by
from trial.core.linting.timetable import MOST_MINUTES_A_WEEK
from trial.core.protocol import Questionnaire, TrialProtocol
from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings.gathered import Facts
from trial.services.record import Person

KIND = "burden"
LONG_DAY = 60  # minutes
APART = 0.25


def find(facts: Facts) -> Iterator[Finding]:
    """One finding for each arm, and one where arms are asked for unlike amounts."""
    minutes = {arm.id: _minutes(facts.protocol, arm.id) for arm in facts.protocol.arms}
    for number, arm in enumerate(facts.protocol.arms):
        people = facts.of_arm(arm.id)
        if people:
            yield _finding(facts, number, arm.id, people, minutes[arm.id])
    totals = {
        arm.id: minutes[arm.id].total() for arm in facts.protocol.arms if arm.kind not in ("waitlist", "no_treatment")
    }
    if len(totals) > 1 and max(totals.values()) > (1 + APART) * min(totals.values()):
        most, least = max(totals, key=lambda one: totals[one]), min(totals, key=lambda one: totals[one])
        what = (
            f"“{facts.label(facts.protocol.arm(most).label)}” is asked for {totals[most]} minutes in all and "
            f"“{facts.label(facts.protocol.arm(least).label)}” for {totals[least]}."
        )
        mend = "Make them alike, or the difference between arms may be the minutes."
        yield Finding(KIND, Weight.LOOK, what, mend, facts.place("arms"), share=APART)


def _minutes(protocol: TrialProtocol, arm: str) -> Counter[int]:
    """Minutes planned on each day from randomisation; day 0 holds the baseline too."""
    found: Counter[int] = Counter()
    for point in protocol.timepoints:
        if point.stage is None:
            for day in point.days:
                found[day] += sum(one.minutes for one in protocol.activities_at(point, arm))
    return found


def _questions(facts: Facts, arm: str) -> int:
    total = 0
    for point in facts.protocol.timepoints:
        for activity in facts.protocol.activities_at(point, arm) if point.stage is None else ():
            if isinstance(activity, Questionnaire):
                asked = asked_by(facts.folder.instruments[one] for one in activity.instruments)
                total += len(point.days) * sum(one.item.type != "info" for one in asked)
    return total


def _finding(facts: Facts, number: int, arm: str, people: list[Person], minutes: Counter[int]) -> Finding:
    mine = {one.record.id for one in people}
    mails = Counter(one.person.record.id for one in facts.sent if one.person.record.id in mine)
    asked = {activity.id: activity.minutes for activity in facts.protocol.activities}
    spent = fmean(sum(asked[sheet.activity] for sheet in one.sheets) for one in people)
    day, longest = max(minutes.items(), key=lambda one: (one[1], -one[0]))
    week = max(sum(minutes[day + step] for step in range(7)) for day in minutes)
    what = (
        f"“{facts.label(facts.protocol.arm(arm).label)}”: {minutes.total()} minutes planned for each person, "
        f"{_questions(facts, arm)} questions, {longest} minutes on the longest day (day {day}), {week} in the fullest "
        f"week. Lived: {spent:.0f} minutes and {sum(mails.values()) / len(people):.1f} mails a person, "
        f"at most {max(mails.values(), default=0)}."
    )
    too_much = longest > LONG_DAY or week > MOST_MINUTES_A_WEEK
    mend = "Compare with what the information tells people; spread or shorten what stands on the longest day."
    rests = facts.assume("drops_exercises", "skips_an_evening")
    weight = Weight.LOOK if too_much else Weight.KNOW
    return Finding(KIND, weight, what, mend, facts.place("arms", number), share=longest / 240, rests_on=rests)
