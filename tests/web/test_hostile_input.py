"""Whatever is sent, the answer is a page: never an error of ours, never a change that nobody asked for."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.place import SLUG, Person, Place, Reply, Visitor, full_answers
from trial.web.forms import parse_form

FORM = {"content-type": "application/x-www-form-urlencoded"}


def send(person: Person, fields: dict[str, bytes]) -> Reply:
    """The form on show, with some fields replaced by raw bytes."""
    given_fields = {name: value.encode() for name, value in person.page.form.filled().items()} | fields
    body = b"&".join(quote(name).encode() + b"=" + quote(value).encode() for name, value in given_fields.items())
    return person.send("POST", person.page.path, body, headers=FORM)


NASTY = {
    "NUL": b"Dear\x00Robin\x00",
    "invalid UTF-8": b"\xff\xfe\xfa Dear \xc3\x28",
    "half a surrogate": b"\xed\xa0\x80 Dear",
    "markup": b"</textarea><script>alert(1)</script>",
    "template": b"{{ 7 * 7 }} {% for x in range(9) %}",
    "SQL": b"'; drop table participant; --",
    "right to left override": "\u202edear\u202c".encode(),
    "every control": bytes(range(32)) + b"Dear",
}


@pytest.mark.parametrize("kind", NASTY)
def test_a_text_of_any_kind_is_kept_as_text(place: Place, person: Person, kind: str) -> None:
    person.to_exercise()
    page = send(person, {"writing": NASTY[kind]})
    assert page.status == 200
    assert "has arrived" in page.words


def test_typed_markup_comes_back_as_text(person: Person) -> None:
    person.to_exercise()
    page = send(person, {"writing": NASTY["markup"] + b"x" * 20_001})
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("kind", NASTY)
@pytest.mark.parametrize("field", ["email", "zone", "language"])
def test_an_address_of_any_kind_is_no_error_of_ours(person: Person, kind: str, field: str) -> None:
    person.to_address()
    good = {"email": b"robin@mailbox.example", "zone": b"Europe/Berlin"}
    assert send(person, {**good, field: NASTY[kind]}).status == 422


@pytest.mark.parametrize("kind", NASTY)
def test_a_signature_or_a_code_of_any_kind_is_no_error_of_ours(person: Person, kind: str) -> None:
    person.to_code()
    assert send(person, {"code": NASTY[kind]}).status == 422
    fresh = Person(person.place, "kim@mailbox.example")
    fresh.to_consent()
    assert send(fresh, {"signature": NASTY[kind], "answer": b"agree"}).status == 422


def test_ten_megabytes_are_turned_away_before_anything_looks_at_them(place: Place, person: Person) -> None:
    person.to_exercise()
    before = place.dump()
    reply = send(person, {"writing": b"a" * 10_000_000})
    assert reply.status == 413
    assert place.dump() == before


def test_a_body_that_lies_about_its_length_is_counted(person: Person) -> None:
    person.to_exercise()
    reply = person.send("POST", "/now", b"a" * 300_000, headers=FORM | {"content-length": "10"})
    assert reply.status == 413


@pytest.mark.parametrize("fields", [1_000, 5_000])
def test_a_form_of_many_fields_is_no_error_of_ours(place: Place, person: Person, fields: int) -> None:
    person.to_exercise()
    body = "&".join(f"f{number}=1" for number in range(fields)).encode()
    before = place.dump()
    assert person.send("POST", "/now", body, headers=FORM).status == 403
    assert place.dump() == before


@pytest.mark.parametrize("content_type", ["multipart/form-data", "application/json", "", "text/plain; charset=x"])
def test_a_body_that_is_no_form_counts_as_an_empty_one(place: Place, person: Person, content_type: str) -> None:
    person.to_exercise()
    before = place.dump()
    assert person.send("POST", "/now", b"--x", headers={"content-type": content_type}).status == 403
    assert place.dump() == before


@pytest.mark.parametrize(
    "path",
    ["/%00", "/%ff%fe", "/..%2f..%2fetc/passwd", "/" + "a" * 5_000, "/evening-writing%00", f"/{SLUG}?from=%ff%00",
     "/%2f%2felsewhere.example/", "/go/" + "%0d%0aSet-Cookie:x", f"/{SLUG}/notice/", "/now%2f"],
)  # fmt: skip
def test_an_address_that_nobody_gave_out_is_a_kind_page(place: Place, path: str) -> None:
    reply = Visitor(place.app).get(path)
    assert reply.status in (200, 404)
    assert "set-cookie" not in reply.headers or "/go/" in path


@pytest.mark.parametrize("cookie", ["x", "a.b.c", "é", "=" * 9_000, "null.x.y"])
def test_a_cookie_of_any_kind_is_no_session(place: Place, cookie: str) -> None:
    reply = Visitor(place.app).get("/now", headers={"cookie": f"equipoise={cookie}".encode()})
    assert reply.status == 403


def test_an_accept_language_header_of_any_kind_is_read(place: Place) -> None:
    for header in ("*", ";;;q", "de;q=abc,fr;q=0.9", "x" * 9_000, "zh-Hant-TW,zh;q=0.9", ",,,", "en;q=nan,de;q=inf"):
        assert Visitor(place.app).get(f"/{SLUG}", headers={"accept-language": header}).status == 200


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read_as_a_form(body: bytes) -> None:
    for name, value in parse_form(body).items():
        assert "\x00" not in name + value
        assert (name + value).encode("utf-8", "strict") is not None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_answers_to_a_questionnaire_give_a_page(place: Place, data: st.DataObject) -> None:
    person = Person(place, f"p{len(place.everyone())}@mailbox.example")
    form = person.to_baseline().form
    names = st.sampled_from([name for name in form.fields if name not in ("csrf", "submission")])
    changed = data.draw(st.dictionaries(names, st.text(max_size=30), max_size=6))
    reply = person.submit({**full_answers(form), **changed})
    assert reply.status in (200, 422)
