"""D: what the arms do, whether they can be compared, and when the others' exercises come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator

from trial.core import expressions
from trial.core.findings import Path
from trial.core.linting import asked, mails
from trial.core.linting.rules import Found, Severity, Subject, rule
from trial.core.protocol import Arm, TrialProtocol

ERROR, WARNING = Severity.ERROR, Severity.WARNING


def content_arms(protocol: TrialProtocol) -> list[tuple[int, Arm]]:
    """(position, arm) of every arm that is given something to do."""
    return [(place, arm) for place, arm in enumerate(protocol.arms) if arm.kind in asked.CONTENT]


@rule("D901", ERROR, "Arm without content",
      why="An arm that is compared as active or as attention control has to be given something to do.",
      mend="Add its activity to a timepoint, or call the arm waitlist or no_treatment.")  # fmt: skip
def without_content(trial: Subject) -> Iterator[Found]:
    for place, arm in content_arms(trial.protocol):
        if not asked.exercises(trial.protocol, arm.id):
            yield Found(("arms", place), f"the arm {arm.id!r} is {arm.kind} and has no exercise.", arm.id)


@rule("D902", ERROR, "As good as nothing",
      why="To be no worse than an arm that gets nothing shows nothing: such a margin needs a comparison that works.",
      mend="Compare with an active arm, or ask for superiority.")  # fmt: skip
def as_good_as_nothing(trial: Subject) -> Iterator[Found]:
    protocol = trial.protocol
    reference = protocol.arm(protocol.analysis.primary.contrast[-1])
    if protocol.design.framework != "superiority" and reference.kind in ("waitlist", "no_treatment"):
        what = f"{protocol.design.framework} is tested against the arm {reference.id!r}, which gets nothing."
        yield Found(("design", "framework"), what)


@rule("D903", ERROR, "Waitlist content released too early",
      why="Once the waiting arm has the content, the primary outcome no longer compares having it with waiting for it.",
      mend="Release it on a day after the primary outcome's window has closed, grace included.")  # fmt: skip
def released_early(trial: Subject) -> Iterator[Found]:
    waitlist = trial.protocol.design.waitlist
    point = trial.protocol.timepoint(trial.protocol.analysis.primary.timepoint)
    if waitlist and point.anchor == "randomization" and waitlist.release_after_day <= mails.closing_day(point):
        what = f"the content is released on day {waitlist.release_after_day}; {point.id!r} can be answered until day {mails.closing_day(point)}."  # noqa: E501
        yield Found(("design", "waitlist", "release_after_day"), what)


@rule("D904", WARNING, "Dose that says nothing",
      why="A dose that nobody can reach, or that everybody has without doing anything, tells nothing about who "
          "took part.",
      mend="Write a number of exercises between none and all of them.")  # fmt: skip
def empty_dose(trial: Subject) -> Iterator[Found]:
    for place, arm in content_arms(trial.protocol):
        most = asked.exercises(trial.protocol, arm.id)
        for key in ("received", "minimum_dose") if most else ():
            dose = expressions.parse(getattr(arm, key))
            if not dose.holds({"exercises_done": most}):
                yield Found(("arms", place, key), f"`{key}` cannot be reached: the arm has {most} exercises.", arm.id)
            elif key == "minimum_dose" and asked.dose_for_everybody(trial.protocol, arm):
                continue  # P111 says it
            elif dose.holds({"exercises_done": 0}):
                yield Found(("arms", place, key), f"`{key}` holds for people who did nothing.", arm.id)


@rule("D905", WARNING, "Arms differ in the number of mails",
      why="People who hear from the trial more often answer more often and feel looked after, whatever they practise.",
      mend="Give the arms the same invitations and reminders, or waive it with the reason.")  # fmt: skip
def number_of_contacts(trial: Subject) -> Iterator[Found]:
    yield from _unlike(trial, lambda arm: len(_contacts(trial.protocol, arm)), "{} mails")


@rule("D906", WARNING, "Arms differ in the timing of mails",
      why="What comes on other days or at other hours is measured in another mood, and can give the arm away.",
      mend="Give the arms the same days and hours, or waive it with the reason.")  # fmt: skip
def timing_of_contacts(trial: Subject) -> Iterator[Found]:
    counts = {arm.id: len(_contacts(trial.protocol, arm.id)) for arm in trial.protocol.arms}
    arms = content_arms(trial.protocol)
    if len({counts[arm.id] for _, arm in arms}) == 1:
        yield from _unlike(trial, lambda arm: frozenset(_contacts(trial.protocol, arm)), "mails at other times")


@rule("D907", WARNING, "Arms differ in the length of exercises",
      why="More minutes are more attention: a difference between arms may be the minutes and not the exercise.",
      mend="Give the arms exercises of the same length, or waive it with the reason.")  # fmt: skip
def length_of_contacts(trial: Subject) -> Iterator[Found]:
    yield from _unlike(trial, lambda arm: _minutes(trial.protocol, arm), "{} minutes of exercises")


def _unlike(trial: Subject, measure: Callable[[str], Hashable], words: str) -> Iterator[Found]:
    """Every arm with content that differs from what most of them have, else from the first."""
    arms = [(place, arm) for place, arm in content_arms(trial.protocol) if asked.exercises(trial.protocol, arm.id)]
    values = {arm.id: measure(arm.id) for _, arm in arms}
    usual = Counter(values.values()).most_common(1)[0][0] if values else None
    like = next((arm.id for _, arm in arms if values[arm.id] == usual), "")
    for place, arm in arms:
        if values[arm.id] != usual:
            what = f"the arm {arm.id!r} has {words.format(values[arm.id])}"
            what += f", {like!r} has {usual}." if "{}" in words else f" than {like!r}."
            yield Found(("arms", place), what, arm.id)


def _contacts(protocol: TrialProtocol, arm: str) -> list[Hashable]:
    fixed: list[Hashable] = [(one.day, one.minute, one.reminder) for one in mails.of(protocol, arm)]
    moving: list[Hashable] = [
        (point.anchor, tuple(point.days), str(point.time), tuple(str(one.after) for one in point.reminders), number)
        for _, point in mails.points(protocol, arm)
        if point.anchor == "completion"
        for number in range(1 + len(point.reminders))
    ]
    return fixed + moving


def _minutes(protocol: TrialProtocol, arm: str) -> int:
    return sum(
        len(point.days) * one.minutes
        for _, point in mails.points(protocol, arm)
        for one in protocol.activities_at(point, arm)
        if protocol.is_exercise(one.id)
    )


@rule("D908", ERROR, "Waiting for nothing",
      why="People who are told to wait have to be given what they wait for, on a day that is named.",
      mend="Write `design: {type: waitlist, waitlist: {arm: …, content_of: …, release_after_day: …}}`.")  # fmt: skip
def waiting_for_nothing(trial: Subject) -> Iterator[Found]:
    waitlist = trial.protocol.design.waitlist
    for place, arm in enumerate(trial.protocol.arms):
        path: Path = ("arms", place, "kind")
        if arm.kind == "waitlist" and (waitlist is None or waitlist.arm != arm.id):
            yield Found(path, f"the arm {arm.id!r} waits, and no content is promised to it.", arm.id)
