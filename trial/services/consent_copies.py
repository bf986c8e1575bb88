"""The person's own copy of what they signed: on a page, in a file, and by mail where they ask for it.

The mailed copy goes to the address on file alone, so it needs no code; it is never sent unasked, for a PDF names the
study in an inbox. It bears no name: who wants that reads it after a fresh code.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from trial.core.access import SYSTEM
from trial.core.delivery import Contact
from trial.core.errors import Unavailable
from trial.core.events import Event
from trial.core.texts import say
from trial.pages import consent_copy
from trial.pages.consent_copy import CopyPage
from trial.pages.frame import Frame
from trial.pages.service_mail import own_message
from trial.services import service_mails
from trial.services.consent import Signed, signed
from trial.storage import deliveries, events, participants, trials
from trial.storage.work import OpenWork, Work

CONSENT_COPY = own_message("consent_copy")
ONE_IN = timedelta(days=1)


class PaperMaker(Protocol):
    """Makes a PDF of a page; reports do, and are handed in from outside."""

    def __call__(self, page: str, *, title: str, mark: str, language: str) -> bytes: ...


def ask(work: Work, participant_id: int) -> bool:
    """Send the copy to the address on file; False where one was asked for within a day. Ring the worker afterwards."""
    person = participants.by_id(work, participant_id, lock=True)
    signed(work, person.id)
    if deliveries.count_since(work, person.id, [CONSENT_COPY], work.now - ONE_IN):
        return False
    service_mails.send(work, person, "consent_copy")
    events.write(work, Event.COPY_ASKED, trial_id=person.trial_id, participant_id=person.id)
    return True


def view_of(found: Signed, zone: str, *, named: bool) -> CopyPage:
    """What a copy shows; with the name only where `named`."""
    form, language = found.folder.protocol.consent, found.language
    sharing = form.data_sharing if found.proof.data_sharing is not None else None
    return CopyPage(
        title=say(found.folder.protocol.title, language),
        text=found.folder.text(form.information, language),
        version=found.proof.version,
        statements=tuple(say(one.text, language) for one in form.statements if one.id in found.proof.statements),
        sharing=say(sharing.text, language) if sharing else "",
        shares=bool(found.proof.data_sharing),
        signature=found.signature if named else "",
        signed_at=found.proof.signed_at,
        zone=zone,
        digest=found.folder.digest,
    )


def bare_page(found: Signed, view: CopyPage) -> str:
    """The page without what leads on from it."""
    about = found.folder.protocol.administrative
    frame = Frame(language=found.language, contact_name=about.contact_name, contact_email=about.contact_email)
    return consent_copy.copy_page(frame, replace(view, saved=True))


def paper_for(open_work: OpenWork, contact: Contact, make: PaperMaker | None) -> bytes | None:
    """The PDF that goes with a mail, if one does. It is drawn outside of any transaction, for that takes a while."""
    if contact.message != CONSENT_COPY:
        return None
    if make is None:
        raise Unavailable("What draws a PDF", "the sender", "none was handed in")
    with open_work(SYSTEM, write=False) as work:
        found = signed(work, contact.participant_id)
        zone = participants.by_id(work, contact.participant_id).zone
        mark = trials.by_id(work, contact.trial_id).mark or ""
    view = view_of(found, zone, named=False)
    return make(bare_page(found, view), title=view.title, mark=mark, language=found.language)
