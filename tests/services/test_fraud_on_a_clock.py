"""Speed and crowds are judged on a clock that goes on while pages are filled in; and what a freeze counts of it all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from tests.core.protocols import FOLDER, rewritten
from tests.services.scene import MOODS, OPERATOR, Scene
from tests.services.test_freeze import rows
from tests.services.test_reviews import PERSON, ROBOT, arrive, finish, refuse, release
from tests.storage.stores import content
from trial.core.trial import TrialKind
from trial.protocol_files.disposable import disposable_domains
from trial.services import freeze, trials
from trial.storage.work import Store

FEW = rewritten(("  criteria:", "  guard: {burst: 3}\n  criteria:"))


@pytest.fixture
def scene(store: Store) -> Scene:
    """A live trial on a clock that the test moves."""
    return Scene(store, kind=TrialKind.LIVE)


def signals(scene: Scene) -> list[str]:
    return [one["signal"] for one in content(scene.store)["flag"]]


def details(scene: Scene) -> list[Mapping[str, object]]:
    return [one["detail"] for one in content(scene.store)["flag"]]


@pytest.mark.parametrize(("kind", "state"), [(TrialKind.LIVE, "held"), (TrialKind.TEST, "allocated")])
def test_whoever_is_through_in_a_second_is_written_down_and_held_where_it_counts(
    store: Store, kind: TrialKind, state: str
) -> None:
    scene = Scene(store, kind=kind)
    person = arrive(scene, PERSON)
    scene.move(seconds=1)
    assert finish(scene, person) == state
    assert signals(scene) == ["fast"]
    assert {one["stage"] for one in details(scene)} == {"consent_and_baseline"}


def test_a_quick_reader_who_skims_the_information_goes_on(scene: Scene) -> None:
    person = arrive(scene, PERSON)
    scene.move(seconds=30)  # three questions and two statements
    assert finish(scene, person) == "allocated"
    assert signals(scene) == []


def test_whoever_leaves_questions_out_is_not_measured_by_them(scene: Scene) -> None:
    both = []
    for left_out in (False, True):
        person = arrive(scene, PERSON)
        occasion = scene.consent(person).occasion_id
        assert occasion is not None
        form = MOODS[0] if left_out else MOODS[0] | {"feeling_sleep": "7.5"}
        assert scene.submit(person, occasion, form).state == "held"
        both.append(details(scene)[-1]["least"])
    assert isinstance(both[0], int) and isinstance(both[1], int)
    assert both[1] < both[0]


def test_more_than_a_few_from_one_source_within_minutes_are_held_from_then_on(store: Store) -> None:
    scene = Scene(store, kind=TrialKind.LIVE, folder=FEW)
    people = []
    for _ in range(4):
        people.append(arrive(scene, PERSON))
        scene.move(minutes=1)
    assert [finish(scene, one) for one in people] == ["held"] * 4
    assert set(signals(scene)) == {"burst"}
    assert details(scene)[0] == {"arrivals": 4, "minutes": 20}
    scene.move(minutes=11)
    later = arrive(scene, PERSON)
    scene.move(minutes=1)
    assert finish(scene, later) == "allocated"


def test_the_same_number_over_an_hour_is_no_crowd(store: Store) -> None:
    scene = Scene(store, kind=TrialKind.LIVE, folder=FEW)
    states = []
    for _ in range(5):
        person = arrive(scene, PERSON)
        scene.move(minutes=12)
        states.append(finish(scene, person))
    assert states == ["allocated"] * 5


def test_an_address_at_a_listed_provider_is_held_and_the_domain_is_not_written_down(scene: Scene) -> None:
    domain = min(disposable_domains())
    person = arrive(scene, PERSON, email=f"robin@{domain}")
    scene.move(minutes=5)
    assert finish(scene, person) == "held"
    assert signals(scene) == ["disposable_domain"] and domain not in str(details(scene))


def test_the_shipped_list_holds_plain_domains_and_none_of_the_large_providers() -> None:
    listed = disposable_domains()
    assert len(listed) > 100
    assert all(one == one.strip().lower() and "." in one and " " not in one and "@" not in one for one in listed)
    assert not listed & {"gmail.com", "outlook.com", "gmx.de", "web.de", "yahoo.com", "icloud.com", "proton.me"}


def test_a_freeze_counts_everybody_once_with_their_tries_and_what_looked_odd(store: Store) -> None:
    scene = Scene(store, folder=FOLDER)
    twice = arrive(scene, PERSON, email="robin@mailbox.example")
    assert arrive(scene, ROBOT, email="robin@mailbox.example") == twice
    assert finish(scene, twice) == "held"
    turned, waits = arrive(scene, ROBOT), arrive(scene, ROBOT)
    assert {finish(scene, turned), finish(scene, waits)} == {"held"}
    scene.enrol()
    assert release(scene, twice) == 1
    refuse(scene, turned)
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
    scene.move_to(scene.now + timedelta(days=60))
    with scene.work(OPERATOR) as work:
        files = freeze.freeze(work, scene.slug)
    people = {row["participant"]: row for row in rows(files, "disposition.csv")}
    assert sorted((row["stage"], row["tries"], row["flags"]) for row in people.values()) == [
        ("held", "1", "no_proof"),
        ("randomized", "1", ""),
        ("randomized", "2", "no_proof+seen_before"),
        ("refused", "1", "no_proof"),
    ]
    assert people[scene.person(turned).code]["stage"] == "refused"
