"""What the trial asks of one person in each arm: minutes, mails, questions, the longest day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from trial.core.answers import asked_by
from trial.core.linting.timetable import MOST_MINUTES_A_WEEK
from trial.core.protocol import Questionnaire, TrialProtocol
from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings.gathered import Facts, listed

KIND = "burden"
LONG_DAY = 60  # minutes
APART = 0.25


def find(facts: Facts) -> Iterator[Finding]:
    """One finding for arms that are asked for the same, and one where arms are asked for unlike amounts."""
    minutes = {arm.id: _minutes(facts.protocol, arm.id) for arm in facts.protocol.arms}
    alike: dict[_Asked, list[str]] = {}
    for arm in facts.protocol.arms:
        if facts.of_arm(arm.id):
            alike.setdefault(_asked(facts, arm.id, minutes[arm.id]), []).append(arm.id)
    for asked, arms in alike.items():
        yield _finding(facts, asked, arms)
    totals = {
        arm.id: minutes[arm.id].total() for arm in facts.protocol.arms if arm.kind not in ("waitlist", "no_treatment")
    }
    if len(totals) > 1 and max(totals.values()) > (1 + APART) * min(totals.values()):
        most, least = max(totals, key=lambda one: totals[one]), min(totals, key=lambda one: totals[one])
        what = (
            f"“{facts.label(facts.protocol.arm(most).label)}” is asked for {totals[most]} minutes in all and "
            f"“{facts.label(facts.protocol.arm(least).label)}” for {totals[least]}."
        )
        mend = (
            "Make them alike, or the difference between arms may be the minutes; it stays where the minutes belong to "
            "what is compared, and the report has to say so."
        )
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one person of an arm is asked for: minutes in all, on the longest day and in the fullest week; questions."""

    minutes: int
    questions: int
    longest: int
    day: int
    week: int


def _asked(facts: Facts, arm: str, minutes: Counter[int]) -> _Asked:
    day, longest = max(minutes.items(), key=lambda one: (one[1], -one[0]))
    week = max(sum(minutes[first + step] for step in range(7)) for first in minutes)
    return _Asked(minutes.total(), _questions(facts, arm), longest, day, week)


def _finding(facts: Facts, asked: _Asked, arms: list[str]) -> Finding:
    names = listed([facts.label(one) for one in facts.protocol.labels_of(*arms)])
    what = (
        f"{names}: {asked.minutes:,} minutes planned for each person, {asked.questions} questions, {asked.longest} "
        f"minutes on the longest day (day {asked.day}), {asked.week} in the fullest week. "
        f"Lived: {'; '.join(_lived(facts, arm) for arm in arms)}."
    )
    too_much = asked.longest > LONG_DAY or asked.week > MOST_MINUTES_A_WEEK
    mend = "Compare with what the information tells people; spread or shorten what stands on the longest day."
    rests = facts.assume("drops_exercises", "skips_an_evening")
    number = next(place for place, one in enumerate(facts.protocol.arms) if one.id == arms[0])
    weight, place = Weight.LOOK if too_much else Weight.KNOW, facts.place("arms", number)
    return Finding(KIND, weight, what, mend, place, share=min(asked.longest / 240, 1.0), rests_on=rests)


def _lived(facts: Facts, arm: str) -> str:
    people = facts.of_arm(arm)
    mine = {one.record.id for one in people}
    mails = Counter(one.person.record.id for one in facts.sent if one.person.record.id in mine)
    minutes = {activity.id: activity.minutes for activity in facts.protocol.activities}
    spent = fmean(sum(minutes[sheet.activity] for sheet in one.sheets) for one in people)
    each = sum(mails.values()) / len(people)
    return f"{spent:.0f} minutes and {each:.1f} mails a person, at most {max(mails.values(), default=0)}"
