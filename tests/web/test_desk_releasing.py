"""Mail goes out again after a stop and after a restore: in a live trial only when two people have seen what would."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.web.desk_place import Team, send
from tests.web.desk_releasing import stopped
from tests.web.place import SLUG, Visitor
from trial.core.access import SYSTEM, Role
from trial.core.trial import TrialKind, TrialState
from trial.storage import events, restored, trials

WHY = "The log of the mail server was read."


@pytest.fixture
def live(tmp_path: Path) -> Team:
    return stopped(tmp_path)


def at(team: Team, role: Role, end: str) -> Visitor:
    browser = team.visitor(role)
    browser.get(f"/{SLUG}/{end}".rstrip("/"))
    return browser


def forms(browser: Visitor) -> set[str | None]:
    return {one.filled().get("act") for one in browser.page.forms if one.action != "/sign-out"}


def table(browser: Visitor) -> str:
    """The figures of the preview."""
    found = re.search(r"<tbody>.*?</tbody>", browser.page.text, re.DOTALL)
    assert found is not None, browser.page.words
    return found[0]


def state(team: Team) -> TrialState:
    with team.place.store.open_work(SYSTEM, write=False) as work:
        return trials.by_id(work, team.place.trial.id).state


def held(team: Team) -> int:
    with team.place.store.open_work(SYSTEM, write=False) as work:
        return restored.count(work, team.place.trial.id)


def last_event(team: Team) -> tuple[str, dict[str, object]]:
    with team.place.store.open_work(SYSTEM, write=False) as work:
        found = events.of_trial(work, team.place.trial.id)[-1]
    return found.by, dict(found.detail)


def press(browser: Visitor, what: str) -> None:
    """A button of the newest open request."""
    form = next(one for one in browser.page.forms if "request" in one.filled())
    browser.post(f"/{SLUG}/acts", form.filled() | {"act": what})


def test_a_live_trial_sends_again_after_one_asked_and_another_saw_the_same_figures(live: Team) -> None:
    coordinator = at(live, Role.COORDINATOR, "sending")
    seen, rings = table(coordinator), live.place.rings
    assert forms(coordinator) == {"ask"}
    assert "Somebody else decides" in send(coordinator, "ask", {"reason": WHY}).words
    assert state(live) is TrialState.PAUSED and forms(coordinator) == set()
    custodian = at(live, Role.CUSTODIAN, "acts")
    assert WHY in custodian.page.words and table(custodian) == seen
    press(custodian, "approve")
    assert state(live) is TrialState.OPEN and live.place.rings > rings
    assert held(live) == 1, "what a restore holds has a release of its own"


def test_what_a_restore_holds_in_a_live_trial_is_released_by_two(live: Team) -> None:
    owner = at(live, Role.OWNER, "restored")
    seen = table(owner)
    assert "1 mail was due" in owner.page.words and "The oldest was due" in owner.page.words
    assert forms(owner) == {"ask"}
    send(owner, "ask", {"reason": WHY})
    custodian = at(live, Role.CUSTODIAN, "acts")
    assert table(custodian) == seen and held(live) == 1
    press(custodian, "approve")
    assert held(live) == 0
    by, detail = last_event(live)
    assert by == f"member:{live.member(Role.CUSTODIAN).id}"
    assert detail == {"act": 1, "released": 1, "reason": "restored"}
    assert "Nothing is held since a restore" in at(live, Role.OWNER, "restored").page.words


@pytest.mark.parametrize(("end", "act", "word"), [("sending", "go_on", "go on"), ("restored", "release", "release")])
def test_one_person_cannot_do_it_by_forging_the_form_of_a_test_trial(live: Team, end: str, act: str, word: str) -> None:
    owner = at(live, Role.OWNER, end)
    token = owner.page.forms[0].filled()["csrf"]
    reply = owner.post(f"/{SLUG}/{end}", {"csrf": token, "act": act, act: word})
    assert reply.status == 409 and "takes two people" in reply.words
    assert (state(live), held(live)) == (TrialState.PAUSED, 1)


def test_who_asked_cannot_approve_even_as_an_owner(live: Team) -> None:
    owner = at(live, Role.OWNER, "sending")
    send(owner, "ask", {"reason": WHY})
    owner.get(f"/{SLUG}/acts")
    press(owner, "approve")
    assert owner.page.status == 403 and state(live) is TrialState.PAUSED


@pytest.mark.parametrize(("end", "act", "word"), [("sending", "go_on", "go on"), ("restored", "release", "release")])
def test_in_a_test_trial_one_owner_says_so(tmp_path: Path, end: str, act: str, word: str) -> None:
    team = stopped(tmp_path, TrialKind.TEST)
    owner = at(team, Role.OWNER, end)
    assert forms(owner) == {act}
    assert send(owner, act, {act: "no"}).status == 409
    assert send(owner, act, {act: word}).status == 200
    assert (state(team), held(team)) == ((TrialState.OPEN, 1) if act == "go_on" else (TrialState.PAUSED, 0))


def test_password_and_code_are_asked_for_before_it_is_asked_for(live: Team) -> None:
    late = live.visitor(Role.OWNER, proved=False)
    late.get(f"/{SLUG}/sending")
    assert send(late, "ask", {"reason": WHY}).status == 403
    assert "Nothing was asked for yet" in at(live, Role.CUSTODIAN, "acts").page.words


def test_it_cannot_be_asked_for_where_nobody_sees_what_would_go_out(live: Team) -> None:
    owner = at(live, Role.OWNER, "acts")
    assert "release" not in re.findall(r'<option value="(\w+)"', owner.page.text)
    reply = send(owner, "ask", {"kind": "release", "reason": WHY})
    assert "shows what would go out" in reply.words and reply.status == 409


def test_no_preview_names_a_timepoint_that_not_every_arm_has(live: Team) -> None:
    for end in ("restored", "sending"):
        words = at(live, Role.OWNER, end).page.words
        assert not any(one.label["en"] in words for one in live.place.folder.protocol.arms)


def test_the_home_of_the_trial_says_that_mails_wait_for_a_look(live: Team) -> None:
    assert "1 mail is held since a restore" in at(live, Role.OWNER, "").page.words
