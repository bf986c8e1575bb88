"""A test trial as somebody opens it on a laptop: one command opens it, one serves it, a person joins over HTTP."""

from __future__ import annotations

import re
import signal
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from tests.system.commands import PROTOCOL, equipoise, wait_for
from tests.system.evidence import Evidence, read_sqlite
from tests.system.serving import Served, Visitor, serving, two_free_ports

SLUG = "evening-test"
ADDRESS = "robin@mailbox.example"


@dataclass(frozen=True, slots=True)
class Place:
    """A test trial that is being served."""

    home: Path
    served: Served

    @property
    def now(self) -> Evidence:
        return Evidence(self.home, read_sqlite(self.home / "equipoise.sqlite"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("trial")
    port = two_free_ports()
    address = f"http://127.0.0.1:{port}"
    done = equipoise(
        "open",
        PROTOCOL,
        "--test",
        "--placeholder-wording",
        "--name",
        SLUG,
        "--home",
        "home",
        "--base-url",
        address,
        cwd=folder,
    )
    assert done.code == 0 and f"{address}/{SLUG}" in done.out, done.err
    with serving("--home", "home", "--port", str(port), cwd=folder) as served:
        assert (served.public, served.desk) == (address, f"http://127.0.0.1:{port + 1}")
        yield Place(folder / "home", served)


@pytest.fixture(scope="module")
def joined(place: Place) -> Visitor:
    """Somebody who went the whole way in, with nothing but a browser and a mailbox."""
    return come(place, ADDRESS)


def come(place: Place, address: str, *, script: bool = True) -> Visitor:
    """The whole way in, as fast as a machine types."""
    visitor = Visitor(place.served.public)
    visitor.get(f"/{SLUG}?from=poster")
    visitor.get(next(link for link in visitor.page.links if "/notice" in link))
    visitor.submit(visitor.page.form, {"agree": "yes"})
    visitor.submit(visitor.page.form, {"age": "44", "reads_english": "yes", "daily_email": "yes"}, script=script)
    visitor.submit(visitor.page.form, {"email": address, "zone": "Europe/Berlin"})
    code = wait_for(lambda: _code(place.home, address), process=place.served.process)
    visitor.submit(visitor.page.form, {"code": code})
    ticks = {one.name: one.options[0] for one in visitor.page.form.fields.values() if one.type == "checkbox"}
    visitor.submit(visitor.page.form, ticks | {"signature": "Robin Example", "answer": "agree"})
    form = next(one for one in visitor.page.forms if "cesd_1" in one.fields)
    visitor.submit(form, {one.name: one.options[-1] for one in form.fields.values() if one.options})
    return visitor


def _code(home: Path, address: str) -> str | None:
    mails = [one for one in Evidence(home, {}).mails if one.recipient == address]
    found = re.search(r"\b\d{6}\b", mails[0].text) if mails else None
    return found[0] if found else None


def test_a_person_joins_over_http_and_is_randomised(place: Place, joined: Visitor) -> None:
    assert joined.page.status == 200 and joined.page.path == "/done"
    (person,) = place.now.people.values()
    assert (person["state"], person["source"], person["zone"]) == ("randomized", "poster", "Europe/Berlin")
    assert place.now.one("allocation")["participant_id"] == person["id"]


def test_the_way_in_left_one_mail_and_a_schedule_on_the_clock_of_the_real_world(place: Place, joined: Visitor) -> None:
    lived = place.now
    (mail,) = lived.mails
    assert mail.recipient == ADDRESS and "Test trial. Nothing here counts." in mail.text
    assert abs(datetime.now(UTC) - mail.sent) < timedelta(minutes=5)  # noqa: TID251 (a real trial runs on the real clock)
    assert lived.one("delivery", message="code")["state"] == "accepted"
    planned = lived.all("delivery", state="planned")
    assert len(planned) == 7 * 2 + 4 * 3 + 1  # evenings, timepoints with their reminders, the thanks at the end
    assert min(row["due_at"] for row in planned) > mail.sent


def test_every_page_of_a_test_trial_says_so(place: Place, joined: Visitor) -> None:
    for path in (f"/{SLUG}", f"/{SLUG}/notice", "/done"):
        assert "Test trial. Nothing here counts." in joined.get(path).words


def test_its_keys_are_readable_by_this_account_alone(place: Place) -> None:
    keys = place.home / "keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()}
    assert len(modes) == 5 and set(modes.values()) == {0o600}


def test_its_pages_and_its_mail_server_listen_on_loopback_only(place: Place) -> None:
    command = psutil.Process(place.served.process.pid)
    processes = [command, *command.children(recursive=True)]
    listening = {one.laddr for each in processes for one in each.net_connections() if one.status == psutil.CONN_LISTEN}
    assert {address.ip for address in listening} == {"127.0.0.1"} and len(listening) == 3


def test_the_status_counts_the_person_and_tells_no_arm(place: Place, joined: Visitor) -> None:
    done = equipoise("status", SLUG, "--home", "home", cwd=place.home.parent)
    assert done.code == 0
    assert re.search(r"randomised +1 of 687\n", done.out)
    assert not re.search(r"letter|optimism|early", done.out)


def test_haste_is_written_down_and_holds_nobody_in_a_test_trial(place: Place, joined: Visitor) -> None:
    assert {row["signal"] for row in place.now.tables["flag"]} == {"fast"}


def test_a_browser_without_javascript_waits_for_a_person_whom_one_command_answers(
    place: Place, joined: Visitor
) -> None:
    page = come(place, "kim@mailbox.example", script=False).page
    assert "A person on our team looks at this" in page.words
    assert f"equipoise enrolment release {SLUG} CODE --as NAME" in page.words
    person = place.now.one("participant", state="held")
    home = {"cwd": place.home.parent}
    assert equipoise("member", "add", SLUG, "A. Person", "coordinator", "--home", "home", **home).code == 0
    listed = equipoise("enrolment", "held", SLUG, "--as", "A. Person", "--home", "home", **home)
    assert person["code"] in listed.out and "no script ran" in listed.out
    desk = Visitor(place.served.desk).get(f"/{SLUG}/held")
    assert "Sign in" in desk.words and person["code"] not in desk.words
    words = ("--as", "A. Person", "--reason", "No script; the mail is confirmed", "--home", "home")
    done = equipoise("enrolment", "release", SLUG, person["code"], *words, **home)
    assert "1 person was allocated" in done.out
    assert place.now.one("participant", id=person["id"])["state"] == "randomized"
    told = wait_for(lambda: _told(place.home, "kim@mailbox.example"), process=place.served.process)
    assert told == "You can go on"


def _told(home: Path, address: str) -> str | None:
    mails = [one for one in Evidence(home, {}).mails if one.recipient == address]
    return mails[-1].subject if len(mails) > 1 else None


def test_a_trial_that_is_closed_meanwhile_takes_nobody_else_but_keeps_who_is_in(place: Place, joined: Visitor) -> None:
    """The last test of this file but one: it ends recruitment."""
    planned = len(place.now.all("delivery", state="planned"))
    assert equipoise("close", SLUG, "--home", "home", cwd=place.home.parent).code == 0
    late = Visitor(place.served.public)
    late.get(f"/{SLUG}/notice")
    assert not any("agree" in form.fields for form in late.page.forms)
    assert len(place.now.all("delivery", state="planned")) == planned > 26


def test_an_interrupt_ends_the_service_and_its_mail_server(place: Place, joined: Visitor) -> None:
    children = psutil.Process(place.served.process.pid).children(recursive=True)
    assert children
    place.served.process.send_signal(signal.SIGINT)
    assert place.served.process.wait(20) == 130
    _, left = psutil.wait_procs(children, timeout=10)
    assert not left
    assert "Traceback" not in (place.home.parent / "err").read_text()
