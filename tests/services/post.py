"""The real mail path for the tests: SMTP to the mailbox that ships, and what lies in it since the test began."""

from __future__ import annotations

import itertools
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from reports.consent_copy import as_pdf
from tests.services.scene import Scene
from trial.mail.mailbox import MailboxServer, StoredMail, read_mailbox, refuse, started_mailbox
from trial.mail.mailbox_files import REFUSED, last_number
from trial.mail.mailer import Envelope, Mailer, Reply
from trial.mail.smtp import SmtpMailer
from trial.services.delivery import Sender, run_once

_names = itertools.count(1)
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loading the system's certificates takes longer than a mail
LINK = re.compile(r"http://127\.0\.0\.1:8765/go/([\w-]+)")
CODE = re.compile(r"\b\d{6}\b")


class Post:
    """The mailbox, and senders that speak to it."""

    def __init__(self, server: MailboxServer) -> None:
        self.server = server
        self.before = last_number(server.directory)
        self.mailers: list[SmtpMailer] = []

    def mails(self, to: str = "") -> list[StoredMail]:
        """What arrived, in order; for one address where it is named."""
        return [one for one in read_mailbox(self.server.directory, self.before) if to in ("", one.envelope_to)]

    def subjects(self, to: str) -> list[str]:
        return [one.subject for one in self.mails(to)]

    def refuse(self, *lines: str) -> None:
        refuse(self.server.directory, *lines)

    def accept_all(self) -> None:
        (self.server.directory / REFUSED).unlink(missing_ok=True)

    def mailer(self, url: str | None = None) -> SmtpMailer:
        mailer = SmtpMailer(url or self.server.url, timeout=5, tls=_NO_TLS)
        self.mailers.append(mailer)
        return mailer

    def sender(self, mailer: Mailer | None = None) -> Sender:
        return Sender(mailer or self.mailer(), "study@trial.example", f"worker-{next(_names)}", as_pdf)

    def deliver(self, scene: Scene, mailer: Mailer | None = None) -> int:
        """Send all that is due; how many rows were taken."""
        sender, taken = self.sender(mailer), 0
        while found := run_once(scene.store.open_work, sender):
            taken += found
        return taken


class Meanwhile:
    """A mailer that lets something happen between RCPT and DATA, or after the server's answer: real SMTP otherwise."""

    def __init__(
        self,
        mailer: Mailer,
        *,
        before_data: Callable[[], object] | None = None,
        after: Callable[[], object] | None = None,
    ) -> None:
        self.mailer, self.before_data, self.after = mailer, before_data, after
        self.replies: list[Reply] = []

    def send(self, envelope: Envelope, content: Callable[[], bytes | None]) -> Reply:
        def then() -> bytes | None:
            if self.before_data:
                self.before_data()
            return content()

        reply = self.mailer.send(envelope, then)
        self.replies.append(reply)
        if self.after:
            self.after()
        return reply

    def check(self) -> None:
        self.mailer.check()

    def close(self) -> None:
        self.mailer.close()


@contextmanager
def opened_post(server: MailboxServer) -> Iterator[Post]:
    post = Post(server)
    try:
        yield post
    finally:
        post.accept_all()
        for mailer in post.mailers:
            mailer.close()


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailboxServer]:
    """One mail server for a file of tests."""
    with started_mailbox(tmp_path_factory.mktemp("mailbox")) as server:
        yield server


@pytest.fixture
def post(mailbox: MailboxServer) -> Iterator[Post]:
    """The mailbox as one test sees it: empty, and refusing nobody."""
    with opened_post(mailbox) as found:
        yield found
