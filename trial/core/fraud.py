"""Signs that an enrolment is not what it seems: values in, signals out. A signal is a reason to look, never a verdict.

Nothing here excludes anybody. A signal that the protocol lists in `eligibility.guard.holds` keeps the enrolment from
being allocated until a person has looked at it; the others are written down and counted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import get_args

from trial.core import expressions
from trial.core.expressions import Value
from trial.core.proof import Proved
from trial.core.protocol import Guard
from trial.core.protocol.guard import Signal
from trial.core.trial import TrialKind

SIGNALS: tuple[Signal, ...] = get_args(Signal)
# arrivals are counted this long before and after one's own
BURST_WINDOW = timedelta(minutes=10)
# and compared with those of the week before, of which a burst is this many times as dense
BURST_BACKGROUND = timedelta(days=7)
BURST_TIMES = 5
# who tries a trial out is in a hurry, and comes with the colleagues
OF_TESTERS: tuple[Signal, ...] = ("fast", "burst")

Detail = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Raised:
    """One signal, with what was seen: codes and counts, never an answer or an address."""

    signal: Signal
    detail: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormEvidence:
    """What the screening form brought along: the proof, the trap, the seconds it was open, an earlier try.

    `earlier` is the first screening of the same browser, and whether that one was eligible.
    """

    proof: Proved
    trapped: bool
    seconds: float | None
    earlier: tuple[int, bool] | None = None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many people from one source confirmed an address around somebody's arrival, and in the week before."""

    around: int
    before: int
    background: timedelta


def of_screening(guard: Guard, form: FormEvidence, text: Iterable[str], items: int, *, eligible: bool) -> list[Raised]:
    """What the screening form says about who sent it."""
    found: list[Raised] = []
    if form.proof != "proved":
        found.append(Raised("no_proof", {"proof": form.proof}))
    if form.trapped:
        found.append(Raised("honeypot"))
    found += too_fast(guard, "screening", form.seconds, text, items)
    if form.earlier is not None:
        first, was_eligible = form.earlier
        found.append(Raised("seen_before", {"how": "browser", "first": first}))
        if eligible and not was_eligible:
            found.append(Raised("inconsistent", {"rule": "not_eligible_before"}))
    return found


def least_seconds(guard: Guard, text: Iterable[str], items: int) -> float:
    """The time under which nobody reads these texts and answers these items."""
    words = sum(len(re.findall(r"\w+", one)) for one in text)
    return words * 60 / guard.words_a_minute + items * guard.seconds_an_answer


def too_fast(guard: Guard, stage: str, seconds: float | None, text: Iterable[str], items: int) -> list[Raised]:
    """Whether a stage was done faster than a person reads; nothing where the time is not known."""
    least = least_seconds(guard, text, items)
    if seconds is None or seconds >= least:
        return []
    return [Raised("fast", {"stage": stage, "seconds": round(seconds), "least": round(least)})]


def in_burst(guard: Guard, seen: Arrivals) -> list[Raised]:
    """Whether more people came at once than `guard.burst` and than five times what is usual for this source."""
    windows = max(seen.background / (2 * BURST_WINDOW), 1.0)
    usual = seen.before / windows
    if seen.around <= max(guard.burst, BURST_TIMES * usual):
        return []
    return [Raised("burst", {"arrivals": seen.around, "minutes": int(2 * BURST_WINDOW.total_seconds() // 60)})]


def domain_of(address: str) -> str:
    """The domain of an address, in small letters and ASCII as domain lists write it."""
    domain = address.rpartition("@")[2].strip().rstrip(".").lower()
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def disposable(address: str, listed: Collection[str]) -> list[Raised]:
    """Whether the address is at a listed provider of throw-away mailboxes, or below one."""
    labels = domain_of(address).split(".")
    names = (".".join(labels[place:]) for place in range(len(labels) - 1))
    return [Raised("disposable_domain")] if any(name in listed for name in names) else []


def inconsistent(guard: Guard, facts: Mapping[str, Value]) -> list[Raised]:
    """The declared rules that are known not to hold; an answer left out contradicts nothing."""
    return [
        Raised("inconsistent", {"rule": one.id})
        for one in guard.consistency
        if expressions.parse(one.rule).value(facts) is False
    ]


def holding(guard: Guard, raised: Iterable[str], kind: TrialKind) -> list[str]:
    """The signals, each once and in order, for which a trial of this kind holds an enrolment."""
    up = set(raised)
    wanted = [one for one in guard.holds if kind is not TrialKind.TEST or one not in OF_TESTERS]
    return [signal for signal in SIGNALS if signal in up and signal in wanted]


def combined(raised: Iterable[str]) -> str:
    """The signals of one person as one code, so that counts by it add up: `no_proof+fast`."""
    up = set(raised)
    return "+".join(signal for signal in SIGNALS if signal in up)


def in_words(signal: str, detail: Detail, guard: Guard) -> str:
    """What a member reads about a signal."""
    return next(_said(signal, detail, guard), signal.replace("_", " "))


def _said(signal: str, detail: Detail, guard: Guard) -> Iterator[str]:
    if signal == "no_proof":
        why = {"missing": "no script ran", "expired": "it came too late"}.get(str(detail.get("proof")), "it is wrong")
        yield f"no proof of work ({why}; a browser without JavaScript sends none)"
    elif signal == "honeypot":
        yield "a field was filled in that people neither see nor hear"
    elif signal == "fast":
        stage = str(detail.get("stage")).replace("_", " ")
        yield f"{stage} took {detail.get('seconds')} s; reading it takes at least {detail.get('least')} s"
    elif signal == "burst":
        yield f"{detail.get('arrivals')} people from the same source within {detail.get('minutes')} minutes"
    elif signal == "disposable_domain":
        yield "the address is at a provider of throw-away mailboxes"
    elif signal == "inconsistent":
        if detail.get("rule") == "not_eligible_before":
            yield "the same browser was not eligible in an earlier try"
        yield from (one.why for one in guard.consistency if one.id == detail.get("rule"))
    elif signal == "seen_before":
        yield f"an earlier try by the same {detail.get('how')}"
