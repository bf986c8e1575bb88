"""Since which version each analysis of a plan stands in it, and what of the outcomes by arm had been seen by then.

What is added before anybody saw outcomes by arm is prespecified, with its date. What came after the arms were first
looked at, or the data locked, is no part of the registered plan: it is explored, in no family.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from trial.core.protocol import Exploratory, PlannedAnalysis, Secondary, TrialProtocol

Key = tuple[str, int]  # which list of the plan, and the place in it
# in this order: of what an analysis was before, the strongest is told
PLANNED = ("primary", "secondary", "exploratory")
KINDS = (*PLANNED, "sensitivity", "subgroups", "clinical_change", "allocation_guess")


class Seen(StrEnum):
    """What of the outcomes by arm the record says that somebody had seen, or could have."""

    NOTHING = "nothing"
    LOOK = "look"
    LOCK = "lock"
    FREEZE = "freeze"


class What(StrEnum):
    """What an amendment did to an analysis."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Registered:
    """A version of the protocol that ran, since when, in order."""

    protocol: TrialProtocol
    at: datetime


@dataclass(frozen=True, slots=True)
class Later:
    """One analysis that does not stand in the plan as it was first registered; `place` is None where it was removed.

    `amendment` counts from 1; `was` is the kind that it had before it was moved; `seen_on` is the day of what was seen.
    `question` says which one it is: outcome, timepoint, contrast and so on, as the protocol has them. Days are None
    where a record without dates is read.
    """

    kind: str
    place: int | None
    what: What
    amendment: int
    version: str
    seen: Seen
    registered: str | None = None
    seen_on: str | None = None
    was: str | None = None
    question: Mapping[str, Any] | None = None

    @property
    def in_time(self) -> bool:
        """Whether nobody had seen outcomes by arm."""
        return self.seen is Seen.NOTHING


def history(versions: Sequence[Registered], sights: Sequence[tuple[Seen, datetime]]) -> list[Later]:
    """What amendments did to the plan, in the order of the plan, removals last; `sights` are in any order."""
    found = [_since(versions, kind, place, sights) for kind, place in _places(versions[-1].protocol)]
    return [*(one for one in found if one is not None), *_removed(versions, sights)]


def as_counted(protocol: TrialProtocol, later: Sequence[Later]) -> tuple[TrialProtocol, dict[Key, Later]]:
    """The plan as it counts, and what is told of its analyses by their place in it.

    A secondary analysis that came too late leaves its family and is explored. Of a graph what it had of alpha is not
    given to others: what they had was registered without it.
    """
    by_place = {(one.kind, one.place): one for one in later if one.place is not None}
    family, explored = protocol.analysis.secondary, protocol.analysis.exploratory
    late = [
        at
        for at in range(len(family.analyses) if family else 0)
        if (one := by_place.get(("secondary", at))) is not None and not one.in_time
    ]
    told: dict[Key, Later] = {(kind, at): one for (kind, at), one in by_place.items() if kind != "secondary"}
    kept = [at for at in range(len(family.analyses) if family else 0) if at not in late]
    told |= {
        ("secondary", to): by_place["secondary", at] for to, at in enumerate(kept) if ("secondary", at) in by_place
    }
    if family is None or not late:
        return protocol, told
    before = explored.analyses if explored else []
    told |= {("exploratory", len(before) + to): by_place["secondary", at] for to, at in enumerate(late)}
    moved = [*before, *(family.analyses[at] for at in late)]
    more = (explored or Exploratory()).model_copy(update={"analyses": moved})
    left = _without(family, {family.analyses[at].id for at in late}, [family.analyses[at] for at in kept])
    plan = protocol.analysis.model_copy(update={"secondary": left, "exploratory": more})
    return protocol.model_copy(update={"analysis": plan}), told


def _without(family: Secondary, gone: set[str | None], kept: list[PlannedAnalysis]) -> Secondary | None:
    if not kept:
        return None
    graph = [
        one.model_copy(update={"passes": {to: share for to, share in one.passes.items() if to not in gone}})
        for one in family.graph
        if one.analysis not in gone
    ]
    return family.model_copy(update={"analyses": kept, "graph": graph})


def _places(protocol: TrialProtocol) -> Iterator[Key]:
    for kind in KINDS:
        yield from ((kind, place) for place in range(len(_list(protocol, kind))))


def _list(protocol: TrialProtocol, kind: str) -> Sequence[Any]:
    plan = protocol.analysis
    explored = plan.exploratory
    lists: dict[str, Sequence[Any]] = {
        "primary": [plan.primary],
        "secondary": plan.secondary.analyses if plan.secondary else [],
        "exploratory": explored.analyses if explored else [],
        "sensitivity": plan.sensitivity,
        "subgroups": explored.subgroups if explored else [],
        "clinical_change": plan.clinical_change,
        "allocation_guess": [plan.allocation_guess] if plan.allocation_guess else [],
    }
    return lists[kind]


def _question(kind: str, one: Any) -> dict[str, Any]:
    """What is asked, however it is worked out."""
    names = {
        "sensitivity": ("id",),
        "subgroups": ("variable", "outcome", "timepoint", "contrast"),
        "clinical_change": ("outcome", "timepoint", "contrast"),
        "allocation_guess": ("instrument", "item"),
    }.get(kind, ("outcome", "timepoint", "contrast", "factors"))
    dumped = one.model_dump(mode="json")
    return {name: dumped[name] for name in names}


def _whole(protocol: TrialProtocol, kind: str, one: Any) -> dict[str, Any]:
    """All that an estimate hangs on: the question, the outcome that it is about, and the model. No words."""
    plan = protocol.analysis
    found: dict[str, Any] = one.model_dump(mode="json")
    for words in ("assumption", "source"):
        found.pop(words, None)
    if kind == "clinical_change":
        found["cut_off"].pop("source")
    if kind not in PLANNED:
        return found
    found |= {"id": None, "method": plan.method_of(one)}
    model = ("covariance", "repeated", "clusters", "level", "covariates", "missing_covariate", "late_answers")
    found["model"] = plan.model_dump(mode="json", include=set(model))
    outcome = protocol.outcome(one.outcome).model_dump(mode="json", exclude={"label", "important_difference"})
    if outcome["responder"]:
        outcome["responder"].pop("source")
    return found | {"about": outcome}


def _same(one: TrialProtocol, other: TrialProtocol, kind: str, whole: dict[str, Any]) -> bool:
    return any(_whole(other, kind, each) == whole for each in _list(other, kind))


def _since(
    versions: Sequence[Registered], kind: str, place: int, sights: Sequence[tuple[Seen, datetime]]
) -> Later | None:
    """None where it stands in the first version as it is, and in all since."""
    last = versions[-1].protocol
    one = _list(last, kind)[place]
    whole = _whole(last, kind, one)
    since = len(versions) - 1
    while since > 0 and _same(last, versions[since - 1].protocol, kind, whole):
        since -= 1
    if since == 0:
        return None
    question, before = _question(kind, one), versions[since - 1].protocol
    was = _kinds_with(before, kind, question)
    what = What.CHANGED if kind in was else What.MOVED if was else What.ADDED
    moved = was[0] if what is What.MOVED else None
    return replace(_by(versions, since, sights), kind=kind, place=place, what=what, was=moved, question=question)


def _kinds_with(protocol: TrialProtocol, kind: str, question: dict[str, Any]) -> list[str]:
    """The kinds under which a version asks this; of what is no estimate its own alone."""
    among = PLANNED if kind in PLANNED else (kind,)
    return [each for each in among if any(_question(each, one) == question for one in _list(protocol, each))]


def _removed(versions: Sequence[Registered], sights: Sequence[tuple[Seen, datetime]]) -> Iterator[Later]:
    """What some version asked and the last does not ask at all."""
    told: list[tuple[str, dict[str, Any]]] = []
    for at in range(len(versions) - 1, 0, -1):
        before, last = versions[at - 1].protocol, versions[-1].protocol
        for kind, place in _places(before):
            question = _question(kind, _list(before, kind)[place])
            family = PLANNED[0] if kind in PLANNED else kind
            if _kinds_with(last, kind, question) or (family, question) in told:
                continue
            told.append((family, question))
            yield replace(_by(versions, at, sights), kind=kind, place=None, what=What.REMOVED, question=question)


def _by(versions: Sequence[Registered], at: int, sights: Sequence[tuple[Seen, datetime]]) -> Later:
    """The amendment that made version number `at`, and the first thing that had been seen when it was registered."""
    one = versions[at]
    before = sorted((when, seen) for seen, when in sights if when <= one.at)
    seen, on = (before[0][1], before[0][0].date().isoformat()) if before else (Seen.NOTHING, None)
    return Later("", None, What.ADDED, at, one.protocol.version, seen, one.at.date().isoformat(), on)
