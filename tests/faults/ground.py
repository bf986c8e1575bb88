"""A trial whose people are one answer away from their allocation, laid down anew as often as it is needed."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Column, MetaData, Table, func, select, text, update

from tests.faults.allocating import CLIENTS, Press, Told
from tests.services.scene import MOODS, Scene
from tests.storage.stores import dialect, tables
from trial.core.access import Actor, Role
from trial.core.events import Event
from trial.core.randomization import Entries
from trial.protocol_files import ProtocolFolder
from trial.services import verifying
from trial.storage.engine import settle
from trial.storage.tables import allocation, allocation_state, cluster_allocation, event, participant, trial
from trial.storage.work import Store, Work

UNBLINDED = Actor("member:9", Role.UNBLINDED_STATISTICIAN)


class Ground:
    """The trial and its people; `lay` brings back the moment before anybody sent anything in."""

    def __init__(
        self,
        store: Store,
        folder: ProtocolFolder,
        *,
        people: int = CLIENTS,
        entries: Entries | None = None,
        teams: Sequence[str] = ("north",),
    ) -> None:
        self.store = store
        self.scene = Scene(store, folder=folder, target=self.places(people), entries=entries)
        self.people = self.gather(people, teams)
        if dialect(store) == "sqlite":
            settle(store.engine)
            self._file = Path(store.engine.url.database or "")
            self._kept = self._file.with_name("prepared")
            shutil.copyfile(self._file, self._kept)
            return
        with store.engine.begin() as rows:
            rows.execute(text("create schema prepared"))
            for table in tables():
                rows.execute(text(f"create table prepared.{table.name} as table {table.fullname}"))

    def places(self, people: int) -> int:
        """How many the trial may allocate while these people are gathered."""
        return people

    def gather(self, people: int, teams: Sequence[str]) -> list[tuple[int, int]]:
        """So many people, teams in turn, and the form that each is about to send in."""
        return [self.scene.to_baseline(screened={"region": teams[number % len(teams)]}) for number in range(people)]

    @property
    def url(self) -> str:
        return self.store.engine.url.render_as_string(hide_password=False)

    def lay(self, *, target: int) -> None:
        if dialect(self.store) == "sqlite":
            self.store.engine.dispose()
            for old in self._file.parent.glob(f"{self._file.name}*"):
                old.unlink()
            shutil.copyfile(self._kept, self._file)
        else:
            self._lay_rows()
        with self.scene.work() as work:
            work.rows.execute(update(trial).values(target=target))

    def _lay_rows(self) -> None:
        with self.store.engine.begin() as rows:
            rows.execute(text("set local session_replication_role = replica"))  # silences triggers and foreign keys
            for table in tables():
                rows.execute(table.delete())
                rows.execute(text(f"insert into {table.fullname} table prepared.{table.name}"))

    def without_constraints(self) -> None:
        """For the control: the same tables, and nothing in them that refuses a second row."""
        with self.scene.work() as work:
            for table in (allocation, allocation_state, cluster_allocation):
                loose = Table(table.name, MetaData(), *(Column(one.name, one.type) for one in table.c))
                table.drop(work.rows)
                loose.create(work.rows)

    def presses(self, people: int) -> list[Press]:
        """So many people at all the clients: somebody who presses several times does it in several windows."""
        return [
            Press(person, occasion, MOODS[person % 3 % 2], f"window-{number}")
            for number in range(CLIENTS)
            for person, occasion in [self.people[number % people]]
        ]

    def teams(self) -> list[str]:
        """The clusters that were allocated, as often as each was."""
        with self.scene.work(write=False) as work:
            return sorted(work.rows.execute(select(cluster_allocation.c.cluster)).scalars())

    # --- what came of it ---------------------------------------------------------------------------------------------

    def wrong(self, told: Sequence[Told], *, people: int, target: int) -> list[str]:
        """Everything that must not be, as sentences."""
        found = [f"{one.person} met an error: {one.error}" for one in told if one.error]
        with self.scene.work(UNBLINDED, write=False) as work:
            rows = work.rows.execute(select(allocation).order_by(allocation.c.sequence)).all()
            states = dict(work.rows.execute(select(participant.c.id, participant.c.state)).all())
            events = work.rows.execute(
                select(func.count()).select_from(event).where(event.c.event == Event.RANDOMIZED.value)
            ).scalar_one()
            found += self.by_replay(work)
        places = min(people, target)
        if [one.sequence for one in rows] != list(range(1, places + 1)):
            found.append(f"the places are {[one.sequence for one in rows]} where {places} were to be given")
        for stratum in sorted({one.stratum for one in rows}):
            numbers = sorted(one.number for one in rows if one.stratum == stratum)
            if numbers != list(range(1, len(numbers) + 1)):
                found.append(f"the numbers in {stratum} are {numbers}")
        for person, count in Counter(one.participant_id for one in rows).items():
            if count > 1:
                found.append(f"{person} was allocated {count} times")
        heard = Counter(one.person for one in told if one.allocated)
        if heard != Counter({one.participant_id: 1 for one in rows}):
            found.append("who was told of an allocation is not who has one")
        had = Counter(states[person] for person, _ in self.people[:people])
        if had != Counter(randomized=places, recruitment_closed=people - places):
            found.append(f"the states are {dict(had)}")
        if events != places:
            found.append(f"{events} acts of allocation are on record")
        return found

    def by_replay(self, work: Work) -> list[str]:
        difference = verifying.verify(work, self.scene.slug).difference
        return [] if difference is None else [f"made again, {difference.what} differs at {difference.sequence}"]
