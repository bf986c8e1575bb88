"""What people write back, what did not arrive and who is held, in a test's own trial, made by the services."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from hashlib import sha256

from tests.web.desk_matters import latest
from tests.web.place import Person, Place
from trial.core.access import SYSTEM
from trial.core.links import make_message_id
from trial.core.matters import MatterKind
from trial.core.missing import Cause
from trial.mail.inbox import Letter
from trial.services import fraud, missing_mails, replies
from trial.storage import deliveries, participants

FROM = "study@trial.example.org"
WORDS = "It was <b>too</b> long for me."


class Tray:
    """An inbox in memory."""

    def __init__(self, *letters: bytes) -> None:
        self.letters = dict(enumerate(letters))

    def unread(self, addresses: frozenset[str]) -> Iterator[Letter]:
        yield from [Letter(str(key), raw) for key, raw in self.letters.items()]

    def done(self, key: str) -> None:
        del self.letters[int(key)]


def write_back(place: Place, person: Person, text: str = WORDS, *, sender: str = "", known: bool = True) -> int:
    """Somebody answers the newest of their mails; the number of the matter."""
    message = EmailMessage()
    message["From"] = sender or person.address
    message["To"] = place.folder.protocol.administrative.contact_email
    message["Message-ID"] = f"<{sha256((text + sender).encode()).hexdigest()[:24]}@mailbox.example>"
    if known:
        with place.store.open_work(SYSTEM, write=False) as work:
            last = deliveries.of_participant(work, person.id)[0]
        message["In-Reply-To"] = make_message_id(place.keys.link, last.id, "trial.example.org")
    message.set_content(text)
    assert replies.receive(place.store.open_work, Tray(message.as_bytes()), FROM) == 1
    return latest(place, MatterKind.REPLY)


def miss(place: Place, person: Person, cause: Cause = Cause.UNKNOWN) -> int:
    """One of the person's mails did not arrive; the number of the matter."""
    with place.store.open_work(SYSTEM) as work:
        contact = deliveries.of_participant(work, person.id)[-1]
        if cause is Cause.BOUNCED:
            missing_mails.bounced(work, contact)
        else:
            missing_mails.note(work, contact, cause)
    return latest(place, MatterKind.MISSING_MAIL)


def hold(place: Place, person: Person) -> int:
    """The enrolment of somebody who has consented is held; the number of the matter."""
    with place.store.open_work(SYSTEM) as work:
        fraud.hold(work, participants.by_id(work, person.id, lock=True))
    return latest(place, MatterKind.HELD_ENROLMENT)
