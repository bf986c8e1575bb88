"""Mail that comes back to the return address of its own mail is matched by that alone, and by nothing made up."""

from __future__ import annotations

import smtplib
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from tests.services.post import Post
from tests.services.scene import Scene
from tests.services.test_replies import FROM, HER, TEAM, Tray, letter, report
from tests.storage.stores import ON_SQLITE, content
from trial.core.access import SYSTEM
from trial.core.delivery import ContactState
from trial.core.return_addresses import address_for
from trial.mail.inbox import LocalMailbox
from trial.services.delivery import run_once
from trial.services.replies import receive
from trial.storage import mail_counts
from trial.storage.work import Store

BOUNCES = "bounces@trial.example"
S = ContactState
STRIPPED = (
    "From: MAILER-DAEMON@mail.example\n{to}Message-ID: <{id}@mail.example>\nMIME-Version: 1.0\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
    "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example\n\n"
    "Final-Recipient: rfc822; somebody@elsewhere.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def people(scene: Scene, post: Post) -> tuple[int, int]:
    """Two people who have got the mail of their first evening, each mail with a return address of its own."""
    found = scene.enrol(HER), scene.enrol("other@mailbox.example")
    deliver(scene, post)
    scene.move_to(scene.occasions(found[0])[0].opens_at)
    deliver(scene, post)
    return found


def deliver(scene: Scene, post: Post) -> None:
    sender = replace(post.sender(), bounces=BOUNCES)
    while run_once(scene.store.open_work, sender):
        pass


def comes_back_to(post: Post, address: str) -> str:
    return post.mails(address)[-1].headers["x-envelope-from"]


def take_in(scene: Scene, *letters: str | bytes, bounces: str = BOUNCES) -> int:
    raw = [one if isinstance(one, bytes) else one.encode() for one in letters]
    return receive(scene.store.open_work, Tray({str(at): one for at, one in enumerate(raw)}), FROM, bounces)


def stripped(address: str, header: str = "To", number: int = 1) -> str:
    """A report in which nothing is left of the mail that came back."""
    return STRIPPED.format(to=f"{header}: {address}\n" if header else "", id=number)


def counted(scene: Scene) -> int:
    with scene.work(SYSTEM) as work:
        found = mail_counts.counted(work, mail_counts.MADE_UP)
    return found.number if found else 0


def state(scene: Scene, person: int) -> S:
    return scene.contacts(person, "evening")[0].state


def test_every_mail_leaves_with_a_return_address_of_its_own_and_says_so_nowhere_else(
    scene: Scene, post: Post, people: tuple[int, int]
) -> None:
    seen = [one.headers["x-envelope-from"] for one in post.mails()]
    assert len(set(seen)) == len(seen) > 3
    assert all(one.startswith("bounces+") and one.endswith("@trial.example") for one in seen)
    mail = post.mails(HER)[-1]
    assert not any("bounces+" in value for name, value in mail.headers.items() if not name.startswith("x-envelope"))
    assert "bounces" not in mail.text + mail.html


@ON_SQLITE
@pytest.mark.parametrize(
    "header",
    ["To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "Cc", "Received"],
)
def test_a_report_that_lost_the_mail_is_matched_by_the_address_that_it_came_to(
    scene: Scene, post: Post, people: tuple[int, int], header: str
) -> None:
    came_to = comes_back_to(post, HER).upper()
    value = (
        f"from x by y with LMTP for <{came_to}>; Fri, 1 Mar 2041 09:00:00 +0000" if header == "Received" else came_to
    )
    assert take_in(scene, stripped(value, header)) == 1
    assert scene.person(people[0]).bounced_at == scene.now
    assert state(scene, people[0]) is S.BOUNCED
    assert state(scene, people[1]) is S.ACCEPTED and scene.person(people[1]).bounced_at is None


@ON_SQLITE
def test_without_the_setting_such_a_report_is_nobodys(scene: Scene, post: Post, people: tuple[int, int]) -> None:
    take_in(scene, stripped(comes_back_to(post, HER)), bounces="")
    assert scene.person(people[0]).bounced_at is None


def test_where_address_and_report_name_two_mails_the_address_is_right(
    scene: Scene, post: Post, people: tuple[int, int]
) -> None:
    raw = report(post.mails("other@mailbox.example")[-1].headers["message-id"]).decode()
    take_in(scene, raw.replace(f"To: {FROM}", f"To: {comes_back_to(post, HER)}"))
    assert state(scene, people[0]) is S.BOUNCED
    assert state(scene, people[1]) is S.ACCEPTED and scene.person(people[1]).bounced_at is None


def test_a_report_to_an_address_that_was_made_up_changes_nothing_and_is_counted(
    scene: Scene, post: Post, people: tuple[int, int]
) -> None:
    genuine = comes_back_to(post, HER)
    mark = genuine.partition("+")[2].partition("@")[0]
    wrong = genuine.replace(mark, mark[::-1])
    of_her_mail = report(post.mails(HER)[-1].headers["message-id"]).decode().replace(f"To: {FROM}", f"To: {wrong}")
    before = content(scene.store)
    hostile = [
        stripped(wrong),
        stripped(address_for(b"x" * 32, BOUNCES, scene.contacts(people[0], "evening")[0].id), number=2),
        stripped(f"bounces+{'9' * 32}@trial.example", number=3),
        stripped("bounces+@trial.example", number=4),
        of_her_mail,  # right in its report, which everybody who got the mail could write, and wrong in its address
        letter("I am away", post, To=wrong, Message_ID="<5@mail.example>", Auto_Submitted="auto-replied"),
    ]
    assert take_in(scene, *hostile) == 0
    after = content(scene.store)
    assert counted(scene) == len(hostile)
    assert {name for name in after if after[name] != before[name]} == {"mail_count"}


@ON_SQLITE
def test_a_genuine_address_decides_also_beside_one_that_was_made_up(
    scene: Scene, post: Post, people: tuple[int, int]
) -> None:
    made_up = f"bounces+{'9' * 32}@trial.example"
    take_in(scene, stripped(f"{made_up}, {comes_back_to(post, HER)}"))
    assert state(scene, people[0]) is S.BOUNCED
    assert counted(scene) == 0


@ON_SQLITE
def test_a_machines_answer_to_the_return_address_is_known_by_it_and_marks_nobody(
    scene: Scene, post: Post, people: tuple[int, int]
) -> None:
    away = letter("I am away", To=comes_back_to(post, HER), From="desk@work.example", Auto_Submitted="auto-replied")
    assert take_in(scene, away) == 1
    (row,) = content(scene.store)["reply"]
    assert (row["kind"], row["participant_id"]) == ("auto", people[0])
    assert state(scene, people[0]) is S.ACCEPTED


@ON_SQLITE
def test_what_somebody_writes_is_read_whatever_address_they_wrote_to(
    scene: Scene, post: Post, people: tuple[int, int]
) -> None:
    assert take_in(scene, letter("Hello", To=f"{TEAM}, bounces+{'9' * 32}@trial.example")) == 1
    assert [row["kind"] for row in content(scene.store)["reply"]] == ["human"]
    assert counted(scene) == 0


@ON_SQLITE
def test_the_local_mailbox_gives_what_came_to_any_return_address(
    scene: Scene, post: Post, people: tuple[int, int]
) -> None:
    parts = urlsplit(post.server.url)
    with smtplib.SMTP(parts.hostname or "", parts.port or 0) as smtp:
        smtp.sendmail("daemon@mail.example", [comes_back_to(post, HER)], stripped("undisclosed:;").encode())
    assert receive(scene.store.open_work, LocalMailbox(post.server.directory), FROM, BOUNCES) == 1
    assert state(scene, people[0]) is S.BOUNCED
