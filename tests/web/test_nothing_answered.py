"""Sending nothing: buttons alone send no empty questionnaire, and a person who means it says so by a tick."""

from __future__ import annotations

from tests.web.place import Person, Place
from trial.storage import answer_sheets


def sheets(place: Place, person: Person) -> int:
    with place.store.open_work(place.operator, write=False) as work:
        return len(answer_sheets.of_participant(work, person.id))


def at_the_questions(place: Place, person: Person) -> None:
    """The first questionnaire after randomisation."""
    person.to_allocation()
    message = next(one.id for one in place.folder.protocol.messages if one.stream == "questionnaires")
    for _ in range(15):
        place.move(days=1)
    person.get(place.links(person.id, message)[0])
    person.submit()


def press_every_button(person: Person) -> None:
    for _ in range(3):
        buttons = [dict([one]) for one in person.page.form.buttons if one[0]] or [{}]
        for button in [{}, *buttons]:
            person.submit(button)
            person.get("/now")


def test_a_program_that_presses_every_button_sends_no_questionnaire(place: Place, person: Person) -> None:
    at_the_questions(place, person)
    before = sheets(place, person)
    first = person.submit({"go_on": "yes"})
    assert first.status == 422 and "Nothing is answered yet" in first.words
    press_every_button(person)
    assert sheets(place, person) == before


def test_who_would_rather_not_answer_any_of_it_ticks_so_and_is_done(place: Place, person: Person) -> None:
    at_the_questions(place, person)
    before = sheets(place, person)
    person.submit()
    assert person.submit({"rather_not": "yes", "go_on": "yes"}).status == 200
    assert sheets(place, person) == before + 1


def test_what_is_left_out_is_listed_and_linked(place: Place, person: Person) -> None:
    at_the_questions(place, person)
    name, field = next((one.name, one) for one in person.page.form.fields.values() if one.options)
    page = person.submit({name: field.options[0]})
    assert page.status == 422
    gaps = [link for link in page.links if link.startswith("#f-")]
    assert f"#f-{name}" not in gaps and len(set(gaps)) > 3
