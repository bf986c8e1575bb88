"""The linter: what experience says will go wrong in a trial that the reader has accepted.

One module for each chapter of rules. `lint` runs them all and sets beside each finding the waiver that stands for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trial.core.linting import (
    administrative,
    arms,
    blinding,
    chance,
    consent,
    instruments,
    messages,
    numbers,
    plan,
    safety,
    timetable,
)
from trial.core.linting.rules import CHAPTERS, RULES, Found, Rule, Severity, Subject, add
from trial.core.protocol import Waiver

__all__ = ["CHAPTERS", "RULES", "UNUSED", "Found", "Rule", "Severity", "Subject", "Verdict", "blocks", "lint"]

MOST = 300
UNUSED = "W001"
_CHAPTERS_OF_RULES = (
    administrative, plan, timetable, messages, blinding, consent, instruments, safety, numbers, chance, arms,
)  # fmt: skip

add(Rule(UNUSED, Severity.WARNING, "Waiver that waives nothing",
         "A waiver outlives what it was written for, and then hides the next finding of its kind.",
         "Take it out, or mend its code or `where`.", None))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding, its rule, and the team's reason where it is waived."""

    rule: Rule
    found: Found
    waived: str | None = None


def lint(trial: Subject, *, sure: bool = True) -> list[Verdict]:
    """Every finding, waived or not, at most MOST; an unused waiver is itself one.

    With `sure` false the reader has found mistakes already: a rule that stumbles over one of them stays silent.
    """
    waivers = trial.protocol.waivers
    used: set[int] = set()
    found = [Verdict(one, each) for one in RULES.values() for each in _run(one, trial, sure)][:MOST]
    verdicts = [_waived(one, waivers, used) for one in found]
    if sure:
        unused = [Verdict(RULES[UNUSED], one) for one in _unused(waivers, used, of_waivers=False)]
        verdicts += [_waived(one, waivers, used) for one in unused]
        verdicts += [Verdict(RULES[UNUSED], one) for one in _unused(waivers, used, of_waivers=True)]
    return verdicts


def blocks(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Those that no trial opens with: errors that nobody has waived."""
    return [one for one in verdicts if one.rule.severity is Severity.ERROR and one.waived is None]


def _run(one: Rule, trial: Subject, sure: bool) -> list[Found]:
    if one.check is None:
        return []
    try:
        return list(one.check(trial))
    except (LookupError, RuntimeError, StopIteration, ValueError):  # a name that nothing declares
        if sure:
            raise
        return []


def _waived(verdict: Verdict, waivers: list[Waiver], used: set[int]) -> Verdict:
    for place, waiver in enumerate(waivers):
        if waiver.code == verdict.rule.code and waiver.where in (None, verdict.found.where):
            used.add(place)
            return Verdict(verdict.rule, verdict.found, waiver.reason)
    return verdict


def _unused(waivers: list[Waiver], used: set[int], *, of_waivers: bool) -> Iterator[Found]:
    for place, waiver in enumerate(waivers):
        if place in used or (waiver.code == UNUSED) is not of_waivers:
            continue
        if waiver.code not in RULES:
            what = f"there is no rule {waiver.code}."
        elif RULES[waiver.code].check is None and waiver.code != UNUSED:
            what = f"{waiver.code} cannot be waived: the file cannot be read with it."
        else:
            what = f"nothing is found under {waiver.code}" + (f" at {waiver.where!r}." if waiver.where else ".")
        yield Found(("waivers", place), what, waiver.code.lower())
