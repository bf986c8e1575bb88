"""Acts of two people over the desk's pages, in two browsers."""

from __future__ import annotations

import pytest

from tests.web.desk_place import Team, send
from tests.web.place import SLUG, Person, Place, Visitor
from trial.core.access import SYSTEM, Role
from trial.core.texts import say
from trial.storage import allocations, participants
from trial.storage import trials as stored_trials

WHY = "A doctor asks what this person was given."


@pytest.fixture
def team(place: Place) -> Team:
    return Team(place)


def somebody(place: Place) -> tuple[str, str, list[str]]:
    """A randomised person: study code, the label of their arm, and every label."""
    person = Person(place)
    person.to_allocation()
    with place.store.open_work(SYSTEM, write=False) as work:
        code = participants.by_id(work, person.id).code
        trial = stored_trials.by_slug(work, SLUG)
        arms = {one.id: say(one.label, "en") for one in stored_trials.folder_of(work, trial.protocol_id).protocol.arms}
        arm = allocations.arm_of(work, person.id)
    assert arm is not None
    return code, arms[arm], list(arms.values())


def ask(browser: Visitor, kind: str, **fields: str) -> str:
    browser.get(f"/{SLUG}/acts")
    send(browser, "ask", {"kind": kind, "reason": WHY, **fields})
    return browser.page.text


def press(browser: Visitor, act: str, request: str = "1") -> str:
    """A button of the first request; also one that this page does not show, as somebody who forges the form would."""
    browser.get(f"/{SLUG}/acts")
    token = browser.page.forms[0].filled()["csrf"]
    browser.post(f"/{SLUG}/acts", {"csrf": token, "request": request, "act": act})
    return browser.page.text


def test_an_arm_is_asked_for_by_one_approved_by_another_and_shown_to_the_first_alone(team: Team, place: Place) -> None:
    code, arm, arms = somebody(place)
    owner, custodian, safety = (team.visitor(one) for one in (Role.OWNER, Role.CUSTODIAN, Role.SAFETY_CONTACT))
    assert "Waits for a decision" in ask(owner, "unblinding", code=code)
    custodian.get(f"/{SLUG}/acts")
    assert WHY in custodian.page.text and code in custodian.page.text
    assert "Approved" in press(custodian, "approve")
    assert arm in press(owner, "open")
    for browser in (custodian, safety):
        press(browser, "open")
        assert browser.page.status == 403
        assert not any(one in browser.page.text for one in arms)
    owner.get(f"/{SLUG}/acts")
    assert not any(one in owner.page.text for one in arms), "the arm is shown once, and on no other visit"


def test_without_password_and_code_nothing_is_asked_or_decided(team: Team, place: Place) -> None:
    code, _, _ = somebody(place)
    late = team.visitor(Role.OWNER, proved=False)
    assert "password" in ask(late, "unblinding", code=code).lower()
    late.get(f"/{SLUG}/acts")
    assert "Nothing was asked for yet" in late.page.text


def test_who_asked_sees_no_button_to_decide_and_forging_it_is_refused(team: Team, place: Place) -> None:
    code, _, _ = somebody(place)
    owner = team.visitor(Role.OWNER)
    ask(owner, "unblinding", code=code)
    owner.get(f"/{SLUG}/acts")
    assert "Take back" in owner.page.text and "Approve" not in owner.page.text
    press(owner, "approve")
    assert owner.page.status == 403
    owner.get(f"/{SLUG}/acts")
    assert "Waits for a decision" in owner.page.text


@pytest.mark.parametrize("role", [Role.STATISTICIAN])
def test_who_has_no_part_in_it_does_not_find_the_page(team: Team, role: Role) -> None:
    browser = team.visitor(role)
    assert browser.get(f"/{SLUG}/acts").status == 403
    browser.get(f"/{SLUG}")
    assert "Two-person acts" not in browser.page.text


def test_a_mistake_says_what_and_keeps_what_was_typed(team: Team) -> None:
    owner = team.visitor(Role.OWNER)
    said = ask(owner, "unblinding", code="NOBODY")
    assert "Nobody was randomised under this study code" in said
    assert WHY in said
