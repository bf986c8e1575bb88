"""Whom a call goes to, decided when it is made, and the mail: the trial's name, the matters' numbers, their links.

What is due to one person of a trial at one moment is one mail, however many matters it is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trial.core.links import make_call_id, make_invitation
from trial.core.matters import MatterState
from trial.core.texts import say
from trial.core.trial import Trial
from trial.mail.compose import Mail, compose, fill
from trial.mail.templates import as_text
from trial.pages.team_mail import LINKS, SAID, SENDER, TeamMail, team_template
from trial.services import roster, troubles
from trial.services.account_mails import NEWS
from trial.services.call_plans import chain_of
from trial.services.delivery import Sender
from trial.storage import calls, invitations, matters, members, trials
from trial.storage.calls import Call, CallState
from trial.storage.work import Work

S = CallState
TEST, INVITATION, MAILS_LATE, MAILS_REFUSED = "test", "invitation", "mails_late", "mails_refused"
# about a matter that stood open in a backup that was put back
RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Aim:
    """One call about to be made: to whom, and how many people there are to call in all. `path` is what its link opens.

    An invitation goes to somebody who is no member yet.
    """

    call: Call
    kind: TeamMail
    member_id: int | None
    recipient: str
    path: str
    rungs: int = 1

    @property
    def letter(self) -> tuple[object, ...]:
        """What tells one mail from another: calls about matters go to one person together."""
        together = (self.call.trial_id, self.kind, self.member_id)
        return together if self.call.matter_id is not None else (*together, self.call.id)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail and the calls that it makes."""

    aims: tuple[Aim, ...]
    recipient: str
    content: bytes


def aimed(work: Work, call: Call) -> Aim | None:
    """Whom this call goes to; None where it ends here."""
    trial = trials.by_id(work, call.trial_id)
    if call.purpose == INVITATION:
        return _invitation(work, call)
    if call.purpose == TEST:
        return _test(work, call, trial)
    if call.purpose in NEWS:
        return _account(work, call)
    if call.purpose in (MAILS_LATE, MAILS_REFUSED):
        return _of_sending(work, call, trial)
    assert call.matter_id is not None
    matter = matters.by_id(work, call.matter_id, lock=True)
    if matter.state is not MatterState.OPEN:
        return _ends(work, call, "acknowledged")
    people = roster.in_turn(work, trial.id, matter.kind)
    if call.attempt == 1:
        chain = chain_of(matter)
        step = chain.after(call.step, len(people), work.now)
        calls.plan(work, call.trial_id, call.purpose, matter_id=matter.id, step=step, due_at=chain.due_at(step))
    if _overtaken(work, call, len(people)):
        return _ends(work, call, "called_by_a_later_step")
    person = people[call.step % len(people)] if people else None
    if person is None or person.address is None:
        return _ends(work, call, "nobody_to_call")
    kind: TeamMail = "restored" if call.purpose == RESTORED else "waits" if matter.urgent else "overdue"
    return Aim(call, kind, person.member_id, person.address, f"{trial.slug}/matters/{matter.id}", len(people))


def _invitation(work: Work, call: Call) -> Aim | None:
    assert call.invitation_id is not None
    invitation = invitations.by_id(work, call.invitation_id)
    if not invitation.good(work.machine_now):
        return _ends(work, call, "not_wanted_any_more")
    path = f"join/{make_invitation(work.keys.link, invitation.id)}"
    return Aim(call, "invitation", None, invitation.address, path)


def _test(work: Work, call: Call, trial: Trial) -> Aim | None:
    person = roster.can_be_called(work, trial.id, call.member_id)
    if person is None or person.address is None:
        return _ends(work, call, "nobody_to_call")
    return Aim(call, "test", person.member_id, person.address, f"{trial.slug}/roster")


def _account(work: Work, call: Call) -> Aim | None:
    assert call.member_id is not None
    person = members.by_id(work, call.member_id)
    if person.address is None:
        return _ends(work, call, "nobody_to_call")
    kind: TeamMail = "new_browser" if call.purpose == "new_browser" else "changed"
    return Aim(call, kind, person.id, person.address, "account")


def _of_sending(work: Work, call: Call, trial: Trial) -> Aim | None:
    assert call.member_id is not None
    if call.purpose == MAILS_REFUSED and not troubles.any_open(work):
        return _ends(work, call, "not_wanted_any_more")
    person = members.by_id(work, call.member_id)
    if person.address is None:
        return _ends(work, call, "nobody_to_call")
    kind: TeamMail = "mails_late" if call.purpose == MAILS_LATE else "mails_refused"
    return Aim(call, kind, person.id, person.address, trial.slug)


def _ends(work: Work, call: Call, why: str) -> Aim | None:
    calls.move(work, call, S.CANCELLED, reply=why)
    return None


def _overtaken(work: Work, call: Call, rungs: int) -> bool:
    """Whether a later step, due as well, calls the same person: after a downtime one mail is enough."""
    if call.attempt == 1 or not rungs or call.matter_id is None:
        return False
    waiting = (S.PLANNED, S.CLAIMED, S.RETRY)
    return any(
        one.step > call.step and (one.step - call.step) % rungs == 0 and one.due_at <= work.now and one.state in waiting
        for one in calls.of_matter(work, call.matter_id)
    )


def together(aims: Iterable[Aim]) -> list[tuple[Aim, ...]]:
    """The calls of each mail, in the order of falling due."""
    found: dict[tuple[object, ...], list[Aim]] = {}
    for one in aims:
        found.setdefault(one.letter, []).append(one)
    return [tuple(one) for one in found.values()]


def composed(work: Work, aims: tuple[Aim, ...], sender: Sender) -> Letter:
    """The mail of these calls; ValueError where it cannot be made."""
    first = aims[0]
    trial = trials.by_id(work, first.call.trial_id)
    protocol = trials.folder_of(work, trial.protocol_id).protocol
    subject, body = fill(team_template(first.kind), {"name_of_trial": say(protocol.title, "en")})
    body = body.replace(LINKS, "\n\n".join(_line(one, sender.desk_url) for one in aims))
    if SAID in body:
        body = body.replace(SAID, as_text(troubles.last_said(work)) or "-")
    content = compose(
        Mail(
            sender_name=SENDER,
            sender_email=sender.mail_from,
            reply_to=protocol.administrative.contact_email,
            recipient=first.recipient,
            subject=subject,
            body_markdown=body,
            language="en",
            message_id=make_call_id(work.keys.link, first.call.id, sender.mail_from.rpartition("@")[2]),
            stream="service",
            date=work.now,
            marked=trial.mark,
        )
    )
    return Letter(aims, first.recipient, content)


def _line(aim: Aim, desk_url: str) -> str:
    """A link, and the number of its matter; a study code would be more than a mail may say."""
    link = fill("Subject: -\n\n{{ link }}", {"link": f"{desk_url}/{aim.path}"})[1].strip()
    return f"Matter {aim.call.matter_id}: {link}" if aim.call.matter_id is not None else link
