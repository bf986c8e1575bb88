"""A finished rehearsal is shown, not changed: links work, pages are drawn, nothing can be sent."""

from __future__ import annotations

import pytest

from tests.web.place import SLUG, Person, Place, Visitor


@pytest.fixture
def shown(place: Place, person: Person) -> Visitor:
    """A visitor to the finished trial; the person's follow-up is still open on its clock."""
    person.to_allocation()
    place.move(days=14, hours=12)
    return Visitor(place.application(read_only=True))


def test_a_link_in_the_mailbox_opens_its_page(place: Place, person: Person, shown: Visitor) -> None:
    before = place.dump()
    shown.get(place.links(person.id, "questionnaire")[0])
    page = shown.submit()
    assert page.status == 200
    assert "cesd_1" in page.form.fields
    assert "This trial is finished" in page.words
    assert place.dump() == before


def test_an_activity_is_drawn_even_if_it_was_done(place: Place, person: Person, shown: Visitor) -> None:
    link = place.links(person.id, "questionnaire")[0]
    person.get(link)
    person.submit()
    person.submit({"go_on": "yes"})
    shown.get(link)
    assert "cesd_1" in shown.submit().form.fields


@pytest.mark.parametrize("step", ["notice", "screening", "address", "code", "consent", "researchers"])
def test_every_step_of_the_way_in_can_be_looked_at(shown: Visitor, step: str) -> None:
    page = shown.get(f"/{SLUG}/{step}")
    assert page.status == 200
    assert page.path.endswith(step)


@pytest.mark.parametrize("path", [f"/{SLUG}/{one}" for one in ("notice", "screening", "address", "code", "consent")])
def test_nothing_can_be_sent_on_the_way_in(place: Place, shown: Visitor, path: str) -> None:
    shown.get(path)
    before = place.dump()
    page = shown.submit({"agree": "yes", "answer": "agree"})
    assert page.status == 403
    assert "Nothing was sent" in page.words
    assert place.dump() == before


def test_nothing_can_be_sent_by_a_participant(place: Place, person: Person, shown: Visitor) -> None:
    shown.get(place.links(person.id, "questionnaire")[0])
    shown.submit()
    before = place.dump()
    for path in ("/now", "/stop", "/report"):
        shown.get(path)
        assert shown.submit({"level": "everything", "text": "x"}).status == 403
    assert place.dump() == before
