"""Buttons that are pressed twice, and people who come back: counted once, and never turned away."""

from __future__ import annotations

from sqlalchemy import func, select

from tests.web.place import ELIGIBLE, SLUG, Person, Place, Visitor, full_answers
from trial.core.participant import ParticipantState
from trial.storage.participants import screenings
from trial.storage.tables_people import adverse_event


def reports(place: Place) -> int:
    with place.store.open_work(place.operator, write=False) as work:
        return int(work.rows.execute(select(func.count()).select_from(adverse_event)).scalar_one())


def test_a_screening_form_sent_many_times_at_the_same_moment_counts_one_person(place: Place, person: Person) -> None:
    page = person.to_screening()
    replies = person.at_once(f"/{SLUG}/screening", {**page.form.filled(), **ELIGIBLE}, 8)
    assert {reply.status for reply in replies} <= {200, 303}
    with place.store.open_work(place.operator, write=False) as work:
        assert len(screenings(work, place.trial.id)) == 1


def test_a_report_sent_twice_counts_once_and_another_report_counts_too(place: Place, person: Person) -> None:
    person.to_exercise()
    for _ in range(2):
        person.get("/report")
        person.submit({"text": "This was too much tonight."})
    assert reports(place) == 1
    person.get("/report")
    person.submit({"text": "And it did not pass by the morning."})
    assert reports(place) == 2


def test_who_consented_and_closed_the_browser_comes_back_by_a_fresh_code(place: Place, person: Person) -> None:
    person.to_baseline()
    back = Visitor(place.app)
    back.get(f"/{SLUG}/notice")
    back.submit({"agree": "yes"})
    back.submit(ELIGIBLE)
    back.submit({"email": person.address, "zone": "Europe/Berlin"})
    page = back.submit({"code": place.code(person.id)})
    assert page.path.endswith("/now")
    assert "You are in" in back.submit(full_answers(page.form)).words
    assert [one.state for one in place.everyone()] == [ParticipantState.RANDOMIZED]


def test_an_item_that_decides_the_stratum_is_asked_for_at_once_and_cannot_be_passed_over(person: Person) -> None:
    page = person.to_baseline()
    needed = {name: "" for name in full_answers(page.form) if name.startswith("cesd_")}
    again = person.submit({**full_answers(page.form), **needed})
    assert again.status == 422
    assert "Please answer this question." in again.words
    assert person.submit({**full_answers(page.form), **needed, "go_on": "yes"}).status == 422


def test_who_declined_is_not_asked_again_by_the_same_code(place: Place, person: Person) -> None:
    person.to_consent()
    person.submit({"answer": "decline"})
    back = Visitor(place.app)
    back.get(f"/{SLUG}/notice")
    back.submit({"agree": "yes"})
    back.submit(ELIGIBLE)
    back.submit({"email": person.address, "zone": "Europe/Berlin"})
    assert back.submit({"code": place.code(person.id)}).status == 422
