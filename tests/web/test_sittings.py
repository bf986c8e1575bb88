"""Several activities in one sitting: each form counts for its own page, and how cards went is told on the way."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.core.kinds import PATH
from tests.web.place import Person, Place, full_answers
from trial.core.participant import ParticipantState
from trial.storage import answer_sheets

AT_ONCE = "days: [0], time: at_once"
CHANGES = (
    ("days: [2], time: '19:00'", AT_ONCE),
    ("days: [6, 7, 8, 10], time: '19:00'", AT_ONCE),
    (
        "activities: [article], closes_after: 20 hours, invitation: evening",
        "activities: [article], closes_after: 1 day",
    ),
    ("activities: [cards], closes_after: 20 hours, invitation: evening", "activities: [cards], closes_after: 1 day"),
)
KNOWN = {"cards_caring": "kindness"}


def place_of(folder: Path, *changes: tuple[str, str]) -> Place:
    """The trial with every kind of exercise, some of it moved into the first sitting."""
    shutil.copytree(PATH, folder / "kinds-trial")
    file = folder / "kinds-trial" / "protocol.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return Place(folder / "place", protocol=folder / "kinds-trial")


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Somebody who has just been randomised and goes on with an article, then cards."""
    found = Person(place_of(tmp_path, *CHANGES))
    answers = full_answers(found.to_baseline().form)
    assert found.submit(answers | {"feeling_sleep": "7", "feeling_else": "no"}).path.endswith("/now")
    return found


def kept(person: Person) -> list[str]:
    with person.place.store.open_work(person.place.operator, write=False) as work:
        return [one.activity for one in answer_sheets.of_participant(work, person.id)]


def test_an_article_leads_to_its_cards_and_the_cards_to_how_they_went(person: Person) -> None:
    assert "How we speak to ourselves" in person.page.words
    assert "cards_caring" in person.submit({"article_read": "yes"}).form.fields
    page = person.submit(KNOWN)
    assert page.path.endswith("/done") and "caring and kindness towards oneself" in page.words
    assert "nothing else to do now" in page.words
    assert kept(person) == ["before", "article", "cards"]


def test_a_button_pressed_twice_is_not_taken_for_an_answer_to_the_next_page(person: Person) -> None:
    fields = person.page.form.filled() | {"article_read": "yes"}
    person.post("/now", fields)
    before = person.place.dump()
    page = person.post("/now", fields)
    assert "cards_caring" in page.form.fields
    assert person.place.dump() == before
    person.submit(KNOWN)
    assert kept(person) == ["before", "article", "cards"]


def test_a_text_from_an_older_tab_is_shown_and_kept_only_when_it_is_sent_from_the_page_it_belongs_to(
    person: Person,
) -> None:
    person.submit({"article_read": "yes"})
    before = person.place.dump()
    page = person.submit({"cards_caring": "kindness", "submission": "of another page"})
    assert page.status == 403 and "press the button once more" in page.words
    assert page.form.fields["cards_caring"].value == "kindness"
    assert person.place.dump() == before


def test_where_more_follows_the_page_about_the_cards_leads_on_to_it_also_when_pressed_twice(tmp_path: Path) -> None:
    swapped = [(old, new.replace("article", "CARDS").replace("cards", "article").lower()) for old, new in CHANGES[2:]]
    person = Person(place_of(tmp_path, *CHANGES[:2], *swapped))
    answers = full_answers(person.to_baseline().form)
    page = person.submit(answers | {"feeling_sleep": "7", "feeling_else": "no"})
    assert "cards_caring" in page.form.fields
    fields = page.form.filled() | KNOWN
    for _ in range(2):
        page = person.post("/now", fields)
        assert page.path.endswith("/done") and "caring and kindness" in page.words
        assert "/now" in page.links
    assert "How we speak to ourselves" in person.get("/now").words
    assert "has arrived" in person.submit({"article_read": "yes"}).words
    assert "caring and kindness" not in person.page.words
    assert kept(person) == ["before", "cards", "article"]


def test_cards_before_randomisation_are_followed_by_the_page_that_says_one_is_in(tmp_path: Path) -> None:
    person = Person(place_of(tmp_path, ("activities: [before]", "activities: [before, cards]")))
    answers = full_answers(person.to_baseline().form)
    person.submit(answers | {"feeling_sleep": "7", "feeling_else": "no"})
    page = person.submit(KNOWN)
    assert "caring and kindness" in page.words
    assert person.place.everyone()[0].state is ParticipantState.RANDOMIZED
    assert "/done?on" in page.links
    assert "You are in" in person.get("/done?on").words


def test_who_stops_or_reports_after_the_cards_sees_that_and_not_the_cards_again(person: Person) -> None:
    person.submit({"article_read": "yes"})
    person.submit(KNOWN)
    person.get("/report")
    assert "Thank you for telling us" in person.submit({"text": "It hurt."}).words
    person.get("/stop")
    assert "The exercises have stopped" in person.submit({"level": "exercises", "reason": "no_time"}).words
