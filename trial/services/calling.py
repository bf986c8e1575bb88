"""Calls: what is urgent is told to the person on duty at once, then to the next, until somebody acknowledges it.

The queue is the table `call`. Whom a call goes to, and whether there is still a reason, is decided when it is sent.
Each step about a matter plans the one after it in its own transaction, so a chain never breaks; after a downtime every
person is called at once, and then each on time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from trial.core.access import SYSTEM
from trial.core.events import Event
from trial.core.links import make_call_id, make_invitation
from trial.core.matters import Matter, MatterAct, MatterKind, MatterState
from trial.core.on_call import SERIOUS_WITHIN, due_at, step_after
from trial.core.signing_in import Invitation
from trial.core.texts import say
from trial.core.trial import Trial, TrialKind
from trial.mail.bounces import classify
from trial.mail.compose import Mail, compose, fill
from trial.mail.mailer import Envelope, Reply
from trial.pages.team_mail import SENDER, TeamMail, team_template
from trial.services import roster
from trial.services.delivery import Sender
from trial.storage import calls, events, invitations, matters, trials
from trial.storage.calls import Call, CallState
from trial.storage.duties import Colleague
from trial.storage.work import OpenWork, Work

S = CallState
MATTER, TEST, INVITATION = "matter", "test", "invitation"
BATCH, MOST_BATCHES = 10, 200
# short, for nobody knows yet; what waits is urgent whenever the mail server is back
RETRY_AFTER = timedelta(seconds=30)
LEAST_FOR_HARMS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Letter:
    """One call about to be made: to whom, the mail, and how many people there are to call in all.

    An invitation goes to somebody who is no member yet.
    """

    call: Call
    rungs: int
    member_id: int | None
    recipient: str
    content: bytes


def begin(work: Work, matter: Matter) -> None:
    """Call the first person about a matter now. Pretend people call nobody."""
    if trials.by_id(work, matter.trial_id).kind is not TrialKind.REHEARSAL:
        calls.plan(work, matter.trial_id, MATTER, matter_id=matter.id, step=0, due_at=work.now)


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
        letters = [letter for one in taken if (letter := _letter(work, one, sender))]
    for letter in letters:
        _send(open_work, sender, letter)
    return len(taken)


def _letter(work: Work, call: Call, sender: Sender) -> Letter | None:
    """Whom this call goes to and the mail; None where it ends here."""
    trial = trials.by_id(work, call.trial_id)
    if call.purpose == INVITATION:
        return _invitation(work, call, trial, sender)
    people = roster.in_turn(work, trial.id)
    if call.purpose == TEST:
        person = next((one for one in people if one.member_id == call.member_id), None)
        return _to(work, call, trial, person, sender, "test", f"{trial.slug}/roster", 1)
    assert call.matter_id is not None
    matter = matters.by_id(work, call.matter_id, lock=True)
    if matter.state is not MatterState.OPEN:
        calls.move(work, call, S.CANCELLED, reply="acknowledged")
        return None
    if call.attempt == 1:
        _plan_next(work, call, matter, len(people))
    if _overtaken(work, call, len(people)):
        calls.move(work, call, S.CANCELLED, reply="called_by_a_later_step")
        return None
    person = people[call.step % len(people)] if people else None
    return _to(work, call, trial, person, sender, "waits", f"{trial.slug}/matters/{matter.id}", len(people))


def _invitation(work: Work, call: Call, trial: Trial, sender: Sender) -> Letter | None:
    assert call.invitation_id is not None
    invitation = invitations.by_id(work, call.invitation_id)
    if not invitation.good(work.machine_now):
        calls.move(work, call, S.CANCELLED, reply="not_wanted_any_more")
        return None
    path = f"join/{make_invitation(work.keys.link, invitation.id)}"
    return _to(work, call, trial, invitation, sender, "invitation", path, 0)


def within(matter: Matter) -> timedelta:
    """The time that was promised when the matter was opened: how long one person has before the next is called.

    What the team learned of late leaves less of its day, but never so little that everybody is called in a rush.
    """
    promised = matter.act_by - matter.opened_at if matter.act_by else SERIOUS_WITHIN
    return max(promised, LEAST_FOR_HARMS) if matter.kind is MatterKind.ADVERSE_EVENT else promised


def _plan_next(work: Work, call: Call, matter: Matter, rungs: int) -> None:
    step = step_after(call.step, rungs, matter.opened_at, within(matter), work.now)
    due = due_at(matter.opened_at, within(matter), step)
    calls.plan(work, call.trial_id, call.purpose, matter_id=matter.id, step=step, due_at=due)


def _overtaken(work: Work, call: Call, rungs: int) -> bool:
    """Whether a later step, due as well, calls the same person: after a downtime one mail is enough."""
    if call.attempt == 1 or not rungs or call.matter_id is None:
        return False
    waiting = (S.PLANNED, S.CLAIMED, S.RETRY)
    return any(
        one.step > call.step and (one.step - call.step) % rungs == 0 and one.due_at <= work.now and one.state in waiting
        for one in calls.of_matter(work, call.matter_id)
    )


def _to(
    work: Work,
    call: Call,
    trial: Trial,
    person: Colleague | Invitation | None,
    sender: Sender,
    kind: TeamMail,
    path: str,
    rungs: int,
) -> Letter | None:
    if person is None or person.address is None:
        calls.move(work, call, S.CANCELLED, reply="nobody_to_call")
        return None
    member_id = person.member_id if isinstance(person, Colleague) else None
    protocol = trials.folder_of(work, trial.protocol_id).protocol
    values = {"name_of_trial": say(protocol.title, "en"), "link": f"{sender.desk_url}/{path}"}
    try:
        subject, body = fill(team_template(kind), values)
        content = compose(
            Mail(
                sender_name=SENDER,
                sender_email=sender.mail_from,
                reply_to=protocol.administrative.contact_email,
                recipient=person.address,
                subject=subject,
                body_markdown=body,
                language="en",
                message_id=make_call_id(work.keys.link, call.id, sender.mail_from.rpartition("@")[2]),
                stream="service",
                date=work.now,
                marked=trial.mark,
            )
        )
    except ValueError as error:
        _failed(work, call, rungs, member_id, f"{type(error).__name__}: {error}")
        return None
    return Letter(call, rungs, member_id, person.address, content)


def _send(open_work: OpenWork, sender: Sender, letter: Letter) -> None:
    def content() -> bytes | None:
        """The last look: somebody may have acknowledged it meanwhile."""
        with open_work(SYSTEM, write=False) as work:
            return letter.content if _still_wanted(work, letter.call) else None

    try:
        reply = sender.mailer.send(Envelope(sender.mail_from, letter.recipient), content)
    except ValueError as error:
        reply = Reply("refused", None, f"{type(error).__name__}: {error}")
    with open_work(SYSTEM) as work:
        _record(work, letter, reply)


def _still_wanted(work: Work, call: Call) -> bool:
    if call.invitation_id is not None:
        return invitations.by_id(work, call.invitation_id).good(work.machine_now)
    return call.matter_id is None or matters.by_id(work, call.matter_id).state is MatterState.OPEN


def _record(work: Work, letter: Letter, reply: Reply) -> None:
    call, said = letter.call, f"{reply.code or ''} {reply.text}".strip()
    if reply.kind == "withdrawn":
        calls.move(work, call, S.CANCELLED, reply="acknowledged")
    elif reply.kind == "accepted":
        if calls.move(work, call, S.ACCEPTED, member_id=letter.member_id, reply=said):
            _tell(work, letter)
    elif reply.kind == "unknown" or classify(reply) == "retry":
        again = work.machine_now + RETRY_AFTER
        calls.move(work, call, S.RETRY, member_id=letter.member_id, reply=said, retry_from=again)
    else:
        _failed(work, call, letter.rungs, letter.member_id, said)


def _failed(work: Work, call: Call, rungs: int, member_id: int | None, said: str) -> None:
    """This person cannot be reached by mail: the next one, who was not called yet, is called now and not later."""
    moved = calls.move(work, call, S.FAILED, member_id=member_id, reply=said[:500])
    if moved and call.matter_id is not None and call.step + 1 < rungs:
        calls.bring_forward(work, call.matter_id, call.step)


def _tell(work: Work, letter: Letter) -> None:
    """The matter's history says who was called; a test has none."""
    call = letter.call
    if call.matter_id is None or letter.member_id is None:
        return
    matter = matters.by_id(work, call.matter_id)
    act = MatterAct.ESCALATED if call.step else MatterAct.CALLED
    matters.add_act(work, matter.trial_id, matter.id, act, {"member": letter.member_id, "step": call.step})
    detail: dict[str, str | int] = {"matter": matter.id, "kind": matter.kind.value, "act": act.value}
    events.write(
        work, Event.MATTER_MOVED, trial_id=matter.trial_id, participant_id=matter.participant_id, detail=detail
    )
