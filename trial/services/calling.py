"""Calls: what is urgent is told to the person on duty at once, what has waited past its clock once it has; then to the
next, until somebody acknowledges it.

The queue is the table `call`. Whom a call goes to, and whether there is still a reason, is decided when it is sent.
Each step about a matter plans the one after it in its own transaction, so a chain never breaks; after a downtime every
person is called at once, and then each on time.
"""

from __future__ import annotations

from datetime import timedelta

from trial.core.access import SYSTEM
from trial.core.events import Event
from trial.core.matters import MatterAct, MatterState
from trial.core.troubles import slow_pause
from trial.mail.bounces import classify
from trial.mail.mailer import Envelope, Reply
from trial.services.call_letters import INVITATION, TEST, Aim, Letter, aimed, composed, together
from trial.services.delivery import Sender
from trial.storage import calls, events, invitations, matters
from trial.storage.calls import Call, CallState
from trial.storage.work import OpenWork, Work

__all__ = ["INVITATION", "TEST", "call_due"]

S = CallState
BATCH, MOST_BATCHES = 50, 200
# short, for nobody knows yet; what waits is urgent whenever the mail server is back
RETRY_AFTER = timedelta(seconds=30)
# longer, for each try is a wrong password more; and so often at most is tried what a server refuses by policy
SHUT_OUT, MOST_TRIES = timedelta(minutes=2), 50


def call_due(open_work: OpenWork, sender: Sender) -> int:
    """Make every call that is due; returns how many were handled. With none due this is one look without a lock."""
    with open_work(SYSTEM, write=False) as work:
        if not calls.any_due(work):
            return 0
    handled = 0
    for _ in range(MOST_BATCHES):
        taken = _batch(open_work, sender)
        handled += taken
        if not taken:
            break
    return handled


def _batch(open_work: OpenWork, sender: Sender) -> int:
    with open_work(SYSTEM) as work:
        taken = calls.claim(work, owner=sender.owner, limit=BATCH)
        aims = [aim for one in taken if (aim := aimed(work, one))]
        letters = [letter for one in together(aims) if (letter := _letter(work, one, sender))]
    shut_out: Reply | None = None
    for letter in letters:
        if shut_out is not None:
            _put_off(open_work, letter, shut_out)
            continue
        reply = _send(open_work, sender, letter)
        shut_out = reply if _verdict(reply) == "account" else None
    return len(taken)


def _put_off(open_work: OpenWork, letter: Letter, reply: Reply) -> None:
    """The account was not let in a moment ago: trying it once more for each call might shut it for good."""
    with open_work(SYSTEM) as work:
        for one in letter.aims:
            _record(work, one, reply)


def _verdict(reply: Reply) -> str:
    """What a reply leads to; one that is no refusal has its own word for it."""
    return classify(reply) if reply.kind in ("refused", "deferred") else reply.kind


def _letter(work: Work, aims: tuple[Aim, ...], sender: Sender) -> Letter | None:
    """The mail; None where it cannot be made, which holds up no other."""
    try:
        return composed(work, aims, sender)
    except ValueError as error:
        for one in aims:
            _failed(work, one, f"{type(error).__name__}: {error}")
        return None


def _send(open_work: OpenWork, sender: Sender, letter: Letter) -> Reply:
    def content() -> bytes | None:
        """The last look: somebody may have acknowledged it meanwhile."""
        with open_work(SYSTEM, write=False) as work:
            return letter.content if any(_still_wanted(work, one.call) for one in letter.aims) else None

    try:
        reply = sender.mailer.send(Envelope(sender.mail_from, letter.recipient), content)
    except ValueError as error:
        reply = Reply("refused", None, f"{type(error).__name__}: {error}")
    with open_work(SYSTEM) as work:
        for one in letter.aims:
            _record(work, one, reply)
    return reply


def _still_wanted(work: Work, call: Call) -> bool:
    if call.invitation_id is not None:
        return invitations.by_id(work, call.invitation_id).good(work.machine_now)
    return call.matter_id is None or matters.by_id(work, call.matter_id).state is MatterState.OPEN


def _record(work: Work, aim: Aim, reply: Reply) -> None:
    call, said = aim.call, f"{reply.code or ''} {reply.text}".strip()
    if reply.kind == "withdrawn":
        calls.move(work, call, S.CANCELLED, reply="acknowledged")
    elif reply.kind == "accepted":
        if calls.move(work, call, S.ACCEPTED, member_id=aim.member_id, reply=said):
            _tell(work, aim)
    elif (wait := _wait(call, _verdict(reply))) is not None:
        again = work.machine_now + wait
        calls.move(work, call, S.RETRY, member_id=aim.member_id, reply=said, retry_from=again)
    else:
        _failed(work, aim, said)


def _wait(call: Call, verdict: str) -> timedelta | None:
    """How long until it is tried again; None where the next person is called instead.

    What is about no matter has no next person: refused by policy, it waits as long as a participant's mail does.
    """
    if verdict in ("unknown", "retry"):
        return RETRY_AFTER
    if verdict == "account":
        return SHUT_OUT
    if verdict == "policy" and call.matter_id is None and call.attempt < MOST_TRIES:
        return slow_pause(call.attempt)
    return None


def _failed(work: Work, aim: Aim, said: str) -> None:
    """This person cannot be reached by mail: the next one, who was not called yet, is called now and not later."""
    call = aim.call
    moved = calls.move(work, call, S.FAILED, member_id=aim.member_id, reply=said[:500])
    if moved and call.matter_id is not None and call.step + 1 < aim.rungs:
        calls.bring_forward(work, call.matter_id, call.step)


def _tell(work: Work, aim: Aim) -> None:
    """The matter's history says who was called; a test has none."""
    call = aim.call
    if call.matter_id is None or aim.member_id is None:
        return
    matter = matters.by_id(work, call.matter_id)
    act = MatterAct.ESCALATED if call.step else MatterAct.CALLED
    matters.add_act(work, matter.trial_id, matter.id, act, {"member": aim.member_id, "step": call.step})
    detail: dict[str, str | int] = {"matter": matter.id, "kind": matter.kind.value, "act": act.value}
    events.write(
        work, Event.MATTER_MOVED, trial_id=matter.trial_id, participant_id=matter.participant_id, detail=detail
    )
