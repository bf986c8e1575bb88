"""Further stages: who comes into question is allocated once more, once, when what decides is in or its time is over."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

import pytest

from tests.core.staged import CROSS_OVER, SECOND, STAGED, changed, folder_of
from tests.services.at_once import at_once
from tests.services.scene import OPERATOR, Scene
from tests.services.staged_scene import (
    LOW,
    WELL,
    answer,
    arm_of,
    enrolled,
    options_of,
    pass_by,
    rows_of,
    send_in,
    state_of,
    to_week_2,
)
from tests.storage.stores import content, run
from trial.core.access import SYSTEM, participant_actor
from trial.core.participant import Participant, StopLevel
from trial.services import answers, ending, preferences, stages, trials, withdrawal
from trial.storage import allocations, participants, stage_entries
from trial.storage.work import Store, Work


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store, folder=STAGED)


# --- who, and when -----------------------------------------------------------------------------------------------


def test_who_fits_is_allocated_as_the_form_comes_in_and_is_planned_what_follows(scene: Scene) -> None:
    person = enrolled(scene, "letter")
    assert state_of(scene, person) == "waiting"
    answer(scene, person, LOW)
    assert state_of(scene, person) == "allocated"
    (option,) = options_of(scene, person)
    windows = scene.occasions(person, "evenings_second")
    assert {one.activity for one in windows} == {f"do_{option}"} and len(windows) == 2
    first = windows[0].opens_at.date() - scene.now.date()
    assert first == timedelta(days=1)  # days count from this allocation
    assert len([one for one in scene.contacts(person, "evening") if one.timepoint == "evenings_second"]) == 2
    assert scene.events(person)[-1] == "stage_allocated"
    assert arm_of(scene, person) in ("letter", "list")


def test_who_does_not_fit_is_left_as_they_are(scene: Scene) -> None:
    person = enrolled(scene, "letter")
    answer(scene, person, WELL)
    assert state_of(scene, person) == "did_not_fit"
    assert options_of(scene, person) == [] and scene.occasions(person, "evenings_second") == []
    assert scene.events(person)[-1] == "stage_passed_by"


@pytest.mark.parametrize(("unanswered", "state"), [("left_out", "unanswered"), ("allocated", "allocated")])
def test_who_does_not_answer_in_time_goes_by_the_protocol(store: Store, unanswered: str, state: str) -> None:
    scene = Scene(store, folder=folder_of(changed(SECOND, unanswered=unanswered)))
    silent, blank = scene.enrol(), scene.enrol()
    answer(scene, blank, {})
    assert state_of(scene, blank) == state  # sent in, and nothing by which the rule could be worked out
    assert state_of(scene, silent) == "waiting" and stages.decide_due(scene.store.open_work) == 0
    assert pass_by(scene, silent) == 1
    assert state_of(scene, silent) == state
    assert stages.decide_due(scene.store.open_work) == 0


def test_only_the_arms_that_it_is_for_cross_over_and_all_of_them_do(scene: Scene) -> None:
    waiting, other = enrolled(scene, "list"), enrolled(scene, "letter")
    answer(scene, waiting, WELL)
    assert (state_of(scene, waiting, "cross_over"), options_of(scene, waiting)) == ("allocated", ["letter_later"])
    assert state_of(scene, other, "cross_over") == ""
    assert [one.activity for one in scene.occasions(waiting, "evenings_cross_over")] == ["do_letter_later"] * 2


def test_grace_is_waited_for(store: Store) -> None:
    tree = folder_of(SECOND).protocol.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for point in tree["timepoints"]:
        if point["id"] == "week_2":
            point["grace"] = "3 days"
    scene = Scene(store, folder=folder_of(SECOND, timepoints=tree["timepoints"]))
    person = scene.enrol()
    assert pass_by(scene, person) == 0
    assert send_in(scene, person, LOW) == "kept"  # late, and in time for the stage
    assert state_of(scene, person) == "allocated"


def test_a_window_that_moved_is_waited_for(scene: Scene) -> None:
    person = enrolled(scene, "letter")
    with scene.work(participant_actor(person)) as work:
        preferences.change_mails(
            work, person, zone="America/Los_Angeles", language="en", hour=None, fewer_reminders=False
        )
    closes = scene.occasions(person, "week_2")[0].closes_at
    scene.move_to(closes - timedelta(hours=2))
    stages.decide_due(scene.store.open_work)
    assert state_of(scene, person) == "waiting"
    assert pass_by(scene, person) == 1 and state_of(scene, person) == "unanswered"


@pytest.mark.parametrize("level", [StopLevel.EXERCISES, StopLevel.EVERYTHING])
def test_who_stopped_is_allocated_no_more(scene: Scene, level: StopLevel) -> None:
    person = enrolled(scene, "list")
    scene.stop(person, level)
    pass_by(scene, person)
    assert {state_of(scene, person, one) for one in ("second", "cross_over")} == {"stopped"}
    assert options_of(scene, person) == []


def test_who_took_their_answers_back_is_allocated_no_more(store: Store) -> None:
    folder = folder_of(CROSS_OVER, withdrawal={"data_until_then": "erased_on_request"})
    scene = Scene(store, folder=folder)
    person = enrolled(scene, "list")
    with scene.work(participant_actor(person)) as work:
        withdrawal.ask(work, person, "withdraw_data")
    scene.move(days=8)
    withdrawal.carry_out_due(scene.store.open_work)
    pass_by(scene, person)
    assert state_of(scene, person, "cross_over") == "stopped"


def test_a_pause_of_the_trial_holds_it_until_the_trial_goes_on(scene: Scene) -> None:
    person = enrolled(scene, "list")
    to_week_2(scene, person)
    with scene.work(OPERATOR) as work:
        trials.pause(work, scene.slug)
    pass_by(scene, person)
    assert state_of(scene, person, "cross_over") == "waiting"
    with scene.work(OPERATOR) as work:
        trials.resume(work, scene.slug)
    stages.decide_due(scene.store.open_work)
    assert state_of(scene, person, "cross_over") == "allocated"


def test_a_pause_of_the_person_holds_it_until_they_are_back(scene: Scene) -> None:
    person = enrolled(scene, "letter")
    to_week_2(scene, person)
    until = scene.now + timedelta(days=3)
    with scene.work(participant_actor(person)) as work:
        preferences.pause(work, person, until)
    assert send_in(scene, person, LOW) == "kept"
    assert state_of(scene, person) == "waiting"
    scene.move_to(until)
    assert stages.decide_due(scene.store.open_work) == 1
    assert state_of(scene, person) == "allocated"


def test_nobody_is_allocated_once_the_data_are_frozen(scene: Scene) -> None:
    person = enrolled(scene, "list")
    run(scene.store, "update trial set state = 'frozen'")
    assert pass_by(scene, person) == 0
    assert state_of(scene, person, "cross_over") == "waiting"


def test_a_stage_of_a_stage_waits_for_the_one_before(store: Store) -> None:
    third = changed(
        SECOND, id="third", timepoint="evenings_check", after="again", arms_before=[],
        arms=[one | {"id": f"{one['id']}_more"} for one in SECOND["arms"]],
    )  # fmt: skip
    tree = folder_of(SECOND).protocol.model_dump(mode="json", by_alias=True, exclude_unset=True)
    again = {"id": "again", "type": "questionnaire", "title": {"en": "Again"}, "minutes": 1,
             "instruments": ["feeling"]}  # fmt: skip
    check = {"id": "evenings_check", "label": {"en": "Check"}, "stage": "second", "days": [5], "time": "19:00",
             "activities": ["again"], "closes_after": "2 days", "invitation": "questionnaire"}  # fmt: skip
    more = [
        {"id": f"do_{one['id']}", "type": "writing", "title": {"en": "This evening"}, "exercise": "exercises/letter",
         "minutes": 10, "arms": [one["id"]]} for one in third["arms"]
    ]  # fmt: skip
    point = {"id": "evenings_third", "label": {"en": "3"}, "stage": "third", "days": [1], "time": "19:00",
             "activities": [one["id"] for one in more], "closes_after": "9 hours", "invitation": "evening"}  # fmt: skip
    folder = folder_of(
        SECOND,
        stages=[SECOND, third],
        activities=[*tree["activities"], again, *more],
        timepoints=[*tree["timepoints"], check, point],
    )
    scene = Scene(store, folder=folder)
    person = scene.enrol()
    assert state_of(scene, person, "third") == ""
    answer(scene, person, LOW)
    assert state_of(scene, person, "third") == "waiting"
    (window,) = scene.occasions(person, "evenings_check")
    scene.move_to(window.opens_at)
    assert scene.submit(person, window.id, LOW).state == "kept"
    assert len(options_of(scene, person)) == 2
    assert len(scene.occasions(person, "evenings_third")) == 1


# --- once ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def ready(scene: Scene) -> tuple[Scene, int]:
    """Somebody of the arm that crosses over, at the last moment in which week 2 can be sent in."""
    person = enrolled(scene, "list")
    scene.move_to(scene.occasions(person, "week_2")[0].closes_at - timedelta(minutes=1))
    return scene, person


def test_many_forms_at_once_give_one_allocation(ready: tuple[Scene, int]) -> None:
    scene, person = ready
    done = at_once(lambda number: send_in(scene, person, LOW, f"tab-{number}"), range(8))
    assert Counter(done) == {"kept": 1, "already": 7}
    assert [len(rows_of(scene, one)) for one in ("second", "cross_over")] == [1, 1]
    assert len(scene.occasions(person, "evenings_second")) == 2
    assert scene.events(person).count("stage_allocated") == 2


def test_ticks_and_forms_at_once_give_one_allocation(ready: tuple[Scene, int]) -> None:
    """The decision has fallen due, as after a pause, while the form may still be sent in: both go for it."""
    scene, person = ready
    with scene.work() as work:
        for entry in stage_entries.waiting(work, person):
            stage_entries.postpone(work, entry, work.now - timedelta(minutes=1))

    def act(number: int) -> object:
        if number % 2:
            return stages.decide_due(scene.store.open_work)
        return send_in(scene, person, LOW, f"tab-{number}")

    at_once(act, range(8))
    assert [len(rows_of(scene, one)) for one in ("second", "cross_over")] == [1, 1]
    assert scene.events(person).count("stage_allocated") == 2


def test_ticks_at_once_give_one_allocation(ready: tuple[Scene, int]) -> None:
    scene, person = ready
    scene.move(minutes=2)
    assert sum(at_once(lambda _: stages.decide_due(scene.store.open_work), range(6))) >= 2
    assert len(rows_of(scene, "cross_over")) == 1
    assert scene.events(person).count("stage_allocated") == scene.events(person).count("stage_passed_by") == 1


def test_everybody_at_once_gets_a_number_without_gap_or_double(store: Store) -> None:
    scene = Scene(store, folder=folder_of(changed(SECOND, when="low_mood >= 0")))
    people = [scene.enrol() for _ in range(8)]
    to_week_2(scene, people[-1])
    at_once(lambda person: send_in(scene, person, WELL), people)
    rows = rows_of(scene, "second")
    assert sorted(one["sequence"] for one in rows) == sorted(one["number"] for one in rows) == list(range(1, 9))
    assert Counter(one["arm"] for one in rows) == {"walk": 4, "song": 4}


# --- the control -----------------------------------------------------------------------------------------------------


def test_control_looking_first_and_deciding_later_allocates_one_person_many_times(
    ready: tuple[Scene, int],
) -> None:
    """The same load on what everybody writes first: look whether the person has one, then give them one."""
    scene, person = ready
    seen: list[int] = []

    def naive(_: int) -> None:
        with scene.work(SYSTEM, write=False) as work:
            has_one = bool(allocations.options_of(work, person))
        time.sleep(0.05)
        if not has_one:
            seen.append(person)

    at_once(naive, range(8))
    assert len(seen) > 1


def test_control_without_the_lock_on_the_person_the_database_itself_keeps_one(
    ready: tuple[Scene, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, person = ready
    by_id = participants.by_id

    def unlocked(work: Work, person_id: int, *, lock: bool = False) -> Participant:
        return by_id(work, person_id)

    monkeypatch.setattr(participants, "by_id", unlocked)

    def attempt(number: int) -> str:
        try:
            return send_in(scene, person, LOW, f"tab-{number}")
        except Exception as error:
            return type(error).__name__

    at_once(attempt, range(8))
    assert [len(rows_of(scene, one)) for one in ("second", "cross_over")] == [1, 1]


# --- the end, and a trial without stages -----------------------------------------------------------------------------


def test_the_study_is_not_over_while_a_stage_may_still_follow(scene: Scene) -> None:
    person = enrolled(scene, "list")
    scene.move_to(scene.occasions(person, "week_2")[0].closes_at)
    with scene.work(write=False) as work:
        assert not ending.is_over(work, participants.by_id(work, person))
    pass_by(scene, person)
    (told,) = scene.contacts(person, ending.STUDY_OVER)
    last = max(one.closes_at for one in scene.occasions(person, "evenings_cross_over"))
    assert told.due_at > last
    scene.move_to(last)
    with scene.work(write=False) as work:
        assert ending.is_over(work, participants.by_id(work, person))


def test_a_trial_without_stages_has_no_entry_and_nothing_to_decide(store: Store) -> None:
    scene = Scene(store)
    person = scene.enrol()
    assert pass_by(scene, person) == 0
    assert content(store)["stage_entry"] == []


def test_what_is_shown_in_a_form_is_the_persons_own_after_a_stage(scene: Scene) -> None:
    person = enrolled(scene, "list")
    answer(scene, person, WELL)
    window = scene.occasions(person, "evenings_cross_over")[0]
    scene.move_to(window.opens_at)
    with scene.work(participant_actor(person), write=False) as work:
        assert answers.show(work, person, window.id).activity.id == "do_letter_later"
