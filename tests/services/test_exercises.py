"""Exercises through the services: which cards, whose earlier words, what is kept and what a freeze shows of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

import pytest

from tests.core import kinds
from tests.services.scene import MOODS, OPERATOR, SENSITIVE, Scene
from trial.core.access import participant_actor
from trial.core.errors import NotFound
from trial.core.participant import Occasion, StopLevel
from trial.core.protocol import Questionnaire
from trial.protocol_files import read_files
from trial.services import answers, earlier, freeze, trials
from trial.services.answers import Shown, Submitted
from trial.storage import answer_sheets, vault
from trial.storage.work import Store

ANSWERS = ("answer", "answer_to_list")
RIGHT = {"cards_caring": "kindness", "cards_people": "hardship", "cards_failures": "responsibility"}
FORMS: dict[str, dict[str, str]] = {
    "letter": {"letter_sense": SENSITIVE},
    "list": {"writing": SENSITIVE},
    "article": {"article_read": "yes"},
    "breathing": {"breathing_done": "not_today", "breathing_seconds": "12"},
    "voices": {"voices_1_kind": SENSITIVE},
    "small_things": {"small_things_asked": "yes"},
    "cards": {"cards_caring": SENSITIVE, "cards_people": "hardship"},
    "answer": {"writing": SENSITIVE},
    "answer_to_list": {"writing": SENSITIVE},
    "later": {**MOODS[0], "after_worse": "no"},
}


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store, folder=kinds.FOLDER)


def occasions(scene: Scene, person: int) -> list[Occasion]:
    with scene.work(write=False) as work:
        found = answers.occasions.of_participant(work, person)
    return [one for one in found if one.timepoint != "baseline"]


def first_of(scene: Scene, person: int, *activities: str) -> Occasion:
    return next(one for one in occasions(scene, person) if one.activity in activities)


def shown(scene: Scene, person: int, occasion: Occasion) -> Shown:
    with scene.work(participant_actor(person), write=False) as work:
        return answers.show(work, person, occasion.id)


def do(scene: Scene, person: int, occasion: Occasion, form: Mapping[str, str]) -> Submitted:
    scene.move_to(max(occasion.opens_at, scene.now))
    return scene.submit(person, occasion.id, form)


def lived(scene: Scene) -> int:
    """One person who does everything that there is."""
    person = scene.enrol()
    for one in occasions(scene, person):
        assert do(scene, person, one, FORMS[one.activity]).state == "kept", one
    return person


def test_only_the_cards_that_were_due_when_the_page_opened_are_judged(store: Store) -> None:
    file = "protocol.yaml"
    text = kinds.FOLDER.files[file].replace("spacing: [4 hours,", "spacing: [30 hours,")
    scene = Scene(store, folder=read_files({**kinds.FOLDER.files, file: text}))
    person = scene.enrol()
    first, second, *_ = [one for one in occasions(scene, person) if one.activity == "cards"]
    do(scene, person, first, RIGHT)
    scene.move_to(second.opens_at)
    opened = scene.now
    assert shown(scene, person, second).asked == []
    scene.move(hours=8)
    assert len(shown(scene, person, second).asked) == 3
    with scene.work(participant_actor(person)) as work:
        answers.submit(
            work, person, second.id, {"cards_caring": "wrong", "nothing": "yes"}, submission="late", opened_at=opened
        )
        sheet = answer_sheets.of_participant(work, person)[-1]
    assert sheet.answers == {}


def test_how_cards_went_is_known_of_cards_only_and_to_their_person_only(scene: Scene) -> None:
    person, other = scene.enrol(), scene.enrol()
    article, cards = first_of(scene, person, "article"), first_of(scene, person, "cards")
    do(scene, person, article, FORMS["article"])
    do(scene, person, cards, FORMS["cards"])
    with scene.work(write=False) as work:
        found = [(one.card.id, one.remembered) for one in earlier.went(work, person, cards.id)]
        assert found == [("caring", False), ("failures", False), ("people", True)]
        assert earlier.went(work, person, article.id) == []
        with pytest.raises(NotFound):
            earlier.went(work, other, cards.id)


def test_earlier_words_are_the_latest_of_the_same_person_and_gone_once_they_are_erased(scene: Scene) -> None:
    people = [scene.enrol(), scene.enrol()]
    for person in people:
        assert shown(scene, person, first_of(scene, person, *ANSWERS)).earlier == ()
    for person in people:
        first = first_of(scene, person, "letter", "list")
        column = next(iter(FORMS[first.activity]))
        assert do(scene, person, first, {column: f"words of {person}"}).state == "kept"
    for person in people:
        last = first_of(scene, person, *ANSWERS)
        (found,) = shown(scene, person, last).earlier
        assert found.words == f"words of {person}"
        assert (found.prompt is None) == (last.activity == "answer_to_list")
        assert str(person) not in repr(found) and "words of" not in repr(shown(scene, person, last))
    with scene.work() as work:
        vault.destroy(work, people[0])
    assert shown(scene, people[0], first_of(scene, people[0], *ANSWERS)).earlier == ()


def test_every_kind_counts_as_an_exercise_and_is_not_asked_of_who_stopped_them(scene: Scene) -> None:
    person = lived(scene)
    asked = occasions(scene, person)
    exercises = [one for one in asked if kinds.FOLDER.protocol.is_exercise(one.activity)]
    passed_over = [one for one in exercises if one.activity == "breathing"]
    assert passed_over and all(one.done_at is not None for one in exercises)
    assert scene.events(person).count("exercise_passed_over") == len(passed_over)
    assert scene.events(person).count("exercise_done") == len(exercises) - len(passed_over) == 10 - len(passed_over)
    other = scene.enrol()
    scene.stop(other, StopLevel.EXERCISES)
    for one in occasions(scene, other):
        is_questionnaire = isinstance(kinds.FOLDER.protocol.activity(one.activity), Questionnaire)
        assert do(scene, other, one, FORMS[one.activity]).state == ("kept" if is_questionnaire else "stopped")


@pytest.mark.parametrize(("said", "counts"), [("as_planned", 1), ("partly", 1), ("not_today", 0)])
def test_a_practice_that_was_passed_over_is_kept_and_is_no_dose(scene: Scene, said: str, counts: int) -> None:
    person = scene.enrol()
    practice = first_of(scene, person, "breathing")
    assert do(scene, person, practice, {"breathing_done": said}).state == "kept"
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
    with scene.work(OPERATOR) as work:
        files = freeze.freeze(work, scene.slug)
    (row,) = csv.DictReader(io.StringIO(files["disposition.csv"]))
    assert (row["exercises_done"], row["received"]) == (str(counts), "yes" if counts else "no")
    assert said in files["items.csv"]


def test_a_freeze_holds_the_closed_answers_explains_each_and_has_no_word_that_was_written(scene: Scene) -> None:
    lived(scene)
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
    with scene.work(OPERATOR) as work:
        files = freeze.freeze(work, scene.slug)
    items = list(csv.DictReader(io.StringIO(files["items.csv"])))
    codebook = {one["column"]: one for one in csv.DictReader(io.StringIO(files["codebook.csv"]))}
    found = {one["item"]: one["value"] for one in items}
    assert (
        found
        | {
            "article_read": "yes",
            "breathing_done": "not_today",
            "breathing_seconds": "12",
            "small_things_rest": "no",
            "small_things_asked": "yes",
            "cards_caring": "no",
            "cards_people": "yes",
        }
        == found
    )
    assert found.keys() <= codebook.keys()
    dose = ("_characters", "_seconds_active", "_seconds_open")
    words = {name for name in found if name.startswith(("letter_", "voices_", "writing")) and not name.endswith(dose)}
    assert words == set()
    assert "not_today = not today" in codebook["breathing_done"]["values"]
    for name, text in files.items():
        assert SENSITIVE not in text, name
    (row,) = [one for one in csv.DictReader(io.StringIO(files["disposition.csv"])) if one["stage"] == "randomized"]
    assert (row["exercises_due"], row["exercises_done"]) == ("10", "9")  # the practice was passed over


def test_words_are_kept_under_names_that_fit_and_differ(scene: Scene) -> None:
    person = scene.enrol()
    long = ["a" * 40 + "_" + "b" * 40, "a" * 40 + "_" + "b" * 39 + "c"]
    with scene.work(participant_actor(person)) as work:
        for column in long:
            vault.keep_words(work, scene.id, person, vault.ANSWER, vault.about_answer(7_000_000, column), column)
        for column in long:
            assert vault.words_of(work, person, vault.ANSWER, vault.about_answer(7_000_000, column)) == column
    assert vault.about_answer(3, "writing") == "3:writing"
    assert all(len(vault.about_answer(2**31, column)) <= 80 for column in long)
