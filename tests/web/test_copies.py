"""The person's own copy of the consent: a page, a PDF and a web page to save, under a name that tells nothing."""

from __future__ import annotations

import io

import pypdf
import pytest

from tests.web.place import Person, Place, Visitor
from trial.core.links import make_code
from trial.storage import deliveries, fresh_codes


def text_of(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages).split())


def test_the_copy_holds_what_was_read_ticked_and_signed(place: Place, person: Person) -> None:
    person.to_baseline()
    page = person.get("/copy")
    form = place.folder.protocol.consent
    for words in (*(one.text["en"] for one in form.statements), "Robin Example", form.version, place.folder.digest):
        assert " ".join(words.split()) in page.words
    assert '<html lang="en"' in page.text


def test_it_can_be_saved_as_a_pdf_that_says_the_same(place: Place, person: Person) -> None:
    person.to_baseline()
    reply = person.get("/copy/pdf")
    assert reply.headers["content-type"] == "application/pdf"
    assert reply.headers["content-disposition"] == 'attachment; filename="my-copy.pdf"'
    assert reply.headers["cache-control"] == "no-store"
    text = text_of(reply.response.content)
    assert "Robin Example" in text
    assert place.trial.mark is not None
    assert place.trial.mark.split(".")[0] in text
    assert " ".join(place.folder.protocol.consent.statements[0].text["en"].split()) in text


def test_it_can_be_saved_as_a_web_page_that_needs_nothing_else(person: Person) -> None:
    person.to_baseline()
    reply = person.get("/copy/page")
    assert reply.headers["content-disposition"] == 'attachment; filename="my-copy.html"'
    assert "Robin Example" in reply.text
    assert not [one for one in ("/static/", "<script", "http://", "csrf", "/copy/pdf") if one in reply.text]


def test_who_follows_a_link_reads_the_form_and_no_name(place: Place, person: Person) -> None:
    person.to_allocation()
    place.move(days=1, hours=10)
    other = Visitor(place.app)
    other.get(place.links(person.id, "evening")[0])
    other.submit()
    page = other.get("/copy")
    assert page.status == 200
    assert "Robin Example" not in page.words
    assert "fresh code" in page.words
    assert "Robin Example" not in text_of(other.get("/copy/pdf").response.content)
    assert other.get("/copy/named").path.endswith("/me/code")


def test_after_a_fresh_code_the_name_is_shown(place: Place, person: Person) -> None:
    person.to_allocation()
    place.move(days=1, hours=10)
    other = Visitor(place.app)
    other.get(place.links(person.id, "evening")[0])
    other.submit()
    other.get("/copy/named")
    form = next(one for one in other.page.forms if "send" in one.fields)
    other.post("/me/code", form.filled() | {"send": "yes"})
    with place.store.open_work(place.operator, write=False) as work:
        state = fresh_codes.state(work, person.id, "me")
    assert state is not None
    form = next(one for one in other.page.forms if "code" in one.fields)
    page = other.post(
        "/me/code", form.filled() | {"code": make_code(place.keys.link, person.id, state.generation, "me")}
    )
    assert page.path.endswith("/copy")
    assert "Robin Example" in page.words


@pytest.mark.parametrize("path", ["/copy", "/copy/pdf", "/copy/page"])
def test_without_a_visit_or_before_consent_there_is_no_copy(place: Place, person: Person, path: str) -> None:
    assert Visitor(place.app).get(path).status == 403
    person.to_consent()
    before = place.dump()
    assert person.get(path).status == 404
    assert place.dump() == before


def test_the_copy_comes_by_mail_only_to_who_ticks_and_once_a_day(place: Place, person: Person) -> None:
    person.to_baseline()
    person.get("/copy")
    assert "names the study" in person.page.words
    before = place.dump()
    assert person.submit().status == 422
    assert place.dump() == before
    assert "We send the copy" in person.submit({"mail": "yes"}).words
    assert "less than a day ago" in person.submit({"mail": "yes"}).words
    with place.store.open_work(place.operator, write=False) as work:
        sent = [one.message for one in deliveries.of_participant(work, person.id)]
    assert sent.count("own:consent_copy") == 1


def test_my_page_leads_to_the_copy(person: Person) -> None:
    person.to_baseline()
    assert "Your copy of what you agreed to" in person.get("/me").words
