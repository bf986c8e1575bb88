"""Fresh codes: who opens a link holds the mail; who types a code from the mail now holds the mailbox now.

Reading one's own data, changing the address, withdrawing and erasing ask for one. Wrong, lapsed and used codes are
answered alike, and so is asking for more mails than are sent in a day.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Literal

from trial.core.events import Event
from trial.core.links import make_code
from trial.core.participant import Participant
from trial.pages.service_mail import own_message
from trial.services import service_mails
from trial.storage import deliveries, events, fresh_codes, participants
from trial.storage.work import Work

# what a code is for: the person's own page, or a new address (the mail then goes there)
Purpose = Literal["me", "address"]
LIVES = timedelta(hours=1)
TRIES = 5
MAILS_A_DAY = 5
DAY = timedelta(days=1)


def ask(work: Work, participant_id: int, purpose: Purpose, *, to: str | None = None) -> None:
    """Send a fresh code, at most so many a day; the page says the same either way. Ring the worker afterwards."""
    person = participants.by_id(work, participant_id, lock=True)
    if person.erased_at is not None or _mails_today(work, person) >= MAILS_A_DAY:
        return
    generation = fresh_codes.renew(work, person, purpose, work.now + LIVES)
    name: Literal["code", "confirm_address"] = "code" if to is None else "confirm_address"
    service_mails.send(work, person, name, occurrence=generation, purpose=purpose, lives=LIVES, to=to)
    events.write(
        work, Event.CODE_SENT, trial_id=person.trial_id, participant_id=person.id, detail={"purpose": purpose}
    )  # fmt: skip


def _mails_today(work: Work, person: Participant) -> int:
    """Codes to whichever address: five wrong tries a mail, five mails a day, leave a guess one chance in 40,000."""
    codes = [own_message("code"), own_message("confirm_address")]
    return deliveries.count_since(work, person.id, codes, work.now - DAY)


def check(work: Work, participant_id: int, purpose: str, typed: str) -> bool:
    """Whether the code fits; then it is used up. A wrong try is counted, so nothing is raised for it."""
    person = participants.by_id(work, participant_id, lock=True)
    known = fresh_codes.state(work, person.id, purpose)
    if known is None:
        return False
    expected = make_code(work.keys.link, person.id, known.generation, purpose)
    given = typed.strip().replace(" ", "").encode(errors="replace")
    lapsed = known.tries >= TRIES or work.now >= known.expires_at
    if lapsed or not hmac.compare_digest(expected.encode(), given):
        fresh_codes.count_wrong(work, person.id, purpose)
        events.write(work, Event.CODE_REFUSED, trial_id=person.trial_id, participant_id=person.id)
        return False
    fresh_codes.use_up(work, person.id, purpose)
    return True
