"""A test alert: who is on call in the coming days is called without any participant, and says that it reached them.

The gate asks for everybody, not for the first: the one whose turn comes in the second night, or whose place is the
second, is as much of a promise to participants as the one who happens to be on duty when the trial opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trial.core import access
from trial.core.access import Verb
from trial.core.errors import NotAllowed, NotFound, Refused
from trial.core.events import Event
from trial.core.gate import FRESH
from trial.services import roster
from trial.services.calling import TEST
from trial.services.roster import OnCall
from trial.storage import calls, duties, events, evidence, members, trials
from trial.storage.calls import Call, CallState
from trial.storage.work import Work

LINE = "on_call"


@dataclass(frozen=True, slots=True)
class TestCall:
    """One test: whom it called, when it was asked for, where its mail stands, and when it was acknowledged."""

    __test__ = False

    call: Call
    name: str
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tested:
    """Somebody who is on call in the coming days, and when they last said that a test reached them."""

    person: OnCall
    acknowledged_at: datetime | None

    def counts(self, now: datetime) -> bool:
        """Whether it was said not too long ago."""
        return self.acknowledged_at is not None and now - self.acknowledged_at <= FRESH


def on_call(work: Work, trial_id: int) -> list[Tested]:
    """Who is on call in the coming 14 days, each with their last acknowledgement."""
    last: dict[object, datetime] = {}
    for one in evidence.of_line(work, trial_id, LINE):
        last.setdefault(one.detail.get("member"), one.at)
    return [Tested(one, last.get(one.member_id)) for one in roster.ahead(work, trial_id)]


def ask(work: Work, slug: str, member_id: int | None = None) -> list[OnCall]:
    """Call one of those who are on call in the coming days; without a member all whose acknowledgement is missing, or
    everybody where none is. Ring the worker after the commit."""
    access.require(work.by, Verb.RECORD_EVIDENCE)
    trial = trials.by_slug(work, slug)
    people = [one for one in on_call(work, trial.id) if not one.person.obstacle]
    if not people:
        raise Refused("Nobody can be called: put an owner or a safety contact with a mail address on the team first.")
    if member_id is not None:
        wanted = [one for one in people if one.person.member_id == member_id]
    else:
        wanted = [one for one in people if not one.counts(work.now)] or people
    if not wanted:
        raise Refused("This person is not on call in the coming 14 days, or cannot be called.")
    for one in wanted:
        calls.plan_for(work, trial.id, TEST, member_id=one.person.member_id)
        detail: dict[str, str | int] = {"line": LINE, "asked": one.person.member_id}
        events.write(work, Event.EVIDENCE_RECORDED, trial_id=trial.id, detail=detail)
    return [one.person for one in wanted]


def standing(work: Work, slug: str) -> list[Tested]:
    """The same as `on_call`, for who may read the roster."""
    access.require(work.by, Verb.READ_ROSTER)
    return on_call(work, trials.by_slug(work, slug).id)


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
