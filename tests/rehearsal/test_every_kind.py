"""Pretend people do every kind of exercise from its page alone, and a rehearsal with all of them adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.core import kinds
from tests.pages.samples import SAMPLES
from tests.rehearsal.people import people
from tests.system.commands import equipoise, in_this_process
from tests.system.evidence import Evidence, read_sqlite
from trial.core import exercises
from trial.core.protocol import Recall
from trial.rehearsal.dice import Dice
from trial.rehearsal.exercises import Exerciser
from trial.rehearsal.forms import Page

PAGES = {
    "writing-prompts": "letter",
    "writing-goes-on": "answer",
    "reading": "article",
    "recall": "cards",
    "timed-practice": "breathing",
    "dialogue": "voices",
    "checklist": "small_things",
}
FILES = ("dataset.csv", "items.csv", "contacts.csv", "events.csv", "harms.csv", "disposition.csv", "codebook.csv")


def page(sample: str) -> Page:
    return Page(200, "/now", SAMPLES[sample]())


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    place = tmp_path_factory.mktemp("kinds")
    done = in_this_process("demo", kinds.PATH, "--participants", "16", "--seed", "4", "--out", "lived", cwd=place)
    assert done.code == 0, done.err
    return Evidence(place / "lived", read_sqlite(place / "lived" / "equipoise.sqlite"))


@pytest.mark.parametrize("sample", PAGES)
def test_a_pretend_person_fills_in_a_page_so_that_it_can_be_kept(sample: str) -> None:
    exercise, form = kinds.exercise(PAGES[sample]), page(sample).form
    asked = exercises.asked(exercise, exercise.cards if isinstance(exercise, Recall) else ())
    for number in range(1, 30):
        exerciser = Exerciser(Dice(1, number), kinds.FOLDER)
        assert exerciser.is_exercise(form)
        filled = exerciser.fill(form, "evening", 0)
        assert filled == exerciser.fill(form, "evening", 0)
        assert filled.keys() <= {exercises.NOTHING, *(one.column for one in asked)}
        assert exercises.read(exercise, asked, filled).faults == {}


def test_a_questionnaire_is_no_exercise() -> None:
    for number, sample in enumerate(("questionnaire", "questionnaire-gaps")):
        assert not Exerciser(Dice(1, number), people(1)[0].setting.folder).is_exercise(page(sample).form)


def test_pretend_people_differ_in_what_they_remember_tick_and_say() -> None:
    def drawn(sample: str, column: str) -> Counter[str]:
        form = page(sample).form
        forms = (Exerciser(Dice(1, number), kinds.FOLDER).fill(form, "evening", 0) for number in range(300))
        return Counter(one.get(column, "") for one in forms)

    assert set(drawn("recall", "cards_caring")) == {"kindness", ""}
    assert set(drawn("checklist", "small_things_rest")) == {"yes", ""}
    assert set(drawn("timed-practice", "breathing_done")) == {"as_planned", "partly", "not_today"}


def test_a_person_learns_the_arm_from_an_exercise_of_one_arm_and_keeps_it_through_those_for_all() -> None:
    (person,) = people(1, folder=kinds.FOLDER)
    person._learn_arm(page("reading"))
    assert person.arm is None
    person._learn_arm(page("writing-prompts"))
    assert person.arm == "kind"
    person._learn_arm(page("timed-practice"))
    assert person.arm == "kind"


def is_dose(row: Mapping[str, str]) -> bool:
    """Whether a row of items.csv tells how long an exercise took, and not what was answered."""
    return row["item"].endswith(("_characters", "_seconds_active", "_seconds_open"))


def test_every_exercise_is_done_by_somebody_and_its_closed_answers_are_explained(lived: Evidence) -> None:
    done = Counter(one["activity"] for one in lived.tables["answer_sheet"])
    assert {one.id for one in kinds.EXERCISES} <= done.keys()
    explained = {row["column"] for row in lived.csv["codebook"] if row["file"] == "items.csv"}
    found = {row["item"] for row in lived.csv["items"]}
    assert found <= explained
    assert {one.column for each in kinds.EXERCISES for one in exercises.closed(each)} <= found
    values = {row["value"] for row in lived.csv["items"] if row["item"].startswith("cards_") and not is_dose(row)}
    assert values == {"yes", "no"}
    assert not [row for row in lived.csv["items"] if "pretend words" in row["value"]]


def test_every_card_is_new_at_first_and_what_was_remembered_waits_its_time(lived: Evidence) -> None:
    cards = [row for row in lived.csv["items"] if row["activity"] == "cards" and not is_dose(row)]
    sheets = Counter((row["participant"], row["occurrence"]) for row in cards)
    first = {who: min(number for one, number in sheets if one == who) for who, _ in sheets}
    assert {sheets[one] for one in first.items()} == {3}
    assert min(sheets.values()) < 3


def test_the_same_seed_gives_the_same_record(lived: Evidence, tmp_path: Path) -> None:
    # in a process of its own, where sets of words lie in another order
    again = equipoise("demo", kinds.PATH, "--participants", "16", "--seed", "4", "--out", "again", cwd=tmp_path)
    assert again.code == 0, again.err
    for name in FILES:
        assert (lived.home / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name
