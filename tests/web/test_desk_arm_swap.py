"""Two trials alike in everything but who is in which arm: to a blinded member they are the same to the letter."""

from __future__ import annotations

import difflib
import email
import email.policy
import logging
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.cli.conftest import Shell, equipoise
from tests.cli.members import signed_in, signed_out
from tests.web.desk_matters import raise_alert, report_harm
from tests.web.desk_tour import Toured, toured
from tests.web.place import SHIPPED, SLUG, Person
from trial.core.access import BLINDED, SYSTEM, Role
from trial.core.trial import TrialKind
from trial.mail.mailer import Envelope, Reply
from trial.services.calling import call_due
from trial.services.delivery import Sender
from trial.storage import allocations
from trial.storage.engine import sqlite_url
from trial.storage.tables import trial

__all__ = ["equipoise"]
CANARIES = ("Quillfeather", "Brambleknot", "Osprey Lantern")
# what tells one mail from another, and its parts
_MARKS = re.compile(r"=_[0-9a-f]{32}|^(Message-ID|Date): .+$", re.MULTILINE)
# what the machine says of itself in a log: ports, threads, folders
_WHERE = re.compile(r"127\.0\.0\.1:\d+|/tmp/\S+|0x[0-9a-f]+|(?<=/mails/)[0-9a-f]{32}")

# what differs between any two trials: tokens of forms and links, digests, times of the machine
_NONCES = re.compile(
    r'name="submission" value="[^"]+"|[0-9a-f]{64}|[A-Za-z0-9_-]{43,}|(?<=/mails/)[0-9a-f]{32}'
    r"|\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\dZ)?|\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d"
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Toured, Toured]:
    """The trial, and the trial with its arms in another order: the same draws lead elsewhere. Arms have names that
    stand nowhere else, and in each trial somebody is called, asked for and answered to in the same way."""
    folder = tmp_path_factory.mktemp("swapped")
    both = []
    for name in ("one", "two"):
        protocol = named(folder / name / SHIPPED.name)
        if name == "two":
            reorder(protocol)
        both.append(toured(folder / name / "home", protocol))
    for one in both:
        for role in sorted(BLINDED):
            one.team.member(role)
        person = Person(one.place, "toni@mailbox.example")
        person.to_allocation()
        one.people = (*one.people, person.id)
        with one.place.store.open_work(SYSTEM) as work:  # a rehearsal calls nobody
            work.rows.execute(update(trial).values(kind=TrialKind.TEST.value))
        raise_alert(one.place, person)
        report_harm(one.place, person)
        one.team.link(Role.CUSTODIAN, "Lee Example", "lee@team.example")
    return both[0], both[1]


def named(folder: Path) -> Path:
    """A copy of the shipped trial whose arms have canaries for names."""
    shutil.copytree(SHIPPED, folder)
    shutil.copytree(SHIPPED.parent / "instruments", folder.parent / "instruments")
    file = folder / "protocol.yaml"
    before, mark, rest = file.read_text(encoding="utf-8").partition("arms:\n")
    head, end, after = rest.partition("\nallocation:")
    names = iter(CANARIES)
    head = re.sub(r"label: \{en: [^}]+\}", lambda _: f"label: {{en: {next(names)}}}", head)
    file.write_text(before + mark + head + end + after, encoding="utf-8")
    return folder


def reorder(folder: Path) -> None:
    """The first arm comes last."""
    file = folder / "protocol.yaml"
    before, mark, rest = file.read_text(encoding="utf-8").partition("arms:\n")
    head, end, after = rest.partition("\nallocation:")
    first, *others = ["  - id:" + one for one in head.split("  - id:")[1:]]
    assert others
    swapped = "".join(one.rstrip("\n") + "\n" for one in [*others, first])
    file.write_text(before + mark + swapped + end + after, encoding="utf-8")


class Keeping:
    """A mail server that keeps every mail as it was handed over."""

    def __init__(self) -> None:
        self.mails: list[str] = []

    def send(self, envelope: Envelope, content: Callable[[], bytes | None]) -> Reply:
        mail = email.message_from_bytes(content() or b"", policy=email.policy.default)
        parts = [str(one.get_payload(decode=True), "utf-8") for one in mail.walk() if not one.is_multipart()]
        self.mails.append("\n".join([str(envelope), *(f"{name}: {value}" for name, value in mail.items()), *parts]))
        return Reply("accepted", 250, "taken")

    def check(self) -> None:
        pass

    def close(self) -> None:
        pass


def arms(one: Toured) -> list[str | None]:
    with one.place.store.open_work(SYSTEM, write=False) as work:
        return [allocations.arm_of(work, person) for person in one.people]


def plain(text: str) -> str:
    return _NONCES.sub("…", text)


def alike(what: str, one: str, other: str) -> None:
    """The two say the same, nonces aside, and neither names an arm."""
    one, other = plain(one), plain(other)
    if one != other:
        said = difflib.unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=0)
        raise AssertionError(f"{what} differs:\n" + "\n".join(said))
    assert not any(canary in one for canary in CANARIES), what


def test_everybody_is_in_another_arm(pair: tuple[Toured, Toured]) -> None:
    """The control: without this the comparison below would say nothing."""
    first, second = (arms(one) for one in pair)
    assert all(one != other for one, other in zip(first, second, strict=True))
    assert len(set(first)) > 1


@pytest.mark.parametrize("role", sorted(BLINDED))
def test_no_page_of_a_blinded_role_differs(pair: tuple[Toured, Toured], role: Role) -> None:
    first, second = pair
    browsers = first.team.visitor(role), second.team.visitor(role)
    compared = 0
    for (_, path), (_, same) in zip(first.addresses(), second.addresses(), strict=True):
        assert plain(path) == plain(same)
        alike(path, *(browser.get(its).text for browser, its in zip(browsers, (path, same), strict=True)))
        compared += 1
    assert compared >= len({page.path for page, _ in first.addresses()}) > 3


@pytest.mark.parametrize("role", sorted(BLINDED))
def test_no_refusal_and_no_download_of_a_blinded_role_differs_nor_what_the_server_logs_of_it(
    pair: tuple[Toured, Toured], role: Role, caplog: pytest.LogCaptureFixture
) -> None:
    """Every page that is missing or closed to the role, every form that is refused, the one file that is made here."""
    seen = []
    for one in pair:
        caplog.clear()
        with caplog.at_level(logging.DEBUG):
            said = list(refused(one, role))
        seen.append((said, "\n".join(f"{line.name} {line.getMessage()}" for line in caplog.records)))
    (first, logged), (second, other) = seen
    assert [plain(what) for what, _ in first] == [plain(what) for what, _ in second] and len(first) > 30
    for (what, one), (_, same) in zip(first, second, strict=True):
        alike(what, one, same)
    alike("the log", _WHERE.sub("…", logged), _WHERE.sub("…", other))


def refused(one: Toured, role: Role) -> Iterator[tuple[str, str]]:
    """What each address says to what it does not expect, with its headers."""
    browser = one.team.visitor(role)
    token = browser.get(f"/{SLUG}").forms[0].filled()["csrf"]
    odd = [f"/{SLUG}/{end}" for end in ("matters/999999", "matters/x", "participants/XXXXXXXX", "nothing", "arms")]
    for path in [*odd, *(path for _, path in one.addresses())]:
        for form in ({"act": "open", "request": "1"}, {"act": "open", "request": "1", "csrf": token}):
            reply = browser.post(path, form)
            yield f"POST {path} {len(form)}", f"{reply.status} {reply.text}"
    for path in odd:
        reply = browser.get(path)
        yield f"GET {path}", f"{reply.status} {reply.text}"
    for act in ("payment_list", "payee"):
        reply = browser.post(f"/{SLUG}/incentives", {"csrf": token, "act": act, "why": "To pay.", "payee": "1"})
        yield f"the file of {act}", f"{reply.status} {reply.text}"


def test_no_mail_to_the_team_differs(pair: tuple[Toured, Toured]) -> None:
    """An invitation, and the call about an alert and a report, as they leave."""
    both = []
    for one in pair:
        kept = Keeping()
        sender = Sender(kept, "study@equipoise.example", "test")
        call_due(one.place.store.open_work, sender)
        both.append(kept.mails)
    assert len(both[0]) == len(both[1]) == 2
    for one_mail, other in zip(*both, strict=True):
        alike("a mail to the team", *(_MARKS.sub("…", one) for one in (one_mail, other)))


# what a member may look at from the command line; what it changes is not run here
LOOKS: dict[str, tuple[str, ...]] = {
    "status": (SLUG, "--json"),
    "member list": (SLUG,),
    "enrolment held": (SLUG, "--json"),
    "alert roster": (SLUG,),
    "gate show": (SLUG,),
    "results": (SLUG,),
    "release": (SLUG,),
    "resume": (SLUG, "--ask", "Because."),
    "freeze": (SLUG, "--out", "frozen"),
    "protocol diff": ("--trial", SLUG, "newer"),
}


@pytest.mark.parametrize("role", sorted(BLINDED))
def test_no_output_of_a_command_that_a_blinded_member_gives_differs(
    pair: tuple[Toured, Toured], role: Role, equipoise: Shell
) -> None:
    said: list[list[str]] = []
    for one in pair:
        home = one.place.path.parent
        signed_in(one.place.store, home, one.team.member(role).id)
        newer_version(home.parent / SHIPPED.name, equipoise.folder / "newer", equipoise.folder / "instruments")
        told = [equipoise(*name.split(), *words, **at(one)) for name, words in LOOKS.items()]
        assert not any("the operator" in done.err for done in told)
        said.append([f"{done.code} {done.out} {done.err}" for done in told])
        signed_out(home)
    for name, one_said, other in zip(LOOKS, *said, strict=True):
        alike(f"{name} by the {role.value}", one_said, other)
    assert any(text.startswith("0 ") for text in said[0])


def at(one: Toured) -> dict[str, str]:
    return {"HOME": str(one.place.path.parent), "DATABASE_URL": sqlite_url(one.place.path)}


def newer_version(protocol: Path, folder: Path, instruments: Path) -> None:
    """The next version of a trial's folder: an exercise of one arm alone reads differently."""
    for path in (folder, instruments):
        shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(protocol, folder)
    shutil.copytree(protocol.parent / "instruments", instruments)
    file = folder / "protocol.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"^version: .+$", "version: '99.0'", text, count=1, flags=re.MULTILINE), encoding="utf-8")
    exercise = sorted((folder / "exercises").rglob("*.md"))[0]
    exercise.write_text(exercise.read_text(encoding="utf-8") + "\nOne more sentence.\n", encoding="utf-8")


def test_where_an_arm_may_be_told_the_comparison_sees_it(pair: tuple[Toured, Toured]) -> None:
    """The other control, last because it changes both trials: what one owner is told after an approval does differ."""
    told = []
    for one in pair:
        for role, act in ((Role.CUSTODIAN, "approve"), (Role.OWNER, "open")):
            browser = one.team.visitor(role)
            token = browser.get(f"/{SLUG}/acts").forms[0].filled()["csrf"]
            page = browser.post(f"/{SLUG}/acts", {"csrf": token, "request": "1", "act": act})
        told.append(page.text)
    with pytest.raises(AssertionError, match="differs"):
        alike("the arm of one person", *told)
    assert all(any(canary in text for canary in CANARIES) for text in told)
