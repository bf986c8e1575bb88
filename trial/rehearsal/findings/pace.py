"""Peak mails per hour against the pace of the account that sends them, and what wait that means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from trial.core.rehearsed import Finding, Weight
from trial.pages import service_mail
from trial.rehearsal.findings.gathered import ENOUGH, Facts, listed, many

KIND = "peak of mails"
LONG = 60  # minutes


def find(facts: Facts) -> Iterator[Finding]:
    """The fullest hour, and how long the last of the fullest minute waits, at this size and the planned one."""
    every = Counter(one.replace(minute=0, second=0, microsecond=0) for one in facts.lived.sent_at.values())
    if not every:
        return
    most = max(every.values())
    together = Counter(one.replace(second=0, microsecond=0) for one in facts.lived.sent_at.values())
    moment, burst = max(together.items(), key=lambda one: (one[1], -one[0].timestamp()))
    enough = len(facts.randomized) >= ENOUGH
    grows = facts.protocol.sample_size.target / len(facts.randomized) if enough else 1
    wait = burst * max(grows, 1) / facts.pace
    what = f"The fullest hour held {many(most, 'mail')} and the fullest minute {burst}"
    if enough:
        what += (
            f". At the planned {facts.protocol.sample_size.target:,} people, all joining within {facts.weeks} weeks, "
            f"that minute would hold about {burst * max(grows, 1):.0f}"
        )
    what += f": at {facts.pace} mails a minute the last of them waits {_minutes(wait)}."
    names = [name.removeprefix(service_mail.OWN) for name, _ in together_in(facts, moment).most_common(4)]
    mend = (
        "Spread the mails with `between` two hours, or raise the pace with the provider (`EQUIPOISE_SMTP_PER_MINUTE`)."
    )
    weight = Weight.LOOK if wait > LONG else Weight.KNOW
    example = f"{moment:%Y-%m-%d %H:%M} UTC: {listed(names)}."
    rests = facts.assume("weeks_of_recruitment")
    yield Finding(KIND, weight, what, mend, None, example, min(wait / LONG, 1.0), rests)


def together_in(facts: Facts, moment: datetime) -> Counter[str]:
    """Which messages left in this minute."""
    at = facts.lived.sent_at
    return Counter(
        one.message
        for one in facts.lived.mails
        if one.id in at and at[one.id].replace(second=0, microsecond=0) == moment
    )


def _minutes(wait: float) -> str:
    return "less than a minute" if wait < 1 else f"about {many(round(wait), 'minute')}"
