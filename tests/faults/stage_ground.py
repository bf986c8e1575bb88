"""A trial whose people are one answer away from a second allocation, laid down anew as often as it is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import func, select

from tests.core.staged import STAGED
from tests.faults.allocating import CLIENTS, Press, Told
from tests.faults.ground import UNBLINDED, Ground
from tests.services.staged_scene import LOW, WELL, enrolled, rows_of, to_week_2
from trial.core.events import Event
from trial.core.participant import StageState
from trial.storage import stage_entries
from trial.storage.tables import event
from trial.storage.work import Store


class StageGround(Ground):
    """Everybody has the same arm; one in four feels well in week 2 and is not allocated again."""

    def __init__(self, store: Store, *, people: int = CLIENTS) -> None:
        super().__init__(store, STAGED, people=people)

    def places(self, people: int) -> int:
        return 4 * people  # about every second one has the arm that is wanted

    def gather(self, people: int, teams: Sequence[str]) -> list[tuple[int, int]]:
        found = [enrolled(self.scene, "letter") for _ in range(people)]
        to_week_2(self.scene, found[-1])
        return [(one, self.scene.occasions(one, "week_2")[0].id) for one in found]

    def presses(self, people: int) -> list[Press]:
        given = [(*self.people[number % people], number % people) for number in range(CLIENTS)]
        return [
            Press(person, occasion, dict(LOW if _fits(which) else WELL), f"window-{number}")
            for number, (person, occasion, which) in enumerate(given)
        ]

    def wrong(self, told: Sequence[Told], *, people: int, target: int) -> list[str]:
        """Everything that must not be, as sentences; a stage has a place for everybody, so the target says nothing."""
        asked = [person for person, _ in self.people[:people]]
        fit = [person for which, person in enumerate(asked) if _fits(which)]
        found = [f"{one.person} met an error: {one.error}" for one in told if one.error]
        if Counter(one.person for one in told if one.state == "kept") != Counter(asked):
            found.append("not everybody was told once that the form is kept")
        rows = rows_of(self.scene, "second")
        with self.scene.work(UNBLINDED, write=False) as work:
            entries = [one for one in stage_entries.of_trial(work, self.scene.id) if one.stage == "second"]
            acts = work.rows.execute(
                select(func.count()).select_from(event).where(event.c.event == Event.STAGE_ALLOCATED.value)
            ).scalar_one()
            found += self.by_replay(work)
        given = sorted(one["sequence"] for one in rows)
        if given != list(range(1, len(fit) + 1)):
            found.append(f"the places are {given} where {len(fit)} were to be given")
        if sorted(one["participant_id"] for one in rows) != sorted(fit):
            found.append("who was allocated is not who fits")
        became = Counter(one.state for one in entries if one.participant_id in asked)
        if became != Counter({StageState.ALLOCATED: len(fit), StageState.DID_NOT_FIT: people - len(fit)}):
            found.append(f"what became of them is {dict(became)}")
        if acts != len(fit):
            found.append(f"{acts} acts of allocation are on record")
        return found


def _fits(which: int) -> bool:
    return which % 4 != 3
