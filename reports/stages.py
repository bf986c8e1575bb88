"""Further stages of allocation: how each goes, in words, and what became of everybody who came into question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reports.allocating import rule_in_words
from reports.document import Block, Paragraph, Row, Table
from reports.labels import Labels
from reports.numbers import count
from reports.variables import LANGUAGE
from trial.core.dataset import StageRow
from trial.core.protocol import Stage, TrialProtocol
from trial.core.texts import say

STATES = {
    "did_not_fit": "Left as they were: the rule did not hold",
    "unanswered": "Left as they were: not answered in time",
    "stopped": "Left as they were: had stopped before",
    "waiting": "Not decided when the data were frozen",
}
COMPARED = (
    "Who came to a further stage was not picked by chance alone: its options compare with each other, and not with "
    "people who were never allocated there. Outcomes measured after such a stage compare the arms with all that "
    "followed from them."
)


def stages(protocol: TrialProtocol, rows: Sequence[StageRow], arm_of: Mapping[str, str]) -> dict[str, Any]:
    """By stage and arm, how many came into question and what became of them; nothing without further stages."""
    if not protocol.stages:
        return {}
    return {"stages": [_stage(protocol, stage, rows, arm_of) for stage in protocol.stages]}


def _stage(
    protocol: TrialProtocol, stage: Stage, rows: Sequence[StageRow], arm_of: Mapping[str, str]
) -> dict[str, Any]:
    mine = [one for one in rows if one.stage == stage.id]
    came = Counter(arm_of[one.participant] for one in mine)
    states: Counter[tuple[str, str]] = Counter((arm_of[one.participant], one.state) for one in mine)
    options = Counter((arm_of[one.participant], one.arm) for one in mine if one.state == "allocated")
    return {
        "stage": stage.id,
        "arms": [
            {
                "arm": arm.id,
                "came": came[arm.id],
                "allocated": states[arm.id, "allocated"],
                "options": {option.id: options[arm.id, option.id] for option in stage.arms},
                "left": {state: states[arm.id, state] for state in STATES},
            }
            for arm in protocol.arms
            if not stage.arms_before or arm.id in stage.arms_before
        ],
    }


def in_words(protocol: TrialProtocol) -> list[str]:
    """What brings each further stage about, for whom, and how it allocates: CONSORT's trial design and allocation."""
    return [_in_words(protocol, stage) for stage in protocol.stages]


def _in_words(protocol: TrialProtocol, stage: Stage) -> str:
    asked, at = say(protocol.activity(stage.after).title, LANGUAGE), protocol.timepoint(stage.timepoint)
    before = [say(protocol.arm(arm).label, LANGUAGE) for arm in stage.arms_before]
    of = f" in {' or '.join(before)}" if before and len(before) < len(protocol.arms) else ""
    for_whom = f"people{of} for whom {stage.when} holds" if stage.when else f"everybody{of}"
    options = [f"{say(one.label, LANGUAGE)} ({one.ratio})" for one in stage.arms]
    given = (
        f"get {say(stage.arms[0].label, LANGUAGE)}; nothing is left to chance"
        if stage.allocation.method == "none"
        else f"are allocated to {', '.join(options)} by {rule_in_words(stage.allocation)}"
    )
    late = "are left as they are" if stage.unanswered == "left_out" else "are allocated all the same"
    return (
        f"Further stage “{say(stage.label, LANGUAGE)}”: once “{asked}” at {say(at.label, LANGUAGE)} is sent in, "
        f"{for_whom} {given}. Those who do not answer in time {late}. Nobody is allocated who stopped the exercises or "
        "everything. It draws from the same sealed seed by a sequence of its own, which the published digest covers."
    )


def blocks(results: Mapping[str, Any], labels: Labels) -> list[Block]:
    """A table for each stage, where the protocol has any."""
    found: list[Block] = []
    for one in results.get("stages", ()):
        stage = labels.folder.protocol.stage(one["stage"])
        arms = one["arms"]
        rows = [Row(("Came into question", *(count(arm["came"]) for arm in arms)))]
        rows.append(Row(("Allocated", *(count(arm["allocated"]) for arm in arms))))
        for option in stage.arms:
            words = say(option.label, LANGUAGE)
            rows.append(Row((words, *(count(arm["options"][option.id]) for arm in arms)), "under"))
        for state, words in STATES.items():
            if any(arm["left"][state] for arm in arms):
                rows.append(Row((words, *(count(arm["left"][state]) for arm in arms))))
        caption = f"Further stage: {say(stage.label, LANGUAGE)}, by arm"
        heads = ("", *(labels.arm(arm["arm"]) for arm in arms))
        found.append(Table(f"stage-{stage.id}", caption, heads, tuple(rows)))
    return [Paragraph(COMPARED), *found] if found else []
