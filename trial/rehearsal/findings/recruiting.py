"""How many visitors the planned size needs, at the share of them who end up randomised."""

from __future__ import annotations

import math
from collections.abc import Iterator

from reports.numbers import percent
from trial.core.recruitment import first_day, last_day
from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings.gathered import ENOUGH, Facts, many

KIND = "visitors that are needed"
WEEKS = 52  # how many visitors come at all is no finding: `--participants` says it


def find(facts: Facts) -> Iterator[Finding]:
    """Visitors needed for the planned size, and what that is a week over the planned months."""
    randomized, screened = len(facts.randomized), len(facts.lived.screenings)
    if randomized < ENOUGH or not screened:
        return
    target, dates = facts.protocol.sample_size.target, facts.protocol.administrative.dates
    needed = math.ceil(target * screened / randomized)
    what = (
        f"{percent(randomized, screened)} of {many(screened, 'screening')} ended in a randomisation: the planned "
        f"{target:,} need about {needed:,}"
    )
    begins, ends = first_day(dates.recruitment_from), last_day(dates.recruitment_until)
    if begins is not None and ends is not None and ends > begins:
        weeks = max((ends - begins).days / 7, 1)
        what += f", {needed / weeks:.0f} a week over the {weeks:.0f} weeks that the protocol plans."
        place = facts.place("administrative", "dates")
    else:
        what += f", {math.ceil(needed / WEEKS)} a week to be there within a year; the protocol gives no dates."
        place = facts.place("administrative")
    mend = "Ask those who announce the trial how many people they reach; give `administrative.dates` by it."
    rests = facts.assume("eligible", "never_confirms", "declines", "leaves_baseline")
    yield Finding(KIND, Weight.KNOW, what, mend, place, rests_on=rests)
