"""Amendments of the design in the report: each epoch, what chance went by in it, and how many people it allocated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from reports import allocating
from reports.document import Block, Paragraph
from reports.keys import numbers_in, plain, worked_out
from reports.labels import Labels
from reports.numbers import count
from trial.core.protocol import AllocationRule

Epoch = Mapping[str, Any]
UNADJUSTED = (
    "With the chances the mix of earlier and later people came to differ between the arms, and the models know of no "
    "epoch: where later people differ from earlier ones, a comparison is off by that."
)


def of(results: Mapping[str, Any]) -> Sequence[Epoch]:
    """The epochs of the allocation, where an amendment made more than one."""
    found: Sequence[Epoch] = (results["provenance"]["randomization"] or {}).get("epochs", [])
    return found if len(found) > 1 else ()


def blocks(results: Mapping[str, Any], labels: Labels) -> list[Block]:
    """What changed after the trial began, as CONSORT 2025 asks in item 10; nothing where nothing did."""
    epochs = of(results)
    if not epochs:
        return []
    times = "once" if len(epochs) == 2 else f"{worked_out(len(epochs) - 1, [one['epoch'] for one in epochs])} times"
    head = (
        f"After the trial had begun the rule of allocation was changed {times} (CONSORT 2025, item 10). Nobody was "
        "allocated again, and the digest of each new rule was published before anybody was allocated by it. The "
        "reasons are for the authors to say."
    )
    said = [head, *(_epoch(one, labels) for one in epochs), *_arms(epochs, labels)]
    return [Paragraph(one) for one in said]


def ratios(results: Mapping[str, Any]) -> str:
    """`1:1 up to allocation 84, and 2:1 from allocation 85 on`; empty where the chances never changed."""
    epochs = of(results)
    said = [":".join(str(ratio) for ratio in one["ratios"].values()) for one in epochs]
    if len(set(said)) < 2:
        return ""
    return _one_after_another(epochs, said)


def rules(results: Mapping[str, Any]) -> str:
    """The rules of the epochs, one after another; empty where there was one, or where one is not known."""
    epochs = of(results)
    if any(one["allocation"] is None for one in epochs):
        return ""
    said = [allocating.rule_in_words(AllocationRule.model_validate(plain(one["allocation"]))) for one in epochs]
    return _one_after_another(epochs, said) if len(set(said)) > 1 else ""


def _one_after_another(epochs: Sequence[Epoch], said: Sequence[str]) -> str:
    """Each with the allocations for which it held; what did not change from one epoch to the next is said once."""
    parts: list[str] = []
    for place, (one, words) in enumerate(zip(epochs, said, strict=True)):
        if place == 0:
            parts.append(words)
        elif words != said[place - 1]:
            parts[-1] += f" up to allocation {one['first'] - 1}"
            parts.append(f"{words} from allocation {one['first']} on")
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"


def had_a_list(results: Mapping[str, Any]) -> bool:
    """Whether an outside list decided in any epoch."""
    return any((one["allocation"] or {}).get("method") == "listed" for one in of(results))


def _epoch(one: Epoch, labels: Labels) -> str:
    first, last = one["first"], one["first"] + one["people"] - 1
    numbers = f"allocation {first}" if first == last else f"allocations {first} to {last}"
    people = f"{count(one['people'])} {'person' if one['people'] == 1 else 'people'}"
    where = f"Epoch {one['epoch']}, version {one['version']} of the protocol, {numbers} ({people})"
    if one["allocation"] is None:
        return f"{where}: by a rule that is none of those registered."
    ratios = [f"{labels.arm(arm)} {ratio}" for arm, ratio in one["ratios"].items() if ratio]
    said = numbers_in(
        allocating.rule_in_words(AllocationRule.model_validate(plain(one["allocation"]))), one["allocation"]
    )
    return f"{where}: {said}; ratio {', '.join(ratios)}. SHA-256 of the rule: {one['configuration']}."


def ratios_differ(epochs: Sequence[Epoch]) -> bool:
    """Whether the chances of the arms changed."""
    return any(plain(before["ratios"]) != plain(after["ratios"]) for before, after in pairwise(epochs))


def _arms(epochs: Sequence[Epoch], labels: Labels) -> Iterator[str]:
    """Arms that were closed or opened on the way: people of other times are compared."""
    moved = False
    for before, after in pairwise(epochs):
        for arm, ratio in after["ratios"].items():
            if bool(ratio) != bool(before["ratios"].get(arm)):
                moved = True
                what = "open to" if ratio else "closed to"
                yield f"From allocation {after['first']} on {labels.arm(arm)} was {what} new people."
    if not moved and ratios_differ(epochs):
        yield UNADJUSTED
    if moved:
        yield "A comparison with such an arm sets people against others who came, in part, at other times."
