"""A list of the desk and one matter as their pages show them: study codes and the names of the team, no identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from trial.core.access import Verb, member_actor
from trial.core.matters import HistoryLine, Matter, MatterAct, MatterKind, MatterState, may_become
from trial.services import matters
from trial.services.matters import ACTS
from trial.storage import calls, duties, study_codes
from trial.storage.calls import CallState
from trial.storage.duties import Colleague
from trial.storage.work import Work

S = MatterState


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list. `left` is the time until it is due, negative where it is overdue."""

    matter: Matter
    code: str | None
    owner: str | None
    waits: timedelta
    left: timedelta | None

    @property
    def overdue(self) -> bool:
        return self.left is not None and self.left < timedelta(0)


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a history; `whom` is the member whom it speaks of."""

    at: datetime
    who: str
    act: MatterAct
    words: str
    whom: str | None
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class View:
    """A matter with its history, and what the actor may do about it now."""

    row: Row
    history: tuple[Told, ...]
    may: frozenset[MatterAct]
    may_open_identity: bool
    others: tuple[Colleague, ...]
    nobody_called: bool


def rows(work: Work, slug: str, kind: MatterKind, *, closed: bool = False) -> list[Row]:
    """One list: urgent first, then what waits longest; or what was closed, newest first."""
    found = matters.listed(work, slug, kind, closed=closed)
    codes = study_codes.codes_of(work, [one.participant_id for one in found])
    names = duties.names(work, found[0].trial_id) if found else {}
    return [_row(work, one, codes, names) for one in found]


def view(work: Work, matter_id: int) -> View:
    """One matter, for those who may see the list that it stands in."""
    found, lines = matters.one(work, matter_id)
    names = duties.names(work, found.trial_id)
    acts = work.by.may(ACTS[found.kind])
    others = duties.colleagues(work, found.trial_id).values() if acts and found.state is not S.CLOSED else ()
    return View(
        row=_row(work, found, study_codes.codes_of(work, [found.participant_id]), names),
        history=tuple(_told(one, names) for one in lines),
        may=_may(found) if acts else frozenset(),
        may_open_identity=found.participant_id is not None and work.by.may(Verb.READ_IDENTITY),
        others=tuple(
            one
            for one in others
            if one.member_id != found.owner_id
            and member_actor(one.member_id, one.roles, found.trial_id).may(ACTS[found.kind])
        ),
        nobody_called=any(
            one.state is CallState.CANCELLED and one.reply == "nobody_to_call"
            for one in calls.of_matter(work, found.id)
        ),
    )


def _may(found: Matter) -> frozenset[MatterAct]:
    if found.kind is MatterKind.HELD_ENROLMENT:  # the decision about it, and nothing else, ends it
        return frozenset() if found.state is S.CLOSED else frozenset({MatterAct.ACKNOWLEDGED, MatterAct.NOTED})
    if found.state is S.CLOSED:
        return frozenset({MatterAct.REOPENED})
    steps = {MatterAct.ACKNOWLEDGED: S.ACKNOWLEDGED, MatterAct.ACTED: S.ACTED, MatterAct.CLOSED: S.CLOSED}
    return frozenset({act for act, state in steps.items() if may_become(found, state)} | {MatterAct.NOTED})


def _row(work: Work, found: Matter, codes: Mapping[int, str], names: Mapping[int, str]) -> Row:
    running = found.act_by is not None and (found.state is S.OPEN or found.overdue(work.now))
    return Row(
        matter=found,
        code=codes.get(found.participant_id or 0),
        owner=names.get(found.owner_id or 0),
        waits=(found.closed_at or work.now) - found.opened_at,
        left=found.act_by - work.now if running and found.act_by else None,
    )


def _told(line: HistoryLine, names: Mapping[int, str]) -> Told:
    whom = line.detail.get("member")
    return Told(
        at=line.at,
        who=_who(line.by, names),
        act=line.act,
        words=str(line.detail.get("words", "")),
        whom=names.get(whom, f"member {whom}") if whom is not None else None,
        detail=line.detail,
    )


def _who(by: str, names: Mapping[int, str]) -> str:
    """`member:3` by name; a participant and the machine as what they are."""
    kind, _, number = by.partition(":")
    if kind == "member":
        return names.get(int(number), f"member {number}")
    return {"participant": "the participant", "system": "Equipoise"}.get(kind, by)
