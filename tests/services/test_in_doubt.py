"""A connection that breaks while a mail is handed over: sent once more as it was, or held; settled by its link."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.protocols import rewritten
from tests.mail.hostile import HANG_UP, hostile_server
from tests.services.post import LINK, Post
from tests.services.scene import SYSTEM, Scene
from tests.services.test_delivery import the, wait_is_over
from tests.storage.stores import content, run
from trial.core.delivery import ContactState
from trial.core.matters import MatterKind
from trial.services import links
from trial.storage import matters
from trial.storage.work import Store

S = ContactState
HER = "her@mailbox.example"
LOST: dict[str, Any] = {"content": HANG_UP}
HOLDS = rewritten(("{id: evening, stream: exercises,", "{id: evening, stream: exercises, in_doubt: hold,"))


def to_the_evening(scene: Scene, post: Post) -> int:
    person = scene.enrol(HER)
    post.deliver(scene)
    scene.move_to(scene.occasions(person)[0].opens_at)
    return person


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def her(scene: Scene, post: Post) -> int:
    return to_the_evening(scene, post)


def lose(scene: Scene, post: Post, answers: dict[str, Any] = LOST) -> list[bytes]:
    """Hand over what is due to a server that takes the content and hangs up; what it got."""
    with hostile_server(answers) as server:
        mailer = post.mailer(server.url)
        mailer._timeout = 0.3
        post.deliver(scene, mailer)
        return list(server.mails)


def links_in(mail: bytes) -> list[str]:
    """The personal links of a mail as it went over the wire."""
    return LINK.findall(mail.decode("ascii").replace("=\r\n", "").replace("=3D", "="))


def doubtful(scene: Scene) -> list[Any]:
    with scene.work(write=False) as work:
        return matters.listed(work, scene.id, MatterKind.MISSING_MAIL)


def stands(scene: Scene, person: int) -> tuple[ContactState, str | None, int]:
    one = the(scene, person)
    return one.state, one.reason, one.doubts


@pytest.mark.parametrize("answers", [LOST, {"content": ["250-half", "x"]}], ids=["hung up", "half"])
def test_it_is_sent_once_more_as_the_same_mail_after_a_while(
    scene: Scene, post: Post, her: int, answers: dict[str, Any]
) -> None:
    [first] = lose(scene, post, answers)
    assert stands(scene, her) == (S.RETRY, "sent_once_more", 1)
    assert doubtful(scene) == []
    assert post.deliver(scene) == 0  # it waits for what may show that it arrived
    wait_is_over(scene)
    assert post.deliver(scene) == 1
    again = post.mails(HER)[-1]
    assert again.headers["message-id"].encode() in first
    assert set(LINK.findall(again.text)) == set(links_in(first))
    assert stands(scene, her) == (S.ACCEPTED, None, 1)


def test_a_second_doubt_is_the_last_and_stands_before_the_team(scene: Scene, post: Post, her: int) -> None:
    assert len(lose(scene, post)) == 1
    wait_is_over(scene)
    assert len(lose(scene, post)) == 1
    assert stands(scene, her) == (S.UNKNOWN, "no_reply_after_data", 2)
    wait_is_over(scene)
    assert post.deliver(scene) == 0
    assert len(doubtful(scene)) == 1


def test_a_worker_that_vanished_after_data_counts_as_a_doubt(scene: Scene, post: Post, her: int) -> None:
    run(scene.store, "update delivery set state = 'data_started', attempt = 1, owner = 'gone', "
        f"lease_until = '2001-01-01 00:00:00' where id = {the(scene, her).id}")  # fmt: skip
    post.deliver(scene)
    assert stands(scene, her) == (S.RETRY, "sent_once_more", 1)


def test_where_the_protocol_says_hold_it_is_never_sent_again(store: Store, post: Post) -> None:
    scene = Scene(store, folder=HOLDS)
    her = to_the_evening(scene, post)
    lose(scene, post)
    assert stands(scene, her) == (S.UNKNOWN, "no_reply_after_data", 1)
    assert len(doubtful(scene)) == 1
    scene.move(minutes=30)
    wait_is_over(scene)
    assert post.deliver(scene) == 0
    # the reminder still comes: whether the first arrived nobody knows
    scene.move(hours=2)
    post.deliver(scene)
    assert len(post.mails(HER)) == 2


def test_it_is_not_sent_once_more_where_that_would_be_too_late(store: Store, post: Post) -> None:
    scene = Scene(
        store, folder=rewritten(("evening, stream: exercises, latest: 4", "evening, stream: exercises, latest: 2"))
    )
    her = to_the_evening(scene, post)
    scene.move(hours=1, minutes=50)
    lose(scene, post)
    assert stands(scene, her) == (S.UNKNOWN, "no_reply_after_data", 1)


def test_a_mail_that_is_not_wanted_any_more_ends_in_doubt_and_not_as_unsent(scene: Scene, post: Post, her: int) -> None:
    lose(scene, post)
    scene.move(hours=5)
    wait_is_over(scene)
    post.deliver(scene)
    assert stands(scene, her) == (S.UNKNOWN, "no_reply_after_data", 1)
    assert len(doubtful(scene)) == 1


@pytest.mark.parametrize("again", [False, True], ids=["before it is sent once more", "afterwards"])
def test_whoever_uses_its_link_has_it(scene: Scene, post: Post, her: int, *, again: bool) -> None:
    [first] = lose(scene, post)
    if again:
        wait_is_over(scene)
        lose(scene, post)
        assert len(doubtful(scene)) == 1
    token = links_in(first)[0]
    with scene.work(write=False) as work:
        assert links.follow(work, token).in_doubt
    with scene.work(SYSTEM) as work:
        links.proved(work, token)
    assert stands(scene, her)[:2] == (S.ACCEPTED, "link_used")
    wait_is_over(scene)
    assert post.deliver(scene) == 0
    assert [one.state.value for one in doubtful(scene)] == (["acted"] if again else [])
    before = content(scene.store)["delivery"]
    with scene.work(SYSTEM) as work:
        assert not links.follow(work, token).in_doubt
        links.proved(work, token)
    assert content(scene.store)["delivery"] == before
