"""The size that was really analysed against the plan, and the power that it leaves."""

from __future__ import annotations

from collections.abc import Iterator

from reports.numbers import percent
from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings.dropping_out import answered
from trial.rehearsal.findings.gathered import ENOUGH, Facts
from trial.stats.power_of_plan import closed_power
from trial.stats.two_proportions import wilson

KIND = "size analysed"
CLOSE = 0.05
TOO_LITTLE = 0.6
ENOUGH_LEFT = "Nothing to mend: with these people the planned size has the power that was planned, or nearly."


def find(facts: Facts) -> Iterator[Finding]:
    """What share of those randomised has the primary answer, and what the planned size is worth with it."""
    randomized = len(facts.randomized)
    if randomized < ENOUGH:
        return
    kept = sum(answered(facts, one) for one in facts.randomized)
    target, planned = facts.protocol.sample_size.target, facts.protocol.sample_size.assumptions
    lost = 1 - kept / randomized
    low, high = wilson(kept, randomized)
    what = (
        f"{percent(kept, randomized)} of {randomized} randomised answered the primary timepoint (95% interval "
        f"{100 * low:.0f} to {100 * high:.0f}%)"
    )
    habits = facts.assume("lost", "lost_mailbox")
    place = facts.place("sample_size", *(("assumptions",) if planned else ("target",)))
    mend = (
        "Raise `sample_size.target`, or keep more people; `equipoise power` simulates it with the plan's own analysis."
    )
    if planned is None:
        what += (
            f". Of the {target:,} planned that leaves {target * (1 - lost):.0f}; the protocol states no assumptions."
        )
        mend = (
            "Compare with what the justification of the size counts on; nothing can be worked out without assumptions."
        )
        yield Finding(KIND, Weight.KNOW, what, mend, place, share=lost, rests_on=habits)
        return
    what += f"; the plan of {target:,} people counts on {100 * (1 - planned.attrition):.0f}%."
    left = closed_power(facts.protocol, target, assumed=planned.model_copy(update={"attrition": min(lost, 0.99)}))
    beyond_chance = high < 1 - planned.attrition
    weight = Weight.LOOK if beyond_chance else Weight.KNOW
    if left.power is not None:
        what += f" With that loss the planned size has a power of {100 * left.power:.0f}%, by formula."
        if left.power >= planned.power - CLOSE:
            weight, mend = Weight.KNOW, ENOUGH_LEFT
        elif beyond_chance and left.power < TOO_LITTLE:
            weight = Weight.MEND
    yield Finding(KIND, weight, what, mend, place, share=max(lost - planned.attrition, 0.0), rests_on=habits)
