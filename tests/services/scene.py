"""One open trial on a pretend clock, with the steps that people take in it, all through the services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.core.protocols import FOLDER
from trial.core.access import SYSTEM, Actor, Role, participant_actor
from trial.core.delivery import Contact
from trial.core.links import make_code
from trial.core.participant import Occasion, Participant, StopLevel
from trial.core.randomization import Entries
from trial.core.trial import Trial, TrialKind
from trial.protocol_files import ProtocolFolder
from trial.services import answers, consent, enrolment, preparing, rehearsing, stopping, trials
from trial.services.answers import Submitted
from trial.services.trials import Chance
from trial.storage import clock, deliveries, events, occasions, participants
from trial.storage import trials as stored_trials
from trial.storage.work import Store, Work

# far from today, so that a pretend time in the place of a machine's, or the reverse, cannot pass
START = datetime(2041, 3, 4, 9, 0, tzinfo=UTC)
OPERATOR = Actor("operator:test", Role.OPERATOR)
CHANCE = Chance(b"s" * 32, b"t" * 32, b"c" * 32)
BASE = "http://127.0.0.1:8765"
ELIGIBLE = {"age": "34", "reads_english": "yes", "region": "north"}
MOODS = ({"feeling_1": "0", "feeling_2": "1", "feeling_3": "0"}, {"feeling_1": "3", "feeling_2": "3", "feeling_3": "2"})
SENSITIVE = "something nobody but the person may read"


# each form that is filled in is a submission of its own
FORMS = count(1)


def past_the_gate(work: Work, folder: ProtocolFolder, slug: str, target: int | None) -> Trial:
    """A live trial that is open: tests of what follows need no evidence for a gate."""
    prepared = preparing.prepare(work, folder, slug=slug, base_url=BASE)
    if target is not None:
        stored_trials.prepare_anew(work, prepared, target=target, base_url=BASE)
    opened = stored_trials.open_prepared(work, prepared)
    trials.seal_and_begin(work, opened, folder, CHANCE)
    return opened


class Scene:
    """A trial with its store; every method is one unit of work at the present pretend time."""

    def __init__(
        self,
        store: Store,
        *,
        folder: ProtocolFolder = FOLDER,
        target: int | None = None,
        kind: TrialKind = TrialKind.REHEARSAL,
        slug: str = "evenings",
        pretend: bool = True,
        entries: Entries | None = None,
    ) -> None:
        self.store, self.folder, self.slug = store, folder, slug
        self.numbers = count(1)
        if pretend:
            with self.work(OPERATOR) as work:
                if not rehearsing.is_pretend(work):
                    rehearsing.start_clock(work, START)
        with self.work(OPERATOR) as work:
            if kind is TrialKind.LIVE:
                opened = past_the_gate(work, folder, slug, target)
            else:
                opened = trials.open_trial(
                    work, folder, slug=slug, kind=kind, base_url=BASE, chance=CHANCE, target=target,
                    entries=entries,
                )  # fmt: skip
        self.id = opened.id

    @contextmanager
    def work(self, by: Actor = SYSTEM, *, write: bool = True) -> Iterator[Work]:
        with self.store.open_work(by, write=write) as work:
            yield work

    @property
    def trial(self) -> Trial:
        with self.work(write=False) as work:
            return stored_trials.by_id(work, self.id)

    @property
    def now(self) -> datetime:
        with self.work(write=False) as work:
            return work.now

    def move(self, **later: float) -> None:
        """Move the pretend clock forward, whatever is due: `rehearsing.move_clock` would wait for that."""
        with self.work(OPERATOR) as work:
            clock.move(work, work.now + timedelta(**later))

    def move_to(self, moment: datetime) -> None:
        with self.work(OPERATOR) as work:
            clock.move(work, moment)

    # --- the way in ------------------------------------------------------------------------------------------

    def screen(self, **answers: str) -> enrolment.Screening:
        with self.work() as work:
            trial = stored_trials.by_id(work, self.id)
            return enrolment.screen(work, trial, ELIGIBLE | answers, "poster", submission=f"form-{next(FORMS)}")

    def eligible(self, **answers: str) -> int:
        screened = self.screen(**answers)
        assert screened.id is not None
        assert screened.eligible
        return screened.id

    def give(self, screening: int, email: str, *, zone: str = "Europe/Berlin", language: str = "en") -> str | None:
        with self.work() as work:
            trial = stored_trials.by_id(work, self.id)
            return enrolment.give_address(work, trial, screening, email=email, language=language, zone=zone)

    def confirm(self, screening: int, code: str) -> int | None:
        with self.work() as work:
            return enrolment.confirm_address(work, stored_trials.by_id(work, self.id), screening, code)

    def consent(self, person: int, *ticked: str, signature: str = "R. Example", **said: Any) -> consent.Consented:
        with self.work(participant_actor(person)) as work:
            return consent.consent(work, person, ticked=ticked or ("read", "free"), signature=signature, **said)

    def to_code(
        self, email: str | None = None, *, screened: Mapping[str, str] | None = None, **options: Any
    ) -> tuple[int, int]:
        """Up to the mail with the code: (screening, participant). `screened` are answers beside the usual ones."""
        screening = self.eligible(**screened or {})
        assert self.give(screening, email or self.new_address(), **options) is None
        with self.work(write=False) as work:
            person = participants.screening_of(work, self.id, screening).participant_id
        assert person is not None
        return screening, person

    def to_consent(self, email: str | None = None, **options: Any) -> int:
        screening, person = self.to_code(email, **options)
        assert self.confirm(screening, self.code(person)) == person
        return person

    def to_baseline(self, email: str | None = None, **options: Any) -> tuple[int, int]:
        """Consented: (participant, occasion of the baseline)."""
        person = self.to_consent(email, **options)
        occasion = self.consent(person).occasion_id
        assert occasion is not None
        return person, occasion

    def enrol(self, email: str | None = None, *, mood: int = 0, **options: Any) -> int:
        """All the way to the allocation."""
        person, occasion = self.to_baseline(email, **options)
        assert self.submit(person, occasion, MOODS[mood]).allocated
        return person

    def submit(
        self, person: int, occasion: int, form: Mapping[str, str], *, submission: str | None = None
    ) -> Submitted:
        with self.work(participant_actor(person)) as work:
            return answers.submit(
                work, person, occasion, form, submission=submission or f"form-{occasion}", opened_at=work.now
            )

    def stop(self, person: int, level: StopLevel, reason: str = "no_time") -> None:
        with self.work(participant_actor(person)) as work:
            stopping.stop(work, person, level, reason)

    # --- looking ---------------------------------------------------------------------------------------------

    def new_address(self) -> str:
        return f"person{next(self.numbers)}@mailbox.example"

    def code(self, person: int) -> str:
        """The code that is out."""
        with self.work(write=False) as work:
            return make_code(self.store.keys.link, person, participants.code_state(work, person).generation)

    def wrong_code(self, person: int) -> str:
        return f"{(int(self.code(person)) + 1) % 1_000_000:06d}"

    def person(self, person: int) -> Participant:
        with self.work(write=False) as work:
            return participants.by_id(work, person)

    def occasions(self, person: int, timepoint: str = "evening") -> list[Occasion]:
        with self.work(write=False) as work:
            return [one for one in occasions.of_participant(work, person) if one.timepoint == timepoint]

    def contacts(self, person: int | None = None, message: str = "") -> list[Contact]:
        """The ledger, of one person and message where they are named, in the order of falling due."""
        with self.work(write=False) as work:
            found = deliveries.of_trial(work, self.id)
        wanted = [
            one for one in found if person in (None, one.participant_id) and message in ("", one.message)
        ]  # fmt: skip
        return sorted(wanted, key=lambda one: (one.due_at, one.id))

    def events(self, person: int | None = None) -> list[str]:
        """What happened, by name, in order; of one person where named."""
        with self.work(write=False) as work:
            return [one.event.value for one in events.of_trial(work, self.id) if person in (None, one.participant_id)]


def unlike(contact: Contact, **parts: Any) -> Contact:
    """A contact as somebody else holds it."""
    return replace(contact, **parts)
