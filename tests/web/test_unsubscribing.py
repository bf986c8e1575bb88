"""The button of a mail program (RFC 8058): one post without cookie or page ends one stream, and nothing else does."""

from __future__ import annotations

import pytest

from tests.web.place import Accepting, Person, Place, Visitor
from trial.core.participant import StopLevel
from trial.services.delivery import Sender, run_once
from trial.storage import deliveries

FORM = "application/x-www-form-urlencoded"
PRESSED = b"List-Unsubscribe=One-Click"
PARTS = (
    b'--x7\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x7--\r\n',
    "multipart/form-data; boundary=x7",
)


def press(place: Place, link: str, body: bytes = PRESSED, kind: str = FORM, app: object = None) -> int:
    """A mail program: no cookie, no page before, no redirection followed."""
    program = Visitor(app or place.app)
    reply = program.send("POST", f"{link}?to=stop", body, headers={"content-type": kind}, follow=False)
    assert "set-cookie" not in reply.headers or reply.status != 200
    return reply.status


def stopped(place: Place, person: Person) -> StopLevel | None:
    return next(one for one in place.everyone() if one.id == person.id).stopped


@pytest.mark.parametrize(("body", "kind"), [(PRESSED, FORM), PARTS], ids=["urlencoded", "multipart"])
def test_one_press_ends_the_stream_of_that_mail_and_no_other(
    place: Place, person: Person, body: bytes, kind: str
) -> None:
    person.to_allocation()
    assert press(place, place.links(person.id, "evening")[0], body, kind) == 200
    assert stopped(place, person) is StopLevel.EXERCISES
    for _ in range(40):
        place.move(days=1)
    found = {(one.message, one.state.value) for one in contacts(place, person)}
    assert ("questionnaire", "accepted") in found
    assert {state for message, state in found if message.startswith("evening")} == {"suppressed"}


def contacts(place: Place, person: Person) -> list[deliveries.Contact]:
    while run_once(place.store.open_work, Sender(Accepting(), "study@trial.example.org", "test")):
        pass
    with place.store.open_work(place.operator, write=False) as work:
        return deliveries.of_participant(work, person.id)


def test_the_second_stream_leaves_nothing_and_a_second_press_changes_nothing(place: Place, person: Person) -> None:
    person.to_allocation()
    evening, questions = place.links(person.id, "evening")[0], place.links(person.id, "questionnaire")[0]
    assert press(place, questions) == 200
    assert stopped(place, person) is StopLevel.QUESTIONNAIRES
    before = place.dump()
    assert press(place, questions) == 200
    assert place.dump() == before
    assert press(place, evening) == 200
    assert stopped(place, person) is StopLevel.EVERYTHING


def test_an_old_mail_serves_as_well_and_the_person_can_take_it_back(place: Place, person: Person) -> None:
    person.to_allocation()
    link = place.links(person.id, "evening")[0]
    place.move(days=30)
    assert press(place, link) == 200
    browser = Visitor(place.app)
    browser.get(place.links(person.id, "questionnaire")[-1] + "?to=me")
    assert "exercises" in browser.submit().text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"List-Unsubscribe=One-Click&x=1", FORM),
        (b"List-Unsubscribe=Two-Clicks", FORM),
        (b"", FORM),
        (b"List-Unsubscribe=One-Click", "text/plain"),
        (PARTS[0].replace(b"One-Click", b"No"), PARTS[1]),
        (PARTS[0].replace(b"--x7--", b'--x7\r\nContent-Disposition: form-data; name="y"\r\n\r\n1\r\n--x7--'), PARTS[1]),
        (b"x" * 5_000, PARTS[1]),
        (PARTS[0], "multipart/form-data; boundary=x7\r\nX: y"),
    ],
)
def test_any_other_post_without_a_page_changes_nothing(place: Place, person: Person, body: bytes, kind: str) -> None:
    person.to_allocation()
    before = place.dump()
    assert press(place, place.links(person.id, "evening")[0], body, kind) in (403, 404)
    assert place.dump() == before


def test_forged_links_mails_of_ours_and_a_finished_trial_are_refused(place: Place, person: Person) -> None:
    person.to_allocation()
    before = place.dump()
    assert press(place, "/go/" + "Z" * 43) == 404
    assert press(place, place.links(person.id, "code")[0]) == 404
    assert press(place, place.links(person.id, "evening")[0], app=place.application(read_only=True)) == 403
    assert place.dump() == before


def test_opening_the_address_shows_the_neutral_page_and_changes_nothing(place: Place, person: Person) -> None:
    person.to_allocation()
    before = place.dump()
    visitor = Visitor(place.app)
    assert visitor.get(place.links(person.id, "evening")[0] + "?to=stop").status == 200
    assert place.dump() == before
    shown = visitor.submit()
    assert shown.path.endswith("/stop")
    for name in ("exercises", "questionnaires", "everything"):
        assert f'value="{name}"' in shown.text
    assert place.dump() == before
