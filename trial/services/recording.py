"""Writing down what became of a mail: what the mail server said, or that nobody can say.

A mail that was simply taken is written together with the next one's last look, before a byte of that one leaves: one
commit for two mails, and still one mail at a time that a crash leaves in doubt. Everything else is written at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from trial.core.access import SYSTEM
from trial.core.delivery import (
    ACCOUNT_PAUSED,
    BEFORE_ONCE_MORE,
    IN_DOUBT,
    REFUSED_BY_POLICY,
    Contact,
    ContactState,
)
from trial.core.errors import Unavailable
from trial.core.missing import Cause
from trial.core.troubles import Kind, slow_pause
from trial.mail.bounces import classify, pause_before
from trial.mail.mailer import Reply
from trial.pages import service_mail
from trial.services import ending, missing_mails, service_mails
from trial.services.troubles import Batch
from trial.services.watching import Watch
from trial.storage import beginning, deliveries, doubts, participants, trials
from trial.storage.situations import Situation
from trial.storage.work import OpenWork, Work

S = ContactState
# seconds between two tries to write down what the mail server said; all together far less than a lease
AGAIN_AFTER = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 16.0)


class Worker(Protocol):
    """Who sends, as far as it matters here."""

    @property
    def ending(self) -> Callable[[], bool]: ...
    @property
    def wait(self) -> Callable[[float], object]: ...
    @property
    def watch(self) -> Watch: ...


@dataclass(slots=True)
class Recorder:
    """What the mail server said of the mails of one batch; at most one answer is still to be written."""

    open_work: OpenWork
    batch: Batch
    worker: Worker
    _unwritten: tuple[Contact, Reply] | None = None

    @contextmanager
    def kept(self) -> Iterator[Recorder]:
        """Whatever ends the batch, nothing that was said is left unwritten."""
        try:
            yield self
        finally:
            self.write_now()

    def before(self, contact: Contact) -> None:
        """This one is next. A service mail may take its time to be drawn; and of one person no two mails are handled in
        one transaction, for whoever changes that person locks person and mails in the other order."""
        same_person = self._unwritten is not None and self._unwritten[0].participant_id == contact.participant_id
        if same_person or contact.stream == "service":
            self.write_now()

    def begun(self, contact: Contact, draw: Callable[[Work, Situation], bytes | None]) -> bytes | None:
        """The mail that is about to leave: looked at for the last time and begun, and the answer to the one before it
        written, in one statement. None where `draw` gives none or another worker has it: then it has not begun.
        """
        last, begun = self._unwritten, False
        try:
            with self.open_work(SYSTEM) as work:
                said = last and (last[0], _words(last[1]))
                around, _, begun = beginning.look_and_begin(work, said, contact)
                mail = draw(work, around) if begun else None
        except Exception:
            self._take_back(contact, begun)
            raise
        self._unwritten = None
        if mail is None:
            self._take_back(contact, begun)
        return mail

    def _take_back(self, contact: Contact, begun: bool) -> None:
        """Nothing of it has left: whoever handles it next knows that."""
        if begun:
            with self.open_work(SYSTEM) as work:
                deliveries.move(work, contact, S.CLAIMED, before=S.DATA_STARTED)

    def said(self, contact: Contact, reply: Reply, *, before: ContactState) -> None:
        """The server's answer to a mail that stands in the ledger as `before`."""
        self.write_now()
        plain = reply.kind == "accepted" and before is S.DATA_STARTED and not service_mail.is_own(contact.message)
        if plain and not self.batch.in_trouble:
            self._unwritten = contact, reply
        else:
            self._keep(contact, reply, before)

    def write_now(self) -> None:
        """What is still unwritten."""
        if self._unwritten is not None:
            self._keep(*self._unwritten, S.DATA_STARTED)
        self._unwritten = None

    def _keep(self, contact: Contact, reply: Reply, before: ContactState) -> None:
        """What the mail server said is known only here: while the database is away, this is tried again for a while."""
        with self.worker.watch.stage("record"):
            for pause in AGAIN_AFTER:
                try:
                    return self._write(contact, reply, before)
                except Unavailable:
                    if self.worker.ending():
                        raise
                    self.worker.wait(pause)
            self._write(contact, reply, before)

    def _write(self, contact: Contact, reply: Reply, before: ContactState) -> None:
        with self.open_work(SYSTEM) as work:
            _record(work, contact, reply, self.batch, before=before)


def _words(reply: Reply) -> str:
    """The server's words as they are kept."""
    return f"{reply.code or ''} {reply.text}".strip()


def _sent(work: Work, contact: Contact) -> None:
    service_mails.sent(work, contact)
    ending.sent(work, contact)


def _record(work: Work, contact: Contact, reply: Reply, batch: Batch, *, before: ContactState) -> None:
    said: dict[str, Any] = {"reply": _words(reply)}
    if reply.kind == "accepted":
        batch.taken(work)
        if deliveries.move(work, contact, S.ACCEPTED, before=before, values=said):
            _sent(work, contact)
    elif reply.kind == "unknown":
        doubtful = replace(contact, state=S.UNKNOWN, doubts=contact.doubts + 1)
        values = said | {"doubts": doubtful.doubts}
        if deliveries.move(work, contact, S.UNKNOWN, before=before, reason=IN_DOUBT, values=values):
            in_doubt(work, doubtful)
    else:
        _record_refusal(work, contact, reply, batch, before, said)


def _record_refusal(
    work: Work, contact: Contact, reply: Reply, batch: Batch, before: ContactState, said: dict[str, Any]
) -> None:
    verdict, offered = classify(reply), contact.deferrals + 1
    if verdict in ("policy", "account"):
        trouble = batch.refused(work, Kind(verdict), said["reply"])
        later = work.machine_now + slow_pause(offered) if verdict == "policy" else trouble.paused_until
        reason = REFUSED_BY_POLICY if verdict == "policy" else ACCOUNT_PAUSED
        put_off = {"retry_from": later, "deferrals": offered if verdict == "policy" else contact.deferrals}
        deliveries.move(work, contact, S.RETRY, before=before, reason=reason, values=said | put_off)
    elif verdict == "retry":
        put_off = {"retry_from": work.machine_now + pause_before(offered), "deferrals": offered}
        deliveries.move(work, contact, S.RETRY, before=before, reason="deferred", values=said | put_off)
    elif verdict == "bounced":
        if deliveries.move(work, contact, S.BOUNCED, before=before, reason="address_refused", values=said):
            missing_mails.bounced(work, contact)
    elif deliveries.move(work, contact, S.FAILED, before=before, reason="refused", values=said):
        missing_mails.note(work, contact, Cause.FAILED)


def in_doubt(work: Work, contact: Contact) -> None:
    """Sent once more, or put before the team: as the protocol says, and never a third time."""
    useful = work.now + BEFORE_ONCE_MORE < contact.not_after
    if contact.doubts == 1 and useful and _may_be_double(work, contact):
        doubts.once_more(work, contact)
    else:
        missing_mails.note(work, contact, Cause.UNKNOWN)


def _may_be_double(work: Work, contact: Contact) -> bool:
    """Our own mails may: a link or a code that comes twice is the same one."""
    if service_mail.is_own(contact.message):
        return True
    protocol = trials.folder_of(work, participants.by_id(work, contact.participant_id).protocol_id).protocol
    message = next((one for one in protocol.messages if one.id == contact.message), None)
    return message is not None and message.in_doubt == "send_once_more"
