"""What may be concluded from an estimate: never more than its interval supports. tests/spec/claims.md is the table.

An interval that leaves out no difference lets us say who did better; one that holds it lets us say nothing of the kind,
and never that two did equally well. A margin is held against the interval of its one-sided tests. Whether a difference
matters is said only where the protocol names, beforehand, the smallest one that does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from trial.core.protocol.analysis import RATIOS

One = Mapping[str, Any]
Verdict = Literal[
    "not_estimated",  # there is no interval
    "first", "second",  # who did better: the whole interval says so
    "open",  # the interval holds no difference
    "no_worse",  # the margin is left out, and nothing more
    "no_worse_but_worse",  # the margin is left out, and so is no difference, on the bad side
    "no_worse_and_better",
    "worse_by_margin",
    "no_worse_open",  # the interval holds the margin
    "alike",
    "unlike",  # wholly beyond a margin of equivalence
    "alike_open",
    "alike_open_but_different",  # reaches beyond a margin, and leaves out no difference
    "interaction", "interaction_open",  # of two factors
    "changed_for_better", "changed_for_worse", "change_open",  # of a single arm
]  # fmt: skip
Weight = Literal["unnamed", "all", "none", "unsettled"]
_OF_PICTURES: Mapping[str, Verdict] = {
    "superior": "no_worse_and_better",
    "non-inferior": "no_worse",
    "inferior": "worse_by_margin",
    "inconclusive": "no_worse_open",
    "equivalent": "alike",
    "not equivalent": "unlike",
    "inconclusive, no difference shown": "alike_open",
    "inconclusive, different": "alike_open_but_different",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """What an estimate lets us say, and how its interval lies to the difference that matters."""

    verdict: Verdict
    weight: Weight
    planned: bool


def claim_of(one: One, matters: float | None) -> Claim:
    """The claim; `matters` is in the unit of the estimate, None where the protocol names no such difference."""
    return Claim(
        verdict_of(one), weight_of(one, matters), one.get("analysis") != "exploratory" and one.get("prespecified", True)
    )


def verdict_of(one: One) -> Verdict:
    """Where the interval lies."""
    if one["estimate"] is None or one["ci"] is None:
        return "not_estimated"
    if one["margin"] and not one["margin"]["problem"]:
        found = _OF_PICTURES[one["margin"]["picture"]]
        return "no_worse_but_worse" if found == "no_worse" and one["margin"]["worse"] else found
    none = 1.0 if one["measure"] in RATIOS else 0.0
    ends = interval_of(one)
    if ends is None:
        return "open"
    low, high = ends
    single = len(one["contrast"]) == 1
    if len(one.get("factors") or ()) > 1:
        return "interaction_open" if low <= none <= high else "interaction"
    if low <= none <= high:
        return "change_open" if single else "open"
    for_better = (low > none) == (one["better"] == "higher")
    if single:
        return "changed_for_better" if for_better else "changed_for_worse"
    return "first" if for_better else "second"


def interval_of(one: One) -> Sequence[float] | None:
    """What is claimed by: the interval; where an arm hardly moves what is received, the one that holds all the same.

    None where that one has no end.
    """
    its = one.get("complier")
    ends: Sequence[float] | None = its["ci_weak"] if its and its["weak"] else one["ci"]
    return ends


def weight_of(one: One, matters: float | None) -> Weight:
    """Whether every value of the interval is as large as what matters, or none is, or that is open."""
    if matters is None or one["ci"] is None or one["measure"] in RATIOS or one["margin"]:
        return "unnamed"
    ends = interval_of(one)
    if ends is None:
        return "unsettled"
    low, high = sorted(abs(end) for end in ends)
    holds_none = ends[0] <= 0 <= ends[1]
    if not holds_none and low >= matters:
        return "all"
    return "none" if high < matters else "unsettled"


_SAYS: Mapping[Verdict, str] = {
    "not_estimated": "{first} and {second} could not be compared.",
    "first": "{first} did better than {second}",
    "second": "{second} did better than {first}",
    "open": "No difference between {first} and {second} was shown",
    "no_worse": "{first} was not worse than {second} by the margin.",
    "no_worse_but_worse": "{first} was worse than {second}, by less than the margin.",
    "no_worse_and_better": "{first} was not worse than {second} by the margin, and did better.",
    "worse_by_margin": "{first} was worse than {second} by more than the margin.",
    "no_worse_open": "That {first} is worse than {second} by the margin is not ruled out, nor is it shown.",
    "alike": "{first} and {second} differed by less than the margin in either direction.",
    "unlike": "{first} and {second} differed by more than the margin.",
    "alike_open": "That {first} and {second} differ by the margin is not ruled out, nor is any difference shown.",
    "alike_open_but_different": "{first} and {second} differed; whether by as much as the margin is open.",
    "interaction": "The effect of one factor depends on the other.",
    "interaction_open": "Whether the effect of one factor depends on the other is open.",
    "changed_for_better": "People in {first} were better on average than at the start; nobody tells why",
    "changed_for_worse": "People in {first} were worse on average than at the start; nobody tells why",
    "change_open": "No change with {first} was shown",
}
_WEIGHS: Mapping[tuple[bool, Weight], str] = {
    (True, "unnamed"): ".",
    (True, "all"): ", by at least as much as matters.",
    (True, "none"): ", by less than matters.",
    (True, "unsettled"): "; whether by as much as matters is open.",
    (False, "unnamed"): ", which is not evidence that there is none.",
    (False, "all"): ".",
    (False, "none"): ", and one that matters is ruled out.",
    (False, "unsettled"): ", and one that matters is not ruled out.",
}
COMPLIERS = "Of those who receive what {first} offers because it is offered, and of nobody else: "
EXPLORED = "Explored only, which decides nothing: "


def conclusion(one: One, first: str, second: str, matters: float | None) -> str:
    """The sentence that a trialist may write of an estimate of these two arms."""
    claim = claim_of(one, matters)
    said = _SAYS[claim.verdict].format(first=first, second=second)
    if claim.verdict == "not_estimated" and len(one["contrast"]) == 1:
        said = f"How people changed with {first} could not be estimated."
    if not said.endswith("."):
        shown = claim.verdict not in ("open", "change_open")
        said += _WEIGHS[shown, claim.weight]
    if one.get("complier") and claim.verdict != "not_estimated":
        said = COMPLIERS.format(first=first) + said
    return said if claim.planned else EXPLORED + said
