"""What the trial is to find out, of benefits and of harms (CONSORT 2025, item 7), from the plan and the question."""

from __future__ import annotations

from collections.abc import Iterator

from reports.document import Block, Terms
from reports.labels import Labels
from reports.protocol_document.names import Names

WHETHER = {
    "superiority": "whether people do better with {} than with {}",
    "non_inferiority": "whether people do no worse with {} than with {}, within the margin,",
    "equivalence": "whether people do alike with {} and with {}, within the margin,",
}
FURTHER = " The other planned analyses ask further outcomes, times or comparisons."


def objectives(names: Names) -> Iterator[Block]:
    """Benefits from the primary analysis; harms from what every arm is asked, where this software ran the trial."""
    items = [("Benefits", _benefits(names.labels))]
    if not names.outside:
        items.append(("Harms", _harms(names)))
    yield Terms(tuple(items))


def _benefits(labels: Labels) -> str:
    protocol = labels.folder.protocol
    primary = protocol.analysis.primary
    outcome = protocol.outcome(primary.outcome)
    better: str = outcome.better
    if outcome.aggregation == "proportion":
        better = "more" if outcome.more_is == "higher" else "fewer"
    what, at = labels.outcome(primary.outcome), labels.at(primary.timepoint)
    if labels.single:
        asked = f"how far {what} has changed since the start, {at}"
    else:
        asked = f"{_question(labels)} in {what} {at}"
    return f"To find out {asked} ({better} is better).{FURTHER if protocol.analysis.secondary else ''}"


def _question(labels: Labels) -> str:
    protocol = labels.folder.protocol
    primary = protocol.analysis.primary
    if len(factors := primary.factors) > 1:
        return f"whether the effect of {' depends on that of '.join(labels.factor(one) for one in factors)}"
    return WHETHER[protocol.design.framework].format(*labels.pair(primary.model_dump()))


def _harms(names: Names) -> str:
    harms = names.folder.protocol.harms
    question = names.labels.variable(f"{harms.instrument}_{harms.item}")
    where = "in those who take part" if names.labels.single else "in each arm"
    return f"To find out how many {where} say yes to “{question}”, and which adverse events there are."
