"""A person's own page: from every mail and activity, and what shows or changes their data only after a fresh code."""

from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.web.place import Person, Place, Visitor
from trial.core.links import make_code
from trial.pages.service_mail import own_message
from trial.storage import answer_sheets, deliveries, fresh_codes, participants, vault, wishes

GUARDED = ("/me/data", "/me/address", "/me/address/code")


def code_for(place: Place, person: int, purpose: str = "me") -> str:
    with place.store.open_work(place.operator, write=False) as work:
        known = fresh_codes.state(work, person, purpose)
    assert known is not None
    return make_code(place.keys.link, person, known.generation, purpose)


def proved(place: Place, person: Person, goal: str = "/me/data") -> Person:
    """Somebody who typed a fresh code."""
    person.get(goal)
    person.post("/me/code", person.page.forms[0].filled() | {"send": "yes"})
    page = person.post("/me/code", person.page.forms[-1].filled() | {"code": code_for(place, person.id)})
    assert page.path.endswith(goal)
    return person


def form_with(person: Person, name: str) -> dict[str, str]:
    return next(one for one in person.page.forms if name in one.fields).filled()


@pytest.fixture
def her(place: Place, person: Person) -> Person:
    person.to_exercise()
    return person


def test_every_mail_leads_to_the_page_and_so_does_every_activity(place: Place, her: Person) -> None:
    assert "/me" in her.page.links
    device = Visitor(place.app)
    device.get(place.links(her.id, "evening")[0] + "?to=me")
    assert device.submit().path.endswith("/me")
    assert "What comes next" in device.page.words


def test_the_page_says_what_is_open_and_why_and_nothing_of_an_arm(place: Place, her: Person) -> None:
    words = her.get("/me").words
    assert "Your exercise" in words
    assert "because you are in week 1" in words
    arms = [one.label["en"] for one in place.folder.protocol.arms]
    titles = [one.title["en"] for one in place.folder.protocol.activities]
    assert not [one for one in (*arms, *titles) if one.lower() in words.lower()]


def test_looking_at_the_pages_changes_nothing(place: Place, her: Person) -> None:
    before = place.dump()
    for path in ("/me", "/me/pause", "/me/mails", "/me/code", *GUARDED):
        her.get(path)
        her.send("HEAD", path)
    assert place.dump() == before


def test_pressing_every_button_changes_nothing(place: Place, her: Person) -> None:
    proved(place, her)
    before = place.dump()
    for path in ("/me", "/me/pause", "/me/mails", "/me/code", "/stop", *GUARDED):
        for number in range(len(her.get(path).forms)):
            form = her.get(path).forms[number]
            her.post(form.action or path, form.filled())
    assert place.dump() == before


def test_a_pause_is_chosen_and_ended(place: Place, her: Person) -> None:
    her.get("/me/pause")
    assert her.submit().status == 422
    assert "Your pause is set" in her.submit({"long": "7"}).words
    assert "until Tuesday, March 10, 2026" in her.page.words
    her.get("/me/pause")
    assert her.submit({"long": "day", "day": "2020-01-01"}).status == 422
    assert her.submit({"long": "day", "day": "hello"}).status == 422
    assert "Your pause is over" in her.submit({"long": "end"}).words


def test_mails_are_changed_and_an_unchanged_form_changes_nothing(place: Place, her: Person) -> None:
    her.get("/me/mails")
    before = place.dump()
    her.submit()
    assert place.dump() == before
    her.get("/me/mails")
    her.submit({"zone": "America/New_York", "fewer": "yes"})
    now = place.everyone()[-1]
    assert (now.zone, now.fewer_reminders) == ("America/New_York", True)


@pytest.mark.parametrize("path", GUARDED)
def test_who_came_by_a_mails_link_is_asked_for_a_code(place: Place, her: Person, path: str) -> None:
    page = her.get(path)
    assert page.path.endswith("/me/code")
    assert her.address not in page.text


def test_without_a_code_no_post_changes_or_shows_anything(place: Place, her: Person) -> None:
    her.get("/me/pause")
    token, before = her.page.form.fields["csrf"].value, place.dump()
    for path, fields in {
        "/me/data/download": {"download": "yes"},
        "/me/data/withdraw": {"withdraw": "yes"},
        "/me/data/erase": {"erase": "now"},
        "/me/address": {"email": "other@mailbox.example"},
        "/me/address/code": {"code": "123456"},
    }.items():
        assert her.post(path, {"csrf": token} | fields).path.endswith("/me/code")
    assert place.dump() == before


def test_a_form_with_another_browsers_token_changes_nothing_behind_a_code_either(place: Place, her: Person) -> None:
    proved(place, her)
    other = Visitor(place.app)
    token = other.get("/evening-writing/notice").form.fields["csrf"].value
    before = place.dump()
    for path, fields in {
        "/me": {"again": "yes"},
        "/me/code": {"send": "yes"},
        "/me/data/download": {"download": "yes"},
        "/me/data/withdraw": {"withdraw": "yes"},
        "/me/data/erase": {"erase": "now"},
        "/me/address": {"email": "other@mailbox.example"},
    }.items():
        assert "attachment" not in her.post(path, {"csrf": token} | fields).headers.get("content-disposition", "")
    assert place.dump() == before


def test_a_wrong_code_opens_nothing_and_the_right_one_counts_for_half_an_hour(place: Place, her: Person) -> None:
    proved(place, her)
    assert her.get("/me/data").path.endswith("/me/data")
    place.move(minutes=31)
    assert her.get("/me/data").path.endswith("/me/code")
    her.post("/me/code", form_with(her, "send") | {"send": "yes"})
    wrong = f"{(int(code_for(place, her.id)) + 1) % 1_000_000:06d}"
    assert her.post("/me/code", form_with(her, "code") | {"code": wrong}).status == 422
    assert her.get("/me/data").path.endswith("/me/code")


def test_a_code_typed_in_one_browser_opens_nothing_in_another(place: Place, her: Person) -> None:
    proved(place, her)
    other = Visitor(place.app)
    other.get(place.links(her.id, "evening")[0])
    other.submit()
    assert other.get("/me/data").path.endswith("/me/code")


def test_the_file_holds_what_the_person_gave_and_not_the_arm(place: Place, her: Person) -> None:
    her.submit({"writing": "Dear me, it was a long day."})
    proved(place, her)
    reply = her.post("/me/data/download", form_with(her, "download") | {"download": "yes"})
    assert reply.headers["content-disposition"] == 'attachment; filename="my-data.zip"'
    with ZipFile(BytesIO(reply.response.content)) as file:
        assert set(file.namelist()) == {"my-data.json", "answers.csv", "consents.csv", "mails.csv"}
        held = json.loads(file.read("my-data.json"))
        assert b"Dear me, it was a long day." in file.read("answers.csv")
    assert held["address"] == her.address
    assert held["plan"] is None
    assert held["consents"][0]["signature"] == "Robin Example"
    text = json.dumps(held)
    assert not [arm.id for arm in place.folder.protocol.arms if f'"{arm.id}"' in text]
    assert not [one.id for one in place.folder.protocol.activities if f'"{one.id}"' in text]


def test_an_address_is_changed_by_a_code_to_the_new_one_and_the_old_one_is_told(place: Place, her: Person) -> None:
    proved(place, her, "/me/address")
    her.submit({"email": "new@mailbox.example"})
    her.submit({"code": code_for(place, her.id, "address")})
    assert "we write to your new address" in her.page.words
    with place.store.open_work(place.operator, write=False) as work:
        assert vault.address_of(work, her.id) == "new@mailbox.example"
        assert vault.find(work, place.trial.id, "new@mailbox.example") == her.id
        assert vault.find(work, place.trial.id, her.address) is None
        told = [one for one in deliveries.of_participant(work, her.id) if one.message == own_message("address_changed")]
        assert vault.words_of(work, her.id, "address", str(told[0].id)) == her.address


def test_the_old_address_undoes_it_by_a_typed_code_and_by_nothing_less(place: Place, her: Person) -> None:
    proved(place, her, "/me/address")
    her.submit({"email": "new@mailbox.example"})
    her.submit({"code": code_for(place, her.id, "address")})
    place.move(minutes=1)
    (link,) = place.links(her.id, own_message("address_changed"))
    other = Visitor(place.app)
    other.get(link)
    page = other.submit()
    assert page.path.endswith("/address-back")
    before = place.dump()
    assert other.submit().status == 422
    assert other.submit({"code": "12"}).status == 422
    assert other.submit({"csrf": "0" * 64}).status == 403
    for path in ("/me", "/now", "/copy", "/stop"):
        assert other.get(path).status == 403  # it opens nothing else
    with place.store.open_work(place.operator, write=False) as work:
        (wish,) = wishes.former_addresses(work, her.id)
    assert _but_tries(place.dump()) == _but_tries(before)
    other.get("/address-back")
    done = other.submit({"code": make_code(place.keys.link, her.id, 1, f"undo:{wish.id}")})
    assert "Your former address is back" in done.words
    with place.store.open_work(place.operator, write=False) as work:
        assert vault.address_of(work, her.id) == her.address


def _but_tries(dump: list[str]) -> list[str]:
    """A wrong code is counted and written down, and changes nothing else."""
    return [line for line in dump if '"fresh_code"' not in line and '"event"' not in line]


def test_an_address_that_somebody_has_in_this_trial_looks_like_any_other_and_cannot_be_taken(
    place: Place, her: Person
) -> None:
    other = Person(place, "other@mailbox.example")
    other.to_consent()
    proved(place, her, "/me/address")
    pages = []
    for address in ("other@mailbox.example", "new@mailbox.example"):
        her.get("/me/address")
        reply = her.submit({"email": address})
        pages.append((reply.status, reply.path, reply.text))
        if address.startswith("other"):
            assert place.links(her.id, own_message("confirm_address")) == []
            assert her.submit({"code": "123456"}).status == 422
    assert pages[0] == pages[1]
    with place.store.open_work(place.operator, write=False) as work:
        assert vault.address_of(work, her.id) == her.address


def test_erasure_is_asked_for_shown_and_undone(place: Place, her: Person) -> None:
    proved(place, her)
    page = her.post("/me/data/erase", form_with(her, "erase") | {"erase": "now"})
    assert "You asked us to erase what we know about you" in page.words
    with place.store.open_work(place.operator, write=False) as work:
        assert len(wishes.waiting(work, her.id)) == 1
        undo = str(wishes.waiting(work, her.id)[0].id)
    page = her.post("/me", form_with(her, "undo") | {"undo": undo})
    assert "All stays as it is" in page.words
    with place.store.open_work(place.operator, write=False) as work:
        assert wishes.waiting(work, her.id) == []
        assert participants.by_id(work, her.id).paused_until is None
        assert answer_sheets.of_participant(work, her.id)


def test_nobody_undoes_what_another_person_asked_for(place: Place, her: Person) -> None:
    other = Person(place, "other@mailbox.example")
    other.to_allocation()
    proved(place, her)
    her.post("/me/data/erase", form_with(her, "erase") | {"erase": "now"})
    other.get("/me/pause")
    other.post("/me", other.page.form.filled() | {"undo": "1"})
    with place.store.open_work(place.operator, write=False) as work:
        assert len(wishes.waiting(work, her.id)) == 1
