"""What took two people while the trial ran, and what one of them did alone, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.numbers import count

_ACTS = {
    "unblinding": "somebody's arm was told to a member of the team in an emergency",
    "lock": "the data were locked",
    "unlock": "locked data were unlocked",
    "release": "sending was released after a stop",
    "restored": "mails that a restore held were released",
}


def in_words(found: Sequence[Mapping[str, Any]] | None) -> list[str]:
    """What was done while the trial ran that takes two people, and how often one did it alone."""
    if found is None:
        return []
    told = [one for one in found if one["act"] == "unblinding"]
    said = [] if told else ["While the trial ran, no member of the team was told anybody's arm by the desk."]
    for one in found:
        alone = ""
        if one["solo"]:
            whole = one["solo"] == one["done"]
            alone = ", on the decision of one person alone" if whole else f", {_times(one['solo'])} by one person alone"
        said.append(f"{_times(one['done']).capitalize()} {_ACTS[one['act']]}{alone}.")
    return said


def _times(number: int) -> str:
    """Once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(number, f"{count(number)} times")
