"""A trial in which everything that the desk shows has happened once, and the addresses of all its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.web.desk_place import Team
from tests.web.place import SLUG, Person, Place
from trial.core.access import SYSTEM, Role, member_actor
from trial.core.participant import StopLevel
from trial.core.two_person import ActKind
from trial.services import harms, stopping, two_person
from trial.storage import matters, occasions, participants
from trial.web.desk.app import PAGES
from trial.web.desk.visit import DeskPage

WORDS = "It made me sad, and my name is Robin Example."
ADDRESSES = tuple(f"person{number}@mailbox.example" for number in range(4))
# pages that belong to no trial, or to somebody who is not signed in yet
OF_NO_TRIAL = ("/", "/sign-in", "/sign-out", "/account", "/join/{token}")
_NAMES = re.compile(r"{(\w+)}")


@dataclass
class Toured:
    """The trial and its people, in order of arrival."""

    place: Place
    team: Team
    people: tuple[int, ...]

    def codes(self) -> list[str]:
        with self.place.store.open_work(SYSTEM, write=False) as work:
            return [participants.by_id(work, one).code for one in self.people]

    def addresses(self) -> Iterator[tuple[DeskPage, str]]:
        """Every page of the trial with an address for each thing that it can be about."""
        with self.place.store.open_work(SYSTEM, write=False) as work:
            open_matters = [str(one.id) for one in matters.listed(work, self.place.trial.id)]
        known = {"slug": [SLUG], "code": self.codes(), "number": open_matters}
        for page in PAGES:
            if page.path in OF_NO_TRIAL or not page.path.startswith("/{slug}"):
                continue
            paths = self.shown_mails() if "/mails/{" in page.path else _filled(page.path, known)
            for path in paths:
                yield page, path

    def shown_mails(self) -> list[str]:
        """The address of each mail that was sent to each person, as their page links to it."""
        owner = self.team.visitor(Role.OWNER)
        pages = [owner.get(f"/{SLUG}/participants/{code}").links for code in self.codes()]
        return list(dict.fromkeys(one for links in pages for one in links if "/mails/" in one))


def _filled(path: str, known: dict[str, list[str]]) -> list[str]:
    found = [path]
    for name in _NAMES.findall(path):
        assert name in known, f"{path} has a part that this tour does not know: {name}"
        found = [one.replace(f"{{{name}}}", value) for one in found for value in known[name]]
    return found


def toured(folder: Path, protocol: Path | None = None) -> Toured:
    """Four people come in; one is upset, one stops, one asks for a person, two write; the team has asked for an arm."""
    place = Place(folder, protocol=protocol) if protocol else Place(folder)
    team = Team(place)
    people = []
    for address in ADDRESSES:
        person = Person(place, address)
        person.to_allocation()
        people.append(person.id)
    place.move(days=1, hours=10)
    with place.store.open_work(SYSTEM) as work:
        evening = {
            one.participant_id: one
            for one in occasions.of_trial(work, place.trial.id)
            if one.opens_at <= work.now < one.closes_at and one.timepoint != "baseline"
        }
        harms.upset(
            work, people[0], evening[people[0]].id, WORDS, wish="skip", wants_contact=True, submission="upset"
        )  # fmt: skip
        stopping.stop(work, people[1], StopLevel.EXERCISES, "too_long")
    owner = member_actor(team.member(Role.OWNER).id, frozenset({Role.OWNER}), place.trial.id)
    with place.store.open_work(owner) as work:
        code = participants.by_id(work, people[2]).code
        two_person.ask(work, SLUG, ActKind.UNBLINDING, "A doctor asks.", code=code)
    return Toured(place, team, tuple(people))
