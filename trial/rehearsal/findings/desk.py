"""What comes to the desk: alerts, replies, reports and held enrolments a week, and how many stand open at once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from trial.core.matters import Matter, MatterKind, MatterState
from trial.core.rehearsed import Finding, Place, Weight
from trial.rehearsal.findings import alert_rules, at_planned_size
from trial.rehearsal.findings.gathered import ENOUGH, Facts, many

KIND = "load of the desk"
# in the worst week, of what a person has to judge the same day: two on each working day
MANY = {MatterKind.ALERT: 10, MatterKind.ADVERSE_EVENT: 10}
WORDS = {
    MatterKind.ALERT: "alert",
    MatterKind.ADVERSE_EVENT: "report of harm",
    MatterKind.REPLY: "reply",
    MatterKind.HELD_ENROLMENT: "held enrolment",
    MatterKind.MISSING_MAIL: "missing mail",
}
PLURAL = {MatterKind.REPLY: "replies", MatterKind.ADVERSE_EVENT: "reports of harm"}
HABITS = {
    MatterKind.ALERT: ("answers", "alarms", "says_worse", "weeks_of_recruitment"),
    MatterKind.ADVERSE_EVENT: ("reports_a_problem", "upset", "says_worse"),
    MatterKind.REPLY: ("writes_back", "writes_stop", "is_away"),
    MatterKind.HELD_ENROLMENT: ("robots", "comes_again", "comes_as_another"),
}
WEEK = timedelta(days=7)
WORKING_DAYS = 5
UNSAID = timedelta(days=2)  # how long a matter stands open that has no term of its own


def find(facts: Facts) -> Iterator[Finding]:
    """One finding for each list of the desk that anything came to, but for mails that did not arrive."""
    for kind in WORDS:
        mine = [one for one in facts.lived.matters if one.kind is kind]
        if mine and kind is not MatterKind.MISSING_MAIL:  # those are told of with the addresses
            yield _finding(facts, kind, mine)
    if any(one.kind is MatterKind.ALERT for one in facts.lived.matters):
        yield from _out_of_hours(facts)


def weeks(facts: Facts, matters: Sequence[Matter]) -> Counter[int]:
    """How many came in each week of the trial, from 0."""
    return Counter((one.opened_at - facts.lived.trial.opened_at) // WEEK for one in matters)


def at_once(matters: Sequence[Matter]) -> tuple[int, datetime]:
    """The most that stood open at one moment, and that moment, if each is dealt with at its term."""
    steps = sorted(
        [(one.opened_at, 1) for one in matters] + [(one.act_by or one.opened_at + UNSAID, -1) for one in matters]
    )
    most, when, now = 0, steps[0][0], 0
    for moment, step in steps:
        now += step
        if now > most:
            most, when = now, moment
    return most, when


def _finding(facts: Facts, kind: MatterKind, mine: Sequence[Matter]) -> Finding:
    by_week = weeks(facts, mine)
    lasted = max(1, -(-(facts.end - facts.lived.trial.opened_at) // WEEK))
    worst, most = max(by_week.items(), key=lambda one: (one[1], -one[0]))
    together, when = at_once(mine)
    noun = PLURAL.get(kind, WORDS[kind] + "s")
    expected = at_planned_size.worst_week(facts, mine)
    enough = len(facts.randomized) >= ENOUGH
    target = facts.protocol.sample_size.target
    size = (
        f" With the planned {target:,} people about {len(mine) * target / len(facts.randomized):,.0f} would come in "
        f"all{_range(facts, kind, mine)}, and about {expected:,.0f} in the worst week{_by_chance(kind, expected)} "
        f"if everybody joins within {facts.weeks} weeks, as here."
        if enough
        else ""
    )
    too_many = enough and kind in MANY and expected > MANY[kind]
    weight = Weight.LOOK if too_many else Weight.KNOW
    what = (
        f"{len(mine)} {noun if len(mine) > 1 else WORDS[kind]} came to the desk from {len(facts.randomized)} people "
        f"randomised.{size}{_too_many(kind, expected) if too_many else ''} Here it was "
        f"{len(mine) / lasted:.1f} a week over {many(lasted, 'week')}, {most} in the worst (week {worst + 1}); "
        f"{together} would stand open at once if each is dealt with at its term."
    )
    example = f"Most stood open on day {(when - facts.lived.trial.opened_at).days} of the trial."
    rests = facts.assume(*HABITS.get(kind, ()))
    share = len(mine) / max(len(facts.lived.people), 1)
    more = alert_rules.told(facts) if kind is MatterKind.ALERT else _answered(kind, mine)
    return Finding(KIND, weight, what + more, _mend(facts, kind), _place(facts, kind), example, share, rests)


def _range(facts: Facts, kind: MatterKind, mine: Sequence[Matter]) -> str:
    """Of alerts how far off such a sum may be: few people were asked."""
    if kind is not MatterKind.ALERT:
        return ""
    low, high = at_planned_size.in_all(facts, mine)
    return f" (95% interval {low:,.0f} to {high:,.0f})"


def _by_chance(kind: MatterKind, expected: float) -> str:
    """Of alerts how many that week may well bring: two standard deviations of a count above its mean."""
    return f" (by chance up to {expected + 2 * math.sqrt(expected):,.0f})" if kind is MatterKind.ALERT else ""


def _too_many(kind: MatterKind, expected: float) -> str:
    """What a rehearsal cannot judge: who has to, and what the team has to have."""
    first = {
        MatterKind.ALERT: "A clinician has to judge the rule before the trial opens",
        MatterKind.ADVERSE_EVENT: "Each has to be assessed by a person",
    }
    return (
        f" {first[kind]}, and the team has to say who has the hours: about {expected / WORKING_DAYS:.0f} on each "
        "working day of that week."
    )


def _answered(kind: MatterKind, mine: Sequence[Matter]) -> str:
    """What became of replies: the pretend team answers them on the next morning, and cannot where nobody knows whose
    they are."""
    if kind is not MatterKind.REPLY:
        return ""
    waiting = sum(one.state is not MatterState.CLOSED for one in mine)
    left = f" {waiting} of them nobody answered." if waiting else ""
    return f" The pretend team answered {len(mine) - waiting} on the next morning.{left}"


def _mend(facts: Facts, kind: MatterKind) -> str:
    if kind is MatterKind.ALERT:
        return alert_rules.mend(facts)
    if kind is MatterKind.HELD_ENROLMENT:
        return "Plan who looks at them each day: nobody starts before."
    if kind is MatterKind.ADVERSE_EVENT:
        return "Plan who assesses that many at the planned size, or let people join over more weeks."
    return "Plan somebody's hours for it."


def _place(facts: Facts, kind: MatterKind) -> Place | None:
    if kind is MatterKind.ALERT:
        return alert_rules.place(facts)
    if kind is MatterKind.HELD_ENROLMENT:
        return facts.place("eligibility", "guard")
    if kind is MatterKind.ADVERSE_EVENT and facts.protocol.harms is not None:
        return facts.place("harms")
    return None


def _out_of_hours(facts: Facts) -> Iterator[Finding]:
    """Alerts that fall due on a weekend, where somebody promised an answer within less than that."""
    safety = facts.protocol.safety
    if safety is None or safety.on_call is None or safety.on_call.within.days >= 3:
        return
    alerts = [one for one in facts.lived.matters if one.kind is MatterKind.ALERT]
    late = [one for one in alerts if one.opened_at.weekday() >= 5]
    if late:
        what = (
            f"Of {many(len(alerts), 'alert')} {len(late)} came on a Saturday or Sunday, and consent promises somebody "
            f"within {safety.on_call.within}."
        )
        mend = "Put somebody on call at weekends, or promise a longer time in consent."
        place = facts.place("safety", "on_call", "within")
        weight = Weight.LOOK if safety.on_call.within.days < 2 else Weight.KNOW  # a Saturday's is due on Monday
        share, rests = len(late) / len(alerts), facts.assume(*HABITS[MatterKind.ALERT])
        yield Finding(KIND, weight, what, mend, place, share=share, rests_on=rests)
