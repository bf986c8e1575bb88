"""A pause, fewer reminders, another hour or zone: what was not sent yet follows, and nothing comes twice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.core.protocols import rewritten
from tests.services.post import Post
from tests.services.scene import Scene
from tests.storage.stores import content
from trial.core.delivery import ContactState
from trial.core.errors import Refused
from trial.core.participant import StopLevel
from trial.pages.service_mail import own_message, template
from trial.services import preferences
from trial.storage.work import Store

HER = "her@mailbox.example"
OVER = {template(own_message("study_over"), "en").split("\n", 1)[0].removeprefix("Subject: ")}
CHOICE = rewritten(("    time: '19:00'\n", "    time: '19:00'\n    chosen_from: ['08:00', '19:00', '20:30']\n"))
THREE = rewritten(
    (
        "reminders: [{after: 2 hours, message: evening_reminder}]",
        "reminders: [{after: 1 hour, message: evening_reminder}, {after: 2 hours, message: code}]",
    )
)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store, folder=CHOICE)


@pytest.fixture
def her(scene: Scene, post: Post) -> int:
    person = scene.enrol(HER)
    post.deliver(scene)
    return person


def live_until(scene: Scene, post: Post, moment: datetime) -> None:
    """Send whatever falls due until then, hour by hour where something waits."""
    post.deliver(scene)
    while True:
        due = [one.due_at for one in scene.contacts() if scene.now < one.due_at <= moment]
        if not due:
            break
        scene.move_to(min(due))
        post.deliver(scene)
    scene.move_to(moment)
    post.deliver(scene)


def asking(post: Post, to: str) -> list[str]:
    """What was sent but the word that the study is over, which no pause holds back."""
    return [one for one in post.subjects(to) if one not in OVER]


def change(scene: Scene, person: int, **wanted: object) -> str | None:
    whom = scene.person(person)
    values = {
        "zone": whom.zone,
        "language": whom.language,
        "hour": whom.chosen_hour,
        "fewer_reminders": whom.fewer_reminders,
    }
    with scene.work() as work:
        return preferences.change_mails(work, person, **(values | wanted))  # type: ignore[arg-type]


def pause(scene: Scene, person: int, until: datetime) -> None:
    with scene.work() as work:
        preferences.pause(work, person, until)


def local(scene: Scene, person: int, message: str) -> list[str]:
    zone = ZoneInfo(scene.person(person).zone)
    return [f"{one.due_at.astimezone(zone):%d %H:%M}" for one in scene.contacts(person, message)]


# --- a pause --------------------------------------------------------------------------------------------------


def test_in_a_pause_exercises_are_left_out_and_those_after_it_come(scene: Scene, post: Post, her: int) -> None:
    second = scene.occasions(her)[1].opens_at
    pause(scene, her, second - timedelta(hours=1))
    live_until(scene, post, scene.now + timedelta(days=8))
    assert post.subjects(HER)[1:].count("Your writing for this evening") == 2
    assert Counter(one.reason for one in scene.contacts(her, "evening")) == {"paused": 1, None: 2}


def test_a_questionnaire_waits_for_the_end_of_a_pause_and_comes_once(scene: Scene, post: Post, her: int) -> None:
    window = scene.occasions(her, "week_2")[0]
    until = window.opens_at + timedelta(days=5)
    pause(scene, her, until)
    live_until(scene, post, until - timedelta(minutes=1))
    assert "Your questionnaire" not in post.subjects(HER)
    live_until(scene, post, window.closes_at)
    assert post.subjects(HER)[1:] == ["Your questionnaire"]
    assert [one.reason for one in scene.contacts(her, "questionnaire_reminder")] == ["paused"]


def test_a_questionnaire_whose_window_closes_in_the_pause_is_not_sent(scene: Scene, post: Post, her: int) -> None:
    pause(scene, her, scene.occasions(her, "week_2")[0].closes_at)
    live_until(scene, post, scene.now + timedelta(days=60))
    assert len(asking(post, HER)) == 1
    assert {one.reason for one in scene.contacts(her) if one.stream != "service"} == {"paused"}


def test_a_pause_that_ends_early_lets_what_waited_go_at_once(scene: Scene, post: Post, her: int) -> None:
    window = scene.occasions(her, "week_2")[0]
    pause(scene, her, window.opens_at + timedelta(days=6))
    live_until(scene, post, window.opens_at + timedelta(hours=1))
    assert len(post.mails(HER)) == 1
    with scene.work() as work:
        preferences.end_pause(work, her)
    post.deliver(scene)
    assert post.subjects(HER)[1:] == ["Your questionnaire"]
    assert scene.events(her)[-2:] == ["paused", "pause_ended"]


def test_the_pause_of_one_person_is_nobody_elses(scene: Scene, post: Post, her: int) -> None:
    scene.enrol("other@mailbox.example")
    pause(scene, her, scene.now + timedelta(days=30))
    live_until(scene, post, scene.now + timedelta(days=30))
    assert len(asking(post, "other@mailbox.example")) == 9


def test_a_pause_into_the_past_or_for_ever_is_refused(scene: Scene, her: int) -> None:
    for until in (scene.now, scene.now - timedelta(days=1), scene.now + timedelta(days=184)):
        with pytest.raises(Refused):
            pause(scene, her, until)
    assert scene.person(her).paused_until is None


# --- fewer reminders ------------------------------------------------------------------------------------------


def test_with_fewer_reminders_the_first_mail_and_the_last_reminder_come(store: Store, post: Post) -> None:
    scene = Scene(store, folder=THREE)
    her = scene.enrol(HER)
    change(scene, her, fewer_reminders=True)
    live_until(scene, post, scene.now + timedelta(days=30))
    evening = [one for one in scene.contacts(her) if one.timepoint == "evening"]
    sent = Counter(one.reminder for one in evening if one.state is ContactState.ACCEPTED)
    assert sent == {0: 3, 2: 3}
    assert {one.reason for one in evening if one.reminder == 1} == {"fewer_reminders"}
    assert "Your questionnaire still waits" in post.subjects(HER)


# --- another hour, another zone -------------------------------------------------------------------------------


def test_another_hour_moves_the_windows_and_mails_that_are_to_come(scene: Scene, post: Post, her: int) -> None:
    assert local(scene, her, "evening") == ["05 19:00", "06 19:00", "07 19:00"]
    live_until(scene, post, scene.occasions(her)[0].opens_at + timedelta(minutes=5))
    assert change(scene, her, hour="08:00") is None
    assert local(scene, her, "evening") == ["05 19:00", "06 08:00", "07 08:00"]
    assert local(scene, her, "evening_reminder") == ["05 21:00", "06 10:00", "07 10:00"]
    assert local(scene, her, "questionnaire") == ["18 18:00"]
    live_until(scene, post, scene.now + timedelta(days=30))
    assert len(asking(post, HER)) == 9
    assert change(scene, her, hour="08:00") is None  # nothing is left that could move


def test_changing_the_hour_to_and_fro_leaves_everything_as_it_was(scene: Scene, her: int) -> None:
    before = content(scene.store)
    change(scene, her, hour="20:30")
    change(scene, her, hour="19:00")
    after = content(scene.store)
    assert [one["due_at"] for one in before["delivery"]] == [one["due_at"] for one in after["delivery"]]
    assert before["occasion"] == after["occasion"]


def test_nothing_is_moved_into_the_past(scene: Scene, her: int) -> None:
    scene.move_to(scene.occasions(her)[0].opens_at - timedelta(hours=2))
    change(scene, her, hour="08:00")
    assert local(scene, her, "evening") == ["05 19:00", "06 08:00", "07 08:00"]


def test_in_another_zone_the_hours_stay_those_on_the_wall(scene: Scene, her: int) -> None:
    assert change(scene, her, zone="America/New_York") is None
    assert local(scene, her, "evening") == ["05 19:00", "06 19:00", "07 19:00"]
    assert local(scene, her, "questionnaire") == ["18 18:00"]


def test_who_chose_an_hour_before_the_allocation_gets_it_from_the_first_day(scene: Scene) -> None:
    person, occasion = scene.to_baseline()
    change(scene, person, hour="20:30")
    scene.submit(person, occasion, {"feeling_1": "0", "feeling_2": "1", "feeling_3": "0"})
    assert local(scene, person, "evening") == ["05 20:30", "06 20:30", "07 20:30"]


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [({"hour": "03:00"}, "bad_hour"), ({"zone": "Mars/Base"}, "bad_zone"), ({"language": "xx"}, "bad_language")],
)
def test_what_is_not_offered_is_not_taken(scene: Scene, her: int, wanted: dict[str, str], fault: str) -> None:
    before = content(scene.store)
    assert change(scene, her, **wanted) == fault
    assert change(scene, her) is None
    assert content(scene.store) == before


# --- a stop taken back ----------------------------------------------------------------------------------------


def test_a_stop_can_be_taken_back_for_a_week(scene: Scene, post: Post, her: int) -> None:
    scene.stop(her, StopLevel.EVERYTHING)
    scene.move_to(scene.occasions(her)[1].opens_at - timedelta(hours=1))
    post.deliver(scene)
    with scene.work() as work:
        preferences.take_up_again(work, her)
    live_until(scene, post, scene.occasions(her)[2].closes_at)
    assert post.subjects(HER)[1:].count("Your writing for this evening") == 2
    scene.stop(her, StopLevel.EXERCISES)
    scene.move(days=7)
    with scene.work() as work:
        preferences.take_up_again(work, her)
    assert scene.person(her).stopped is StopLevel.EXERCISES
