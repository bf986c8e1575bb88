"""Rules that never fired, and rules that decided nothing: criteria, safety, stages, conditions of mails and items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from trial.core.delivery import QUIET
from trial.core.expressions import parse
from trial.core.protocol import Questionnaire, SafetyRule
from trial.core.rehearsed import Finding, Weight
from trial.core.safety import WORSE
from trial.rehearsal.findings.gathered import Facts, listed, many
from trial.rehearsal.findings.not_sent import WHY_NOT

KIND = "rules that never fired"
ENOUGH = 10  # sheets, before always or never says anything
MANY = 50  # before never is worth a look
SURELY = 3.0  # sheets that would meet a rule: none of so many comes by chance in 5 of 100 rehearsals


def find(facts: Facts) -> Iterator[Finding]:
    """In the order of the protocol's parts."""
    yield from _criteria(facts)
    yield from _safety(facts)
    yield from _stages(facts)
    yield from _messages(facts)
    yield from _items(facts)


def _criteria(facts: Facts) -> Iterator[Finding]:
    excluded = Counter(one.reason for one in facts.lived.screenings if not one.eligible)
    criteria = facts.protocol.eligibility.criteria
    silent = [one for one in criteria if not excluded[one.id]]
    if not silent or not facts.lived.screenings:
        return
    number = criteria.index(silent[0])
    what = (
        f"{len(silent)} of {many(len(criteria), 'rule')} of eligibility turned nobody away in "
        f"{many(len(facts.lived.screenings), 'screening')}: {listed([facts.label(one.reason) for one in silent])}."
    )
    mend = "Try each by hand at the screening page; where none can fail it, take the rule or its question out."
    place = facts.place("eligibility", "criteria", number)
    share, rests = len(silent) / len(criteria), facts.assume("eligible")
    yield Finding(KIND, Weight.KNOW, what, mend, place, share=share, rests_on=rests)


def _safety(facts: Facts) -> Iterator[Finding]:
    rules = facts.protocol.safety.rules if facts.protocol.safety else []
    raised = Counter(one.rule for one in facts.lived.alerts)
    for number, rule in enumerate(rules):
        sheets = 0 if raised[rule.id] else _held_against(facts, rule)
        if sheets < ENOUGH:
            continue
        what = f"The safety rule “{facts.label(rule.why)}” (`{rule.when}`) held on none of {many(sheets, 'sheet')}."
        mend = "Check the number in it against the range of the score, and that what it asks about is asked."
        weight = Weight.LOOK if sheets >= MANY else Weight.KNOW
        expected = _expected(facts, rule, sheets)
        if expected is not None and expected < SURELY:
            weight, mend = Weight.KNOW, "Rehearse with more people before you judge it."
            what += f" By the profile it would on about {expected:.1g} of so many, so that this may be chance."
        place, rests = facts.place("safety", "rules", number), facts.assume(*_habits_behind(facts, rule))
        yield Finding(KIND, weight, what, mend, place, share=0.5, rests_on=rests)


def _expected(facts: Facts, rule: SafetyRule, sheets: int) -> float | None:
    """On how many sheets a rule over one rare answer would hold, by the profile; None of any other rule."""
    habits, names = facts.profile.habits, parse(rule.when).names
    for tool in facts.folder.instruments.values():
        calling = [one.id for one in tool.items if one.safety_from is not None]
        for item in tool.items:
            if names == {tool.column(item)}:
                if item.id in calling:
                    return sheets * habits.alarms.value / len(calling)
                return sheets * habits.says_worse.value if item.type == "yes_no" else None
    return None


def _habits_behind(facts: Facts, rule: SafetyRule) -> tuple[str, ...]:
    """A rule of a score hangs on how scores are drawn, one of a single question on how many give the rare answer."""
    scores = {score.id for tool in facts.folder.instruments.values() for score in tool.scores}
    of_a_score = any(name.removesuffix(WORSE) in scores for name in parse(rule.when).names)
    return ("answers",) if of_a_score else ("alarms", "says_worse")


def _held_against(facts: Facts, rule: SafetyRule) -> int:
    """How many sheets gave anything that the rule speaks of."""
    names = {name.removesuffix(WORSE) for name in parse(rule.when).names}
    asked = set(names)
    for tool in facts.folder.instruments.values():
        if names & {score.id for score in tool.scores}:
            asked |= {tool.column(item) for item in tool.items}
    return sum(not asked.isdisjoint(sheet.answers) for one in facts.lived.people for sheet in one.sheets)


def _stages(facts: Facts) -> Iterator[Finding]:
    came = Counter(one.stage for one in facts.lived.stages)
    got = Counter(one.stage for one in facts.lived.stages if one.state.value == "allocated")
    for number, stage in enumerate(facts.protocol.stages):
        if got[stage.id]:
            continue
        what = f"Nobody was allocated at the stage “{facts.label(stage.label)}”; {came[stage.id]} came into question."
        mend = "Mend its rule under `when`, or the timepoint it hangs on."
        rests, place = facts.assume("answers", "lost"), facts.place("stages", number)
        yield Finding(KIND, Weight.MEND, what, mend, place, share=1.0, rests_on=rests)


def _messages(facts: Facts) -> Iterator[Finding]:
    left, states = Counter(one.mail.message for one in facts.sent), Counter(one.message for one in facts.mails)
    kept = Counter(one.message for one in facts.mails if one.reason == "condition_not_met")
    # found by the modules about nights and about mails that never left
    elsewhere = Counter(one.message for one in facts.mails if one.reason in (QUIET, *WHY_NOT))
    reminders = {rem.message for point in facts.protocol.timepoints for rem in point.reminders}
    for number, message in enumerate(facts.protocol.messages):
        planned = states[message.id]
        if message.stream == "service" or not planned or message.id in reminders:
            continue
        place = facts.place("messages", number, *(("only_if",) if message.only_if else ()))
        rests = facts.assume("drops_exercises", "skips_an_evening")
        if message.only_if and kept[message.id] and not left[message.id]:
            what = f"The mail `{message.id}` was planned {many(planned, 'time')} and `{message.only_if}` never held."
            mend = "Mend the rule under `only_if`, or take it out."
            yield Finding(KIND, Weight.MEND, what, mend, place, share=1.0, rests_on=rests)
        elif message.only_if and not kept[message.id] and left[message.id] >= ENOUGH:
            held = many(left[message.id], "time")
            what = f"`only_if` of the mail `{message.id}` held each of {held}: it decides nothing."
            yield Finding(KIND, Weight.KNOW, what, "Take the rule out if that is not meant.", place, rests_on=rests)
        elif not left[message.id] and not elsewhere[message.id]:
            why = Counter(one.reason or one.state.value for one in facts.mails if one.message == message.id)
            said = ", ".join(f"{reason.replace('_', ' ')} {count}" for reason, count in why.most_common(3))
            what = f"The mail `{message.id}` was planned {many(planned, 'time')} and never left: {said}."
            yield Finding(KIND, Weight.MEND, what, "Look at when it is due, and for whom.", place, share=1.0)


def _items(facts: Facts) -> Iterator[Finding]:
    """Conditions of questions that held for everybody."""
    for number, activity in enumerate(facts.protocol.activities):
        if not isinstance(activity, Questionnaire) or not activity.show_if:
            continue
        sheets = [sheet for one in facts.lived.people for sheet in one.sheets if sheet.activity == activity.id]
        whole = [one for one in sheets if not one.short_path]
        always = [
            column
            for column in activity.show_if
            if len(whole) >= ENOUGH and all(column in one.answers for one in whole)
        ]
        if always:
            what = f"Everybody was asked {listed(always)} in {len(whole)} sheets: `show_if` decides nothing."
            place = facts.place("activities", number, "show_if")
            mend, rests = "Take the rule out, or mend it.", facts.assume("answers")
            yield Finding(KIND, Weight.KNOW, what, mend, place, rests_on=rests)
