"""Not today, and this upset me, beside every activity: something has to be chosen, and nobody has stopped."""

from __future__ import annotations

import pytest

from tests.web.place import Person, Place


def test_an_exercise_offers_both_and_a_questionnaire_the_second(place: Place, person: Person) -> None:
    page = person.to_baseline()
    assert "/upset" in page.links
    assert "/not-today" not in page.links
    assert person.get("/not-today", follow=False).headers["location"] == "/now"
    assert person.get("/upset").form.fields["wish"].options == ["today", "help"]
    other = Person(place, "kim@mailbox.example")
    assert {"/upset", "/not-today"} <= set(other.to_exercise().links)


@pytest.mark.parametrize("path", ["/not-today", "/upset"])
def test_a_press_without_a_choice_changes_nothing_and_asks(place: Place, person: Person, path: str) -> None:
    person.to_exercise()
    person.get(path)
    before = place.dump()
    reply = person.submit({"wish": "everything", "when": "never", "text": "  "})
    assert reply.status == 422
    assert place.dump() == before


def test_not_today_is_fine_and_the_exercise_can_still_be_done(place: Place, person: Person) -> None:
    person.to_exercise()
    person.get("/not-today")
    assert "That is fine" in person.submit({"when": "not_today"}).words
    assert person.get("/now").form.fields["writing"]
    assert "has arrived" in person.submit({"writing": "after all"}).words


def test_later_today_changes_nothing(place: Place, person: Person) -> None:
    person.to_exercise()
    person.get("/not-today")
    before = place.dump()
    assert "later" in person.submit({"when": "later"}).words
    assert place.dump() == before


def test_what_is_muted_is_not_shown_again(place: Place, person: Person) -> None:
    person.to_exercise()
    person.get("/upset")
    page = person.submit({"wish": "mute", "contact": "yes"})
    assert "Thank you for telling us" in page.words
    assert "/help" in page.links
    assert "not sent to you any more" in person.get("/now").words


def test_what_was_muted_can_be_had_back_on_my_page_with_one_tick(place: Place, person: Person) -> None:
    person.to_exercise()
    person.get("/upset")
    person.submit({"wish": "mute"})
    person.get("/now")
    assert "/me" in person.page.links
    page = person.get("/me")
    assert "not to send you this exercise again" in page.words
    form = next(one for one in page.forms if "back" in one.fields)
    before = place.dump()
    person.post("/me", form.filled())  # a press without a tick
    person.post("/me", form.filled() | {"back": "another"})
    assert place.dump() == before
    page = person.post("/me", form.filled() | {"back": form.fields["back"].options[0]})
    assert "when its turn comes" in page.words
    assert "not to send you this exercise again" not in page.words
    assert "not sent to you any more" not in person.get("/now").words


def test_who_wants_help_is_led_there_and_the_draft_stays(place: Place, person: Person) -> None:
    form = person.to_exercise().form
    person.post("/draft", form.filled() | {"writing": "Dear Robin", "quietly": "yes"})
    person.get("/upset")
    assert person.submit({"wish": "help"}, follow=False).headers["location"] == "/help"
    person.get("/upset")
    person.submit({"wish": "today"})
    assert "Dear Robin" in person.get("/now").text


def test_a_text_that_is_too_long_is_still_there(place: Place, person: Person) -> None:
    person.to_exercise()
    person.get("/upset")
    before = place.dump()
    reply = person.submit({"wish": "skip", "text": "x" * 20_001})
    assert reply.status == 422
    assert "x" * 20_001 in reply.text
    assert place.dump() == before
