"""Personal links: one neutral landing, one neutral no, a session for one occasion, and no token after that."""

from __future__ import annotations

import logging
from string import ascii_letters, digits

import pytest
from sqlalchemy import text

from tests.web.place import Person, Place, Visitor
from trial.rehearsal.dice import Dice


def bad_links(place: Place, person: Person) -> dict[str, str]:
    """Links that do not work, each for another reason. The person's evening has passed."""
    person.to_allocation()
    good = place.links(person.id, "questionnaire")[0]
    evening = place.links(person.id, "evening")[0]
    place.move(days=3)
    flipped = good[:-1] + ("A" if good[-1] != "A" else "B")
    return {
        "forged": "/go/" + "Z" * 43,
        "changed": flipped,
        "truncated": good[:-5],
        "too long": good + "abc",
        "no token": "/go/hello",
        "odd letters": "/go/%00%ff%0a",
        "expired": evening,
    }


def neutral(place: Place, reply_text: str, visitor: Visitor) -> str:
    """A page without what belongs to the browser and not to the link."""
    token = visitor.now.form.fields["csrf"].value if visitor.now and visitor.now.forms else ""
    return reply_text.replace(token, "TOKEN") if token else reply_text


def test_bad_links_of_every_kind_lead_to_the_same_bytes_and_change_nothing(place: Place, person: Person) -> None:
    links = bad_links(place, person)
    before = place.dump()
    pages = {}
    for name, link in links.items():
        visitor = Visitor(place.app)
        landing = visitor.get(link)
        shown = neutral(place, landing.text, visitor)
        answer = visitor.submit()
        pages[name] = (
            landing.status,
            shown,
            answer.status,
            neutral(place, answer.text, visitor),
            sorted(answer.headers.keys()),
        )
    assert len({repr(page) for page in pages.values()}) == 1
    assert pages["forged"][2] == 404
    assert place.dump() == before


def test_a_lapsed_link_brings_a_new_one_by_mail_and_the_page_says_the_same_for_a_forged_one(
    place: Place, person: Person
) -> None:
    links = bad_links(place, person)
    told = {}
    for name, link in links.items():
        visitor = Visitor(place.app)
        visitor.get(link)
        visitor.submit()
        answer = visitor.submit({"new_link": "yes"})
        told[name] = (answer.status, answer.text)
    assert len(set(told.values())) == 1
    assert len(place.links(person.id, "own:new_link")) == 1
    place.move(minutes=1)
    device = Visitor(place.app)
    device.get(place.links(person.id, "own:new_link")[0])
    assert device.submit().path.endswith("/me")


def test_no_more_than_a_few_new_links_are_mailed_in_a_day(place: Place, person: Person) -> None:
    expired = bad_links(place, person)["expired"]
    for _ in range(6):
        visitor = Visitor(place.app)
        visitor.get(expired)
        visitor.submit()
        visitor.submit({"new_link": "yes"})
    assert len(place.links(person.id, "own:new_link")) == 3


def test_a_token_with_any_bit_turned_leads_nowhere(place: Place, person: Person) -> None:
    person.to_allocation()
    place.move(days=14, hours=12)
    good = place.links(person.id, "questionnaire")[0].removeprefix("/go/")
    before, dice = place.dump(), Dice(20, 1)
    for number in range(60):
        where = dice.choice(range(len(good)), "where", number)
        other = dice.choice([one for one in ascii_letters + digits + "-_" if one != good[where]], "letter", number)
        visitor = Visitor(place.app)
        visitor.get(f"/go/{good[:where]}{other}{good[where + 1 :]}")
        assert visitor.submit().status == 404
    assert place.dump() == before
    visitor.get(f"/go/{good}")
    assert visitor.submit().status == 200  # the control: the token itself works


def test_a_revoked_link_leads_nowhere_and_brings_no_mail(place: Place, person: Person) -> None:
    person.to_allocation()
    place.move(days=14, hours=12)
    link = place.links(person.id, "questionnaire")[0]
    with place.store.open_work(place.operator) as work:
        work.rows.execute(text("update delivery set generation = 2, token_hash = null"))
    visitor = Visitor(place.app)
    visitor.get(link)
    assert visitor.submit().status == 404
    visitor.submit({"new_link": "yes"})
    assert place.links(person.id, "own:new_link") == []


def test_the_landing_of_a_good_link_is_the_landing_of_a_bad_one(place: Place, person: Person) -> None:
    person.to_allocation()
    place.move(days=1, hours=10)
    first, second = Visitor(place.app), Visitor(place.app)
    good = first.get(place.links(person.id, "evening")[0])
    bad = second.get("/go/" + "Z" * 43)
    assert (good.status, neutral(place, good.text, first)) == (bad.status, neutral(place, bad.text, second))


def test_a_scanner_that_opens_every_link_changes_nothing(place: Place, person: Person) -> None:
    person.to_allocation()
    before = place.dump()
    for link in place.links(person.id):
        scanner = Visitor(place.app)
        scanner.get(link)
        scanner.send("HEAD", link)
        scanner.get(link + "?to=stop")
    assert place.dump() == before


def test_a_good_link_leads_to_its_occasion_and_the_address_holds_no_token(place: Place, person: Person) -> None:
    page = person.to_exercise()
    assert page.path.endswith("/now")
    assert "writing" in page.form.fields
    assert not [one for one in page.links if "/go/" in one]


def test_the_links_in_the_footer_of_a_mail_lead_to_stopping(place: Place, person: Person) -> None:
    person.to_allocation()
    place.move(days=1, hours=10)
    link = place.links(person.id, "evening")[0]
    other_device = Visitor(place.app)
    other_device.get(link + "?to=stop")
    assert other_device.submit().path.endswith("/stop")
    other_device.get(link + "?to=https://elsewhere.example/")
    assert other_device.submit().path.endswith("/now")


def test_a_link_opens_on_any_device_as_often_as_it_is_wanted(place: Place, person: Person) -> None:
    person.to_allocation()
    place.move(days=1, hours=10)
    for _ in range(3):
        device = Visitor(place.app)
        device.get(place.links(person.id, "evening")[0])
        assert "writing" in device.submit().form.fields


def test_a_session_made_for_somebody_else_cannot_be_planted(place: Place, person: Person) -> None:
    """Following a link gives the session a new id, so a token known beforehand is worth nothing after."""
    person.to_allocation()
    place.move(days=1, hours=10)
    landing = person.get(place.links(person.id, "evening")[0])
    planted = landing.form.fields["csrf"].value
    assert person.submit().form.fields["csrf"].value != planted


@pytest.mark.parametrize("path", ["/now", "/stop", "/report", "/done"])
def test_without_a_session_a_page_asks_to_open_the_link_again(place: Place, path: str) -> None:
    before = place.dump()
    reply = Visitor(place.app).get(path)
    assert reply.status == 403
    assert "open your link again" in reply.words
    assert place.dump() == before


def test_a_text_that_comes_after_the_session_ended_is_shown_so_that_it_can_be_copied(place: Place) -> None:
    before = place.dump()
    page = Visitor(place.app).post("/now", {"writing": "It was <late>.", "csrf": "x"})
    assert page.status == 403
    assert "It was &lt;late&gt;." in page.text
    assert place.dump() == before


def test_a_changed_cookie_is_no_session(place: Place, person: Person) -> None:
    person.to_exercise()
    value = person.cookies["equipoise"]
    person.cookies.clear()
    person.cookies.set("equipoise", value[:-3] + "AAA", domain="127.0.0.1")
    assert person.get("/now").status == 403


def test_no_log_line_holds_a_token(place: Place, person: Person, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="trial")
    person.to_allocation()
    place.move(days=1, hours=10)
    link = place.links(person.id, "evening")[0]
    person.get(link)
    person.submit()
    broken = Visitor(place.application(open_work=None.__class__))
    broken.get(link)
    broken.submit()
    assert link.removeprefix("/go/") not in caplog.text


def test_stopping_works_from_a_mail_whose_window_is_over(place: Place, person: Person) -> None:
    person.to_allocation()
    place.move(days=3)
    visitor = Visitor(place.app)
    visitor.get(place.links(person.id, "evening")[0] + "?to=stop")
    page = visitor.submit()
    assert page.path.endswith("/stop")
    assert visitor.submit({"level": "everything"}).path.endswith("/done")
