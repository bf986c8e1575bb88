"""The shipped trial in a home, a few evenings after six pretend people came in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.services.post import Post
from trial.cli.places import find_protocol, ready_store, settings_of
from trial.core.access import SYSTEM, Actor, Role, participant_actor
from trial.core.links import make_code
from trial.core.trial import Trial, TrialKind
from trial.protocol_files import ProtocolFolder
from trial.services import answers, consent, enrolment, rehearsing, trials
from trial.services.delivery import run_once
from trial.services.trials import Chance
from trial.storage import clock, participants
from trial.storage.work import Store, Work

START = datetime(2041, 3, 4, 9, 0, tzinfo=UTC)
OPERATOR = Actor("operator:test", Role.OPERATOR)
ELIGIBLE = {"age": "34", "reads_english": "yes", "daily_email": "yes"}


def evenings(home: Path, post: Post, *, people: int, days: int) -> None:
    """A trial named `evenings`: everybody randomised on the first day, and every mail of `days` days sent."""
    store = ready_store(settings_of(home=home), new=True)
    folder = find_protocol("shapira-mongrain-2010")
    with store.open_work(OPERATOR) as work:
        rehearsing.start_clock(work, START)
    with store.open_work(OPERATOR) as work:
        trial = trials.open_trial(
            work, folder, slug="evenings", kind=TrialKind.REHEARSAL, base_url="http://127.0.0.1:8765",
            chance=Chance(b"s" * 32, b"t" * 32, b"c" * 32), target=None,
        )  # fmt: skip
    for number in range(people):
        _enrol(store, trial, folder, f"person{number}@mailbox.example")
    _send_until(store, post, START + timedelta(days=days))
    store.engine.dispose()


def _enrol(store: Store, trial: Trial, folder: ProtocolFolder, email: str) -> None:
    with store.open_work(SYSTEM) as work:
        screened = enrolment.screen(work, trial, ELIGIBLE, "poster", submission=email)
        assert screened.id is not None
        enrolment.give_address(work, trial, screened.id, email=email, language="en", zone="Europe/Berlin")
        person = participants.screening_of(work, trial.id, screened.id).participant_id
        assert person is not None
        code = make_code(store.keys.link, person, participants.code_state(work, person).generation)
        enrolment.confirm_address(work, trial, screened.id, code)
    ticked = [one.id for one in folder.protocol.consent.statements]
    with store.open_work(participant_actor(person)) as work:
        occasion = consent.consent(work, person, ticked=ticked, signature="R. Example").occasion_id
        assert occasion is not None
        form = _lowest(folder, folder.protocol.baseline.activities[0])
        assert answers.submit(work, person, occasion, form, submission="baseline", opened_at=work.now).allocated


def _lowest(folder: ProtocolFolder, activity: str) -> dict[str, str]:
    """The first answer to every closed item of a questionnaire."""
    instruments = [folder.instruments[code] for code in folder.protocol.activity(activity).instruments]
    return {
        one.column(item): str(one.choices_of(item)[0].value)
        for one in instruments
        for item in one.items
        if one.choices_of(item)
    }


def _send_until(store: Store, post: Post, end: datetime) -> None:
    sender = post.sender()
    while True:
        while run_once(store.open_work, sender):
            pass
        with store.open_work(OPERATOR) as work:
            due = rehearsing.next_due(work)
            _move(work, min(due or end, end))
            if due is None or due > end:
                return


def _move(work: Work, moment: datetime) -> None:
    clock.move(work, moment)
