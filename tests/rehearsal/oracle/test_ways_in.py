"""However far people come, and whoever waits at the door: the flow and the last mails are as the oracle counts them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.rehearsal.oracle.test_acts_of_people import World
from tests.services.scene import ELIGIBLE, FORMS, MOODS, OPERATOR
from trial.core.access import Actor, Role
from trial.core.fraud import FormEvidence
from trial.core.participant import StopLevel
from trial.services import consent, enrolment, reviews, trials
from trial.storage import participants
from trial.storage import trials as stored_trials
from trial.storage.work import Store

ROBOT = FormEvidence("missing", trapped=False, seconds=60.0)
COORDINATOR = Actor("member:1", Role.COORDINATOR)


# what SQL says on either database is for the tests of the services
pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def _held(world: World) -> int:
    """Somebody whose form looked like a robot's, up to the end of the baseline."""
    scene = world.scene
    with scene.work() as work:
        trial, form = stored_trials.by_id(work, scene.id), f"form-{next(FORMS)}"
        screened = enrolment.screen(work, trial, ELIGIBLE, "poster", submission=form, evidence=ROBOT)
    assert screened.id is not None
    assert scene.give(screened.id, scene.new_address()) is None
    with scene.work(write=False) as work:
        person = participants.screening_of(work, scene.id, screened.id).participant_id
    assert person is not None
    assert scene.confirm(screened.id, scene.code(person)) == person
    baseline = scene.consent(person).occasion_id
    assert baseline is not None
    assert scene.submit(person, baseline, MOODS[0]).state == "held"
    return person


def _decide(world: World, person: int, decision: Callable[..., int]) -> None:
    code = world.scene.person(person).code
    with world.scene.work(COORDINATOR) as work:
        decision(work, world.scene.slug, code, "Looked at by a person.")


def is_held_and_let_in(world: World) -> None:
    person = _held(world)
    world.live(days=3, hours=5)
    _decide(world, person, reviews.release)


def is_held_and_turned_down(world: World) -> None:
    person = _held(world)
    world.live(days=12)
    _decide(world, person, reviews.refuse)


def is_held_to_the_end(world: World) -> None:
    _held(world)
    world.live(days=30)
    with world.scene.work(OPERATOR) as work:
        trials.close(work, world.scene.slug)


def is_held_and_stops(world: World) -> None:
    world.scene.stop(_held(world), StopLevel.EVERYTHING)


def is_held_until_there_is_no_place(world: World) -> None:
    person = _held(world)
    world.live(hours=30)
    with world.scene.work(OPERATOR) as work:
        trials.close(work, world.scene.slug)
    _decide(world, person, reviews.release)


def comes_too_late(world: World) -> None:
    person, baseline = world.scene.to_baseline()
    with world.scene.work(OPERATOR) as work:
        trials.close(work, world.scene.slug)
    assert world.scene.submit(person, baseline, MOODS[0]).state == "closed"


def leaves_at_the_baseline(world: World) -> None:
    world.scene.to_baseline()


def says_no(world: World) -> None:
    person = world.scene.to_consent()
    with world.scene.work() as work:
        consent.decline(work, person)


def never_reads_the_information(world: World) -> None:
    world.scene.to_consent()


def never_types_the_code(world: World) -> None:
    world.scene.to_code()


def is_not_eligible(world: World) -> None:
    world.scene.screen(age="12")


def gives_an_address_that_is_known(world: World) -> None:
    world.scene.to_code("twice@mailbox.example")
    world.live(minutes=20)
    world.scene.to_code("twice@mailbox.example")


WAYS = (
    is_held_and_let_in,
    is_held_and_turned_down,
    is_held_to_the_end,
    is_held_and_stops,
    is_held_until_there_is_no_place,
    comes_too_late,
    leaves_at_the_baseline,
    says_no,
    never_reads_the_information,
    never_types_the_code,
    is_not_eligible,
    gives_an_address_that_is_known,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda one: one.__name__)
def test_one_way_in_beside_others(world: World, way: Callable[[World], None]) -> None:
    world.scene.enrol()
    world.live(hours=3)
    way(world)
    world.live(days=45, minutes=1)
    found = world.recounted()
    assert [one.sentence for one in found.differences] == []
    assert found.flow["assessed"] >= 2
