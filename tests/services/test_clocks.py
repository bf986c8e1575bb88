"""A country changes the rules of its clocks: by a command, what was not sent comes to its hour again, each once."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.core.protocols import rewritten
from tests.faults.runs.t10_zones import zone_file
from tests.services.post import Post
from tests.services.scene import OPERATOR, Scene
from trial.core.access import Actor, Role
from trial.core.delivery import ContactState
from trial.core.errors import NotAllowed
from trial.services import clocks, preferences
from trial.services.clocks import Followed
from trial.storage.work import Store

S = ContactState
BERLIN = "Europe/Berlin"
# summer from the first Sunday of March on, before this trial begins, and not from the last
EARLY_SUMMER = "CET-1CEST,M3.1.0,M10.5.0/3"
NEVER_SUMMER = "CET-1"


@contextmanager
def rules(folder: Path, said: str) -> Iterator[None]:
    """One zone's rules as after an update of the time zone data."""
    place = folder / "zones" / BERLIN
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(zone_file(said))
    zoneinfo.reset_tzpath(to=[str(folder / "zones"), *zoneinfo.TZPATH])
    ZoneInfo.clear_cache()
    try:
        yield
    finally:
        zoneinfo.reset_tzpath()
        ZoneInfo.clear_cache()


def follow(scene: Scene, by: Actor = OPERATOR) -> Followed:
    return clocks.follow(scene.store.open_work, by, scene.slug)


def on_the_wall(scene: Scene, person: int, message: str = "evening", zone: str = BERLIN) -> list[str]:
    return [f"{one.due_at.astimezone(ZoneInfo(zone)):%d %H:%M}" for one in scene.contacts(person, message)]


@pytest.mark.parametrize("hour", ["19:00", "23:30", "00:15"])
def test_what_is_to_come_comes_to_its_hour_again_and_on_its_day(store: Store, tmp_path: Path, hour: str) -> None:
    scene = Scene(store, folder=rewritten(("    time: '19:00'", f"    time: '{hour}'")))
    person = scene.enrol()
    planned, ids = on_the_wall(scene, person), [one.id for one in scene.contacts(person)]
    assert planned == [f"05 {hour}", f"06 {hour}", f"07 {hour}"]
    with rules(tmp_path, EARLY_SUMMER):
        assert on_the_wall(scene, person) != planned
        assert follow(scene) == Followed(4, 1)
        assert on_the_wall(scene, person) == planned
        assert on_the_wall(scene, person, "questionnaire_reminder") == ["21 18:00"]
        assert [one.id for one in scene.contacts(person)] == ids
        assert follow(scene) == Followed(0, 0)
    assert scene.events().count("clocks_followed") == 1


def test_what_was_sent_and_what_is_open_stay_and_the_rest_is_sent_once(
    store: Store, post: Post, tmp_path: Path
) -> None:
    scene = Scene(store)
    person = scene.enrol()
    scene.move_to(scene.contacts(person, "evening")[0].due_at)
    post.deliver(scene)
    first, opened = scene.contacts(person, "evening")[0], scene.occasions(person)[0]
    with rules(tmp_path, EARLY_SUMMER):
        assert follow(scene) == Followed(3, 1)
        assert (scene.contacts(person, "evening")[0], scene.occasions(person)[0]) == (first, opened)
        assert on_the_wall(scene, person)[1:] == ["06 19:00", "07 19:00"]
        for one in scene.contacts(person):
            scene.move_to(max(scene.now, one.due_at))
            post.deliver(scene)
    sent = [one.headers["message-id"] for one in post.mails()]
    assert len(sent) == len(set(sent)) == sum(one.state is S.ACCEPTED for one in scene.contacts(person))


def test_a_reminder_on_another_side_of_the_change_follows_it_alone(store: Store, tmp_path: Path) -> None:
    """The summer that began on the last day of March does not come any more."""
    later = rewritten(("    days: [14]", "    days: [26]"))  # on the 30th, with its reminder on the 2nd of April
    scene = Scene(store, folder=later)
    person = scene.enrol()
    assert on_the_wall(scene, person, "questionnaire_reminder") == ["02 18:00"]
    with rules(tmp_path, NEVER_SUMMER):
        assert on_the_wall(scene, person, "questionnaire_reminder") == ["02 17:00"]
        follow(scene)
        assert on_the_wall(scene, person, "questionnaire") == ["30 18:00"]
        assert on_the_wall(scene, person, "questionnaire_reminder") == ["02 18:00"]


def test_where_the_rules_did_not_change_nothing_moves(store: Store, tmp_path: Path) -> None:
    scene = Scene(store)
    person = scene.enrol(zone="America/New_York")
    went = scene.enrol()
    with scene.work() as work:
        preferences.change_mails(work, went, zone="Asia/Tokyo", language="en", hour=None, fewer_reminders=False)
    before = scene.contacts()
    with rules(tmp_path, EARLY_SUMMER):
        assert follow(scene) == Followed(0, 0)
    after = scene.contacts()
    assert [(one.id, one.due_at, one.not_after) for one in after] == [
        (one.id, one.due_at, one.not_after) for one in before
    ]
    assert on_the_wall(scene, person, zone="America/New_York") == ["05 19:00", "06 19:00", "07 19:00"]
    assert on_the_wall(scene, went, zone="Asia/Tokyo") == ["05 19:00", "06 19:00", "07 19:00"]


def test_who_may_not_change_a_trial_moves_nothing(store: Store) -> None:
    with pytest.raises(NotAllowed):
        follow(Scene(store), Actor("member:7", Role.STATISTICIAN))
