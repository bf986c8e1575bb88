"""What a report says of the secondary family: how its p-values were adjusted, and what holds after that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.claims import verdict_of
from reports.keys import worked_out
from reports.labels import Labels
from reports.margins import AIMS
from reports.marks import without_keys
from reports.numbers import declared, p_phrase, p_value
from trial.core.protocol import Secondary
from trial.stats.plan.margin import gate_p

One = Mapping[str, Any]

# what stands above the column of adjusted p-values
HEADS = {
    "holm": "p, Holm",
    "hochberg": "p, Hochberg",
    "fixed_sequence": "p, in sequence",
    "graph": "p, by the graph",
}
RULES = {
    "holm": "The secondary p-values are adjusted together by Holm's method.",
    "hochberg": (
        "The secondary p-values are adjusted together by Hochberg's method. It finds a little more than Holm's, and "
        "keeps its promise where the tests are independent or the outcomes hang together positively, not always."
    ),
    "fixed_sequence": (
        "The secondary analyses are tested one after another, in the order of the protocol, each at full alpha, until "
        "the first that finds no difference. What comes after that counts as not shown, however small its own p."
    ),
    "graph": (
        "The secondary analyses share alpha as the protocol's graph says: each is tested at its own share, and one "
        "that finds its difference hands its share on to the others."
    ),
    "none": "The secondary p-values are not adjusted and are to be read as exploratory.",
}
GATE = (
    "The primary analysis is the gate: unless it finds its difference, nothing of the secondary family counts as shown."
)
GATE_OF_MARGIN = (
    "The primary analysis is the gate: unless it shows {}, nothing of the secondary family counts as shown."
)
READ = (
    "An adjusted p is read as a p of one test alone: held against {alpha}, it keeps the chance of even one false "
    "finding among the secondary analyses at {alpha} or less."
)


def rule(family: Secondary, framework: str = "superiority") -> str:
    """The rule in sentences; one of a graph's or a sequence's own order is in `order`."""
    if family.multiplicity == "none" or not family.gate:
        return RULES[family.multiplicity]
    gate = GATE if framework == "superiority" else GATE_OF_MARGIN.format(AIMS[framework])
    return f"{RULES[family.multiplicity]} {gate}"


def order(family: Secondary, labels: Labels) -> str:
    """The sequence, or the shares of the graph, spelled out; empty for the other rules."""
    names = [f"{labels.outcome(one.outcome)} {labels.at(one.timepoint)}" for one in family.analyses]
    if family.multiplicity == "fixed_sequence":
        return f"The order: {'; '.join(f'{at}. {name}' for at, name in enumerate(names, start=1))}."
    if family.multiplicity != "graph":
        return ""
    called = {one.id: name for one, name in zip(family.analyses, names, strict=True)}
    said = []
    for one in family.graph:
        on = " and ".join(
            f"{declared(100 * share)}% of it to {called[to]}" for to, share in one.passes.items() if share
        )
        said.append(
            f"{called[one.analysis]} has {declared(100 * one.weight)}% of alpha at first"
            + (f" and hands {on}" if on else " and hands nothing on")
        )
    return f"{'; '.join(said)}."


def outcome(estimates: Sequence[One], labels: Labels) -> list[str]:
    """What holds after the adjustment and where a sequence stopped, as paragraphs; none for an unadjusted family."""
    family = labels.folder.protocol.analysis.secondary
    chosen = [one for one in estimates if one["analysis"] == "secondary"]
    if family is None or family.multiplicity == "none" or not chosen:
        return []
    alpha = round(1 - chosen[0]["level"], 10)
    said = [f"{rule(family, labels.folder.protocol.design.framework)} {READ.format(alpha=declared(alpha))}"]
    if family.gate and (shut := _shut(estimates[0], alpha)):
        return [*said, shut]
    if family.multiplicity == "fixed_sequence":
        said.append(_stopped(chosen, labels, alpha))
    else:
        said.append(_held(chosen, labels, alpha))
    return said


def _shut(primary: One, alpha: float) -> str:
    if gate_p(primary) <= alpha:
        return ""
    if primary["margin"]:
        return (
            f"The primary analysis did not show {AIMS[primary['margin']['framework']]}, so the gate stayed shut: no "
            "secondary difference counts as shown, whatever its own p."
        )
    why = "could not be estimated" if primary["p"] is None else f"found no difference ({p_phrase(primary['p'])})"
    return (
        f"The primary analysis {why}, so the gate stayed shut: no secondary difference counts as shown, whatever its "
        "own p."
    )


def _stopped(chosen: Sequence[One], labels: Labels, alpha: float) -> str:
    tests = [one["p_adjusted"] for one in chosen]
    for at, one in enumerate(chosen):
        if _shown(one, alpha):
            continue
        what, after = _name(one, labels), chosen[at + 1 :]
        why = "could not be estimated" if one["p"] is None else p_phrase(one["p"])
        said = (
            f"The sequence stopped at analysis {worked_out(at + 1, tests)} of {worked_out(len(chosen), tests)}, {what} "
            f"({why}): it counts as not shown"
        )
        if after:
            said += ", and so does what came after it: " + "; ".join(_name(each, labels) for each in after)
        return f"{said}." if at else f"{said}. Nothing of the family is shown."
    return "The sequence did not stop: every secondary difference counts as shown."


def _held(chosen: Sequence[One], labels: Labels, alpha: float) -> str:
    held = [
        f"{_name(one, labels)}{_towards(one, labels)} (adjusted p {_p(one)})" for one in chosen if _shown(one, alpha)
    ]
    if all(one["p"] is None for one in chosen):
        return "None of the secondary analyses could be estimated."
    if not held:
        what = "change" if labels.single else "difference"
        return f"After the adjustment no secondary {what} counts as shown. That is not evidence of no {what}."
    shown, of = (worked_out(len(each), [one["p_adjusted"] for one in chosen]) for each in (held, chosen))
    counts = "counts" if len(held) == 1 else "count"
    return f"After the adjustment {shown} of {of} {counts} as shown: {'; '.join(held)}."


def _towards(one: One, labels: Labels) -> str:
    """In favour of whom; a change, for better or worse; of an interaction nothing."""
    match verdict_of(one):
        case "first" | "second" as whom:
            return f", in favour of {labels.pair(one)[whom == 'second']}"
        case "changed_for_better":
            return ", for the better"
        case "changed_for_worse":
            return ", for the worse"
    return ""


def _p(one: One) -> str:
    shown = p_value(one["p_adjusted"])
    return shown if without_keys(shown).startswith("<") else f"= {shown}"


def _shown(one: One, alpha: float) -> bool:
    return one["p_adjusted"] is not None and bool(one["p_adjusted"] <= alpha)


def _name(one: One, labels: Labels) -> str:
    named = f"{labels.outcome(one['outcome'])} {labels.at(one['timepoint'])}"
    return f"{named}, {labels.compared(one)}"
