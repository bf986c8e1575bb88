"""A relay or a script hands over mail: signed, once, not too late, not too large; and by the same road as a mailbox."""

from __future__ import annotations

import hashlib
import hmac
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from starlette.testclient import TestClient

from tests.services.at_once import at_once
from tests.services.post import Post
from tests.services.scene import Scene
from tests.services.test_replies import HER, letter, report
from tests.services.test_return_addresses import BOUNCES, comes_back_to, deliver, stripped
from tests.storage.stores import ON_POSTGRESQL, ON_SQLITE, content
from trial.core.access import SYSTEM
from trial.core.delivery import ContactState
from trial.core.errors import Unavailable
from trial.mail.inbound import LARGEST
from trial.services.handing_over import Outcome, take
from trial.storage.tables_delivery import handed_over
from trial.storage.work import Store
from trial.web.incoming import PATH, WINDOW, HandingOver
from trial.web.participant.app import create_participant_app

SECRET = "an example of a secret, 32 letters"
NOW = 2_000_000_000
S = ContactState
MAIL = b"From: a@b.example\r\nTo: study@trial.example\r\nMessage-ID: <x@b.example>\r\n\r\nHello\r\n"
GUIDE = (Path(__file__).parents[2] / "docs" / "guide-operator.md").read_text(encoding="utf-8")


class Door:
    """The application with its door for mail, and what it asked of the database."""

    def __init__(self, store: Store, clock: float = NOW) -> None:
        self.asked, self.rings = 0, 0

        def open_work(by: object, *, write: bool = True) -> object:
            self.asked += 1
            return store.open_work(by, write=write)  # type: ignore[arg-type]

        self.by = HandingOver(SECRET.encode(), BOUNCES, clock=lambda: clock)
        self.client = self.opened(open_work, self.by)
        self.away = self.opened(_away, self.by)
        self.shut = self.opened(open_work, None)

    def opened(self, open_work: object, by: HandingOver | None) -> TestClient:
        app = create_participant_app(
            open_work=open_work, secret=b"s" * 32, https=False, ring=self.ring, hosts=["testserver"], incoming=by
        )  # type: ignore[arg-type]
        return TestClient(app, raise_server_exceptions=False)

    def ring(self) -> None:
        self.rings += 1

    def hand_over(
        self, raw: bytes, at: int = NOW, *, to: TestClient | None = None, **changed: str | None
    ) -> tuple[int, str]:
        headers = signed(raw, at) | {name.replace("_", "-"): value for name, value in changed.items()}
        given = {name: value for name, value in headers.items() if value is not None}
        answer = (to or self.client).post(PATH, content=raw, headers=given)
        return answer.status_code, answer.text.strip()


def _away(*_: object, **__: object) -> object:
    raise Unavailable("The database", "EQUIPOISE_DATABASE_URL", "gone")


def signed(raw: bytes, at: int, secret: str = SECRET) -> dict[str, str]:
    """As the guide says, written once more."""
    mac = hmac.new(secret.encode(), str(at).encode() + b"." + raw, hashlib.sha256).hexdigest()
    return {
        "content-type": "message/rfc822", "x-equipoise-timestamp": str(at), "x-equipoise-signature": f"v1={mac}",
    }  # fmt: skip


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def her(scene: Scene, post: Post) -> int:
    """Somebody who has got the mail of her first evening, with a return address of its own."""
    person = scene.enrol(HER)
    deliver(scene, post)
    scene.move_to(scene.occasions(person)[0].opens_at)
    deliver(scene, post)
    return person


@pytest.fixture
def door(scene: Scene) -> Iterator[Door]:
    door = Door(scene.store)
    with door.client, door.away, door.shut:
        yield door


def evening(scene: Scene, her: int) -> S:
    return scene.contacts(her, "evening")[0].state


def test_a_report_that_is_handed_over_does_what_one_in_a_mailbox_does(
    scene: Scene, post: Post, her: int, door: Door
) -> None:
    assert door.hand_over(stripped(comes_back_to(post, HER)).encode()) == (200, "taken")
    assert (evening(scene, her), scene.person(her).bounced_at) == (S.BOUNCED, scene.now)
    assert door.rings == 1


def test_handed_over_twice_it_is_one_whether_it_was_signed_anew_or_not(
    scene: Scene, post: Post, her: int, door: Door
) -> None:
    raw = report(post.mails(HER)[-1].headers["message-id"])
    assert door.hand_over(raw) == (200, "taken")
    before = content(scene.store)
    assert door.hand_over(raw) == (409, "repeated")
    assert content(scene.store) == before
    assert door.hand_over(raw, NOW + 1) == (200, "known")
    after = content(scene.store)
    assert {name for name in after if after[name] != before[name]} == {"handed_over"}
    assert door.rings == 1


@ON_SQLITE
def test_a_mail_without_a_message_id_is_known_by_its_digest(scene: Scene, her: int, door: Door) -> None:
    raw = MAIL.replace(b"Message-ID: <x@b.example>\r\n", b"")
    assert [door.hand_over(raw, NOW + at)[1] for at in range(2)] == ["taken", "known"]


def test_the_same_request_at_the_same_moment_is_taken_once(scene: Scene, her: int) -> None:
    raw = letter("Hello")
    found = at_once(lambda _: take(scene.store.open_work, raw, "a" * 64, BOUNCES), range(4))
    assert sorted(found) == [Outcome.REPEATED] * 3 + [Outcome.TAKEN]
    anew = at_once(lambda one: take(scene.store.open_work, raw, one * 64, BOUNCES), "bcde")
    assert anew == [Outcome.KNOWN] * 4
    assert len(content(scene.store)["reply"]) == 1


@ON_POSTGRESQL
def test_looking_first_and_keeping_then_would_take_one_request_several_times(scene: Scene) -> None:
    """The naive control of the test above."""
    barrier = threading.Barrier(4)

    def look_then_keep(_: int) -> bool:
        with scene.store.open_work(SYSTEM) as work:
            new = work.rows.execute(select(handed_over).where(handed_over.c.signature == "a" * 64)).first() is None
            barrier.wait(20)
            keep = insert(handed_over).values(signature="a" * 64, at=work.machine_now)
            work.rows.execute(keep.on_conflict_do_nothing())
            return new

    assert at_once(look_then_keep, range(4)) == [True] * 4


WRONG = [
    ({"x_equipoise_signature": None}, 403),
    ({"x_equipoise_timestamp": None}, 403),
    ({"x_equipoise_signature": "v1=" + "0" * 64}, 403),
    ({"x_equipoise_signature": "v1="}, 403),
    ({"x_equipoise_signature": "v2=" + "0" * 64}, 403),
    ({"x_equipoise_signature": signed(MAIL, NOW, "another secret of the same length!!")["x-equipoise-signature"]}, 403),
    ({"x_equipoise_signature": signed(MAIL + b" ", NOW)["x-equipoise-signature"]}, 403),
    ({"x_equipoise_signature": signed(MAIL, NOW)["x-equipoise-signature"].upper()}, 403),
    ({"x_equipoise_timestamp": str(NOW + 1)}, 403),
    ({"x_equipoise_timestamp": f" {NOW}0"}, 403),
    ({"x_equipoise_timestamp": "9" * 400}, 403),
    ({"x_equipoise_timestamp": "-1"}, 403),
    ({"x_equipoise_timestamp": "1e9"}, 403),
    ({"content_type": "application/x-www-form-urlencoded"}, 415),
    ({"content_type": None}, 415),
    ({"content_length": "9" * 400}, 413),
]


@ON_SQLITE
def test_nothing_is_asked_of_the_database_before_the_signature_fits(scene: Scene, her: int, door: Door) -> None:
    for changed, status in WRONG:
        assert door.hand_over(MAIL, **changed)[0] == status, changed
    for late in (-WINDOW - 1, WINDOW + 1):
        assert door.hand_over(MAIL, NOW + late)[0] == 403
    assert door.hand_over(b"x" * (LARGEST + 1))[0] == 413
    assert door.hand_over(b" \n")[0] == 400
    assert door.asked == 0
    assert door.rings == 0
    # and with everything right it is taken, at both ends of the time
    assert [door.hand_over(MAIL, NOW + at)[1] for at in (-WINDOW, WINDOW)] == ["taken", "known"]
    assert door.asked == 2


@ON_SQLITE
def test_a_body_without_a_length_is_cut_off_at_the_limit(scene: Scene, door: Door) -> None:
    seen = 0

    def endless() -> Iterator[bytes]:
        nonlocal seen
        while True:
            seen += 1
            yield b"x" * 100_000

    headers = signed(b"", NOW)
    assert (
        door.client.post(
            PATH, content=(one for one, _ in zip(endless(), range(100), strict=False)), headers=headers
        ).status_code
        == 413
    )
    assert door.asked == 0


@ON_SQLITE
def test_the_largest_mail_is_taken(scene: Scene, her: int, door: Door) -> None:
    raw = MAIL + b"x" * (LARGEST - len(MAIL))
    assert door.hand_over(raw) == (200, "taken")


@ON_SQLITE
def test_while_the_database_is_away_it_is_to_be_handed_over_again(scene: Scene, her: int, door: Door) -> None:
    assert door.hand_over(MAIL, to=door.away)[0] == 503
    assert door.hand_over(MAIL) == (200, "taken")


@ON_SQLITE
def test_without_a_secret_the_address_does_not_exist_and_looking_at_it_shows_nothing(scene: Scene, door: Door) -> None:
    assert door.hand_over(MAIL, to=door.shut)[0] == 404
    assert door.client.get(PATH).status_code == 404
    assert door.client.post(f"{PATH}/", content=MAIL, headers=signed(MAIL, NOW)).status_code in (404, 405)


@ON_SQLITE
def test_what_is_broken_or_hostile_is_answered_and_never_breaks_the_door(scene: Scene, her: int, door: Door) -> None:
    hostile = [
        b"\x00" * 1000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 2000,
        b"From: " + b"(" * 50_000,
        b"To: " + b"bounces+" * 20_000 + b"@trial.example\r\n\r\nx",
        b"Message-ID: <" + b"a" * 100_000 + b">\r\n\r\n\xff\xfe",
        b"Received: for <" + b"x" * 100_000,
    ]
    assert {door.hand_over(raw, NOW + at)[0] for at, raw in enumerate(hostile)} == {200}


@ON_SQLITE
def test_signatures_that_are_too_old_anyway_are_forgotten(scene: Scene, her: int, door: Door) -> None:
    door.hand_over(MAIL)
    with scene.store.engine.begin() as rows:
        rows.exec_driver_sql("update handed_over set at = datetime(at, '-3 hours')")
    door.hand_over(MAIL, NOW + 1)
    assert len(content(scene.store)["handed_over"]) == 1


def test_the_secret_shows_nowhere() -> None:
    assert SECRET not in repr(HandingOver(SECRET.encode()))


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_the_signature_of_the_guide_s_line_of_openssl_is_the_one_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_bytes(MAIL)
    line = next(one for one in GUIDE.splitlines() if one.startswith("s=$(") and "openssl" in one)
    script = f't={NOW}\n{line}\nprintf %s "$s"'
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env={"EQUIPOISE_INBOUND_SECRET": SECRET, "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"v1={done.stdout}" == signed(MAIL, NOW)["x-equipoise-signature"]


def script() -> str:
    """The delivery agent as it stands in the guide."""
    return GUIDE.split("```python\n#!/usr/bin/env python3\n")[1].split("```")[0]


@pytest.mark.parametrize("settings", ["http://127.0.0.1:9/incoming/mail\nsecret\n", "one line\n", ""])
def test_the_guide_s_script_asks_the_mail_server_to_try_again_whatever_is_wrong(tmp_path: Path, settings: str) -> None:
    (tmp_path / "settings").write_text(settings)
    done = subprocess.run(
        [sys.executable, "-c", script(), str(tmp_path / "settings")], input=MAIL, capture_output=True, check=False
    )
    assert done.returncode == 75
