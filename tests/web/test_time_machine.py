"""The time machine is a rehearsal's: no other store has one, and no page but its own can move the clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from tests.system.stepped import stepped
from trial.cli.serving import run_serve
from trial.core.errors import Refused
from trial.core.trial import TrialKind
from trial.rehearsal.stepping import TimeMachine
from trial.storage.tables import clock, trial
from trial.web.machine.app import Addresses, create_machine_app

HERE = "http://127.0.0.1:8767"
KEY = "the-key-of-this-test"
ADDRESSES = Addresses("http://127.0.0.1:8765", "http://127.0.0.1:8766", HERE)
# every button of the page
POSTS = ("/jump", "/next", "/next-mail", "/people", "/make", "/open", "/mailbox/1/answer", "/desk", "/again")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimeMachine]:
    with stepped(tmp_path_factory.mktemp("step"), "soothing-touch") as found:
        yield found


@pytest.fixture
def again() -> list[str]:
    """What was asked for of the whole command."""
    return []


@pytest.fixture
def stranger(machine: TimeMachine, again: list[str]) -> TestClient:
    app = create_machine_app(
        machine, secret=b"s" * 32, key=KEY, addresses=ADDRESSES, start_again=lambda: again.append("again")
    )
    return TestClient(app, base_url=HERE, follow_redirects=False)


@pytest.fixture
def inside(stranger: TestClient) -> TestClient:
    """A browser that was opened with the whole address."""
    entered = stranger.get("/", params={"key": KEY})
    assert entered.status_code == 303 and entered.headers["location"] == "/"
    return stranger


def token(browser: TestClient) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', browser.get("/").text)
    assert found
    return found[1]


def standing(machine: TimeMachine) -> tuple[datetime, int]:
    """What a forged form would change: the clock, and who is on the list."""
    return machine.now, len(machine.people.all())


@pytest.mark.parametrize("path", ["/", "/mailbox", "/mailbox/1", "/mailbox/1/html", "/mailbox/1/eml", "/again"])
def test_without_the_key_there_is_nothing_to_be_seen(stranger: TestClient, path: str) -> None:
    assert stranger.get(path).status_code == 404
    assert stranger.get(path, params={"key": KEY + "x"}).status_code == 404
    stranger.cookies.set("equipoise-time-machine", KEY)  # the key itself is not what the cookie holds
    assert stranger.get(path).status_code == 404


@pytest.mark.parametrize("path", POSTS)
def test_a_form_from_a_browser_without_the_key_is_refused(
    machine: TimeMachine, stranger: TestClient, again: list[str], path: str
) -> None:
    before = standing(machine)
    sent = stranger.post(path, data={"to": "tomorrow", "arm": "touch", "key": KEY}, headers={"origin": HERE})
    assert sent.status_code == 404
    assert standing(machine) == before and again == []


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("origin", ["http://127.0.0.1:9999", "https://elsewhere.example", "null", None])
def test_a_form_of_another_page_is_refused_even_with_the_cookie_and_the_token(
    machine: TimeMachine, inside: TestClient, again: list[str], path: str, origin: str | None
) -> None:
    fields = {"to": "tomorrow", "arm": "touch", "csrf": token(inside), "person": "1"}
    before = standing(machine)
    sent = inside.post(path, data=fields, headers={"origin": origin} if origin else {})
    assert sent.status_code == 403
    assert standing(machine) == before and again == []


@pytest.mark.parametrize("path", POSTS)
def test_a_form_without_our_token_is_refused(
    machine: TimeMachine, inside: TestClient, again: list[str], path: str
) -> None:
    before = standing(machine)
    for forged in ({}, {"csrf": "x"}, {"csrf": token(inside)[:-1] + "g"}):
        sent = inside.post(path, data={"to": "tomorrow", "arm": "touch", **forged}, headers={"origin": HERE})
        assert sent.status_code == 403
    assert standing(machine) == before and again == []


def test_other_names_of_this_machine_are_not_answered(stranger: TestClient) -> None:
    for name in ("localhost:8767", "elsewhere.example", "127.0.0.1.nip.example"):
        assert stranger.get("/", params={"key": KEY}, headers={"host": name}).status_code == 400


def test_names_that_were_typed_are_shown_as_they_are(machine: TimeMachine, inside: TestClient) -> None:
    name = "<script>alert(1)</script>"
    inside.post("/people", data={"name": name, "csrf": token(inside)}, headers={"origin": HERE})
    page = inside.get("/").text
    assert name not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "script-src" not in inside.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in inside.get("/").headers["content-security-policy"]


def test_what_cannot_be_done_is_said_on_the_page_and_changes_nothing(machine: TimeMachine, inside: TestClient) -> None:
    before = machine.now
    for fields, words in (
        ({"to": "yesterday"}, "no moment that is understood"),
        ({"to": "2020-01-01 08:00"}, "goes forward only"),
        ({"to": "day 99999"}, "no moment"),
    ):
        sent = inside.post("/jump", data={**fields, "csrf": token(inside)}, headers={"origin": HERE})
        assert sent.status_code == 409 and words in sent.text.replace("&#39;", "'")
    sent = inside.post("/make", data={"arm": "no-such", "csrf": token(inside)}, headers={"origin": HERE})
    assert sent.status_code == 409 and "There is no such arm." in sent.text
    assert machine.now == before


def test_a_trial_that_is_no_rehearsal_has_no_time_machine(tmp_path: Path) -> None:
    for kind in (TrialKind.LIVE, TrialKind.TEST):
        place = tmp_path / kind.value
        place.mkdir()
        with stepped(place, "soothing-touch") as machine:
            with machine.parts.open_work(machine.parts.by) as work:
                work.rows.execute(update(trial).values(kind=kind.value))
            with pytest.raises(Refused, match="no time machine for a trial of real people"):
                TimeMachine(machine.parts, machine.slug, 1)


def test_a_database_on_the_clock_of_the_world_has_no_time_machine_and_no_verb_of_one(tmp_path: Path) -> None:
    with stepped(tmp_path, "soothing-touch") as machine:
        kept = machine.make("touch")[-1]
        (mail,) = machine.mails_of(kept)[-1:]
        with machine.parts.open_work(machine.parts.by) as work:
            work.rows.execute(clock.delete())
        with pytest.raises(Refused, match="no rehearsal on a pretend clock"):
            TimeMachine(machine.parts, machine.slug, 1)
        for act in (
            lambda: machine.make("tapping"),
            lambda: machine.standing(kept),
            lambda: machine.to_next_mail(kept),
            lambda: machine.until(machine.now.replace(year=machine.now.year + 1)),
        ):
            with pytest.raises(Refused):
                act()
        assert machine.mail(mail).envelope_to == kept.address  # what lies in the folder can be read


def test_serve_never_mounts_it() -> None:
    """The command for live trials does not know the application: neither in its code nor in what it imports."""
    source = Path(run_serve.__code__.co_filename).read_text(encoding="utf-8")
    assert "machine" not in source.replace("this machine", "").replace("the machine", "")
