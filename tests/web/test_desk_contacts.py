"""Replies, missing mails, held enrolments, deviations, participants and the panic stop, by those who may."""

from __future__ import annotations

import pytest

from tests.web.desk_contacts import WORDS, hold, miss, write_back
from tests.web.desk_place import Team, send
from tests.web.place import SLUG, Person, Place, Reply
from trial.core.access import SYSTEM, Role
from trial.core.missing import Cause
from trial.core.participant import ParticipantState, StopLevel
from trial.core.trial import TrialState
from trial.storage import participants, trials, vault

LISTS = ("replies", "held", "mails", "deviations")


@pytest.fixture
def team(place: Place) -> Team:
    return Team(place)


@pytest.fixture
def enrolled(person: Person) -> Person:
    person.to_allocation()
    return person


def known(place: Place, person: Person) -> participants.Participant:
    return next(one for one in place.everyone() if one.id == person.id)


def address_on_file(place: Place, person: Person) -> str:
    with place.store.open_work(SYSTEM, write=False) as work:
        return vault.address_of(work, person.id)


# --- replies --------------------------------------------------------------------------------------------------------


def test_a_reply_is_read_answered_and_closed(team: Team, enrolled: Person) -> None:
    number = write_back(team.place, enrolled)
    browser = team.visitor(Role.COORDINATOR)
    page = browser.get(f"/{SLUG}/replies")
    assert known(team.place, enrolled).code in page.words and WORDS not in page.words
    assert WORDS not in browser.get(f"/{SLUG}/matters/{number}").words
    page = send(browser, "words")
    assert WORDS in page.words and "<b>" not in page.text.split("<main")[1]
    assert "Coordinator Example read what was written" in page.words
    assert enrolled.address not in page.text
    assert send(browser, "answer", {"answer": " "}).status == 409
    rings = team.place.rings
    page = send(browser, "answer", {"answer": "Thank you. It can be shorter."})
    assert "The answer is on its way." in page.words and "It can be shorter." in page.words
    assert team.place.rings > rings
    assert "Closed." in send(browser, "closed").words


def test_a_stop_is_urgent_and_somebody_decides_what_was_meant(team: Team, enrolled: Person) -> None:
    number = write_back(team.place, enrolled, "STOP")
    browser = team.visitor(Role.COORDINATOR)
    assert "urgent" in browser.get(f"/{SLUG}/replies").words
    assert "stands still until you decide" in browser.get(f"/{SLUG}/matters/{number}").words
    assert send(browser, "decide", {"decision": ""}).status == 409
    page = send(browser, "decide", {"decision": "exercises"})
    assert "Decided." in page.words and "Meant: stop the exercises." in page.words
    person = known(team.place, enrolled)
    assert (person.stopped, person.suspended_at) == (StopLevel.EXERCISES, None)


def test_whose_mail_it_is_can_be_said_and_the_sender_is_shown_to_who_may_read_identities(
    team: Team, enrolled: Person
) -> None:
    number = write_back(team.place, enrolled, "Hello there", sender="other@mailbox.example", known=False)
    coordinator, owner = team.visitor(Role.COORDINATOR), team.visitor(Role.OWNER)
    for browser in (coordinator, owner):
        assert "other@mailbox.example" not in browser.get(f"/{SLUG}/matters/{number}").text
    assert "other@mailbox.example" not in send(coordinator, "words").text
    assert "other@mailbox.example" in send(owner, "words").text
    assert send(coordinator, "belongs_to", {"code": "NOBODY"}).status in (404, 409)
    coordinator.get(f"/{SLUG}/matters/{number}")
    page = send(coordinator, "belongs_to", {"code": known(team.place, enrolled).code})
    assert "known now whose mail" in page.words and known(team.place, enrolled).code in page.words


# --- missing mails, held enrolments, deviations ---------------------------------------------------------------------


def test_a_mail_in_doubt_is_sent_again_by_who_ticks_that_a_second_is_meant(team: Team, enrolled: Person) -> None:
    number = miss(team.place, enrolled)
    browser = team.visitor(Role.COORDINATOR)
    assert known(team.place, enrolled).code in browser.get(f"/{SLUG}/mails").words
    assert "may have arrived" in browser.get(f"/{SLUG}/matters/{number}").words
    assert send(browser, "again").status == 409
    assert "A fresh link is on its way." in send(browser, "again", {"double": "1"}).words


def test_a_dead_address_leads_to_the_persons_page_where_it_is_corrected(team: Team, enrolled: Person) -> None:
    number = miss(team.place, enrolled, Cause.BOUNCED)
    browser, code = team.visitor(Role.COORDINATOR), known(team.place, enrolled).code
    page = browser.get(f"/{SLUG}/matters/{number}")
    assert "again" not in [one.filled().get("act") for one in page.forms]
    assert f"/{SLUG}/participants/{code}" in page.links
    browser.get(f"/{SLUG}/participants/{code}")
    wrong = {"email": "new@mailbox.example", "again": "newer@mailbox.example"}
    page = send(browser, "correct", wrong)
    assert page.status == 409 and "not the same" in page.words and "newer@mailbox.example" not in page.text
    page = send(browser, "correct", wrong | {"again": "new@mailbox.example"})
    assert "The address is corrected" in page.words and "new@mailbox.example" not in page.text
    assert address_on_file(team.place, enrolled) == "new@mailbox.example"
    assert "The address was corrected." in browser.get(f"/{SLUG}/matters/{number}").words


def test_a_held_enrolment_is_decided_with_a_reason_and_cannot_simply_be_closed(team: Team, person: Person) -> None:
    person.to_baseline()
    number = hold(team.place, person)
    browser = team.visitor(Role.COORDINATOR)
    assert known(team.place, person).code in browser.get(f"/{SLUG}/held").words
    page = browser.get(f"/{SLUG}/matters/{number}")
    assert "order of arrival" in page.words
    form = next(one for one in page.forms if "reason" in one.fields)
    path, filled = f"/{SLUG}/matters/{number}", form.filled()
    assert browser.post(path, filled | {"act": "closed"}).status == 409
    assert browser.post(path, filled | {"act": "refuse", "reason": ""}).status == 409
    page = browser.post(path, filled | {"act": "refuse", "reason": "The same form three times."})
    assert "Refused." in page.words and "The same form three times." in page.words
    assert known(team.place, person).state is ParticipantState.REFUSED
    assert "Nobody waits." in browser.get(f"/{SLUG}/held").words


def test_a_deviation_is_recorded_by_form_and_faults_stand_beside_their_fields(team: Team, enrolled: Person) -> None:
    browser = team.visitor(Role.COORDINATOR)
    browser.get(f"/{SLUG}/deviations/new")
    page = send(browser, "", {"kind": "timing", "important": "yes", "happened_on": "2099-01-01", "description": "Late"})
    assert page.status == 409 and "no day up to today" in page.words
    given = {"kind": "timing", "important": "yes", "happened_on": "2026-03-01", "description": "Open too <i>long</i>."}
    page = send(browser, "", given | {"code": known(team.place, enrolled).code})
    assert "Open too <i>long</i>." in page.words and "<i>" not in page.text
    assert "urgent" in browser.get(f"/{SLUG}/deviations").words
    assert "Open too" in team.visitor(Role.STATISTICIAN).get(page.path).words


# --- participants ---------------------------------------------------------------------------------------------------


def test_somebody_is_found_by_code_and_by_address_and_their_page_says_how_it_goes(team: Team, enrolled: Person) -> None:
    team.place.move(days=1, hours=10)
    owner, code = team.visitor(Role.OWNER), known(team.place, enrolled).code
    owner.get(f"/{SLUG}/participants")
    assert send(owner, "code", {"code": "XXXX"}).status == 409
    page = send(owner, "code", {"code": f" {code.lower()} "})
    assert page.path.endswith(code) and "sent" in page.words and enrolled.address not in page.text
    owner.get(f"/{SLUG}/participants")
    assert send(owner, "address", {"address": "nobody@mailbox.example"}).status == 409
    assert "nobody@mailbox.example" not in owner.page.text
    page = send(owner, "address", {"address": enrolled.address.upper()})
    assert page.path.endswith(code) and enrolled.address not in page.text
    mail = next(one for one in page.links if "/mails/" in one)
    shown = owner.get(mail)
    assert not [link for link in team.place.links(enrolled.id) if link in shown.text]


def test_a_note_and_a_pause_are_kept_by_who_may_and_offered_to_nobody_else(team: Team, enrolled: Person) -> None:
    code = known(team.place, enrolled).code
    coordinator, safety = team.visitor(Role.COORDINATOR), team.visitor(Role.SAFETY_CONTACT)
    coordinator.get(f"/{SLUG}/participants/{code}")
    assert "Called about the hour." in send(coordinator, "note", {"note": "Called about the hour."}).words
    assert "Paused." in send(coordinator, "pause", {"days": "7"}).words
    assert known(team.place, enrolled).paused_until is not None
    page = safety.get(f"/{SLUG}/participants/{code}")
    assert "Called about the hour." in page.words
    assert not [one for one in page.forms if one.action != "/sign-out"]


# --- the panic stop -------------------------------------------------------------------------------------------------


def state(place: Place) -> TrialState:
    with place.store.open_work(SYSTEM, write=False) as work:
        return trials.by_id(work, place.trial.id).state


def test_anybody_of_the_team_stops_all_sending_with_one_typed_word_and_an_owner_goes_on(
    team: Team, enrolled: Person
) -> None:
    safety, owner = team.visitor(Role.SAFETY_CONTACT), team.visitor(Role.OWNER)
    safety.get(f"/{SLUG}/sending")
    assert send(safety, "stop", {"stop": "st"}).status == 409
    assert state(team.place) is TrialState.OPEN
    page = send(safety, "stop", {"stop": " STOP "})
    assert "This trial is stopped." in page.words
    assert state(team.place) is TrialState.PAUSED
    assert "go_on" not in [one.filled().get("act") for one in page.forms]
    owner.get(f"/{SLUG}/sending")
    assert "Sending goes on." in send(owner, "go_on", {"go_on": "go on"}).words
    assert state(team.place) is TrialState.OPEN


# --- who sees what --------------------------------------------------------------------------------------------------


def pages(place: Place, person: Person) -> list[str]:
    """Every page of this part, with something on it."""
    code = known(place, person).code
    reply, missing = write_back(place, person), miss(place, person)
    ends = [*LISTS, *(f"{one}?closed=1" for one in LISTS), "deviations/new", "participants", f"participants/{code}"]
    return [f"/{SLUG}/{one}" for one in (*ends, f"matters/{reply}", f"matters/{missing}", "sending")]


def shown(team: Team, role: Role, paths: list[str]) -> list[Reply]:
    browser = team.visitor(role)
    return [browser.get(path) for path in paths]


def test_no_page_names_an_arm_an_activity_or_an_address(team: Team, enrolled: Person) -> None:
    team.place.move(days=2, hours=10)
    protocol = team.place.folder.protocol
    only_some = [one.id for one in protocol.activities if one.arms]
    canaries = [*(arm.id for arm in protocol.arms), *(arm.label["en"] for arm in protocol.arms), *only_some]
    assert len(canaries) > 4
    for page in shown(team, Role.OWNER, pages(team.place, enrolled)):
        assert page.status == 200, page.path
        said = page.text.casefold()
        assert not [one for one in canaries if one.casefold() in said], page.path
        assert enrolled.address not in said


def test_looking_at_any_page_changes_nothing(team: Team, enrolled: Person) -> None:
    paths, owner = pages(team.place, enrolled), team.visitor(Role.OWNER)
    owner.get(f"/{SLUG}")
    before = team.place.dump()
    assert [owner.get(path).status for path in paths] == [200] * len(paths)
    changed = {line for line in set(before) ^ set(team.place.dump()) if "member_session" not in line}
    assert not changed


@pytest.mark.parametrize("role", [Role.UNBLINDED_STATISTICIAN, Role.CUSTODIAN])
def test_who_has_no_business_here_is_shown_nothing(team: Team, enrolled: Person, role: Role) -> None:
    paths = pages(team.place, enrolled)
    assert {one.status for one in shown(team, role, paths)} == {403}
