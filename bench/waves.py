"""A trial with many people whose mails fall due at the same instant, wave after wave, on a pretend clock.

Everyone is randomised by the trial's own service, so the ledger holds what it holds in a trial: 26 planned mails for
each person, links and sealed addresses included.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.runs.load import enrol
from trial.core.access import SYSTEM, Actor, Role
from trial.core.trial import Trial, TrialKind
from trial.protocol_files import read_folder, shipped
from trial.services import rehearsing, trials
from trial.services.trials import Chance
from trial.storage import schema
from trial.storage.engine import connect
from trial.storage.keys import load_keys
from trial.storage.work import Store

OPERATOR = Actor("operator:bench", Role.OPERATOR)
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
# the invitations of an evening at 19:00 and, two hours later, its reminders, which nobody's answer stops here
EVENINGS = [START.replace(hour=hour, minute=1) + timedelta(days=day) for day in range(1, 8) for hour in (19, 21)]


@contextmanager
def trial_of(people: int, folder: Path, database_url: str) -> Iterator[Store]:
    """A database with one trial and this many randomised people, all in one zone; commits reach the disk, as live."""
    engine = connect(database_url)
    try:
        schema.upgrade(engine)
        store = Store(engine, load_keys(folder / "keys"))
        trial = _open(store, people)
        with store.open_work(OPERATOR) as work:
            for number in range(1, people + 1):
                enrol(work, trial, number)
        yield store
    finally:
        engine.dispose()


def _open(store: Store, people: int) -> Trial:
    with store.open_work(OPERATOR) as work:
        rehearsing.start_clock(work, START)
    with store.open_work(OPERATOR) as work:
        return trials.open_trial(
            work,
            read_folder(shipped("shapira-mongrain-2010")),
            slug="bench",
            kind=TrialKind.REHEARSAL,
            base_url="http://127.0.0.1:8765",
            chance=Chance(b"s" * 32, b"t" * 32, b"c" * 32),
            target=people + 1,
        )


def move(store: Store, instant: datetime) -> None:
    """Let the pretend time be this instant: the next wave is due."""
    with store.open_work(SYSTEM) as work:
        rehearsing.move_clock(work, instant)


def require_all_accepted(store: Store, expected: int) -> None:
    """Stop the benchmark where a mail was skipped, refused or lost on the way."""
    with store.open_work(OPERATOR, write=False) as work:
        contacts = trials.status(work, "bench").contacts
    if contacts.keys() != {"accepted", "planned"} or contacts["accepted"] != expected:
        raise SystemExit(f"{expected} mails should have been accepted; the ledger says {contacts}")
