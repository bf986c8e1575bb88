"""Drafts over HTTP: saved by script or by button, seen again in the browser that saved them, and nowhere else."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.web.place import Person, Place, Visitor, typed_code

WORDS = "I slept badly, and then the phone rang."


def autosave(person: Visitor, words: str = WORDS, **more: str) -> int:
    """What the script of the page sends."""
    form = person.page.form
    reply = person.post("/draft", form.filled() | {"writing": words, "quietly": "yes", **more}, follow=False)
    return int(reply.status)


def saved(place: Place) -> int:
    with closing(sqlite3.connect(place.path)) as rows:
        return int(rows.execute("select count(*) from draft").fetchone()[0])


def link(person: Person) -> str:
    return person.place.links(person.id, "evening")[0]


def test_what_was_saved_stands_in_the_form_when_the_mail_is_opened_again(place: Place, person: Person) -> None:
    person.to_exercise()
    page = person.page
    assert autosave(person) == 200
    person.get(link(person))
    again = person.submit()
    assert WORDS in again.text
    assert "not sent yet" in again.words
    assert again.form.fields["drafted"].value == "yes"
    assert page.form.fields["drafted"].value == ""
    assert "has arrived" in person.submit({"writing": WORDS}).words
    assert saved(place) == 0


def test_whoever_holds_the_link_alone_does_not_read_it_and_does_not_replace_it(place: Place, person: Person) -> None:
    person.to_exercise()
    autosave(person)
    stranger = Visitor(place.app)
    stranger.get(link(person))
    page = stranger.submit()
    assert WORDS not in page.text
    assert "another device" in page.words
    before = place.dump()
    assert autosave(stranger, "other words", drafted="yes") == 409
    assert place.dump() == before
    assert "has arrived" in (stranger.get("/now"), stranger.submit({"writing": "sent from here"}))[1].words
    assert saved(place) == 0


def test_on_a_new_device_it_is_shown_after_a_fresh_code_and_goes_on_there(place: Place, person: Person) -> None:
    person.to_exercise()
    autosave(person)
    phone = Visitor(place.app)
    phone.get(link(person))
    assert "/now/mine" in phone.submit().links
    page = typed_code(place, phone, person.id, "/now/mine")
    assert page.path.endswith("/now")
    assert WORDS in page.text
    place.move(minutes=40)  # the code counts no longer; the page that it opened still does
    assert autosave(phone, WORDS + " Then I slept.") == 200
    assert "Then I slept." in phone.get("/now").text
    assert WORDS not in person.get("/now").text
    assert autosave(person, "from the first device") == 409


def test_a_code_that_counts_no_longer_shows_nothing_on_a_device_that_typed_nothing(
    place: Place, person: Person
) -> None:
    person.to_exercise()
    autosave(person)
    phone = Visitor(place.app)
    phone.get(link(person))
    phone.submit()
    assert WORDS in typed_code(place, phone, person.id, "/now/mine").text
    place.move(minutes=40)
    assert WORDS not in phone.get("/now").text
    before = place.dump()
    assert autosave(phone, "typed blind") == 409
    assert place.dump() == before


def test_who_wants_no_code_after_all_goes_back_to_the_activity(place: Place, person: Person) -> None:
    person.to_exercise()
    autosave(person)
    phone = Visitor(place.app)
    phone.get(link(person))
    phone.submit()
    assert "/now" in phone.get("/now/mine").links
    assert "/me" in phone.get("/me/data").links


def test_the_button_keeps_the_text_without_a_script(place: Place, person: Person) -> None:
    form = person.to_exercise().form
    assert 'formaction="/draft"' in person.page.text
    page = person.post("/draft", form.filled() | {"writing": WORDS})
    assert "kept for you" in page.words
    assert WORDS in person.get("/now").text


@pytest.mark.parametrize("quietly", ["yes", ""])
def test_a_press_without_a_word_changes_nothing(place: Place, person: Person, quietly: str) -> None:
    form = person.to_exercise().form
    before = place.dump()
    reply = person.post("/draft", form.filled() | {"quietly": quietly})
    assert reply.status == (204 if quietly else 200)
    assert quietly or "nothing to keep" in reply.words
    assert place.dump() == before


def test_a_page_of_before_saves_nothing_and_loses_nothing(place: Place, person: Person) -> None:
    form = person.to_exercise().form
    before = place.dump()
    fields = form.filled() | {"writing": WORDS, "submission": "0" * 64}
    assert person.post("/draft", fields | {"quietly": "yes"}).status == 409
    reply = person.post("/draft", fields)
    assert reply.status == 403
    assert WORDS in reply.text
    assert place.dump() == before


def test_a_form_without_its_token_is_told_so(place: Place, person: Person) -> None:
    person.to_exercise()
    before = place.dump()
    assert autosave(person, csrf="0" * 64) == 403
    assert place.dump() == before
    stranger = Visitor(place.app)
    assert stranger.post("/draft", {"writing": WORDS, "quietly": "yes"}).status == 403
    assert stranger.get("/draft", follow=False).headers["location"] == "/now"


def test_after_the_window_and_in_a_finished_trial_nothing_is_saved(place: Place, person: Person) -> None:
    form = person.to_exercise().form
    fields = form.filled() | {"writing": WORDS, "quietly": "yes"}
    person.transport.app = place.application(read_only=True)
    assert person.post("/draft", fields).status == 403
    assert "data-draft" not in person.get("/now").text
    person.transport.app = place.app
    place.move(days=3)
    assert person.post("/draft", fields).status == 410
    assert "closed" in person.post("/draft", fields | {"quietly": ""}).words
    assert saved(place) == 0


def test_the_words_of_a_draft_stand_nowhere_in_the_open(place: Place, person: Person) -> None:
    person.to_exercise()
    autosave(person)
    assert saved(place) == 1
    assert not any(WORDS in line for line in place.dump())
    assert WORDS not in person.cookies["equipoise"]
