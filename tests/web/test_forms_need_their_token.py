"""No form is taken that we did not show to this browser."""

from __future__ import annotations

import pytest

from tests.web.place import ELIGIBLE, SLUG, Person, Place, full_answers, signature_and_ticks
from trial.web.participant.app import PAGES

STEPS = {
    "notice": (lambda one: one.get(f"/{SLUG}/notice"), {"agree": "yes"}),
    "screening": (Person.to_screening, ELIGIBLE),
    "address": (Person.to_address, {"email": "robin@mailbox.example", "zone": "Europe/Berlin"}),
    "code": (Person.to_code, {"code": "CODE"}),
    "consent": (Person.to_consent, {"answer": "agree"}),
    "decline": (Person.to_consent, {"answer": "decline"}),
    "questionnaire": (Person.to_baseline, {}),
    "writing": (Person.to_exercise, {"writing": "Dear Robin"}),
    "draft": (Person.to_exercise, {"writing": "Dear Robin"}),
    "not-today": (lambda one: (one.to_exercise(), one.get("/not-today")), {"when": "not_today"}),
    "upset": (lambda one: (one.to_exercise(), one.get("/upset")), {"wish": "mute"}),
    "stop": (lambda one: (one.to_exercise(), one.get("/stop")), {"level": "everything"}),
    "pause": (lambda one: (one.to_exercise(), one.get("/me/pause")), {"long": "7"}),
    "mails": (lambda one: (one.to_exercise(), one.get("/me/mails")), {"zone": "Asia/Tokyo"}),
    "copy": (lambda one: (one.to_baseline(), one.get("/copy")), {"mail": "yes"}),
    "report": (lambda one: (one.to_exercise(), one.get("/report")), {"text": "It hurt."}),
    "link": (lambda one: (one.to_allocation(), one.get(one.place.links(one.id, "evening")[0])), {}),
}


@pytest.mark.parametrize("token", ["", "0" * 64, "ü", "x" * 10_000])
@pytest.mark.parametrize("step", STEPS)
def test_a_form_with_a_wrong_token_is_shown_again_kindly_and_changes_nothing(
    place: Place, person: Person, step: str, token: str
) -> None:
    reach, fields = STEPS[step]
    reach(person)
    before, cookie = place.dump(), person.cookies["equipoise"]
    form = person.page.form
    typed = form.filled() | fields | {"csrf": token}
    if step == "code":
        typed["code"] = place.code(place.everyone()[-1].id)
    if step == "questionnaire":
        typed |= full_answers(form)
    if step == "consent":
        typed |= signature_and_ticks(place)
    reply = person.post("/draft" if step == "draft" else form.action or person.page.path, typed)
    assert reply.status == 403
    assert "press the button once more" in reply.words
    assert place.dump() == before
    assert person.cookies["equipoise"] == cookie


def test_what_was_typed_is_still_there_and_the_next_press_works(place: Place, person: Person) -> None:
    person.to_exercise()
    page = person.submit({"writing": "Dear Robin", "csrf": "old"})
    assert "Dear Robin</textarea>" in page.text
    assert "has arrived" in person.submit({"writing": "Dear Robin"}).words


def test_the_token_of_another_browser_is_worth_nothing(place: Place, person: Person) -> None:
    person.to_exercise()
    other = Person(place, "kim@mailbox.example")
    token = other.to_screening().form.fields["csrf"].value
    before = place.dump()
    assert person.submit({"writing": "Dear Robin", "csrf": token}).status == 403
    assert place.dump() == before


def test_a_form_sent_from_another_site_arrives_without_cookie_and_changes_nothing(place: Place, person: Person) -> None:
    form = person.to_exercise().form
    person.cookies.clear()
    before = place.dump()
    assert person.post("/now", form.filled() | {"writing": "planted"}).status == 403
    assert place.dump() == before


def test_every_page_with_an_act_is_tried_above() -> None:
    acts = {page.path.rpartition("/")[2] for page in PAGES if page.act}
    acts -= {"me", "download", "withdraw", "erase", "address-back"}  # tried in test_my_page.py, with a code
    acts.discard("payee")  # tried in test_payees.py, whose trial gives something
    acts.discard("again")  # tried in test_consent_again.py, whose trial was amended
    acts.discard("help")  # tried in test_help.py, whose trial has places to choose from
    beside = {"draft", "not-today", "upset", "stop", "report", "pause", "mails", "mail"}
    assert acts == {"notice", "screening", "address", "code", "consent", "now", "{token}"} | beside
