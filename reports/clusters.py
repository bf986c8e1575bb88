"""Clusters as the unit of allocation: how many each arm has, and what that means for whoever reads the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reports.document import Block, Paragraph, Row, Table
from reports.labels import Labels
from reports.numbers import count
from reports.variables import LANGUAGE
from trial.core.dataset import Disposition
from trial.core.protocol import TrialProtocol
from trial.core.texts import say

# CONSORT for clusters asks who knew; the software knows what it did, not who was told
KNOWN = (
    "Whoever joined a cluster after its first person, or invited somebody into it, could know its arm. Whether "
    "everybody of a cluster was recruited before is for the authors to say."
)
ALIKE = (
    "People of one cluster are alike, so the size of the trial for the analysis lies between the number of clusters "
    "and the number of people. The analysis allows for that."
)


def clusters(protocol: TrialProtocol, people: Sequence[Disposition]) -> dict[str, Any]:
    """By arm how many clusters and people, and the smallest and largest; nothing where people are the unit."""
    if not protocol.allocation.cluster:
        return {}
    sizes = Counter((one.arm, one.stratum) for one in people if one.stage == "randomized")
    by_arm = {arm.id: [n for (its, _), n in sizes.items() if its == arm.id] for arm in protocol.arms}
    return {"clusters": [{"arm": arm, "clusters": len(of)} | _sizes(of) for arm, of in by_arm.items()]}


def _sizes(people: list[int]) -> dict[str, int]:
    return {"people": sum(people), "smallest": min(people, default=0), "largest": max(people, default=0)}


def blocks(results: Mapping[str, Any], labels: Labels) -> list[Block]:
    """The table of clusters and people by arm, where clusters were allocated."""
    unit = labels.folder.protocol.allocation.cluster
    if unit is None or "clusters" not in results:
        return []
    arms = results["clusters"]
    heads = (("clusters", "Clusters allocated"), ("people", "People"), ("smallest", "In the smallest cluster"))
    rows = [
        Row((words, *(count(one[name]) for one in arms)))
        for name, words in (*heads, ("largest", "In the largest cluster"))
    ]
    caption = f"Clusters and people by arm; a cluster is one answer to “{say(unit.label, LANGUAGE)}”"
    table = Table("clusters", caption, ("", *(labels.arm(one["arm"]) for one in arms)), tuple(rows))
    total = sum(one["clusters"] for one in arms)
    return [Paragraph(f"Chance allocated {count(total)} clusters. {ALIKE} {KNOWN}"), table]
