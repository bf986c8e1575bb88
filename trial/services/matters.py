"""What every list of the desk has in common: taking a matter, handing it over, acting, closing, opening it again."""

from __future__ import annotations

from trial.core import access
from trial.core.access import Verb
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.matters import HistoryLine, Matter, MatterAct, MatterKind, MatterState, may_become
from trial.storage import events, matters, members, trials
from trial.storage.work import Work

LONGEST_WORDS = 2_000
K, S, A = MatterKind, MatterState, MatterAct

# who may see a list, and who may act on what stands in it
READS = {
    K.ALERT: Verb.READ_ALERTS,
    K.ADVERSE_EVENT: Verb.READ_ADVERSE_EVENTS,
    K.REPLY: Verb.READ_REPLIES,
    K.HELD_ENROLMENT: Verb.READ_HELD,
    K.MISSING_MAIL: Verb.READ_DELIVERIES,
    K.DEVIATION: Verb.READ_DEVIATIONS,
}
ACTS = {
    K.ALERT: Verb.ACT_ON_ALERT,
    K.ADVERSE_EVENT: Verb.RECORD_ADVERSE_EVENT,
    K.REPLY: Verb.ACT_ON_REPLY,
    K.HELD_ENROLMENT: Verb.REVIEW_ENROLMENT,
    K.MISSING_MAIL: Verb.MEND_DELIVERY,
    K.DEVIATION: Verb.RECORD_DEVIATION,
}
_MOVES = {A.ACKNOWLEDGED: S.ACKNOWLEDGED, A.ACTED: S.ACTED, A.CLOSED: S.CLOSED, A.REOPENED: S.ACKNOWLEDGED}


def counts(work: Work, slug: str) -> dict[MatterKind, int]:
    """How many wait on each list that the actor may see."""
    access.require(work.by, Verb.READ_STATUS)
    found = matters.counts(work, trials.by_slug(work, slug).id)
    return {kind: number for kind, number in found.items() if work.by.may(READS[kind])}


def listed(work: Work, slug: str, kind: MatterKind, *, closed: bool = False) -> list[Matter]:
    """One list: what is open, or what was closed."""
    access.require(work.by, READS[kind])
    return matters.listed(work, trials.by_slug(work, slug).id, kind, closed=closed)


def one(work: Work, matter_id: int) -> tuple[Matter, list[HistoryLine]]:
    """A matter and its history."""
    found = matters.by_id(work, matter_id)
    access.require(work.by, READS[found.kind])
    return found, matters.history(work, matter_id)


def move(work: Work, matter_id: int, act: MatterAct, words: str = "") -> Matter:
    """Acknowledge, act, close or open again, with words where something was done; whoever acts first owns it."""
    found = matters.by_id(work, matter_id, lock=True)
    access.require(work.by, ACTS[found.kind])
    if found.kind is K.HELD_ENROLMENT and act is not A.ACKNOWLEDGED:
        raise Refused("The decision about the enrolment ends this; decide it.")
    state, words = _MOVES[act], words.strip()[:LONGEST_WORDS]
    if act in (A.ACTED, A.REOPENED) and not words:
        raise Refused("Say in a few words what was done, or why it is opened again.")
    if (act is A.REOPENED) != (found.state is S.CLOSED) or not may_become(found, state):
        raise Refused(f"This is {found.state.value}; it cannot become {state.value} now.")
    changed: dict[str, object] = {"state": state.value, "closed_at": work.now if state is S.CLOSED else None}
    if found.owner_id is None and (member := members.id_of(work.by)) is not None:
        changed["owner_id"] = member
    if not matters.change_if_alone(work, matter_id, **changed):
        raise Refused("Another matter of this person with the same cause is open. Write there.")
    matters.add_act(work, found.trial_id, matter_id, act, {"words": words} if words else None)
    _record(work, found, act)
    return matters.by_id(work, matter_id)


def hand_over(work: Work, matter_id: int, member_id: int) -> Matter:
    """Give a matter to a member of the trial who may act on it; oneself: take it."""
    found = matters.by_id(work, matter_id, lock=True)
    access.require(work.by, ACTS[found.kind])
    roles = members.roles_of(work, found.trial_id, member_id)
    if not access.member_actor(member_id, roles, found.trial_id).may(ACTS[found.kind]):
        raise Refused("This person may not act on what stands in this list.")
    matters.change(work, matter_id, owner_id=member_id)
    mine = members.id_of(work.by) == member_id
    act = A.TAKEN if mine else A.HANDED_OVER
    matters.add_act(work, found.trial_id, matter_id, act, {"member": member_id})
    _record(work, found, act)
    return matters.by_id(work, matter_id)


def note(work: Work, matter_id: int, words: str) -> None:
    """Add a few words to the history."""
    found = matters.by_id(work, matter_id, lock=True)
    access.require(work.by, ACTS[found.kind])
    if not words.strip():
        raise Refused("There are no words to keep.")
    matters.add_act(work, found.trial_id, matter_id, A.NOTED, {"words": words.strip()[:LONGEST_WORDS]})
    _record(work, found, A.NOTED)


def _record(work: Work, matter: Matter, act: MatterAct) -> None:
    detail: dict[str, str | int] = {"matter": matter.id, "kind": matter.kind.value, "act": act.value}
    events.write(
        work, Event.MATTER_MOVED, trial_id=matter.trial_id, participant_id=matter.participant_id, detail=detail
    )
