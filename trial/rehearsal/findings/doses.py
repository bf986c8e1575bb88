"""How many of each arm reached its minimum dose: an analysis of those who did rests on them alone."""

from __future__ import annotations

from collections.abc import Iterator

from trial.core.adherence import dose
from trial.core.protocol import Arm
from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings.gathered import ENOUGH, Facts, people
from trial.services.doses import of_person

KIND = "minimum dose"
FEW = 0.1  # of an arm: an analysis of so few is one of whoever is left


def find(facts: Facts) -> Iterator[Finding]:
    """One finding for all arms whose minimum dose asks for any exercise at all."""
    asked = [arm for arm in facts.protocol.arms if not dose(arm, 0, 0).minimum and facts.of_arm(arm.id)]
    if not asked or len(facts.randomized) < ENOUGH:
        return
    reached = [(arm, _reached(facts, arm), len(facts.of_arm(arm.id))) for arm in asked]
    each = "; ".join(
        f"{had} of {all_} in “{facts.label(arm.label)}” (`{arm.minimum_dose}`)" for arm, had, all_ in reached
    )
    planned = any(one.method == "per_protocol" for one in facts.protocol.analysis.sensitivity)
    arm, had, all_ = min(reached, key=lambda one: one[1] / one[2])
    few = had < FEW * all_
    what = f"The minimum dose was reached by {each}."
    if planned:
        what += f" The planned analysis `per_protocol` rests on {people(sum(one[1] for one in reached))} here."
    mend = (
        "Ask for less, or set `minimum_dose` where more people come: so few who did nearly everything are unlike all "
        "others, and a difference among them says little about the exercises."
        if few
        else "Nothing to mend: whoever did less stays in the primary analysis."
    )
    place = facts.place("arms", facts.protocol.arms.index(arm), "minimum_dose")
    rests = facts.assume("drops_exercises", "skips_an_evening", "lost")
    weight = Weight.LOOK if few and planned else Weight.KNOW
    yield Finding(KIND, weight, what, mend, place, share=1 - had / all_, rests_on=rests)


def _reached(facts: Facts, arm: Arm) -> int:
    had = (
        of_person(facts.protocol, arm.id, one.occasions, one.sheets, one.done_before) for one in facts.of_arm(arm.id)
    )
    return sum(dose(arm, due, done).minimum for due, done in had)
