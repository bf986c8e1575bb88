"""Whether the arms of the primary comparison lose unlike shares, with an interval."""

from __future__ import annotations

from collections.abc import Iterator

from reports.numbers import number, percent
from trial.core.factor_effects import sides
from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings.gathered import ENOUGH, Facts
from trial.services.record import Person
from trial.stats.two_proportions import newcombe

KIND = "drop-out by arm"


def answered(facts: Facts, person: Person) -> bool:
    """Whether a person sent in anything at the primary timepoint that is a questionnaire."""
    primary = facts.protocol.analysis.primary.timepoint
    at = {one.id for one in person.occasions if one.timepoint == primary}
    return any(one.occasion_id in at and not facts.protocol.is_exercise(one.activity) for one in person.sheets)


def find(facts: Facts) -> Iterator[Finding]:
    """The difference of the shares who answered the primary timepoint."""
    compared = sides(facts.protocol, facts.protocol.analysis.primary)
    if len(compared) < 2:
        return
    groups = [[one for arm in side for one in facts.of_arm(arm)] for side in compared[:2]]
    if not all(groups) or sum(map(len, groups)) < ENOUGH:
        return
    kept = tuple(sum(answered(facts, one) for one in group) for group in groups)
    sizes = tuple(len(group) for group in groups)
    found = newcombe((kept[0], kept[1]), (sizes[0], sizes[1]))
    names = [" and ".join(facts.label(one) for one in facts.protocol.labels_of(*side)) for side in compared[:2]]
    low, high = (100 * one for one in found.ci)
    what = (
        f"{facts.point(facts.protocol.analysis.primary.timepoint)} was answered by {percent(kept[0], sizes[0])} of "
        f"“{names[0]}” and {percent(kept[1], sizes[1])} of “{names[1]}”: a difference of "
        f"{number(100 * found.estimate, 0)} percentage points (95% interval {number(low, 0)} to {number(high, 0)})."
    )
    apart, put_in = low > 0 or high < 0, facts.assume("apart")
    what += "" if apart else " The interval holds no difference: this is no more than chance brings."
    place = facts.at(facts.protocol.analysis.primary.timepoint)
    rests = (*facts.assume("lost"), *put_in)
    share = abs(found.estimate)
    yield Finding(
        KIND,
        Weight.LOOK if apart else Weight.KNOW,
        what,
        _mend(apart, put_in=bool(put_in)),
        place,
        share=share,
        rests_on=rests,
    )


def _mend(apart: bool, *, put_in: bool) -> str:
    if not apart:
        return "See what a larger loss in one arm would do: `equipoise power` with `apart` in the profile."
    if put_in:
        return (
            "The profile puts a larger loss into the first arm, so this says little about the protocol: "
            "`equipoise power` with the same profile shows what it does to the estimate."
        )
    return "Look at what the arms ask of people that the other does not: time, mails, the tone of the exercise."
