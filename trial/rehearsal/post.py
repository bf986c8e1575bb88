"""How mails reach pretend people: as the files of the local mailbox, or handed over in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from trial.mail.compose import Mail
from trial.mail.mailbox_files import StoredMail, mail_path, read_mail, refuse
from trial.mail.mailer import Envelope, Reply

_NO_SUCH_MAILBOX = Reply("refused", 550, "5.1.1 No such mailbox", "rcpt")


class MailboxFolder:
    """The folder of the local mailbox, read in the order in which its server took the mails."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read = 0

    def arrived(self) -> Sequence[StoredMail]:
        """The mails that came since it was last asked."""
        found = []
        while mail_path(self._directory, self._read + 1).exists():
            self._read += 1
            found.append(read_mail(self._directory, self._read))
        return found

    def refuse(self, address: str) -> None:
        """From now on the mail server refuses this address."""
        refuse(self._directory, address)


class HandedOver:
    """A mailer and the post box that it fills: no server between them, and each mail as `words_alone` wrote it.

    It answers what the local mailbox answers, so the ledger tells the same of each mail.
    """

    def __init__(self) -> None:
        self._came: list[StoredMail] = []
        self._refused: set[str] = set()
        self._taken = 0

    def send(self, envelope: Envelope, content: Callable[[], bytes | None]) -> Reply:
        """Offer one mail; see `Mailer.send`."""
        if envelope.recipient.casefold() in self._refused:
            return _NO_SUCH_MAILBOX
        written = content()
        if written is None:
            return Reply("withdrawn", None, "")
        self._taken += 1
        subject, text, message_id = json.loads(written)
        headers = {"message-id": message_id}
        self._came.append(StoredMail(self._taken, envelope.recipient, subject, None, text, "", headers))
        return Reply("accepted", 250, f"2.0.0 OK: kept as {self._taken}", "content")

    def check(self) -> None:
        """There is nothing that could be away."""

    def close(self) -> None:
        """There is nothing to leave."""

    def arrived(self) -> Sequence[StoredMail]:
        """The mails that came since it was last asked."""
        came, self._came = self._came, []
        return came

    def refuse(self, address: str) -> None:
        """From now on mail to this address is refused."""
        self._refused.add(address.casefold())


def words_alone(mail: Mail) -> bytes:
    """What a pretend person reads of a mail: its subject, its words and its links, with nothing drawn; and its id."""
    words = [mail.body_markdown, *(address for _, address in mail.footer_links)]
    return json.dumps([mail.subject, "\n".join(words), mail.message_id]).encode()
