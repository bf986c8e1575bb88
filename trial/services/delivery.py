"""Sending: claim what is due, look once more just before DATA, record what became of it.

One delivery is several units of work: the claim (where most reasons not to send are found), the last look, which
commits `data_started` just before the mail is drawn and its DATA begins (taken back where it finds that the mail is not
to leave), and the result, which is written in the next one's last look. A crash between DATA and the result leaves a
row that nobody can be sure of: `unknown`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from trial.core.access import SYSTEM
from trial.core.delivery import (
    ACCOUNT_PAUSED,
    AFTER_ANOTHER,
    AT_ONCE,
    BEFORE_ANOTHER,
    GIVEN_BACK,
    IN_DOUBT,
    QUIET,
    Contact,
    ContactState,
    SendFacts,
    Verdict,
    decide,
)
from trial.core.errors import EquipoiseError
from trial.core.missing import Cause
from trial.core.participant import Participant, StopLevel
from trial.core.quiet import quiet_end
from trial.core.return_addresses import address_for
from trial.mail.compose import Mail, compose
from trial.mail.mailer import Envelope, Mailer
from trial.pages import service_mail
from trial.services import branching, consent_copies, drawing, ending, missing_mails, recording, service_mails, troubles
from trial.services.consent_copies import PaperMaker
from trial.services.pausing import after_pause, is_in_between, may_wait
from trial.services.recording import Recorder
from trial.services.watching import NOBODY, Watch
from trial.storage import claims, deliveries, pace, situations, trials
from trial.storage.situations import Situation
from trial.storage.work import OpenWork, Work

S = ContactState
# so many are claimed at once; by an account with a pace fewer, for what is in hand comes on top of a minute's number
BATCH, PACED = 50, 20
# a claim in seconds that is worth going on with: the rest of a slow batch is given back while the lease still holds
WORTH = deliveries.LEASE.total_seconds() / 2


@dataclass(frozen=True, slots=True)
class Sender:
    """What sends: a mailer that belongs to this thread, the address that mails come from, and this worker's name.

    `paper` draws the PDF of a copy that somebody asked for; `desk_url` is where the team's pages are. By `account` at
    most `per_minute` mails leave, over all workers; 0 is no limit. Where `bounces` is set, each mail has an envelope
    sender of its own, made from it. `ending` says that whoever runs this was told to end: the mail in hand is finished,
    the others that were taken with it are given back.
    `watch` is told how long each stage takes. `compose` makes the bytes of a mail; a rehearsal without a mail server
    has one that draws nothing.
    """

    mailer: Mailer
    mail_from: str
    owner: str
    paper: PaperMaker | None = None
    desk_url: str = "http://127.0.0.1:8766"
    account: str = ""
    per_minute: int = 0
    bounces: str = ""
    ending: Callable[[], bool] = bool  # which says no
    wait: Callable[[float], object] = time.sleep
    watch: Watch = NOBODY
    compose: Callable[[Mail], bytes] = compose

    def envelope_from(self, link_key: bytes, delivery_id: int) -> str:
        """Where a mail comes back to that cannot be delivered."""
        return address_for(link_key, self.bounces, delivery_id) if self.bounces else self.mail_from


def allowed(open_work: OpenWork, sender: Sender, wanted: int) -> tuple[int, float]:
    """(how many mails may leave now, seconds until one more may): the account's pace, whoever sends by it."""
    if not sender.per_minute:
        return wanted, 0.0
    with open_work(SYSTEM) as work:
        return pace.take(work, sender.account, wanted, sender.per_minute)


def not_used(open_work: OpenWork, sender: Sender, number: int) -> None:
    """Give back what was allowed and found nothing due."""
    if number and sender.per_minute:
        with open_work(SYSTEM) as work:
            pace.give_back(work, sender.account, number)


def run_once(open_work: OpenWork, sender: Sender, *, limit: int = BATCH) -> int:
    """Handle one batch of due contacts; returns how many rows were taken (0: nothing is due)."""
    return run_batch(open_work, sender, limit=limit)[0]


def run_batch(open_work: OpenWork, sender: Sender, *, limit: int = BATCH) -> tuple[int, int]:
    """The same: (rows taken, mails that the server was offered). What is left out costs nothing of the pace."""
    offered = 0
    with sender.watch.stage("claim"), open_work(SYSTEM) as work:
        for lost in claims.release_lapsed(work, sender.owner):
            recording.in_doubt(work, lost)
        batch = troubles.begin(work, sender.account, limit)
        taken = claims.claim(work, owner=sender.owner, limit=batch.may) if batch.may else []
        around = situations.of_several(work, [contact.id for contact in taken])
        ready = [contact for contact in taken if _ready(work, contact, around[contact.id], last_look=False)]
        addresses = _addresses(work, ready)
        comes_back_to = {one.id: sender.envelope_from(work.keys.link, one.id) for one in ready}
    addressed = [(one, (comes_back_to[one.id], addresses[one.id])) for one in ready if one.id in addresses]
    sender.watch.claimed(len(taken))
    since = time.monotonic()
    with Recorder(open_work, batch, sender).kept() as recorder:
        for number, (contact, ends) in enumerate(addressed):
            slow = number > 0 and time.monotonic() - since > WORTH
            if batch.paused_until is not None or sender.ending() or slow:
                _give_back(open_work, [one for one, _ in addressed[number:]], batch.paused_until)
                break
            offered += _deliver(open_work, sender, contact, ends, recorder)
    return len(taken), offered


def _give_back(open_work: OpenWork, left: Sequence[Contact], until: datetime | None) -> None:
    """The account has paused in the middle of a batch: the rest waits as well, and does not run into the same. Or this
    worker was told to end, or its server is slow: nobody has to wait for the lease of what it will not come to."""
    reason = GIVEN_BACK if until is None else ACCOUNT_PAUSED
    with open_work(SYSTEM) as work:
        for one in left:
            deliveries.move(work, one, S.RETRY, before=S.CLAIMED, reason=reason, values={"retry_from": until})


def anything_due(open_work: OpenWork) -> bool:
    """Whether a claim would find a row: a cheap look that takes no write lock."""
    with open_work(SYSTEM, write=False) as work:
        return deliveries.any_open(work)


def _ready(work: Work, contact: Contact, around: Situation, *, last_look: bool = True) -> bool:
    verdict = decide(facts(work, contact, around))
    if verdict.reason == AFTER_ANOTHER and not last_look:
        return True  # that other one may be in the same batch, and come to its end before this one's turn
    if verdict.state is None and (end := ending.still_to_come(work, contact, around.person)):
        return deliveries.postpone(work, contact, end)
    if verdict.state in (S.SKIPPED_LATE, S.SUPPRESSED) and contact.doubts:
        # it is not sent once more, and so nobody will ever know more of it
        if deliveries.move(work, contact, S.UNKNOWN, before=S.CLAIMED, reason=IN_DOUBT):
            missing_mails.note(work, contact, Cause.UNKNOWN)
    elif verdict.state is not None:
        later = _later(work, contact, around, verdict) if verdict.state is S.RETRY else None
        deliveries.move(work, contact, verdict.state, before=S.CLAIMED, reason=verdict.reason, values=later)
    return verdict.state is None


def _later(work: Work, contact: Contact, around: Situation, verdict: Verdict) -> dict[str, datetime]:
    """When it is looked at again: in the morning, when the pause is over, or when another one has left."""
    if verdict.reason == AFTER_ANOTHER:
        return {"retry_from": work.machine_now + BEFORE_ANOTHER}
    if verdict.reason == QUIET:
        morning = _quiet_until(work, contact, around)
        assert morning is not None
        return {"due_at": morning}
    return after_pause(contact, around.person)


def _quiet_until(work: Work, contact: Contact, around: Situation) -> datetime | None:
    """When the night ends where the person lives; None by day, and for what follows at once from what they just did.

    Its reminders come later, and find nobody awake.
    """
    follows = contact.reminder == 0 and contact.local_rule.startswith("at once")
    if follows and work.now - contact.due_at < AT_ONCE:
        return None
    calendar = trials.folder_of(work, around.person.protocol_id).protocol.calendar
    return quiet_end(calendar, work.now, around.person.zone)


def _addresses(work: Work, ready: Sequence[Contact]) -> dict[int, str]:
    """Where to write to; somebody whose data were erased is written to no more, and holds up no other."""
    found = service_mails.addresses_for(work, ready)
    for one in ready:
        if one.id not in found:
            deliveries.move(work, one, S.SUPPRESSED, before=S.CLAIMED, reason="erased")
    return found


def facts(work: Work, contact: Contact, around: Situation) -> SendFacts:
    """What is true of a mail at this moment."""
    occasion, person = around.occasion, around.person
    last = contact.message in ending.ENDING
    over = around.trial.is_locked
    return SendFacts(
        now=work.now,
        not_after=contact.not_after,
        trial_sends=around.trial.sends or (last and over),
        trial_over=over and not last,
        wanted=_wanted(contact, person),
        answered=occasion is not None and occasion.done_at is not None,
        window_closed=occasion is not None and work.now >= occasion.closes_at,
        passed_over=occasion is not None and occasion.passed_over_at is not None,
        muted=around.muted,
        address_bounced=person.bounced_at is not None,
        asked=_asked(work, contact, around),
        paused=contact.stream != "service" and person.is_paused(work.now),
        waits=person.is_paused(work.now) and may_wait(work, contact, around),
        suspended=person.suspended_at is not None,
        too_many_reminders=person.fewer_reminders and is_in_between(work, contact, person),
        own=service_mail.is_own(contact.message) and not last,
        quiet_until=_quiet_until(work, contact, around),
        overtaken=around.beside == situations.LEFT_SINCE,
        after_another=around.beside == situations.STILL_TO_LEAVE,
    )


def _asked(work: Work, contact: Contact, around: Situation) -> bool:
    """What nobody asks of this person is not announced to them: an item of the plan has its rule at this moment."""
    if around.occasion is None or around.occasion.done_at is not None:
        return True
    folder = trials.folder_of(work, around.person.protocol_id)
    return branching.is_sent(work, folder, around.person, contact.message, around.occasion)


def _wanted(contact: Contact, person: Participant) -> bool:
    """Whether the person still takes mails of this kind; who stopped everything reads the end on a page."""
    if contact.message in ending.ENDING:
        return person.stopped is not StopLevel.EVERYTHING
    return contact.stream == "service" or person.takes(exercise=contact.stream == "exercises")


def _deliver(open_work: OpenWork, sender: Sender, contact: Contact, ends: tuple[str, str], recorder: Recorder) -> bool:
    """Hand one mail over; False where it was not offered, or withdrawn at the last look."""
    started: list[bool] = []
    recorder.before(contact)
    try:
        envelope = Envelope(*ends)
        paper = consent_copies.paper_for(open_work, contact, sender.paper)
    except (EquipoiseError, RuntimeError, ValueError) as error:
        with open_work(SYSTEM) as work:
            _fail(work, contact, error)
        return False

    def draw(work: Work, around: Situation) -> bytes:
        with sender.watch.stage("render"):
            mail = drawing.mail(work, contact, around, envelope.recipient, sender.mail_from)
            return sender.compose(replace(mail, paper=paper) if paper else mail)

    def content() -> bytes | None:
        """The last look: still wanted? Then the mail, with `data_started` committed before any of it leaves."""
        with sender.watch.stage("look"):
            mail = recorder.begun(contact, lambda work, around: _if_wanted(work, contact, around, draw))
            if mail is None:
                mail = _looked_at(open_work, contact, draw)
        if mail is not None:
            started.append(True)
        return mail

    with sender.watch.stage("smtp"):
        reply = sender.mailer.send(envelope, content)
    if reply.kind == "withdrawn":
        return False
    recorder.said(contact, reply, before=S.DATA_STARTED if started else S.CLAIMED)
    return True


Draw = Callable[[Work, Situation], bytes]


def _if_wanted(work: Work, contact: Contact, around: Situation, draw: Draw) -> bytes | None:
    """The mail, where nothing stands against it; what does is written down by itself."""
    if decide(facts(work, contact, around)).state is not None or ending.still_to_come(work, contact, around.person):
        return None
    try:
        return draw(work, around)
    except ValueError:
        return None


def _looked_at(open_work: OpenWork, contact: Contact, draw: Draw) -> bytes | None:
    """The last look with all that can come of it; None where the mail does not leave, or cannot be made (an unsafe
    value, too large)."""
    with open_work(SYSTEM) as work:
        around = situations.of_one_held(work, contact.id)
        if not _ready(work, contact, around):
            return None
        try:
            mail = draw(work, around)
        except ValueError as error:
            _fail(work, contact, error)
            return None
        return mail if deliveries.move(work, contact, S.DATA_STARTED, before=S.CLAIMED) else None


def _fail(work: Work, contact: Contact, error: Exception) -> None:
    """A mail that cannot be made fails by itself and holds up no other."""
    said = {"reply": f"{type(error).__name__}: {error}"[:500]}
    if deliveries.move(work, contact, S.FAILED, before=S.CLAIMED, reason="cannot_be_composed", values=said):
        missing_mails.note(work, contact, Cause.FAILED)
