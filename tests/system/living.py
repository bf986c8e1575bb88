"""One trial on a pretend calendar, served over HTTP, with real SMTP: what a person in a real browser lives through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.servers.http import served
from trial.core.access import Actor, Role
from trial.core.trial import TrialKind
from trial.mail.mailbox import StoredMail, read_mailbox, started_mailbox
from trial.mail.smtp import SmtpMailer
from trial.protocol_files import ProtocolFolder, read_folder, shipped
from trial.services import rehearsing, trials
from trial.services.delivery import Sender
from trial.services.trials import Chance
from trial.storage import schema
from trial.storage.engine import connect
from trial.storage.keys import load_keys
from trial.storage.work import Store
from trial.web.participant.app import create_participant_app
from workers.timetable import tick

OPERATOR = Actor("operator:test", Role.OPERATOR)
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SENDER = "study@trial.example.org"


@dataclass(frozen=True, slots=True)
class Living:
    """`base` is where the pages are; `folder` the protocol; every mail that was sent lies in `mailbox`."""

    store: Store
    base: str
    slug: str
    folder: ProtocolFolder
    mailbox: Path
    sender: Sender

    @property
    def now(self) -> datetime:
        with self.store.open_work(OPERATOR, write=False) as work:
            return work.now

    def send(self) -> None:
        """What a worker does on a tick."""
        tick(self.store.open_work, self.sender)

    def later(self, **length: float) -> None:
        """Let time pass; every mail leaves at its own hour."""
        self.until(self.now + timedelta(**length))

    def until(self, moment: datetime) -> None:
        self.send()
        while (due := self._next()) is not None and due <= moment:
            self._move(due)
            self.send()
        self._move(moment)
        self.send()

    def _next(self) -> datetime | None:
        with self.store.open_work(OPERATOR, write=False) as work:
            return rehearsing.next_due(work)

    def _move(self, moment: datetime) -> None:
        with self.store.open_work(OPERATOR) as work:
            if moment > work.now:
                rehearsing.move_clock(work, moment)

    def mails(self, address: str) -> list[StoredMail]:
        """Everything that was sent to this address, in order."""
        return [one for one in read_mailbox(self.mailbox) if one.envelope_to == address]


@contextmanager
def living(place: Path, database_url: str, protocol: str) -> Iterator[Living]:
    """Open a rehearsal of a shipped protocol and serve its pages until the end of the block."""
    folder = read_folder(shipped(protocol))
    with ExitStack() as stack:
        engine = connect(database_url, durable=False)
        stack.callback(engine.dispose)
        schema.upgrade(engine)
        store = Store(engine, load_keys(place / "keys"))
        with store.open_work(OPERATOR) as work:
            rehearsing.start_clock(work, START)
        box = stack.enter_context(started_mailbox(place / "mailbox"))
        sender = Sender(stack.enter_context(closing(SmtpMailer(box.url))), SENDER, "test")
        app = create_participant_app(
            open_work=store.open_work, secret=store.keys.cookie, https=False, ring=lambda: None, hosts=["127.0.0.1"]
        )
        base = stack.enter_context(served(app))
        with store.open_work(OPERATOR) as work:
            chance = Chance(b"s" * 32, b"t" * 32, b"c" * 32)
            trials.open_trial(
                work, folder, slug="trial", kind=TrialKind.REHEARSAL, base_url=base, chance=chance, target=100
            )
        yield Living(store, base, "trial", folder, box.directory, sender)
