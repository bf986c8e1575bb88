"""Signing in: what opens a session, what ends it, and what nobody can do to a member whose address they know."""

from __future__ import annotations

import pytest

from tests.web.desk_place import COOKIE, PASSWORD, Team, rewind, send
from tests.web.place import SLUG, Place, Visitor
from trial.core.access import SYSTEM, Role
from trial.services import passwords, signing_in
from trial.storage import calls, sessions
from trial.web.rates import BUDGETS, RateLimits

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def team(place: Place) -> Team:
    return Team(place)


def token_of(browser: Visitor) -> str:
    return next((one.value or "" for one in browser.cookies.jar if one.name == COOKIE), "")


def is_in(browser: Visitor) -> bool:
    return "/sign-in" not in browser.get(f"/{SLUG}").path


def test_everything_but_the_door_is_behind_signing_in(team: Team) -> None:
    for path in ("/", f"/{SLUG}", f"/{SLUG}/team", "/account", "/no-such-trial"):
        page = team.stranger().get(path)
        assert "/sign-in" in page.path and page.status == 200, path
        assert "randomised" not in page.words


def test_a_member_signs_in_with_address_password_and_code_and_comes_to_the_page_asked_for(team: Team) -> None:
    browser = team.stranger()
    browser.get(f"/{SLUG}/team")
    member = team.member(Role.OWNER)
    code = member.code(team.machine_now)
    page = send(browser, fields={"address": member.address.upper(), "password": PASSWORD, "code": code})
    assert page.path == f"{team.url}/{SLUG}/team" and member.name in page.words


def test_a_code_is_used_once(team: Team) -> None:
    member = team.member(Role.OWNER)
    code = member.code(team.machine_now)
    assert "/sign-in" not in team.sign_in(team.stranger(), member, code=code).path
    replayed = team.stranger()
    assert team.sign_in(replayed, member, code=code).status == 403
    assert not token_of(replayed)
    assert "/sign-in" not in team.sign_in(team.stranger(), member).path


def test_a_browser_that_was_not_seen_before_is_told_by_mail_and_only_once(team: Team) -> None:
    member, browser = team.member(Role.OWNER), team.stranger()
    for _ in range(2):
        assert "/sign-in" not in team.sign_in(browser, member).path
        with team.place.store.open_work(SYSTEM, write=False) as work:
            assert len(calls.of_purpose(work, team.place.trial.id, "new_browser")) == 1
        form = next(one for one in browser.get("/account").forms if one.action == "/sign-out")
        browser.post("/sign-out", form.filled())
    assert team.place.rings == 1, "the worker is woken for it"


def test_a_recovery_code_works_once_and_leads_to_the_account(team: Team) -> None:
    member = team.member(Role.OWNER)
    code = member.recovery[3]
    page = team.sign_in(team.stranger(), member, code=code.upper().replace("-", " "))
    assert page.path.endswith("/account?said=recovery_used")
    assert team.sign_in(team.stranger(), member, code=code).status == 403


def test_every_reason_not_to_let_somebody_in_reads_the_same_and_takes_the_same_work(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = team.member(Role.OWNER)
    compared: list[bool] = []
    really = passwords.fits

    def counted(kept: str | None, password: str) -> bool:
        compared.append(kept is None)
        return really(kept, password)

    monkeypatch.setattr(passwords, "fits", counted)
    wrong = [{"password": "another one entirely"}, {"code": "000000"}, {"address": "nobody@team.example"}]
    pages = []
    for changes in wrong:
        page = team.sign_in(team.stranger(), member, **changes)
        typed = (member.address, "nobody@team.example", page.forms[0].filled()["csrf"])
        text = page.text
        for one in typed:
            text = text.replace(one, "")
        pages.append((page.status, text, sorted(page.headers.keys())))
    assert pages[0] == pages[1] == pages[2]
    assert compared == [False, False, True], "the slow hash is made once for each, for an unknown address as well"


def test_an_unknown_address_takes_a_slow_hash_too_and_never_fits() -> None:
    """A naive comparison would be through before it began."""
    assert not passwords.fits(None, "the password of nobody at all")
    assert passwords._nobodys().startswith("$argon2id$")


def test_a_session_gets_its_token_when_somebody_signs_in_and_never_before(team: Team) -> None:
    """Fixation: whoever puts a cookie into a browser before does not share the session that follows."""
    planted = signing_in.new_token()
    victim, thief = team.stranger(), team.stranger()
    for browser in (victim, thief):
        browser.cookies.set(COOKIE, planted, domain="127.0.0.1")
    team.sign_in(victim, team.member(Role.OWNER))
    assert is_in(victim) and token_of(victim) != planted
    assert not is_in(thief)


def test_signing_in_again_ends_the_session_that_the_browser_had(team: Team) -> None:
    browser, thief = team.visitor(Role.OWNER), team.stranger()
    thief.cookies.set(COOKIE, token_of(browser), domain="127.0.0.1")
    member = team.member(Role.OWNER)
    form = browser.get("/account").forms[0].filled()
    browser.post("/sign-in", {"csrf": form["csrf"], "address": member.address, "password": PASSWORD,
                              "code": member.code(team.machine_now)})  # fmt: skip
    assert is_in(browser)
    assert not is_in(thief)


def test_a_stolen_cookie_is_worth_nothing_once_password_and_code_were_given_again(team: Team) -> None:
    member = team.member(Role.OWNER)
    browser, thief = team.signed_in(member, proved=False), team.stranger()
    thief.cookies.set(COOKIE, token_of(browser), domain="127.0.0.1")
    assert is_in(thief)
    browser.get(f"/{SLUG}/team")
    send(browser, "invite", {"name": "Lee Example", "address": "lee@team.example", "role": "custodian"})
    assert "Is it you?" in browser.page.words and browser.page.status == 403
    send(browser, "invite", {"proof_password": PASSWORD, "proof_code": member.code(team.machine_now)})
    assert "on its way" in browser.page.words, "what was typed went along"
    assert not is_in(thief)
    assert is_in(browser)


@pytest.mark.parametrize("typed", [("wrong", None), (PASSWORD, "000000"), ("", "")])
def test_what_asks_for_a_proof_is_not_done_without_one(team: Team, typed: tuple[str, str | None]) -> None:
    member = team.member(Role.OWNER)
    browser = team.signed_in(member, proved=False)
    browser.get(f"/{SLUG}/team")
    send(browser, "invite", {"name": "Lee Example", "address": "lee@team.example", "role": "custodian"})
    code = member.code(team.machine_now) if typed[1] is None else typed[1]
    assert send(browser, "invite", {"proof_password": typed[0], "proof_code": code}).status == 403
    assert "lee@team.example" not in browser.get(f"/{SLUG}/team").text


@pytest.mark.parametrize(("column", "minutes", "still"), [
    ("seen_at", 29, True), ("seen_at", 31, False), ("begun_at", 11 * 60, True), ("begun_at", 12 * 60 + 1, False),
])  # fmt: skip
def test_a_session_ends_when_left_alone_and_after_a_working_day(
    team: Team, column: str, minutes: int, *, still: bool
) -> None:
    browser = team.visitor(Role.COORDINATOR)
    with team.place.store.open_work(SYSTEM) as work:
        found = sessions.by_token(work, token_of(browser))
        assert found is not None
        rewind(work, found.id, column, minutes=minutes)
    assert is_in(browser) is still


def test_a_list_that_refreshes_itself_keeps_nobody_signed_in(team: Team) -> None:
    browser = team.visitor(Role.COORDINATOR)
    again = browser.get(f"/{SLUG}").headers["refresh"].partition("url=")[2]

    def seen(path: str) -> object:
        with team.place.store.open_work(SYSTEM) as work:
            found = sessions.by_token(work, token_of(browser))
            assert found is not None
            rewind(work, found.id, "seen_at", minutes=20)
        browser.get(path)
        with team.place.store.open_work(SYSTEM, write=False) as work:
            now = sessions.by_token(work, token_of(browser))
            assert now is not None
            return (work.machine_now - now.seen_at).total_seconds() < 60

    assert seen(f"/{SLUG}") is True
    assert seen(again) is False


def test_signing_out_ends_the_session_on_the_server(team: Team) -> None:
    browser, thief = team.visitor(Role.OWNER), team.stranger()
    thief.cookies.set(COOKIE, token_of(browser), domain="127.0.0.1")
    form = browser.get("/account").forms[0]
    assert form.action == "/sign-out"
    assert "signed out" in browser.post("/sign-out", form.filled()).words
    assert not is_in(thief) and not token_of(browser)


def test_all_other_sessions_can_be_ended(team: Team) -> None:
    member = team.member(Role.OWNER)
    mine, others = team.signed_in(member), [team.signed_in(member) for _ in range(3)]
    mine.get("/account")
    send(mine, "end_others")
    assert "All other sessions have ended" in mine.page.words
    assert [is_in(one) for one in others] == [False] * 3 and is_in(mine)


def test_a_form_without_its_token_does_nothing(team: Team) -> None:
    member = team.member(Role.OWNER)
    browser, other = team.signed_in(member), team.signed_in(member)
    other.get("/account")
    foreign = next(one for one in other.page.forms if one.action == "/sign-out").filled()["csrf"]
    for token in ("", "x", foreign):
        assert browser.post("/sign-out", {"csrf": token}, follow=False).status != 200
        assert is_in(browser)
    browser.send("POST", "/sign-out")
    assert is_in(browser)


def test_nobody_can_be_signed_in_by_a_form_from_elsewhere(team: Team) -> None:
    member = team.member(Role.OWNER)
    browser = team.stranger()
    typed = {"address": member.address, "password": PASSWORD, "code": member.code(team.machine_now)}
    assert browser.post("/sign-in", typed).status == 403
    assert not token_of(browser)


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "/x?y", "javascript:1"])
def test_signing_in_leads_to_our_own_pages_alone(team: Team, to: str) -> None:
    browser = team.stranger()
    browser.get("/sign-in")
    member = team.member(Role.OWNER)
    typed = {"to": to, "address": member.address, "password": PASSWORD, "code": member.code(team.machine_now)}
    page = send(browser, fields=typed, follow=False)
    assert page.headers["location"] == "/"


def test_under_https_the_cookies_are_this_hosts_alone(team: Team) -> None:
    team.app = team.application(url="https://desk.example.org")
    team.url = "https://desk.example.org"
    browser = team.stranger()
    page = team.sign_in(browser, team.member(Role.OWNER))
    assert page.path.endswith(f"/{SLUG}")
    given = {one.name: one for one in browser.cookies.jar}
    assert {"__Host-equipoise-desk", "__Host-equipoise-device", "__Host-equipoise-visitor"} == set(given)
    assert all(one.secure and one.path == "/" and not one.domain_specified for one in given.values())
    assert "max-age" in page.headers["strict-transport-security"]


# as they are, with fewer tries to an hour of attack
LIMITS = BUDGETS | {"sign_in_all": "20 per hour"}


def limited(team: Team) -> Team:
    team.app = team.application(rates=RateLimits(b"k" * 32, budgets=LIMITS))
    return team


def from_network(team: Team, address: str) -> Visitor:
    browser = team.stranger()
    browser.transport.client = (address, 4000)
    return browser


def fail(team: Team, browser: Visitor, times: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Wrong tries for the owner's address, without the slow hash."""
    with monkeypatch.context() as patch:
        patch.setattr(passwords, "fits", lambda *_: False)
        browser.get("/sign-in")
        return [
            send(browser, fields={"address": team.member(Role.OWNER).address, "password": "x", "code": "1"}).status
            for _ in range(times)
        ]


def test_tries_are_delayed_and_the_delay_grows(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = from_network(limited(team), "198.51.100.7")
    assert fail(team, stranger, 8, monkeypatch) == [403] * 5 + [429] * 3
    assert "Nothing is locked" in stranger.page.words
    assert 0 < int(stranger.page.headers["retry-after"]) <= 60


def test_an_unknown_address_is_delayed_like_a_known_one(team: Team) -> None:
    stranger = from_network(limited(team), "198.51.100.7")
    stranger.get("/sign-in")
    typed = {"address": "nobody@team.example", "password": "x", "code": "1"}
    assert [send(stranger, fields=typed).status for _ in range(6)] == [403] * 5 + [429]


def test_who_is_attacked_from_everywhere_still_gets_in(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """A naive lock after so many wrong tries would shut the owner out of an alert."""
    limited(team)
    known = from_network(team, "192.0.2.1")
    assert is_in_after(team, known)
    for number in range(1, 8):
        fail(team, from_network(team, f"198.51.100.{number}"), 3, monkeypatch)
    assert fail(team, from_network(team, "198.51.100.99"), 3, monkeypatch) == [403, 429, 429], "strangers go slower"
    fail(team, from_network(team, "192.0.2.1"), 9, monkeypatch)
    assert is_in_after(team, known), "a browser that is known, though its network is used up"
    assert is_in_after(team, from_network(team, "203.0.113.5")), "a new network, at its first try"


def is_in_after(team: Team, browser: Visitor) -> bool:
    """Whether the owner gets in, once an earlier session of this browser is over."""
    for one in [one for one in browser.cookies.jar if one.name == COOKIE]:
        browser.cookies.jar.clear(one.domain, one.path, one.name)
    return "/sign-in" not in team.sign_in(browser, team.member(Role.OWNER)).path


def test_a_naive_lock_would_shut_the_owner_out() -> None:
    """What the test above would find: one count per account, wherever the tries come from."""
    naive = RateLimits(b"k" * 32)
    waits = [naive.spend_for("the account alone", "sign_in") for _ in range(20)]
    assert waits[-1] > 0, "the owner's own first try would have to wait as well"


def test_the_open_mailbox_is_for_this_machine_alone(team: Team, tmp_path: object) -> None:
    place = Team(team.place, mailbox=team.place.path.parent / "mailbox")
    here = place.stranger()
    assert here.get("/mailbox").status == 200
    assert from_network(place, "192.0.2.1").get("/mailbox").status == 404
    for name in ("x-forwarded-for", "forwarded", "x-real-ip", "via"):
        assert place.stranger().get("/mailbox", headers={name: "127.0.0.1"}).status == 404
    assert place.stranger().get("/mailbox", headers={"host": "desk.example.org"}).status in (400, 404)
    assert "/sign-in" in team.stranger().get("/mailbox").path, "where mail goes elsewhere there is no such page"


def test_no_token_address_or_password_stands_in_a_log_or_an_address(
    team: Team, caplog: pytest.LogCaptureFixture
) -> None:
    browser = team.stranger()
    page = team.sign_in(browser, team.member(Role.OWNER))
    for held in (token_of(browser), "team.example", PASSWORD):
        assert held not in caplog.text
        assert held not in page.path
    kept = "\n".join(team.place.dump())
    assert token_of(browser) not in kept and PASSWORD not in kept
