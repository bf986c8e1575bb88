"""Many people of one small trial, allocated and with all their mails planned, on a pretend clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tests.core.protocols import rewritten
from trial.core.access import SYSTEM, Actor, Role
from trial.core.participant import ParticipantState
from trial.core.trial import TrialKind
from trial.protocol_files import ProtocolFolder
from trial.services import rehearsing, trials
from trial.services.randomization import randomize
from trial.services.trials import Chance
from trial.storage import clock, participants, schema, vault
from trial.storage.work import Store

OPERATOR = Actor("operator:faults", Role.OPERATOR)
START = datetime(2041, 3, 4, 9, 0, tzinfo=UTC)
SLUG = "evenings"
# an evening's invitation that is never sent twice, and its reminder, which is sent once more where in doubt
HELD_OR_ONCE_MORE = rewritten(("{id: evening, stream: exercises,", "{id: evening, stream: exercises, in_doubt: hold,"))


def address(number: int) -> str:
    return f"p{number:05d}@mailbox.example"


def gather(
    store: Store,
    folder: ProtocolFolder,
    people: int,
    *,
    start: datetime | None = START,
    zone_of: Callable[[int], str] = lambda _: "UTC",
) -> list[int]:
    """A migrated database, one trial, and this many people straight to their allocation; their ids in order.

    Without a `start` the trial is a test on the database's own time.
    """
    schema.upgrade(store.engine)
    kind = TrialKind.REHEARSAL if start else TrialKind.TEST
    if start:
        with store.open_work(OPERATOR) as work:
            rehearsing.start_clock(work, start)
    with store.open_work(OPERATOR) as work:
        trial = trials.open_trial(
            work, folder, slug=SLUG, kind=kind, base_url="http://127.0.0.1:8765",
            chance=Chance(b"s" * 32, b"t" * 32, b"c" * 32), target=people + 1, placeholder_wording=True,
        )  # fmt: skip
    ids = []
    with store.open_work(OPERATOR) as work:
        for number in range(people):
            person = participants.add(
                work, trial.id, protocol_id=trial.protocol_id, language="en", zone=zone_of(number), source="",
                code_expires_at=work.now,
            )  # fmt: skip
            vault.keep_identity(work, trial.id, person.id, address(number))
            for state in (ParticipantState.CONFIRMED, ParticipantState.CONSENTED):
                person = participants.change_state(work, person, state)
            randomize(work, person, {"low_mood": float(number % 9)})
            ids.append(person.id)
    return ids


def move(store: Store, moment: datetime) -> None:
    """The pretend clock, whatever is due."""
    with store.open_work(SYSTEM) as work:
        clock.move(work, moment)
