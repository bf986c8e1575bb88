"""The pages at the end: for whom the study is over, and for nobody before."""

from __future__ import annotations

import pytest

from tests.web.place import Person, Place, Visitor
from trial.services.ending import STUDY_OVER

DEBRIEF = "What we compared"


def to_the_end(place: Place, person: Person) -> None:
    person.to_allocation()
    for _ in range(220):
        place.move(days=1)
    person.get(place.links(person.id, STUDY_OVER)[0] + "?to=end")
    person.submit()


def test_the_last_mail_leads_to_debrief_and_thanks(place: Place, person: Person) -> None:
    to_the_end(place, person)
    assert person.page.path.endswith("/end")
    assert DEBRIEF in person.page.words and "Thank you for the time you gave" in person.page.words
    assert "/end/exercises" not in person.page.links and "/end/results" not in person.page.links
    before = place.dump()
    for path in ("/end", "/end/results", "/end/exercises", "/end/exercises/letter"):
        assert DEBRIEF in person.get(path).words
    assert "/end" in person.get("/me").links
    assert place.dump() == before


def test_before_the_end_nothing_is_told(place: Place, person: Person) -> None:
    person.to_allocation()
    for path in ("/end", "/end/results", "/end/exercises", "/end/exercises/letter"):
        assert "The study goes on for you" in person.get(path).words
        assert DEBRIEF not in person.page.words
    assert "/end" not in person.get("/me").links


def test_who_stops_everything_may_read_it_at_once(place: Place, person: Person) -> None:
    person.to_exercise()
    person.get("/stop")
    person.submit({"level": "everything"})
    assert "/end" in person.page.links
    assert DEBRIEF in person.get("/end").words and "we write to you no more" in person.page.words


def test_nobody_reads_it_without_a_visit(place: Place) -> None:
    for path in ("/end", "/end/results", "/end/exercises", "/end/exercises/letter"):
        assert Visitor(place.app).get(path).status == 403


@pytest.mark.parametrize("way", ["not_eligible", "declined"])
def test_who_does_not_take_part_is_shown_where_to_find_help(place: Place, person: Person, way: str) -> None:
    if way == "declined":
        person.to_consent()
        person.submit({"answer": "decline"})
    else:
        person.to_screening()
        person.submit({"age": "12", "reads_english": "yes", "daily_email": "yes"})
    assert len([one for one in person.page.links if one.endswith("/help")]) == 2
