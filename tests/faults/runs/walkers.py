"""People on the way in through the real pages, who try each step again until it is acknowledged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select

from tests.web.place import BASE, ELIGIBLE, OPERATOR, SLUG, START, Person, Place, full_answers, signature_and_ticks
from trial.core.trial import TrialKind
from trial.protocol_files import read_folder, shipped
from trial.services import rehearsing, trials
from trial.services.trials import Chance
from trial.storage import answer_sheets, participants, schema, vault
from trial.storage.tables import consent
from trial.storage.work import Store

PROTOCOL = shipped("shapira-mongrain-2010")
STEPS = ("agreed", "screened", "address", "code", "consent", "baseline")


class OnADisk(Place):
    """The tests' place on a database of the run."""

    def __init__(self, store: Store) -> None:
        self.store, self.keys, self.rings = store, store.keys, 0
        schema.upgrade(store.engine)
        with store.open_work(OPERATOR) as work:
            rehearsing.start_clock(work, START)
        self.folder = read_folder(PROTOCOL)
        with store.open_work(OPERATOR) as work:
            self.trial = trials.open_trial(
                work, self.folder, slug=SLUG, kind=TrialKind.REHEARSAL, base_url=BASE,
                chance=Chance(b"s" * 32, b"t" * 32, b"c" * 32), target=10_000,
            )  # fmt: skip
        self.app = self.application()


@dataclass
class Walker:
    """Somebody on the way in, who tries each step again until it is acknowledged."""

    person: Person
    at: str = f"/{SLUG}/notice"
    done: list[str] = field(default_factory=list)
    refusals: Counter[int] = field(default_factory=Counter)

    @property
    def through(self) -> bool:
        return len(self.done) == len(STEPS)

    def step(self) -> bool:
        """The next form; whether it was acknowledged, which a redirect to the next page is."""
        shown = self.person.get(self.at)
        reply = self.person.submit(self._typed(STEPS[len(self.done)]), follow=False) if shown.status == 200 else shown
        if reply.status == 303:
            self.done.append(STEPS[len(self.done)])
            self.at = reply.headers["location"]
            return True
        if reply.status < 400:
            raise AssertionError(f"the form of {STEPS[len(self.done)]} was not understood: {reply.words[:300]}")
        self.refusals[reply.status] += 1
        return False

    def _typed(self, name: str) -> dict[str, str]:
        place = self.person.place
        if name == "agreed":
            return {"agree": "yes"}
        if name == "address":
            return {"email": self.person.address, "zone": "Europe/Berlin"}
        if name == "code":
            return {"code": place.code(self.id)}
        if name == "consent":
            return signature_and_ticks(place)
        return ELIGIBLE if name == "screened" else full_answers(self.person.page.form)

    @property
    def id(self) -> int:
        place = self.person.place
        with place.store.open_work(OPERATOR, write=False) as work:
            return vault.find(work, place.trial.id, self.person.address) or 0

    def lost(self) -> list[str]:
        """What was acknowledged to this person and is not in the database."""
        place, known = self.person.place, self.id
        with place.store.open_work(OPERATOR, write=False) as work:
            consents = select(func.count()).select_from(consent).where(consent.c.participant_id == known)
            there = {
                "address": bool(known),
                "code": bool(known) and participants.by_id(work, known).state.value != "address_given",
                "consent": work.rows.execute(consents).scalar_one() == 1,
                "baseline": len(answer_sheets.of_participant(work, known)) >= 1
                and participants.by_id(work, known).state.value == "randomized",
            }
        return [one for one in self.done if not there.get(one, True)]
