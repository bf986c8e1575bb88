"""Acts of two people: asked for with a reason, decided by another account, and done in the transaction that decides."""

from __future__ import annotations

from collections.abc import Mapping

from trial.core import access, two_person
from trial.core.access import Verb
from trial.core.errors import NotAllowed, NotFound, Refused
from trial.core.events import Event
from trial.core.participant import Participant
from trial.core.trial import Trial, TrialState
from trial.core.two_person import ActKind, Decision, TwoPersonAct
from trial.services import locking
from trial.services.backups import give_back
from trial.services.trials import send_again
from trial.services.withdrawal import before_the_freeze
from trial.storage import allocations, events, participants, restored, trials, two_person_acts
from trial.storage.work import Work

K = ActKind
_ASKED = {
    K.UNBLINDING: Event.UNBLINDING_ASKED,
    K.LOCK: Event.LOCK_ASKED,
    K.UNLOCK: Event.LOCK_ASKED,
    K.RELEASE: Event.RELEASE_ASKED,
    K.RESTORED: Event.RELEASE_ASKED,
}
_NEEDS = {
    K.LOCK: (TrialState.CLOSED, "Only a trial that has ended recruitment can be locked."),
    K.RELEASE: (TrialState.PAUSED, "Only a trial that is stopped can be released."),
}


def ask(
    work: Work, slug: str, kind: ActKind, reason: str, *, code: str | None = None, with_open: bool = False
) -> TwoPersonAct:
    """Ask for an act. Where the protocol lets one person do it alone, it is still asked for first.

    `with_open`: the reason of a lock speaks for the matters that are open.
    """
    access.require(work.by, two_person.ASKS[kind])
    trial = trials.by_id(work, trials.by_slug(work, slug).id, lock=True)
    reason = reason.strip()[: two_person.LONGEST_REASON]
    if not reason:
        raise Refused("Say why. Whoever decides reads it, and it stays in the record.")
    _require_possible(work, trial, kind)
    if kind is K.LOCK:
        locking.require_listed(work, trial, with_open=with_open)
    person = _randomized(work, trial, code or "") if kind is K.UNBLINDING else None
    about = person.id if person else None
    if any(one.is_open and (one.kind, one.participant_id) == (kind, about) for one in _all(work, trial)):
        raise Refused("This was asked for already and waits for a decision.")
    act_id = two_person_acts.add(work, trial.id, kind, reason, about)
    more = locking.facts(work, trial, digest=False) if kind in (K.LOCK, K.UNLOCK) else {}
    _record(work, _ASKED[kind], trial, about, act_id, more=more)
    return two_person_acts.by_id(work, act_id)


def _randomized(work: Work, trial: Trial, code: str) -> Participant:
    """Whom a request is about; a code that was mistyped is said in words, not as a page that is not there."""
    try:
        person = participants.by_code(work, trial.id, code)
    except NotFound:
        person = None
    if person is None or person.randomized_at is None:
        raise Refused("Nobody was randomised under this study code. Is it typed as it stands there?")
    return person


def decide(work: Work, act_id: int, *, approve: bool) -> TwoPersonAct:
    """Approve or refuse what another account asked for; what is approved is done at once."""
    act = two_person_acts.by_id(work, act_id, lock=True)
    access.require(work.by, two_person.APPROVES[act.kind])
    if str(work.by) == act.asked_by:
        raise NotAllowed("This takes a second person: who asked cannot decide.")
    return _end(work, act, Decision.APPROVED if approve else Decision.REFUSED, solo=False)


def do_alone(work: Work, act_id: int) -> TwoPersonAct:
    """Go on without a second person, where the protocol declared it; the record and the report say so."""
    act = two_person_acts.by_id(work, act_id, lock=True)
    access.require(work.by, two_person.ASKS[act.kind])
    if str(work.by) != act.asked_by:
        raise NotAllowed("Only who asked can go on alone.")
    if not can_be_alone(work, act):
        raise Refused(
            "The protocol does not let one person do this alone: `monitoring.solo` does not name it. A second person "
            "decides."
        )
    return _end(work, act, Decision.APPROVED, solo=True)


def withdraw(work: Work, act_id: int) -> TwoPersonAct:
    """Who asked takes it back."""
    act = two_person_acts.by_id(work, act_id, lock=True)
    if str(work.by) != act.asked_by:
        raise NotAllowed("Only who asked can take it back.")
    return _end(work, act, Decision.WITHDRAWN, solo=False)


def can_be_alone(work: Work, act: TwoPersonAct) -> bool:
    """Whether the protocol of the trial declares this as an act of one."""
    trial = trials.by_id(work, act.trial_id)
    monitoring = trials.folder_of(work, trial.protocol_id).protocol.monitoring
    return monitoring is not None and two_person.may_be_solo(act.kind, monitoring.solo)


def options_of(work: Work, act_id: int) -> list[str]:
    """What further stages added to that arm, told with it under the same approval."""
    act = two_person_acts.by_id(work, act_id)
    if act.participant_id is None or not act.can_be_used(str(work.by), work.now):
        raise NotAllowed("The arm is told only to who asked, for a day after the approval.")
    return allocations.options_of(work, act.participant_id)


def arm_of(work: Work, act_id: int) -> str:
    """The arm that an approved request opened: to who asked, for a day, each look on record."""
    act = two_person_acts.by_id(work, act_id)
    if act.kind is not K.UNBLINDING or act.participant_id is None:
        raise Refused("This request is about no participant.")
    if not act.can_be_used(str(work.by), work.now):
        raise NotAllowed("The arm is told only to who asked, for a day after the approval.")
    arm = allocations.arm_of(work, act.participant_id)
    assert arm is not None
    _record(work, Event.UNBLINDED, trials.by_id(work, act.trial_id), act.participant_id, act.id, solo=act.solo)
    return arm


def listed(work: Work, slug: str) -> list[TwoPersonAct]:
    """Every request of a kind that the actor may ask for or decide, newest first."""
    access.require(work.by, Verb.READ_ACTS)
    may = {one for one in K if work.by.may(two_person.ASKS[one]) or work.by.may(two_person.APPROVES[one])}
    return [one for one in _all(work, trials.by_slug(work, slug)) if one.kind in may]


def waiting(work: Work, slug: str, kind: ActKind) -> TwoPersonAct | None:
    """The request of this kind that waits for a decision, for those who may look at requests."""
    access.require(work.by, Verb.READ_ACTS)
    mine = _all(work, trials.by_slug(work, slug))
    return next((one for one in mine if one.is_open and one.kind is kind), None)


def tally(work: Work, trial_id: int) -> list[dict[str, str | int]]:
    """What the report says of such acts: for each kind how many were done, and how many of them by one person alone."""
    done = [one for one in two_person_acts.of_trial(work, trial_id) if one.decision is Decision.APPROVED]
    return [
        {"act": kind.value, "done": len(mine), "solo": sum(one.solo for one in mine)}
        for kind in K
        if (mine := [one for one in done if one.kind is kind])
    ]


def _all(work: Work, trial: Trial) -> list[TwoPersonAct]:
    return two_person_acts.of_trial(work, trial.id)


def _require_possible(work: Work, trial: Trial, kind: ActKind) -> None:
    if kind in _NEEDS and trial.state is not _NEEDS[kind][0]:
        raise Refused(_NEEDS[kind][1])
    if kind is K.UNLOCK and not trial.is_locked:
        raise Refused("The data of this trial are not locked.")
    if kind is K.RESTORED and not restored.count(work, trial.id):
        raise Refused(f"Nothing of {trial.slug} is held since a restore.")


def _end(work: Work, act: TwoPersonAct, decision: Decision, *, solo: bool) -> TwoPersonAct:
    trial = trials.by_id(work, act.trial_id, lock=True)
    if decision is Decision.APPROVED:
        _require_possible(work, trial, act.kind)
        if act.kind is K.LOCK:
            locking.require_none_since(work, trial, act)
    if not two_person_acts.decide(work, act.id, decision, solo=solo):
        raise Refused("This was decided already.")
    if decision is Decision.APPROVED:
        _carry_out(work, trial, act, solo=solo)
    elif decision is Decision.REFUSED and act.kind is K.UNBLINDING:
        _record(work, Event.UNBLINDING_REFUSED, trial, act.participant_id, act.id)
    return two_person_acts.by_id(work, act.id)


def _carry_out(work: Work, trial: Trial, act: TwoPersonAct, *, solo: bool) -> None:
    """What the approval does; the arm of a person is told by `arm_of`, when who asked opens it."""
    if act.kind is K.LOCK:
        before_the_freeze(work, trial.id)
        trials.change_state(work, trial, TrialState.LOCKED)
        _record(work, Event.LOCKED, trial, None, act.id, solo=solo, more=locking.facts(work, trial, digest=True))
    elif act.kind is K.UNLOCK:
        trials.change_state(work, trial, TrialState.CLOSED)
        _record(work, Event.UNLOCKED, trial, None, act.id, solo=solo, more={"role": locking.roles_of(work.by)})
    elif act.kind is K.RELEASE:
        _record(work, Event.RELEASED, trial, None, act.id, solo=solo)
        send_again(work, trial)
    elif act.kind is K.RESTORED:
        give_back(work, trial, _detail(act.id, solo))


def _record(
    work: Work,
    what: Event,
    trial: Trial,
    participant_id: int | None,
    act_id: int,
    *,
    solo: bool = False,
    more: Mapping[str, str | int] | None = None,
) -> None:
    detail = _detail(act_id, solo) | dict(more or {})
    events.write(work, what, trial_id=trial.id, participant_id=participant_id, detail=detail)


def _detail(act_id: int, solo: bool) -> dict[str, str | int]:
    return {"act": act_id, **({"solo": 1} if solo else {})}
