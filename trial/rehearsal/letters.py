"""What pretend people and their mail programs write to the study, as mails that come in over the trial's own way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from trial.mail.inbox import Letter
from trial.mail.mailbox_files import StoredMail

OWN_WORDS = (
    "Thank you for the mail. I was away for some days, may I still do the exercise?",
    "The page did not open on my telephone yesterday. Today it does.",
    "I like this so far. How long will it go on?",
    "Could you tell me who else reads what I write?",
)
STOP = "STOP"
AWAY = "I am out of the office and will read your message when I am back."


def written(number: int, sender: str, to: str, answers: StoredMail, words: str, at: datetime, *, away: bool) -> bytes:
    """A mail of one person, the n-th of the rehearsal, that answers one of ours; `away` marks a machine's."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = ("Out of office: " if away else "Re: ") + answers.subject
    mail["Date"], mail["Message-ID"] = format_datetime(at), f"<pretend-{number}@mailbox.example>"
    if said := answers.headers.get("message-id"):
        mail["In-Reply-To"] = said
    if away:
        mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(words)
    return mail.as_bytes()


class OneLetter:
    """An inbox with one mail in it."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def unread(self, addresses: frozenset[str]) -> Iterator[Letter]:
        """The one."""
        yield Letter("1", self._raw)

    def done(self, key: str) -> None:
        """It is handed out once."""
