"""Not today, not again, and this upset me: what is not sent then, and that none of it is a withdrawal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.services.scene import OPERATOR, SENSITIVE, Scene
from tests.storage.stores import content, holding
from tests.web.place import Accepting
from trial.core.access import participant_actor
from trial.core.errors import NotFound
from trial.core.participant import Occasion, StopLevel
from trial.services import harms, passing_over, trials
from trial.services.delivery import Sender, run_once
from trial.services.freeze import freeze
from trial.services.harms import Wish
from trial.storage.work import Store


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def deliver(scene: Scene) -> None:
    while run_once(scene.store.open_work, Sender(Accepting(), "study@trial.example.org", "test")):
        pass


def test_what_was_muted_is_sent_again_once_the_person_has_it_back(scene: Scene, person: int) -> None:
    """The control is the evening in between: nothing was sent on it."""
    upset(scene, person, "mute")
    scene.move_to(evening(scene, person, 2).opens_at + timedelta(minutes=5))
    deliver(scene)
    with scene.work(participant_actor(person)) as work:
        assert passing_over.have_back(work, person, evening(scene, person).activity)
        assert not passing_over.have_back(work, person, evening(scene, person).activity)
    scene.move_to(evening(scene, person, 3).opens_at + timedelta(minutes=5))
    deliver(scene)
    about = {one.id: number for number, one in enumerate(scene.occasions(person), 1)}
    sent = [about[one.occasion_id] for one in scene.contacts() if one.state == "accepted" and one.occasion_id in about]
    assert sorted(set(sent)) == [1, 3]


@pytest.fixture
def person(scene: Scene) -> int:
    """Somebody on the first evening, whose mail has arrived."""
    found = scene.enrol()
    scene.move_to(scene.occasions(found)[0].opens_at + timedelta(minutes=5))
    deliver(scene)
    return found


def evening(scene: Scene, person: int, number: int = 1) -> Occasion:
    return scene.occasions(person)[number - 1]


def pass_over(scene: Scene, person: int, number: int = 1) -> bool:
    with scene.work(participant_actor(person)) as work:
        return passing_over.pass_over(work, person, evening(scene, person, number).id)


def upset(scene: Scene, person: int, wish: Wish | None, *, contact: bool = False, text: str = "") -> None:
    with scene.work(participant_actor(person)) as work:
        harms.upset(
            work,
            person,
            evening(scene, person).id,
            text,
            wish=wish,
            wants_contact=contact,
            submission=f"{wish}{contact}",
        )


def to_the_end(scene: Scene) -> None:
    """Let days pass and mails go out, until nothing of the evenings is left."""
    for _ in range(16):
        scene.move(days=1)
        deliver(scene)


def sent(scene: Scene, person: int) -> dict[tuple[int, int], tuple[str, str | None]]:
    """(evening, reminder) to what became of the mail."""
    return {
        (one.occurrence, one.reminder): (one.state.value, one.reason)
        for one in scene.contacts(person)
        if one.timepoint == "evening"
    }


def test_an_exercise_that_is_passed_over_may_still_be_done_and_is_asked_about_no_more(
    scene: Scene, person: int
) -> None:
    assert pass_over(scene, person)
    assert not pass_over(scene, person)
    assert scene.events(person)[-1] == "exercise_passed_over"
    assert scene.events(person).count("exercise_passed_over") == 1
    assert evening(scene, person).passed_over_at == scene.now
    assert scene.submit(person, evening(scene, person).id, {"writing": "after all"}).state == "kept"


def test_its_reminders_are_not_sent_and_the_next_one_comes_as_planned(scene: Scene, person: int) -> None:
    pass_over(scene, person)
    to_the_end(scene)
    became = sent(scene, person)
    reminders = {key: one for key, one in became.items() if key[0] == 1 and key[1] > 0}
    assert all(one == ("suppressed", "passed_over") for one in reminders.values())
    assert became[2, 0][0] == "accepted"


def test_nothing_is_passed_over_that_is_done_over_or_a_questionnaire(scene: Scene) -> None:
    person, baseline = scene.to_baseline()
    with scene.work(participant_actor(person)) as work:
        assert not passing_over.pass_over(work, person, baseline)
        assert not passing_over.mute(work, person, baseline)
    other = scene.enrol()
    assert not pass_over(scene, other)  # it is not open yet
    scene.move_to(evening(scene, other).opens_at)
    scene.submit(other, evening(scene, other).id, {"writing": "done"})
    assert not pass_over(scene, other)
    with scene.work() as work, pytest.raises(NotFound):
        passing_over.pass_over(work, person, evening(scene, other).id)


def test_what_is_muted_is_not_sent_again_and_says_why(scene: Scene, person: int) -> None:
    upset(scene, person, "mute")
    to_the_end(scene)
    became = sent(scene, person)
    later = {key: one for key, one in became.items() if key[0] > 1}
    assert later
    assert set(later.values()) == {("suppressed", "muted")}
    assert scene.events(person).count("activity_muted") == 1
    questionnaires = [one for one in scene.contacts(person) if one.stream == "questionnaires"]
    assert {one.state.value for one in questionnaires if one.due_at <= scene.now} <= {"accepted", "suppressed"}
    assert any(one.state.value == "accepted" for one in questionnaires)


@pytest.mark.parametrize("wish", ["today", "skip", "mute", "help", None])
def test_being_upset_is_a_report_and_no_withdrawal(scene: Scene, person: int, wish: Wish | None) -> None:
    upset(scene, person, wish, contact=True, text=SENSITIVE)
    upset(scene, person, wish, contact=True, text=SENSITIVE)
    (kept,) = content(scene.store)["adverse_event"]
    assert (kept["wish"], kept["wants_contact"], kept["occasion_id"]) == (wish, True, evening(scene, person).id)
    assert holding(scene.store, SENSITIVE) == []
    found = scene.person(person)
    assert (found.stopped, found.stopped_at, found.state.value) == (None, None, "randomized")
    assert scene.events(person).count("adverse_event_reported") == 1
    assert ("exercise_passed_over" in scene.events(person)) == (wish in ("today", "skip", "mute"))
    with scene.work(OPERATOR) as work:
        assert trials.status(work, scene.slug).wanting_contact == 1
        trials.close(work, scene.slug)
        dispositions = freeze(work, scene.slug)["disposition.csv"]
    head, row = (line.split(",") for line in dispositions.splitlines()[:2])
    said = dict(zip(head, row, strict=True))
    assert said["stopped"] == ""
    assert said["stage"] == "randomized"


def test_somebody_who_stopped_the_exercises_can_still_say_that_one_upset_them(scene: Scene, person: int) -> None:
    scene.stop(person, StopLevel.EXERCISES)
    upset(scene, person, "help")
    assert len(content(scene.store)["adverse_event"]) == 1
