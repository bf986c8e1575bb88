"""Enrolments in error: how many in each arm, and why. They stay in the analysis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reports.document import Block, Paragraph, Row, Table
from reports.labels import Labels
from reports.numbers import count
from trial.core.dataset import Disposition
from trial.core.enrolment_errors import IN_WORDS, ErrorReason


def enrolment_errors(people: Sequence[Disposition]) -> dict[str, Any]:
    """By reason and arm how many; nothing where nobody was marked."""
    found = Counter((one.enrolled_in_error, one.arm) for one in people if one.enrolled_in_error)
    if not found:
        return {}
    return {"enrolment_errors": [{"reason": why, "arm": arm, "n": n} for (why, arm), n in sorted(found.items())]}


def blocks(results: Mapping[str, Any], labels: Labels) -> list[Block]:
    """The table, and what became of these people; nothing where there are none."""
    found = results.get("enrolment_errors")
    if not found:
        return []
    numbers = {(one["reason"], one["arm"]): one["n"] for one in found}
    rows = []
    for why in (one for one in ErrorReason if any(one == reason for reason, _ in numbers)):
        its = [numbers.get((why.value, arm), 0) for arm in labels.arms]
        rows.append(Row((IN_WORDS[why], *map(count, its), count(sum(its)))))
    columns = ("", *(labels.arm(arm) for arm in labels.arms), "All")
    total = sum(one["n"] for one in found)
    people = f"{count(total)} person was" if total == 1 else f"{count(total)} people were"
    said = (
        f"{people} marked by the team as enrolled in error after they had been {labels.joined}. They stay in the arm "
        "that they were allocated to, and are analysed like everybody else."
    )
    return [Paragraph(said), Table("enrolment-errors", "Enrolments in error, by arm", columns, tuple(rows))]
