"""Two trials alike in everything but who is in which arm, by any method of allocation, with canaries in each record."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import select, text, update

from tests.core import protocols
from tests.core.staged import CROSS_OVER, SECOND, changed, staged
from tests.services.scene import Scene
from tests.services.staged_scene import LOW, answer
from tests.services.test_clusters import SMALL, UNIT
from tests.services.test_methods_of_allocation import BLOCKS, LISTED, METHODS
from tests.web.desk_place import Team
from tests.web.place import SLUG, Entry, Person, Place, full_answers
from trial.core.access import BLINDED
from trial.core.randomization import STAGE
from trial.storage import participants
from trial.storage.tables import allocation, allocation_state, cluster_allocation, seal
from trial.web.desk.app import PAGES

EVENING_TRIAL = Path(protocols.__file__).parent / "evening_trial"
# and one in which an arm has evenings and mails that the other has not
DESIGNS = {"permuted-blocks-1": BLOCKS, "unequal arms": METHODS["minimisation-1"], "listed-1": LISTED} | METHODS
DESIGNS |= {"clusters": SMALL + UNIT, "stages": BLOCKS}
PEOPLE = 8
ARMS = ("letter", "list")
# the names of the arms and of the levels stand nowhere else, so that each of them tells where it comes from
NAMES = {"A letter": "Quillfeather", "A list": "Brambleknot"}
OPTIONS = {"walk": "Thistlewend", "song": "Larkhollow", "letter_later": "Quillfeather in week 3"}
LEVELS = {"5 or more": "Osprey lantern", "Under 5": "Marsh candle"}
RECORD = {"state_seen": "canary of a state", "probabilities": "canary of chances", "levels": "canary of levels"}


@dataclass
class Concealed:
    """One of the two: the trial, its team, and what may nowhere be read."""

    place: Place
    team: Team
    people: list[int]
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def arms(self) -> list[str]:
        """Who went where, in order, of the people who came first."""
        with self.place.store.open_work(Place.operator, write=False) as work:
            of_all = select(allocation.c.arm).where(allocation.c.stage == STAGE)
            return list(work.rows.execute(of_all.order_by(allocation.c.sequence).limit(PEOPLE)).scalars())

    @property
    def options(self) -> list[str]:
        """Who went where at the second stage, in order."""
        with self.place.store.open_work(Place.operator, write=False) as work:
            second = select(allocation.c.arm).where(allocation.c.stage == SECOND["id"])
            return list(work.rows.execute(second.order_by(allocation.c.sequence)).scalars())

    def codes(self) -> list[str]:
        with self.place.store.open_work(Place.operator, write=False) as work:
            return [participants.by_id(work, one).code for one in self.people]

    def paths(self) -> Iterator[str]:
        """Every page of the trial at the desk, and the page of everybody."""
        known = {"{slug}": [SLUG], "{code}": self.codes(), "{number}": []}
        for page in PAGES:
            if page.path.startswith("/{slug}"):
                parts = re.findall(r"{\w+}", page.path.replace("{slug}", SLUG))
                for value in known[parts[0]] if parts else [""]:
                    if "/mails/" not in page.path:
                        yield page.path.replace("{slug}", SLUG).replace("{code}", value)

    def told(self, text: str) -> list[str]:
        """What of the allocation can be read in it."""
        return sorted(what for what, secret in self.secrets.items() if secret in text)


class Coming(Scene):
    """People who come into the place's trial through the services."""

    def __init__(self, place: Place) -> None:
        self.store, self.folder, self.slug, self.id = place.store, place.folder, SLUG, place.trial.id
        self.numbers = count(1)


def design(folder: Path, version: str, *, swapped: bool) -> Path:
    """The small trial with this method; swapped, its arms stand in the other order: the same draws lead elsewhere."""
    shutil.copytree(EVENING_TRIAL, folder)
    file = folder / "protocol.yaml"
    said = file.read_text(encoding="utf-8").replace(BLOCKS, DESIGNS[version])
    if version == "unequal arms":
        assert "days: [1, 2, 3]" in said
        said = said.replace("activities: [letter, list]", "activities: [letter]")
    if version == "clusters":
        assert "when: low_mood >= 5" in said
        said = said.replace("when: low_mood >= 5", "when: region != 'nowhere'")
    for old, new in (NAMES | LEVELS).items():
        assert said.count(f"{{en: {old}}}") == 1
        said = said.replace(f"{{en: {old}}}", f"{{en: {new}}}")
    if swapped:
        before, mark, rest = said.partition("arms:\n")
        arms, end, after = rest.partition("allocation:\n")
        first, second = arms.split("  - id: list\n")
        said = f"{before}{mark}  - id: list\n{second}{first}{end}{after}"
    if version == "stages":
        said = json.dumps(staged(YAML(typ="safe").load(said), *_stages(swapped=swapped)))
    file.write_text(said, encoding="utf-8")
    return folder


def _stages(*, swapped: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """A second allocation, and a cross-over that one arm alone has; what they lead to has names of its own."""
    second, over = (
        changed(one, arms=[arm | {"label": {"en": OPTIONS[arm["id"]]}} for arm in one["arms"]])
        for one in (SECOND, CROSS_OVER)
    )
    if swapped:
        second["arms"].reverse()
    return second, over


def entries(*, swapped: bool) -> tuple[Entry, ...]:
    places = [(stratum, n) for stratum in ("good", "low") for n in range(1, 65)]
    return tuple((one, ARMS[(one[1] ** 2 // 3 + swapped) % 2]) for one in places)


def concealed(folder: Path, version: str, *, swapped: bool) -> Concealed:
    """A trial by this method in which people came in, one of them over the pages, and a first evening has begun."""
    protocol = design(folder / "evening_trial", version, swapped=swapped)
    listed = entries(swapped=swapped) if version == "listed-1" else ()
    place = Place(folder / "home", protocol=protocol, entries=listed)
    scene = Coming(place)
    regions = ("north", "south" if version == "clusters" else "north")
    people = [
        scene.enrol(mood=number % 3 % 2, screened={"region": regions[number % 3 % 2]}) for number in range(PEOPLE)
    ]  # fmt: skip
    place.move(days=1, hours=11)
    if version == "stages":
        for person in people:
            answer(scene, person, LOW)
        place.move(hours=5)
    found = Concealed(place, Team(place), people)
    for role in sorted(BLINDED):
        found.team.member(role)
    _plant(found)
    return found


def over_the_pages(one: Concealed, address: str) -> Person:
    """Somebody who answers the baseline on the participants' pages."""
    person = Person(one.place, address)
    person.to_screening()
    person.submit({"age": "34", "reads_english": "yes", "region": "north"})
    person.submit({"email": address, "zone": "Europe/Berlin"})
    person.id = one.place.everyone()[-1].id
    person.submit({"code": one.place.code(person.id)})
    person.submit({"statement_read": "yes", "statement_free": "yes", "signature": "Robin Example", "answer": "agree"})
    person.submit(full_answers(person.page.form) | {"feeling_sleep": "7", "feeling_else": "Nothing."})
    return person


def _plant(one: Concealed) -> None:
    """Words that stand nowhere else go into what is kept of each decision; draws, seed and salt are such already."""
    with one.place.store.open_work(Place.operator) as work:
        for name in work.rows.execute(text("select name from sqlite_master where type = 'trigger'")).scalars().all():
            if "allocation" in name:
                work.rows.execute(text(f"drop trigger {name}"))
        for table in (allocation, cluster_allocation):
            for row in work.rows.execute(select(table)).all():
                if "draw" in row.record:
                    what = f"{row.sequence} of {table.name}, {row._mapping.get('stage', '')}"
                    one.secrets[f"draw {what}"] = row.record["draw"]
                record = row.record | {name: {"kept": secret} for name, secret in RECORD.items()}
                work.rows.execute(update(table).where(table.c.id == row.id).values(record=record))
        for row in work.rows.execute(select(allocation_state)).all():
            # beside what the next allocation starts from
            state = row.state | {"kept": "canary of the next state"}
            work.rows.execute(
                update(allocation_state)
                .where(allocation_state.c.stratum == row.stratum, allocation_state.c.stage == row.stage)
                .values(state=state)
            )
        kept = work.rows.execute(select(seal)).one()
    one.secrets |= RECORD | {
        "next state": "canary of the next state",
        "salt": kept.salt.hex(),
        "seed": (b"s" * 32).hex(),
    }
    one.secrets |= {f"arm {name}": name for name in NAMES.values()}
    one.secrets |= {f"level {name}": name for name in LEVELS.values()}
    if one.options:
        one.secrets |= {f"option {name}": name for name in OPTIONS.values()}


def whole_record(one: Concealed) -> str:
    """All that is kept of the allocations, and how it is called."""
    with one.place.store.open_work(Place.operator, write=False) as work:
        rows = [
            dict(row)
            for table in (allocation, allocation_state, cluster_allocation)
            for row in work.rows.execute(select(table)).mappings()
        ]
        kept = work.rows.execute(select(seal)).one()
    names = [*NAMES.values(), *LEVELS.values(), *OPTIONS.values()]
    return json.dumps([rows, kept.salt.hex(), (b"s" * 32).hex(), names], default=str)
