"""Since when each analysis stands in the plan, in results and in words: first registered, or with which amendment.

What came before anybody saw outcomes by arm is prespecified and dated; what came later is explored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from reports.document import Block, Paragraph
from reports.frozen import Frozen, dated
from reports.keys import worked_out
from reports.labels import Labels, sentence
from reports.numbers import count
from trial.core.plan_history import PLANNED, Key, Later

One = Mapping[str, Any]

_DID = {
    "added": "added by",
    "changed": "changed by",
    "moved": "moved here from {was} by",
    "removed": "removed by",
}
_SEEN = {
    "nothing": "before anybody saw outcomes by arm",
    "look": "after somebody had first seen outcomes by arm",
    "lock": "after the data had been locked",
    "freeze": "after the data had been frozen",
}
FIRST = "in the protocol first registered"
UNKNOWN = "the record does not say since which version"
TOO_LATE = "It is no part of the registered plan and decides nothing."
ALL_FIRST = "Every analysis stands in the plan as it was first registered."
SAID = {
    "primary": "The primary analysis does not stand in the protocol first registered as it was carried out:",
    "secondary": "Not every secondary analysis stands in the protocol first registered:",
    "exploratory": "Not every exploratory analysis stands in the protocol first registered:",
}


def marked(frozen: Frozen, results: dict[str, Any]) -> None:
    """Give each analysis of these results `registered` and `prespecified`, and all of them the history of the plan."""
    plan = frozen.record.plan
    every = [] if plan is None else [dated(Later(**dict(one)), frozen.conduct) for one in plan.later]
    results["plan"] = plan and {"first": plan.first, "later": [told(one) | _whole(one) for one in every]}
    estimates: dict[str, list[dict[str, Any]]] = {kind: [] for kind in PLANNED}
    for one in results["estimates"]:
        estimates[one["analysis"]].append(one)
    lists = {
        **estimates,
        **{kind: results.get(kind) or [] for kind in ("sensitivity", "subgroups", "clinical_change")},
    }
    for kind, found in lists.items():
        for place, one in enumerate(found):
            one["registered"] = _registered(frozen, (kind, place))
            later = frozen.later.get((kind, place)) if frozen.later is not None else None
            one["prespecified"] = later is None or later.in_time


def _registered(frozen: Frozen, key: Key) -> dict[str, Any] | None:
    plan, later = frozen.record.plan, frozen.later
    if plan is None or later is None:
        return None
    if key in later:
        return told(later[key])
    versions = frozen.conduct.versions if frozen.conduct else []
    none = dict.fromkeys(("what", "was", "seen", "seen_on"))
    return {"amendment": 0, "version": plan.first, "date": versions[0].registered if versions else None, **none}


def told(one: Later) -> dict[str, Any]:
    """What results.json holds of it."""
    whole = asdict(one)
    names = ("amendment", "version", "what", "was", "seen", "seen_on")
    return {name: whole[name] for name in names} | {"date": one.registered}


def _whole(one: Later) -> dict[str, Any]:
    return {"kind": one.kind, "place": one.place, "question": dict(one.question or {})}


def unknown(results: dict[str, Any]) -> None:
    """Of data from elsewhere no record tells since when the plan stands as it is."""
    results["plan"] = None
    for name in ("estimates", "sensitivity", "subgroups", "clinical_change"):
        for one in results[name]:
            one["registered"], one["prespecified"] = None, True


def when(found: One | None) -> str:
    """`in the protocol first registered`, or `added by amendment 1 (version 1.1, 2041-03-02), before anybody …`."""
    if found is None:
        return UNKNOWN
    if not found["amendment"]:
        return FIRST
    did = _DID[found["what"]].format(was=found["was"])
    seen = _SEEN[found["seen"]] + (f" on {found['seen_on']}" if found["seen_on"] else "")
    on = f", {found['date']}" if found["date"] else ""
    return f"{did} amendment {count(found['amendment'])} (version {found['version']}{on}), {seen}"


def mark(one: One) -> str:
    """What stands behind its name in a table; empty where it was first registered, or nothing is known of it."""
    found = one.get("registered")
    return f" (amendment {count(found['amendment'])})" if found and found["amendment"] else ""


def as_planned(chosen: Sequence[One]) -> str:
    """What a caption says of these."""
    return "as planned and amended" if any(map(mark, chosen)) else "as planned"


def planned_as(kind: str, one: One) -> str:
    """`secondary`, with the amendment where one brought it."""
    found = one.get("registered")
    return f"{kind}, {when(found)}" if found and found["amendment"] else kind


def blocks(results: Mapping[str, Any], labels: Labels, kind: str) -> list[Block]:
    """Which of the analyses of this kind came with an amendment, and whether that was in time."""
    chosen = [one for one in results["estimates"] if one["analysis"] == kind and mark(one)]
    lines = [f"{_name(one, labels)}, {labels.compared(one)}: {when(one['registered'])}" for one in chosen]
    if kind == "exploratory":
        its = [one for one in results.get("subgroups", ()) if mark(one)]
        lines += [
            f"{_name(one, labels)}, by {labels.variable(one['variable'])}: {when(one['registered'])}" for one in its
        ]
        chosen = [*chosen, *its]
    if not lines:
        return []
    late = f" {TOO_LATE}" if any(not one["prespecified"] for one in chosen) else ""
    return [Paragraph(f"{SAID[kind]} {'; '.join(lines)}.{late}", "mark" if late else "plain")]


def removed(results: Mapping[str, Any], labels: Labels) -> Iterator[tuple[str, str, str]]:
    """(what, the kind that it had, since when it is gone) of each analysis that an amendment took out."""
    for one in (results.get("plan") or {}).get("later", ()):
        if one["what"] == "removed":
            yield _asked(one, labels), one["kind"].replace("_", " "), when(one)


def in_short(results: Mapping[str, Any]) -> str:
    """For a checklist: how many analyses came or went with amendments, and how many of them too late."""
    plan = results.get("plan")
    if plan is None:
        return ""
    found: Sequence[One] = plan["later"]
    if not found:
        return ALL_FIRST
    late = sum(one["seen"] != "nothing" for one in found)
    of = f"{count(worked_out(len(found), found))} {'analysis' if len(found) == 1 else 'analyses'}"
    after = f"{count(worked_out(late, found)) if late else 'none'} of them"
    return f"Amendments brought, changed or took out {of}, {after} after outcomes by arm had been seen; each is dated."


def _name(one: One, labels: Labels) -> str:
    return f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}"


def _asked(one: One, labels: Labels) -> str:
    question = one["question"]
    known = {one.id for one in labels.folder.protocol.outcomes}
    if question.get("outcome") not in known:
        return sentence(" ".join(str(each) for each in question.values()).replace("_", " "))
    named = f"{labels.outcome(question['outcome'])}, {labels.timepoint(question['timepoint'])}"
    return f"{named}; by {labels.variable(question['variable'])}" if "variable" in question else named
