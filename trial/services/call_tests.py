"""A test alert: the person on duty is called without any participant, and says that it reached them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trial.core import access
from trial.core.access import Verb
from trial.core.errors import NotAllowed, NotFound, Refused
from trial.core.events import Event
from trial.services import roster
from trial.services.calling import TEST
from trial.storage import calls, duties, events, evidence, members, trials
from trial.storage.calls import Call, CallState
from trial.storage.duties import Colleague
from trial.storage.work import Work

LINE = "on_call"


@dataclass(frozen=True, slots=True)
class TestCall:
    """One test: whom it called, when it was asked for, where its mail stands, and when it was acknowledged."""

    __test__ = False

    call: Call
    name: str
    acknowledged_at: datetime | None


def ask(work: Work, slug: str) -> Colleague:
    """Call whoever would be called first at this moment; ring the worker after the commit."""
    access.require(work.by, Verb.RECORD_EVIDENCE)
    trial = trials.by_slug(work, slug)
    people = roster.in_turn(work, trial.id)
    if not people:
        raise Refused("Nobody can be called: put an owner or a safety contact with a mail address on the team first.")
    calls.plan_for(work, trial.id, TEST, member_id=people[0].member_id)
    detail: dict[str, str | int] = {"line": LINE, "asked": people[0].member_id}
    events.write(work, Event.EVIDENCE_RECORDED, trial_id=trial.id, detail=detail)
    return people[0]


def listed(work: Work, slug: str) -> list[TestCall]:
    """Every test of a trial, newest first."""
    access.require(work.by, Verb.READ_ROSTER)
    trial = trials.by_slug(work, slug)
    names = {one.member_id: one.name for one in duties.colleagues(work, trial.id).values()}
    seen = {one.detail["call"]: one.at for one in evidence.of_line(work, trial.id, LINE)}
    found = calls.of_purpose(work, trial.id, TEST)
    return [TestCall(one, names.get(one.member_id or 0, "?"), seen.get(one.id)) for one in found]


def acknowledge(work: Work, slug: str, call_id: int) -> None:
    """Whom the test called says so: evidence for the opening gate. A second time changes nothing."""
    access.require(work.by, Verb.ACT_ON_ALERT)
    trial = trials.by_slug(work, slug)
    mine = next((one for one in calls.of_purpose(work, trial.id, TEST) if one.id == call_id), None)
    if mine is None:
        raise NotFound("There is no such test.")
    if members.id_of(work.by) != mine.member_id:
        raise NotAllowed("Only the person who was called can say that it reached them.")
    if mine.state is not CallState.ACCEPTED:
        raise Refused("The mail of this test has not left yet.")
    if any(one.detail["call"] == call_id for one in evidence.of_line(work, trial.id, LINE)):
        return
    digest = trials.folder_of(work, trial.protocol_id).digest
    detail = {"call": call_id, "member": mine.member_id, "called_at": mine.ended_at and mine.ended_at.isoformat()}
    evidence.add(work, trial.id, LINE, digest, detail)
    events.write(work, Event.EVIDENCE_RECORDED, trial_id=trial.id, detail={"line": LINE, "call": call_id})
