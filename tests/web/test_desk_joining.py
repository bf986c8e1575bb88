"""Coming onto the team: an invitation, a password and an app, ten recovery codes; roles that exclude each other."""

from __future__ import annotations

import re

import pyotp
import pytest

from tests.web.desk_place import PASSWORD, Team, send
from tests.web.place import OPERATOR, SLUG, Place, Visitor
from trial.core.access import Role
from trial.core.errors import Refused
from trial.services import team as services
from trial.storage import events, members


@pytest.fixture
def team(place: Place) -> Team:
    return Team(place)


def app_of(browser: Visitor) -> pyotp.TOTP:
    """What the phone reads from the page."""
    return pyotp.TOTP(re.search(r"<code>([A-Z2-7 ]+)</code>", browser.page.text)[1].replace(" ", ""))


def filled(browser: Visitor, **changes: str) -> dict[str, str]:
    typed = {"name": "Robin Example", "password": PASSWORD, "password_again": PASSWORD, "code": app_of(browser).now()}
    return typed | changes


def test_somebody_new_joins_with_a_password_and_an_app_and_gets_ten_recovery_codes(team: Team) -> None:
    browser = team.stranger()
    browser.get(team.link(Role.OWNER, "Robin Example", "robin@team.example"))
    assert "<svg" in browser.page.text
    page = send(browser, fields=filled(browser))
    codes = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", page.text)
    assert page.status == 200 and len(set(codes)) == 10
    assert browser.get(f"/{SLUG}/team").status == 200
    assert "Robin Example" in browser.page.words and "owner" in browser.page.words
    kept = "\n".join(team.place.dump())
    for secret in (PASSWORD, *codes, app_of_secret(page.text)):
        assert secret not in kept
    assert all(code not in browser.get("/account").text for code in codes)


def app_of_secret(text: str) -> str:
    return "no secret of the app stands on the page of the codes" if "Key:" not in text else text


def test_the_link_works_once_and_a_withdrawn_one_never(team: Team) -> None:
    link = team.link(Role.COORDINATOR, "Kim Example", "kim@team.example")
    first, second = team.stranger(), team.stranger()
    first.get(link)
    second.get(link)
    assert send(first, fields=filled(first)).status == 200
    assert send(second, fields=filled(second, name="Somebody Else")).status == 404
    assert team.stranger().get(link).status == 404
    other = team.link(Role.COORDINATOR, "Lee Example", "lee@team.example")
    with team.place.store.open_work(OPERATOR) as work:
        (waiting,) = services.of_trial(work, SLUG).invited
        services.withdraw(work, waiting.id)
    assert team.stranger().get(other).status == 404
    assert team.stranger().get("/join/" + "A" * 43).status == 404


def test_an_invitation_is_sent_again_by_one_button_and_the_link_before_is_void(team: Team) -> None:
    old = team.link(Role.COORDINATOR, "Kim Example", "kim@team.example")
    owner = team.visitor(Role.OWNER)
    assert "Send the invitation of Kim Example again" in owner.get(f"/{SLUG}/team").words
    assert "The invitation is on its way." in send(owner, "again").words and team.place.rings == 1
    with team.place.store.open_work(OPERATOR) as work:
        (new,) = services.of_trial(work, SLUG).invited
        link = services.link_of(work, new, "").removeprefix("/")
    assert team.stranger().get(old).status == 404
    browser = team.stranger()
    browser.get(f"/{link}")
    assert send(browser, fields=filled(browser)).status == 200


def test_opening_the_link_changes_nothing_and_each_browser_is_offered_a_key_of_its_own(team: Team) -> None:
    link = team.link(Role.OWNER, "Robin Example", "robin@team.example")
    before = team.place.dump()
    browser, scanner = team.stranger(), team.stranger()
    browser.get(link)
    scanner.get(link)
    offered = app_of(browser).secret
    assert offered != app_of(scanner).secret
    assert app_of(scanner).now() != "" and team.place.dump() == before
    browser.get(link)
    assert app_of(browser).secret == offered


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password": "short", "password_again": "short"}, "password"),
        ({"password": "qwertyuiop12", "password_again": "qwertyuiop12"}, "password"),
        ({"password": "robin example 2026!", "password_again": "robin example 2026!"}, "password"),
        ({"password": "Evening-Writing-7!", "password_again": "Evening-Writing-7!"}, "password"),
        ({"password_again": "seven blue whales at dusk"}, "password_again"),
        ({"code": "000000"}, "code"),
        ({"code": ""}, "code"),
        ({"name": "  "}, "name"),
    ],
)
def test_what_will_not_do_is_said_at_its_field_and_nobody_has_joined(
    team: Team, changes: dict[str, str], field: str
) -> None:
    browser = team.stranger()
    browser.get(team.link(Role.OWNER, "Robin Example", "robin@team.example"))
    page = send(browser, fields=filled(browser, **changes))
    assert page.status == 409 and f'id="e-{field}"' in page.text and f'href="#f-{field}"' in page.text
    assert PASSWORD not in page.text
    with team.place.store.open_work(OPERATOR, write=False) as work:
        assert members.by_address(work, "robin@team.example") is None


def test_a_member_who_exists_signs_in_to_accept_and_keeps_one_account(team: Team) -> None:
    kim = team.join(Role.COORDINATOR, "Kim Example", "kim@team.example")
    link = team.link(Role.SAFETY_CONTACT, "Kim Example", "KIM@team.example")
    browser = team.stranger()
    assert "you are a member already" in browser.get(link).words
    team.sign_in(browser, kim)
    browser.get(link)
    assert send(browser).path.endswith(f"/{SLUG}?said=joined")
    with team.place.store.open_work(OPERATOR, write=False) as work:
        assert members.roles_of(work, team.place.trial.id, kim.id) == {Role.COORDINATOR, Role.SAFETY_CONTACT}


def test_another_member_cannot_take_an_invitation_that_is_not_theirs(team: Team) -> None:
    team.join(Role.COORDINATOR, "Kim Example", "kim@team.example")
    link = team.link(Role.OWNER, "Kim Example", "kim@team.example")
    other = team.visitor(Role.STATISTICIAN)
    other.get(link)
    assert send(other).status == 409
    with team.place.store.open_work(OPERATOR, write=False) as work:
        held = members.roles_of(work, team.place.trial.id, team.member(Role.STATISTICIAN).id)
    assert held == {Role.STATISTICIAN}


def test_who_becomes_unblinded_loses_every_blinded_role_and_never_gets_one_again(team: Team) -> None:
    kim = team.join(Role.STATISTICIAN, "Kim Example", "kim@team.example")
    browser = team.signed_in(kim)
    browser.get(team.link(Role.UNBLINDED_STATISTICIAN, kim.name, kim.address))
    send(browser)
    trial = team.place.trial.id
    with team.place.store.open_work(OPERATOR, write=False) as work:
        assert members.roles_of(work, trial, kim.id) == {Role.UNBLINDED_STATISTICIAN}
        assert members.ever_held(work, trial, kim.id) == {Role.STATISTICIAN, Role.UNBLINDED_STATISTICIAN}
    with team.place.store.open_work(OPERATOR) as work:
        services.end_membership(work, SLUG, kim.id)
    for role in (Role.OWNER, Role.COORDINATOR, Role.STATISTICIAN, Role.SAFETY_CONTACT, Role.CUSTODIAN):
        with pytest.raises(Refused, match="never takes a blinded role"), team.place.store.open_work(OPERATOR) as work:
            services.invite(work, SLUG, name=kim.name, address=kim.address, role=role)
        with pytest.raises(Refused, match="never takes a blinded role"), team.place.store.open_work(OPERATOR) as work:
            members.grant(work, trial, kim.id, role)


def test_an_invitation_that_was_sent_before_does_not_lead_back_to_a_blinded_role(team: Team) -> None:
    kim = team.join(Role.STATISTICIAN, "Kim Example", "kim@team.example")
    blinded = team.link(Role.COORDINATOR, kim.name, kim.address)
    browser = team.signed_in(kim)
    browser.get(team.link(Role.UNBLINDED_STATISTICIAN, kim.name, kim.address))
    send(browser)
    browser.get(blinded)
    assert "never takes a blinded role" in send(browser).words


def test_a_membership_ends_at_once_in_every_browser_and_may_begin_anew(team: Team) -> None:
    owner, kim = team.visitor(Role.OWNER), team.member(Role.COORDINATOR)
    browsers = [team.signed_in(kim), team.signed_in(kim)]
    assert [one.get(f"/{SLUG}").status for one in browsers] == [200, 200]
    owner.get(f"/{SLUG}/team")
    send(owner, "end", {"member": str(kim.id)})
    assert "membership has ended" in owner.page.words
    assert {one.get(f"/{SLUG}").path.partition("?")[0] for one in browsers} == {f"{team.url}/sign-in"}
    assert team.signed_in(kim).get(f"/{SLUG}").status == 404
    with team.place.store.open_work(OPERATOR) as work:
        assert members.grant(work, team.place.trial.id, kim.id, Role.COORDINATOR) == []
    assert team.signed_in(kim).get(f"/{SLUG}").status == 200


def test_a_trial_is_never_without_an_owner(team: Team) -> None:
    owner = team.visitor(Role.OWNER)
    owner.get(f"/{SLUG}/team")
    assert "never without an owner" in send(owner, "end", {"member": str(team.member(Role.OWNER).id)}).words
    assert owner.get(f"/{SLUG}").status == 200


def test_an_owner_invites_and_withdraws_and_the_record_holds_no_address(team: Team) -> None:
    owner = team.visitor(Role.OWNER)
    owner.get(f"/{SLUG}/team")
    send(owner, "invite", {"name": "Lee Example", "address": "lee@team.example", "role": "custodian"})
    assert "on its way" in owner.page.words and "lee@team.example" in owner.page.words
    send(owner, "invite", {"name": "Lee Example", "address": "no address", "role": "custodian"})
    assert "no mail address" in owner.page.words
    owner.get(f"/{SLUG}/team")
    send(owner, "withdraw")
    assert "lee@team.example" not in owner.page.text
    with team.place.store.open_work(OPERATOR, write=False) as work:
        found = events.of_trial(work, team.place.trial.id)
    assert [one.event.value for one in found][-2:] == ["member_invited", "invitation_withdrawn"]
    assert {one.by for one in found[-2:]} == {f"member:{team.member(Role.OWNER).id}"}
    assert "team.example" not in str([one.detail for one in found])


def test_who_may_not_invite_sees_the_team_and_no_form(team: Team) -> None:
    for role in (Role.COORDINATOR, Role.STATISTICIAN, Role.CUSTODIAN):
        browser = team.visitor(role)
        page = browser.get(f"/{SLUG}/team")
        assert page.status == 200 and len(page.forms) == 1, "signing out alone"
        token = page.forms[0].filled()["csrf"]
        refused = browser.post(f"/{SLUG}/team", {"csrf": token, "act": "invite", "name": "X", "address": "x@y.example",
                                                 "role": "owner"})  # fmt: skip
        assert refused.status == 403
