"""A newer version of the study on the next visit: told in plain words, agreed to, declined, or left for later."""

from __future__ import annotations

import pytest

from tests.web.place import SLUG, Person, Place, Visitor, signature_and_ticks
from trial.core.amendment import ChangeClass
from trial.protocol_files import ProtocolFolder, read_files
from trial.services import amending

NEW = "A person of the team reads the report that you send."


@pytest.fixture
def amended(place: Place, person: Person) -> ProtocolFolder:
    """The trial gets a substantial amendment while somebody takes part."""
    person.to_allocation()
    place.move(days=1, hours=10)
    files = dict(place.folder.files)
    text, form = files["protocol.yaml"], place.folder.protocol.consent
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("version:"))
    lines[at] = "version: '99'"
    at = next(number for number, line in enumerate(lines) if line == "consent:")
    at = next(number for number, line in enumerate(lines) if number > at and line.startswith("  version:"))
    lines[at] = "  version: '99'"
    name = f"{form.information}.en.md"
    new = read_files({**files, "protocol.yaml": "\n".join(lines) + "\n", name: files[name] + f"\n{NEW}\n"})
    with place.store.open_work(place.operator) as work:
        amending.apply(work, SLUG, new)
    return new


def visit(place: Place, person: Person) -> Visitor:
    """The person's next visit, by the link of an e-mail."""
    browser = Visitor(place.app)
    browser.get(place.links(person.id, "evening")[0])
    browser.submit()
    return browser


def version(place: Place) -> int:
    return int(place.everyone()[0].protocol_id)


def test_the_next_visit_tells_what_is_new_and_asks(place: Place, person: Person, amended: ProtocolFolder) -> None:
    page = visit(place, person).page
    assert page.path.endswith("/again")
    assert "has changed" in page.words
    assert NEW in page.words
    for arm in place.folder.protocol.arms:
        assert arm.id not in page.words.lower().split()


def test_a_yes_leads_on_to_what_was_to_be_done(place: Place, person: Person, amended: ProtocolFolder) -> None:
    browser, before = visit(place, person), version(place)
    page = browser.submit(signature_and_ticks(place))
    assert page.path.endswith("/now")
    assert "writing" in page.form.fields
    assert version(place) > before
    assert visit(place, person).page.path.endswith("/now")
    assert "Version 99" in person.get("/copy").words


def test_a_yes_without_ticks_asks_again_and_a_press_alone_changes_nothing(
    place: Place, person: Person, amended: ProtocolFolder
) -> None:
    browser, before = visit(place, person), place.dump()
    assert browser.submit({"answer": "agree"}).status == 422
    form = browser.get("/again").forms[1]
    browser.post("/again", form.filled() | {"answer": "stay"})
    assert browser.page.path.endswith("/again")
    assert place.dump() == before


def test_a_no_leads_on_and_is_not_asked_about_again(place: Place, person: Person, amended: ProtocolFolder) -> None:
    browser, before = visit(place, person), version(place)
    form = browser.page.forms[1]
    page = browser.post("/again", form.filled() | {"stay": "yes", "answer": "stay"})
    assert page.path.endswith("/now")
    assert "writing" in page.form.fields
    assert version(place) == before
    assert visit(place, person).page.path.endswith("/now")


def test_later_is_a_link_and_the_next_visit_asks_once_more(
    place: Place, person: Person, amended: ProtocolFolder
) -> None:
    browser, before = visit(place, person), place.dump()
    assert "/now" in browser.page.links
    assert "writing" in browser.get("/now").form.fields
    assert place.dump() == before
    assert visit(place, person).page.path.endswith("/again")


def test_the_links_to_stop_are_never_held_up(place: Place, person: Person, amended: ProtocolFolder) -> None:
    browser = Visitor(place.app)
    browser.get(place.links(person.id, "evening")[0] + "?to=stop")
    assert browser.submit().path.endswith("/stop")


def test_nobody_is_asked_who_agreed_to_what_runs(person: Person) -> None:
    person.to_exercise()
    assert person.get("/again").path.endswith("/now")
    assert Visitor(person.place.app).get("/again").status == 403


@pytest.mark.parametrize("path", ["/me", "/now", "/copy", "/me/mails", "/me/code"])
def test_every_personal_page_of_an_open_session_says_that_there_is_something_new(
    place: Place, person: Person, amended: ProtocolFolder, path: str
) -> None:
    page = person.get(path)
    assert "/again" in page.links
    assert "has changed" in page.words
    person.get("/again")
    assert "/again" not in person.page.links
    person.submit(signature_and_ticks(place))
    assert "/again" not in person.get(path).links


@pytest.mark.parametrize("path", ["/report", "/stop", "/help"])
def test_who_looks_for_help_or_wants_to_stop_is_not_asked_for_anything(
    place: Place, person: Person, amended: ProtocolFolder, path: str
) -> None:
    assert "/again" not in person.get(path).links


def test_our_own_labels_stand_outside_of_what_is_marked_as_english(
    place: Place, person: Person, amended: ProtocolFolder
) -> None:
    page = person.get("/again")
    assert 'Before: <span lang="en"' in page.text
    assert 'Now: <span lang="en"' in page.text


def test_what_is_urgent_is_told_by_a_mail_that_leads_to_what_is_new(place: Place, person: Person) -> None:
    person.to_allocation()
    assert person.get("/changed").path.endswith("/me")
    assert "/changed" not in person.page.links
    files, name = dict(place.folder.files), f"{place.folder.protocol.consent.information}.en.md"
    files["protocol.yaml"] = "\n".join(
        "version: '99'" if line.startswith("version:") else line for line in files["protocol.yaml"].splitlines()
    )
    new = read_files({**files, name: files[name] + f"\n{NEW}\n"})
    with place.store.open_work(place.operator) as work:
        amending.apply(work, SLUG, new, raised=ChangeClass.URGENT_SAFETY)
    place.move(hours=1)
    assert "/changed" in person.get("/me").links
    (link,) = place.links(person.id, "own:changed")
    device = Visitor(place.app)
    device.get(f"{link}?to=changed")
    page = device.submit()
    assert page.path.endswith("/changed")
    assert NEW in page.words
    assert "You do not have to do anything" in page.words
    assert "/again" not in page.links
