"""What the plots of a rehearsal show: mails by hour and day, the desk by week, who still took part, time to answer."""

from __future__ import annotations

from collections import Counter, defaultdict

from trial.core.rehearsed import Course
from trial.rehearsal.findings.answering import waits
from trial.rehearsal.findings.desk import WORDS, weeks
from trial.rehearsal.findings.gathered import Facts


def course_of(facts: Facts) -> Course:
    """All of it; days count from the opening of the trial, in `kept` from randomisation."""
    hours = Counter(one.local.hour for one in facts.sent)
    opened = facts.lived.trial.opened_at
    days = Counter((at - opened).days for at in facts.lived.sent_at.values())
    return Course(
        by_hour=tuple(hours[hour] for hour in range(24)),
        by_day=tuple(sorted(days.items())),
        desk=_desk(facts),
        kept=tuple((facts.label(arm.label), _kept(facts, arm.id)) for arm in facts.protocol.arms),
        waited=tuple(waits(facts)),
    )


def _desk(facts: Facts) -> tuple[tuple[int, dict[str, int]], ...]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for kind, words in WORDS.items():
        for week, number in weeks(facts, [one for one in facts.lived.matters if one.kind is kind]).items():
            found[week][words] = number
    return tuple(sorted(found.items()))


def _kept(facts: Facts, arm: str) -> tuple[tuple[int, float], ...]:
    """On each day on which something opens, the share of the arm who did that or anything later."""
    people = facts.of_arm(arm)
    if not people:
        return ()
    last = [
        max((one.day(occasion.opens_at) or 0 for occasion in one.occasions if occasion.done_at is not None), default=0)
        for one in people
    ]
    days = sorted({one.day(occasion.opens_at) or 0 for one in people for occasion in one.occasions})
    return tuple((day, sum(one >= day for one in last) / len(people)) for day in days if day >= 0)
