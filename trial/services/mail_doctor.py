"""A test mail: it leaves as every mail does, somebody sees it arrive, and an answer to it comes before the team."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from trial.core import access
from trial.core.access import Verb
from trial.core.events import Event
from trial.core.return_addresses import address_for
from trial.mail.compose import Mail, compose
from trial.mail.mailer import Envelope
from trial.services.evidence import record
from trial.storage import events, evidence, trials
from trial.storage.work import Work

ARRIVED, ANSWERED = "mail", "mail_reply"
_BODY = """# Test mail

This is a test of the mails of the study *{name}*. Nobody but the team gets it.

The code is **{code}**. Whoever sent this mail asks you for it.

Please also answer this mail with a word or two, so that the team can see that answers arrive.
"""


@dataclass(frozen=True, slots=True)
class TestMail:
    """One test: the mail as bytes, and the code that only its reader knows."""

    __test__ = False

    envelope: Envelope
    content: bytes
    mail_from: str
    message_id: str
    code: str


def require_may_look(work: Work, slug: str) -> None:
    """Refuse whoever may not see how the mails of this trial leave."""
    access.require(work.by, Verb.READ_GATE)
    trials.by_slug(work, slug)


def letter(work: Work, slug: str, *, to: str, mail_from: str, bounces: str = "") -> TestMail:
    """A test mail of this trial, made as its mails are; its return address is one that names no mail."""
    access.require(work.by, Verb.RECORD_EVIDENCE)
    trial = trials.by_slug(work, slug)
    about = trials.folder_of(work, trial.protocol_id).protocol.administrative
    code = f"{secrets.randbelow(10**8):08d}"
    message_id = f"<test.{secrets.token_hex(16)}@{mail_from.rpartition('@')[2]}>"
    mail = Mail(
        sender_name=about.contact_name,
        sender_email=mail_from,
        reply_to=about.contact_email,
        recipient=to,
        subject="Test mail",
        body_markdown=_BODY.format(name=slug, code=code),
        language="en",
        message_id=message_id,
        stream="service",
        date=work.now,
    )
    comes_back_to = address_for(work.keys.link, bounces, 0) if bounces else mail_from
    return TestMail(Envelope(comes_back_to, to), compose(mail), mail_from, message_id, code)


def arrived(work: Work, slug: str, test: TestMail, how: str) -> None:
    """It was seen: in the local mailbox, or by somebody who typed its code. The address itself is not kept."""
    detail = {
        "how": how,
        "from": test.mail_from,
        "to": test.envelope.recipient.rpartition("@")[2],
        "message_id": test.message_id,
    }
    record(work, trials.by_slug(work, slug), ARRIVED, detail)


def trial_of_test(work: Work, answers: Sequence[str]) -> int | None:
    """The trial whose test mail one of these is."""
    if not any(one.startswith("<test.") for one in answers):
        return None
    for trial in trials.all_trials(work):
        for one in evidence.of_line(work, trial.id, ARRIVED):
            if one.detail.get("message_id") in answers:
                return trial.id
    return None


def reply_seen(work: Work, trial_id: int, reply_id: int) -> None:
    """An answer to a test mail stands on the desk's list."""
    digest = trials.folder_of(work, trials.by_id(work, trial_id).protocol_id).digest
    evidence.add(work, trial_id, ANSWERED, digest, {"reply": reply_id})
    detail: dict[str, str | int] = {"line": ANSWERED, "reply": reply_id}
    events.write(work, Event.EVIDENCE_RECORDED, trial_id=trial_id, detail=detail)


def is_answered(work: Work, slug: str) -> bool:
    """Whether an answer to a test mail has come."""
    access.require(work.by, Verb.READ_GATE)
    return bool(evidence.of_line(work, trials.by_slug(work, slug).id, ANSWERED))
