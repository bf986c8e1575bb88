"""People who fell between two steps on their way in: which step, how many, and who is never written to again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reports.numbers import percent
from trial.core.participant import ParticipantState
from trial.core.rehearsed import Finding, Place, Weight
from trial.rehearsal.findings.gathered import Facts, people

KIND = "people between two steps"
MANY = 0.25
S = ParticipantState
AFTER_CONFIRMED = (S.CONFIRMED, S.DECLINED, S.CONSENTED, S.HELD, S.REFUSED, S.RECRUITMENT_CLOSED, S.RANDOMIZED)
AFTER_CONSENT = (S.CONSENTED, S.HELD, S.REFUSED, S.RECRUITMENT_CLOSED, S.RANDOMIZED)


def find(facts: Facts) -> Iterator[Finding]:
    """Each step that somebody was lost at, with how many stood there."""
    states = [one.record.state for one in facts.lived.people]
    eligible = sum(one.eligible for one in facts.lived.screenings)
    confirmed = sum(one in AFTER_CONFIRMED for one in states)
    consented = sum(one in AFTER_CONSENT for one in states)
    page = facts.place("consent", "information")
    steps = (
        _Step("were eligible and gave no address", eligible, eligible - len(states), (), None,
              "Say on that page what the address is for, and who sees it."),
        _Step("gave an address and never typed the code that was sent there", len(states), len(states) - confirmed,
              ("never_confirms", "mistypes_address"), None,
              "Nobody writes to them again: say on the page to look among unwanted mail, and plan more visitors."),
        _Step("confirmed the address and never answered the consent page", confirmed, states.count(S.CONFIRMED),
              ("leaves_at_consent",), page, "Shorten the information; nobody writes to them again."),
        _Step("read the information and said no", confirmed, states.count(S.DECLINED), ("declines",), page,
              "That is their right. Plan that many more visitors."),
        _Step("consented and never finished the baseline", consented, states.count(S.CONSENTED), ("leaves_baseline",),
              facts.at(facts.protocol.baseline.id, "activities"),
              "Shorten the baseline: no mail asks them back."),
    )  # fmt: skip
    lost = [one for one in steps if one.lost > 0]
    yield from (_finding(facts, one) for one in lost if one.lost > MANY * one.stood)
    few = [one for one in lost if one.lost <= MANY * one.stood]
    if few:
        each = "; ".join(f"{one.lost} of {one.stood} {one.what}" for one in few)
        habits = tuple(dict.fromkeys(name for one in few for name in one.habits))
        what = f"On the way in some went no further: {each}. No mail asks them back."
        mend = "Plan that many more visitors; shorten what stands at the step that loses most."
        rests, share = facts.assume(*habits), max(one.lost / one.stood for one in few)
        yield Finding(KIND, Weight.KNOW, what, mend, page, share=share, rests_on=rests)


@dataclass(frozen=True, slots=True)
class _Step:
    """A step on the way in: of those who stood there, how many went no further."""

    what: str
    stood: int
    lost: int
    habits: tuple[str, ...]
    place: Place | None
    mend: str


def _finding(facts: Facts, one: _Step) -> Finding:
    share = one.lost / one.stood
    what = f"{people(one.lost)} of {one.stood} ({percent(one.lost, one.stood)}) {one.what}."
    return Finding(KIND, Weight.LOOK, what, one.mend, one.place, share=share, rests_on=facts.assume(*one.habits))
