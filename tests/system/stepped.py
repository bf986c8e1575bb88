"""A rehearsal in steps, on the real parts: mail over SMTP, the worker's rounds, the pages; with its time machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

from tests.system.living import OPERATOR, SENDER
from trial.cli.living import BASE_URL, open_rehearsal, send_all
from trial.mail.mailbox import started_mailbox
from trial.mail.smtp import SmtpMailer
from trial.protocol_files import read_folder, shipped
from trial.rehearsal.stepping import Parts, TimeMachine
from trial.services.delivery import Sender
from trial.storage.engine import connect, sqlite_url
from trial.storage.keys import load_keys
from trial.storage.work import Store
from trial.web.participant.app import create_participant_app
from workers.timetable import tick


@contextmanager
def stepped(place: Path, protocol: str, *, seed: int = 1) -> Iterator[TimeMachine]:
    """A new rehearsal of a shipped protocol in an empty folder."""
    folder = read_folder(shipped(protocol))
    with ExitStack() as stack:
        engine = connect(sqlite_url(place / "equipoise.sqlite"), durable=False)
        stack.callback(engine.dispose)
        store = Store(engine, load_keys(place / "keys"))
        open_rehearsal(store, folder, seed, BASE_URL)
        box = stack.enter_context(started_mailbox(place / "mailbox"))
        sender = Sender(stack.enter_context(closing(SmtpMailer(box.url))), SENDER, "test")
        app = create_participant_app(
            open_work=store.open_work, secret=store.keys.cookie, https=False, ring=lambda: None, hosts=["127.0.0.1"]
        )
        send = partial(send_all, store.open_work, partial(tick, store.open_work, sender))
        parts = Parts(store.open_work, app, BASE_URL, place, send, OPERATOR)
        yield stack.enter_context(closing(TimeMachine(parts, folder.protocol.id, seed)))
