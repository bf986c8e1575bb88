"""The privacy notice, and the language that is chosen by a link and kept on the way in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.protocol_files.two_languages import two_languages
from tests.web.place import ELIGIBLE, SLUG, Person, Place, Visitor
from trial.protocol_files import shipped
from trial.web.cookies import SignedCookie


@pytest.fixture
def bilingual(tmp_path: Path) -> Place:
    return Place(tmp_path / "place", protocol=two_languages(shipped("shapira-mongrain-2010"), tmp_path / "folder"))


def language_of(text: str) -> str:
    return re.findall(r'<html lang="(\w+)"', text)[0]


def test_a_trial_in_one_language_offers_no_other(person: Person) -> None:
    assert "hreflang" not in person.get(f"/{SLUG}").text


def test_each_language_is_offered_under_its_own_name(bilingual: Place) -> None:
    page = Visitor(bilingual.app).get(f"/{SLUG}?from=poster")
    assert '<a href="?from=poster&amp;lang=de" lang="de" hreflang="de">Deutsch</a>' in page.text
    assert 'lang="en" hreflang="en" aria-current="true">English</a>' in page.text


def test_choosing_a_language_by_its_link_changes_nothing_on_the_server(bilingual: Place) -> None:
    visitor, before = Visitor(bilingual.app), bilingual.dump()
    page = visitor.get(f"/{SLUG}?lang=de")
    assert language_of(page.text) == "de"
    assert not list(visitor.cookies.jar)
    assert bilingual.dump() == before


def test_the_chosen_language_is_carried_on_through_the_way_in_and_is_the_person_s(bilingual: Place) -> None:
    person = Person(bilingual)
    page = person.get(f"/{SLUG}?lang=de&from=poster")
    page = person.get(next(one for one in page.links if "/notice" in one))
    assert language_of(page.text) == "de"
    assert language_of(person.submit({"agree": "yes"}).text) == "de"
    assert language_of(person.submit(ELIGIBLE).text) == "de"
    assert person.page.form.fields["language"].value == "de"
    person.submit({"email": person.address, "zone": "Europe/Berlin"})
    (somebody,) = bilingual.everyone()
    assert (somebody.language, somebody.source) == ("de", "poster")
    person.id = somebody.id
    assert language_of(person.submit({"code": bilingual.code(somebody.id)}).text) == "de"


def test_a_language_changed_on_the_way_is_kept_from_the_next_step_on(bilingual: Place) -> None:
    person = Person(bilingual)
    assert language_of(person.to_screening().text) == "en"
    assert language_of(person.get(f"/{SLUG}/screening?lang=de").text) == "de"
    assert language_of(person.submit(ELIGIBLE).text) == "de"


def test_the_language_chosen_with_the_address_counts_from_there_on(bilingual: Place) -> None:
    person = Person(bilingual)
    person.get(f"/{SLUG}/notice?lang=de")
    person.submit({"agree": "yes"})
    person.submit(ELIGIBLE)
    assert language_of(person.submit({"email": person.address, "zone": "Europe/Berlin", "language": "en"}).text) == "en"
    assert bilingual.everyone()[0].language == "en"


@pytest.mark.parametrize("given", ["xx", "de'><script>", "../de", "d" * 300, "fr"])
def test_a_language_that_the_trial_does_not_have_is_passed_over(bilingual: Place, given: str) -> None:
    page = Visitor(bilingual.app).get(f"/{SLUG}", follow=True)
    other = Visitor(bilingual.app).post(f"/{SLUG}/notice", {"lang": given})
    assert language_of(page.text) == language_of(other.text) == "en"
    assert "<script>" not in other.text


def test_the_consent_record_says_in_which_language_the_form_was_read(bilingual: Place) -> None:
    from trial.storage import events

    person = Person(bilingual)
    person.to_consent()
    person.get(f"/{SLUG}/consent?lang=de")
    ticks = {f"statement_{one.id}": "yes" for one in bilingual.folder.protocol.consent.statements}
    person.submit({**ticks, "signature": "Robin Example", "answer": "agree"})
    with bilingual.store.open_work(bilingual.operator, write=False) as work:
        (given,) = [one for one in events.of_trial(work, bilingual.trial.id) if one.event.value == "consented"]
    assert given.detail["language"] == "de"


def test_every_page_leads_to_the_notice_on_privacy_where_the_team_wrote_one(tmp_path: Path) -> None:
    place = Place(tmp_path, protocol=shipped("larger-trial"))
    visitor = Visitor(place.app)
    said = place.folder.protocol.data_protection
    assert said is not None
    for path in (f"/{SLUG}", f"/{SLUG}/researchers", f"/{SLUG}/notice"):
        assert f"/{SLUG}/privacy" in visitor.get(path).links
    page = visitor.get(f"/{SLUG}/privacy")
    assert page.status == 200
    ours = ("10 years", "180 days", "keep no network (IP) address", "only a person on our team does")
    for words in (said.controller, said.rights["en"], said.transfers["en"], *ours):
        assert " ".join(words.split()) in page.words
    assert all(one.name in page.words for one in said.recipients)


def test_a_trial_without_a_notice_has_no_link_to_one(place: Place, person: Person) -> None:
    there = place.folder.protocol.data_protection is not None
    assert (f"/{SLUG}/privacy" in person.get(f"/{SLUG}").links) is there
    assert (person.get(f"/{SLUG}/privacy").status == 200) is there


def test_somebody_not_eligible_is_led_to_help_and_no_answer_is_kept(place: Place, person: Person) -> None:
    from trial.storage.participants import screenings

    person.to_screening()
    page = person.submit({**ELIGIBLE, "age": "17"})
    assert f"/{SLUG}/help" in page.links
    with place.store.open_work(place.operator, write=False) as work:
        (kept,) = screenings(work, place.trial.id)
    assert (kept.answers, kept.eligible, kept.participant_id) == (None, False, None)
    assert kept.reason in {one.id for one in place.folder.protocol.eligibility.criteria}
    held = SignedCookie(place.keys.cookie, "equipoise", https=False).read(dict(person.cookies))
    assert held is not None
    assert "17" not in map(str, held.values())


def test_before_anything_is_asked_people_read_what_the_checks_look_at_and_that_a_person_decides(
    person: Person,
) -> None:
    words = person.get(f"/{SLUG}/notice").words
    for said in ("how fast the pages were filled in", "keep no network (IP) address", "only a person on our team does"):
        assert said in words
