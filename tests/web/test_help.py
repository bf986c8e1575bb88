"""Where to find help: one step from every page, and by itself where answers call for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.watched import PLACES, TEXT
from tests.web.place import BASE, SLUG, Person, Place, Reply, Visitor, full_answers
from trial.protocol_files import disk, shipped
from trial.storage import events

SAFETY = """
safety:
  resources: messages/resources
  rules:
    - {id: unhappy, when: swls <= 9, tier: resources, why: {en: Low.}}
    - {id: got_worse, when: since_last_time_worse == true, tier: alert, why: {en: Somebody says so.}}
  on_call: {role: safety_contact, within: 2 days, can: [mail], told_in_consent: understood}
"""


@pytest.fixture(scope="module")
def protocol(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped trial with rules, a text and two made-up places."""
    folder = tmp_path_factory.mktemp("watched") / "trial"
    files = disk.read(shipped("shapira-mongrain-2010"))
    files["protocol.yaml"] += SAFETY
    files["messages/resources.en.md"] = TEXT
    files["resources.yaml"] = PLACES
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


@pytest.fixture
def place(tmp_path: Path, protocol: Path) -> Place:
    return Place(tmp_path, protocol=protocol)


@pytest.fixture
def robin(place: Place) -> Person:
    return Person(place)


def path(page: Reply) -> str:
    """Where a page lies, without the host."""
    return page.path.removeprefix(BASE)


def onward(person: Person) -> str:
    """Where the button of the page leads."""
    return next(one for one in person.page.links if one in ("/now", "/done"))


def test_answers_that_call_for_help_lead_to_it_at_once_and_then_on(robin: Person) -> None:
    robin.to_allocation()
    assert path(robin.page) == "/resources?to=done"
    assert "You need not be alone with this" in robin.page.words
    assert "gets in touch within 2 days" in robin.page.words
    robin.get(onward(robin))
    assert "You are in" in robin.page.words


def test_answers_that_call_for_nothing_lead_on_as_ever(robin: Person) -> None:
    page = robin.to_baseline()
    robin.submit({name: "7" if name.startswith("swls") else one for name, one in full_answers(page.form).items()})
    assert path(robin.page) == "/done"


def test_a_second_press_of_the_same_button_leads_to_the_same_page(robin: Person) -> None:
    page = robin.to_baseline()
    fields = page.form.filled() | full_answers(page.form)
    first = robin.post("/now", fields)
    assert path(first) == path(robin.post("/now", fields)) == "/resources?to=done"


def test_a_second_time_the_page_is_short_and_leads_to_the_whole_one(place: Place, robin: Person) -> None:
    robin.to_allocation()
    place.move(days=14, hours=10)
    robin.get(place.links(robin.id, "questionnaire")[0])
    page = robin.submit()
    robin.submit(full_answers(page.form) | {"go_on": "yes"})
    assert path(robin.page) == "/resources?to=done"
    assert "You know this page" in robin.page.words and "You need not be alone with this" not in robin.page.words
    assert "You need not be alone with this" in robin.get("/help").words


def test_help_is_one_step_from_every_page(place: Place, robin: Person) -> None:
    for one in (f"/{SLUG}", f"/{SLUG}/notice", f"/{SLUG}/researchers", "/nowhere", "/go/" + "x" * 43):
        (link,) = [each for each in Visitor(place.app).get(one).links if each.endswith("/help")]
        assert Visitor(place.app).get(link).status == 200
    robin.to_baseline()
    assert "/help" in robin.page.links
    assert "You need not be alone with this" in robin.get("/help").words


def test_somebody_without_a_visit_finds_plain_words_and_no_error(place: Place) -> None:
    page = Visitor(place.app).get("/help")
    assert page.status == 200 and "emergency number of the place where you are" in page.words


def test_places_are_those_of_the_country_that_a_visitor_chose(place: Place) -> None:
    somebody = Visitor(place.app)
    page = somebody.get(f"/{SLUG}/help")
    assert "A made-up site" in page.words and "A made-up line" not in page.words
    somebody.submit({"country": "NL"})
    assert "A made-up line" in somebody.page.words and "tel:000" in somebody.page.links
    assert "October 1, 2026" in somebody.page.words
    assert "A made-up line" in somebody.get(f"/{SLUG}/help").words


def test_another_country_is_always_there_and_shows_what_holds_everywhere(place: Place) -> None:
    somebody = Visitor(place.app)
    somebody.get(f"/{SLUG}/help")
    somebody.submit({"country": "ZZ"})
    assert "A made-up site" in somebody.page.words and "A made-up line" not in somebody.page.words


def test_the_country_stays_with_the_person(place: Place, robin: Person) -> None:
    robin.to_baseline()
    robin.get("/help")
    robin.submit({"country": "NL"})
    assert place.everyone()[-1].country == "NL"
    with place.store.open_work(place.operator, write=False) as work:
        found = [one for one in events.of_trial(work, place.trial.id) if one.event == "preferences_changed"]
    assert [(one.by, one.detail) for one in found] == [(f"participant:{robin.id}", {"what": "country"})]


def test_choosing_a_country_does_not_lose_the_way(robin: Person) -> None:
    robin.to_allocation()
    robin.submit({"country": "NL"})
    assert path(robin.page) == "/resources?to=done" and "A made-up line" in robin.page.words


@pytest.mark.parametrize("country", ["", "everywhere", "DE", "nl", "NL' or 1=1", "x" * 500])
def test_pressing_without_a_choice_changes_nothing(place: Place, robin: Person, country: str) -> None:
    robin.to_baseline()
    robin.get("/help")
    before = place.dump()
    assert robin.submit({"country": country}).status == 422
    assert "Please choose a country" in robin.page.words
    assert place.dump() == before


def test_the_page_that_comes_by_itself_is_nobody_elses(place: Place) -> None:
    assert Visitor(place.app).get("/resources?to=done").status == 403


@pytest.mark.parametrize("to", ["", "//evil.example", "https://evil.example", "stop"])
def test_the_page_leads_nowhere_else(robin: Person, to: str) -> None:
    robin.to_baseline()
    robin.get(f"/resources?to={to}")
    assert onward(robin) == "/now"
    assert not [one for one in robin.page.links if "evil" in one]


def test_a_choice_without_the_forms_token_is_not_taken(place: Place, robin: Person) -> None:
    robin.to_baseline()
    robin.get("/help")
    before = place.dump()
    page = robin.submit({"country": "NL", "csrf": "old"})
    assert page.status == 403 and "press the button once more" in page.words
    assert place.dump() == before


@pytest.mark.parametrize(("said", "kept"), [("NL", "NL"), ("ZZ", "ZZ"), ("", None), ("everywhere", None), ("DE", None)])
def test_the_country_may_be_told_with_the_address_and_left_out(
    place: Place, robin: Person, said: str, kept: str | None
) -> None:
    robin.to_address()
    robin.submit({"email": robin.address, "zone": "Europe/Berlin", "country": said})
    assert place.everyone()[-1].country == kept


def test_consent_says_who_reads_answers_and_how_soon(robin: Person) -> None:
    words = robin.to_consent().words
    assert "Nobody reads your answers as you send them" in words and "within 2 days" in words
