"""Other timetables than every evening at seven: one sitting, an hour drawn, and what waits for something done."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.core.protocols import rewritten
from tests.services.scene import MOODS, OPERATOR, Scene
from trial.core.errors import Refused
from trial.core.participant import StopLevel
from trial.core.schedule import plan_arm
from trial.core.trial import TrialKind
from trial.protocol_files import ProtocolFolder
from trial.services import planning
from trial.storage import allocations
from trial.storage.work import Store

EVENING = """    label: {en: Evenings}
    days: [1, 2, 3]
    time: '19:00'
    activities: [letter, list]
    closes_after: 20 hours
    invitation: evening
    reminders: [{after: 2 hours, message: evening_reminder}]
"""
WEEK_2 = """    label: {en: 2 weeks}
    days: [14]
    time: '18:00'
    activities: [later]
    closes_after: 7 days
    invitation: questionnaire
    reminders: [{after: 3 days, message: questionnaire_reminder}]
"""
SITTING = rewritten(
    (
        EVENING,
        EVENING.replace("days: [1, 2, 3]\n    time: '19:00'", "time: at_once").replace("    invitation: evening\n", ""),
    ),
    (
        WEEK_2,
        WEEK_2.replace("days: [14]\n    time: '18:00'", "time: at_once").replace("    invitation: questionnaire\n", ""),
    ),
)
BETWEEN = rewritten(("    time: '19:00'\n", "    between: ['10:00', '20:30']\n"))
AFTER_THE_FIRST = rewritten(
    (WEEK_2, WEEK_2.replace("    days: [14]\n", "    anchor: completion\n    after: letter\n    days: [2]\n"))
)
SINGLE_ARM = rewritten(
    ("design: {disclosure: hypothesis_withheld}", "design: {type: single_arm}"),
    (
        """  - id: list
    label: {en: A list}
    kind: attention_control
    description: {en: A list of the day.}
    received: exercises_done >= 1
    minimum_dose: exercises_done >= 2
""",
        "",
    ),
    (
        """  method: permuted_blocks
  block_sizes: [2, 4]
  strata:
    - id: mood_level
      label: {en: Mood at the start}
      levels:
        - {id: low, label: {en: 5 or more}, when: low_mood >= 5}
        - {id: good, label: {en: Under 5}}
""",
        "  method: none\n",
    ),
    ("[age, low_mood, mood_level]", "[age, low_mood]"),
    (
        "  - {id: list, type: writing, title: {en: This evening}, exercise: exercises/list, arms: [list], "
        "minutes: 10}\n",
        "",
    ),
    ("activities: [letter, list]", "activities: [letter]"),
    ("method: ancova", "method: mean_change"),
    ("contrast: [letter, list]", "contrast: [letter]"),
)
WRITTEN = {"writing": "A few words."}
LATER = MOODS[0] | {"after_worse": "no"}


def enrolled(store: Store, folder: ProtocolFolder, people: int = 1) -> tuple[Scene, list[int]]:
    scene = Scene(store, folder=folder)
    return scene, [scene.enrol() for _ in range(people)]


# --- one sitting -----------------------------------------------------------------------------------------------


def test_what_is_asked_at_once_follows_the_baseline_without_a_mail(store: Store) -> None:
    scene = Scene(store, folder=SITTING)
    person, baseline = scene.to_baseline()
    after_baseline = scene.submit(person, baseline, MOODS[0])
    (exercise,), (ratings,) = scene.occasions(person), scene.occasions(person, "week_2")
    assert (exercise.opens_at, ratings.opens_at) == (scene.now, scene.now)
    assert after_baseline.allocated and after_baseline.next_occasion_id == exercise.id
    assert scene.submit(person, exercise.id, WRITTEN).next_occasion_id == ratings.id
    assert scene.submit(person, ratings.id, LATER).next_occasion_id is None
    planned = {"code", "evening_reminder", "questionnaire_reminder", "own:study_over"}
    assert {one.message for one in scene.contacts(person)} == planned


def test_a_form_of_the_sitting_that_is_sent_twice_leads_where_the_first_one_led(store: Store) -> None:
    scene = Scene(store, folder=SITTING)
    person, baseline = scene.to_baseline()
    first = scene.submit(person, baseline, MOODS[0])
    again = scene.submit(person, baseline, MOODS[0])
    assert (again.state, again.next_occasion_id) == ("already", first.next_occasion_id)


def test_who_stops_the_exercises_in_the_sitting_is_led_to_the_questions_only(store: Store) -> None:
    scene = Scene(store, folder=SITTING)
    person, baseline = scene.to_baseline()
    scene.submit(person, baseline, MOODS[0])
    scene.stop(person, StopLevel.EXERCISES)
    assert scene.submit(person, baseline, MOODS[0]).next_occasion_id == scene.occasions(person, "week_2")[0].id


def test_nobody_is_led_to_a_sitting_that_is_over(store: Store) -> None:
    scene = Scene(store, folder=SITTING)
    person, baseline = scene.to_baseline()
    scene.submit(person, baseline, MOODS[0])
    scene.move(days=30)
    assert scene.submit(person, baseline, MOODS[0]).next_occasion_id is None


# --- an hour drawn ---------------------------------------------------------------------------------------------


def test_each_person_and_day_has_an_hour_of_their_own(store: Store) -> None:
    scene, people = enrolled(store, BETWEEN, 6)
    zone = ZoneInfo("Europe/Berlin")
    hours = [one.opens_at.astimezone(zone).time() for person in people for one in scene.occasions(person)]
    assert len(hours) == 18 and len(set(hours)) > 12
    assert all(datetime(2041, 1, 1, 10).time() <= hour < datetime(2041, 1, 1, 20, 30).time() for hour in hours)


def test_a_persons_hours_are_the_same_however_often_they_are_worked_out(store: Store) -> None:
    scene, (person,) = enrolled(store, BETWEEN)
    record, stored = scene.person(person), scene.occasions(person)
    assert record.randomized_at is not None
    with scene.work(write=False) as work:
        arm, draw = allocations.arm_of(work, person), planning.draw_of(work, record)
        again = plan_arm(BETWEEN.protocol, str(arm), record.randomized_at, record.zone, draw)
    assert [one.opens_at for one in again if one.timepoint == "evening"] == [one.opens_at for one in stored]


# --- after something done --------------------------------------------------------------------------------------


def _of_arm(scene: Scene, people: list[int], activity: str) -> int:
    return next(one for one in people if scene.occasions(one)[0].activity == activity)


def test_what_waits_for_an_exercise_is_planned_when_it_is_done_for_the_first_time(store: Store) -> None:
    scene, people = enrolled(store, AFTER_THE_FIRST, 4)
    person = _of_arm(scene, people, "letter")
    assert scene.occasions(person, "week_2") == []
    first, second, _ = scene.occasions(person)
    scene.move_to(first.opens_at)
    scene.submit(person, first.id, WRITTEN)
    (planned,) = scene.occasions(person, "week_2")
    local = first.opens_at.astimezone(ZoneInfo("Europe/Berlin"))
    due = (local + timedelta(days=2)).replace(hour=18, minute=0)
    assert planned.opens_at == due
    assert [one.due_at for one in scene.contacts(person, "questionnaire")] == [due]
    scene.move_to(second.opens_at)
    scene.submit(person, second.id, WRITTEN)
    assert scene.occasions(person, "week_2") == [planned]
    assert len(scene.contacts(person, "questionnaire")) == 1


def test_the_other_arm_is_never_asked_what_waits_for_an_exercise_it_does_not_have(store: Store) -> None:
    scene, people = enrolled(store, AFTER_THE_FIRST, 4)
    person = _of_arm(scene, people, "list")
    first = scene.occasions(person)[0]
    scene.move_to(first.opens_at)
    scene.submit(person, first.id, WRITTEN)
    assert scene.occasions(person, "week_2") == [] and scene.contacts(person, "questionnaire") == []


# --- one arm, and what does not run yet ------------------------------------------------------------------------


def test_in_a_single_arm_everyone_gets_that_arm(store: Store) -> None:
    scene, people = enrolled(store, SINGLE_ARM, 3)
    assert {one.activity for person in people for one in scene.occasions(person)} == {"letter"}


def test_a_protocol_that_declares_what_does_not_run_yet_can_be_rehearsed_and_not_opened(store: Store) -> None:
    folder = rewritten(
        (
            "age: {question: age, minimum: 18}",
            "age: {question: age, minimum: 18, guardian: {consent: messages/debrief, assent: messages/debrief}}",
        ),
    )
    with pytest.raises(Refused, match="consent of a guardian"):
        Scene(store, folder=folder, kind=TrialKind.TEST, pretend=False)
    assert Scene(store, folder=folder).trial.kind is TrialKind.REHEARSAL
    with Scene(store, slug="plain").work(OPERATOR) as work:
        assert work.now
