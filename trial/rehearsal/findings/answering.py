"""How long people take from a mail to the answer, and windows that closed before most answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from reports.numbers import percent
from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings.gathered import ENOUGH, Facts, Like, Window, as_one, hours, listed, many, quantile

KIND = "windows"
MOST = 0.5
LAST = 0.1  # of the window: who answers in it nearly missed it
MANY = 0.1  # of the answers


def find(facts: Facts) -> Iterator[Finding]:
    """Windows that most missed, windows that were nearly too short, and the time that an answer takes."""
    by_point: dict[str, list[Window]] = defaultdict(list)
    for one in facts.windows:
        if still_takes_part(one):
            by_point[one.occasion.timepoint].append(one)
    yield from _missed(facts, by_point)
    alike = [one for point, its in by_point.items() for one in _nearly_missed(facts, point, its)]
    yield from as_one(alike)
    if waited := waits(facts):
        what = (
            f"Half of the answers came within {_hours(quantile(waited, 0.5))} of the mail that brought them, nine in "
            f"ten within {_hours(quantile(waited, 0.9))}, the last after {_hours(max(waited))}."
        )
        mend = "Nothing to mend: compare with your own earlier trials, for the profile gives these times."
        rests = facts.assume("minutes_to_act", "needs_reminder", "minutes_to_come_back")
        yield Finding("time to answer", Weight.KNOW, what, mend, rests_on=rests)


def still_takes_part(one: Window) -> bool:
    """Whether the person could be asked at all when the window opened."""
    record, opens = one.person.record, one.occasion.opens_at
    gone = (record.stopped_at, record.bounced_at, record.data_withdrawn_at)
    return all(moment is None or moment >= opens for moment in gone)


def _missed(facts: Facts, by_point: dict[str, list[Window]]) -> Iterator[Finding]:
    """The primary timepoint, where most let it pass, then all others of which that is true in one finding."""
    primary, few = facts.protocol.analysis.primary.timepoint, []
    for point, its in by_point.items():
        done = sum(one.sheet is not None for one in its)
        if len({one.person.record.id for one in its}) < ENOUGH or done >= MOST * len(its):
            continue
        if point == primary:
            yield _primary(facts, point, done, len(its))
        else:
            few.append((done / len(its), point))
    if few:
        share, worst = min(few)
        what = f"Fewer than half of the windows of {listed([facts.point(one) for _, one in few])} were answered before "
        fewest = f"fewest of “{facts.point(worst)}”: " if len(few) > 1 else ""
        what += f"they closed; {fewest}{100 * share:.0f}%. Who had stopped is not counted."
        exercise = any(facts.protocol.is_exercise(one) for one in facts.protocol.timepoint(worst).activities)
        habits = ("drops_exercises", "skips_an_evening") if exercise else ("lost",)
        rests, place = facts.assume(*habits), facts.at(worst, "closes_after")
        mend = _PRACTISE if exercise else _KEEP
        yield Finding(KIND, Weight.KNOW, what, mend, place, share=1 - share, rests_on=rests)


_PRACTISE = "Keep the window open longer, or ask for less; whoever leaves an exercise out stays in the analysis."
_KEEP = "Keep the window open longer, add a reminder, or ask for less; plan the size by what is left."


def _primary(facts: Facts, point: str, done: int, opened: int) -> Finding:
    what = (
        f"{percent(done, opened)} of {many(opened, 'window')} of “{facts.point(point)}”, the primary timepoint, were "
        f"answered before they closed (open for {facts.protocol.timepoint(point).closes_after}). Who had stopped "
        f"is not counted."
    )
    rests, place = facts.assume("lost"), facts.at(point, "closes_after")
    return Finding(KIND, Weight.LOOK, what, _KEEP, place, share=1 - done / opened, rests_on=rests)


def _nearly_missed(facts: Facts, point: str, its: list[Window]) -> Iterator[Like]:
    answers = [(one, one.sheet) for one in its if one.sheet is not None]
    late = [
        one
        for one, sheet in answers
        if hours(one.occasion.closes_at, sheet.submitted_at)
        < LAST * hours(one.occasion.closes_at, one.occasion.opens_at)
    ]
    if len(answers) < ENOUGH or len(late) <= MANY * len(answers):
        return
    at = facts.protocol.timepoint(point)
    what = (
        f"{percent(len(late), len(answers))} of the answers at “{facts.point(point)}” came in the last tenth of its "
        f"window of {at.closes_after} or after it: others will have come too late."
    )
    mend = "Keep the window open longer, or send the last reminder earlier."
    place, rests = facts.at(point, "closes_after"), facts.assume("needs_reminder")
    share = len(late) / len(answers)
    found = Finding(KIND, Weight.LOOK, what, mend, place, share=share, rests_on=rests)
    yield Like(found, f"“{facts.point(point)}”, {percent(len(late), len(answers))} of its answers", share)


def waits(facts: Facts) -> list[float]:
    """Hours from the last mail about a window before its answer to that answer."""
    mails: dict[int, list[float]] = defaultdict(list)
    for one in facts.sent:
        if one.mail.occasion_id is not None:
            mails[one.mail.occasion_id].append(one.at.timestamp())
    found = []
    for window in facts.windows:
        if window.sheet is not None:
            answered = window.sheet.submitted_at.timestamp()
            before = [at for at in mails[window.occasion.id] if at <= answered]
            if before:
                found.append((answered - max(before)) / 3600)
    return found


def _hours(hours_: float) -> str:
    if hours_ < 2:
        return many(round(60 * hours_), "minute")
    return many(round(hours_), "hour") if hours_ < 72 else many(round(hours_ / 24), "day")
