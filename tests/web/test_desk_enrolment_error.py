"""Somebody is marked as enrolled in error at the desk: looked at once more, then written on the person's page."""

from __future__ import annotations

import pytest

from tests.web.desk_place import Team, send
from tests.web.place import SLUG, Person, Place
from trial.core.access import SYSTEM, Role
from trial.storage import enrolment_errors, participants


@pytest.fixture
def team(place: Place) -> Team:
    return Team(place)


def entries(place: Place, person: Person) -> list[str]:
    with place.store.open_work(SYSTEM, write=False) as work:
        return [one.reason.value for one in enrolment_errors.of_participant(work, person.id)]


def test_an_error_is_looked_at_once_more_and_then_stands_on_the_persons_page(team: Team, person: Person) -> None:
    person.to_allocation()
    code = next(one.code for one in team.place.everyone() if one.id == person.id)
    browser, path = team.visitor(Role.COORDINATOR), f"/{SLUG}/participants/{code}"
    assert f"{path}/error" in browser.get(path).links
    browser.get(f"{path}/error")
    faulty = send(browser, "look", {"reason": "other", "words": "", "stop": "no"})
    assert faulty.status == 409 and "missing or too long" in faulty.words
    page = send(browser, "look", {"reason": "duplicate", "words": "Her <sister> was first.", "stop": "yes"})
    assert page.status == 200 and "stays in the list" in page.words and "All mails to this person stop" in page.words
    assert "Her <sister> was first." in page.words and "<sister>" not in page.text
    assert entries(team.place, person) == []  # looking keeps nothing
    page = send(browser, "mark", {})
    assert f"{path}?said=error" in page.path and "It is written down." in page.words
    assert "The same person was enrolled before" in page.words and "Her <sister> was first." in page.words
    assert entries(team.place, person) == ["duplicate"]
    with team.place.store.open_work(SYSTEM, write=False) as work:
        assert participants.by_id(work, person.id).stopped is not None
    browser.get(f"{path}/error")
    send(browser, "look", {"reason": "taken_back", "words": "", "stop": "no"})
    assert "It was no error" in send(browser, "mark", {}).words
    assert entries(team.place, person) == ["duplicate", "taken_back"]


def test_who_may_not_mark_anybody_sees_what_stands_there_and_no_way_to(team: Team, person: Person) -> None:
    person.to_allocation()
    code = next(one.code for one in team.place.everyone() if one.id == person.id)
    path, safety = f"/{SLUG}/participants/{code}", team.visitor(Role.SAFETY_CONTACT)
    assert f"{path}/error" not in safety.get(path).links
    assert safety.get(f"{path}/error").status == 403
