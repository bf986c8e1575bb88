"""What people write back reaches the team: once, matched to a person, without what it quotes; "stop" works at once."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from tests.core.protocols import FOLDER
from tests.services.members import join
from tests.services.post import LINK, Post
from tests.services.scene import Scene
from tests.storage.stores import ON_SQLITE, content
from trial.core.access import Actor, Role
from trial.core.delivery import ContactState
from trial.core.errors import NotAllowed, NotFound, Refused
from trial.core.matters import Matter, MatterKind, MatterState
from trial.core.participant import StopLevel
from trial.mail.inbox import Letter, LocalMailbox
from trial.services import matters, own_words, replies, suspending
from trial.services.replies import Postman, receive
from trial.storage import held, vault
from trial.storage.work import Store

HER, TEAM = "her@mailbox.example", FOLDER.protocol.administrative.contact_email
FROM = "study@trial.example"
S = ContactState


@dataclass
class Tray:
    """An inbox in memory; what is not done comes again."""

    letters: dict[str, bytes] = field(default_factory=dict)

    def unread(self, addresses: frozenset[str]) -> Iterator[Letter]:
        yield from [Letter(key, raw) for key, raw in self.letters.items()]

    def done(self, key: str) -> None:
        del self.letters[key]


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def her(scene: Scene, post: Post) -> int:
    """Somebody randomised who has got the mail of her first evening."""
    person = scene.enrol(HER)
    post.deliver(scene)
    scene.move_to(scene.occasions(person)[0].opens_at)
    post.deliver(scene)
    return person


@pytest.fixture
def team(scene: Scene) -> dict[Role, Actor]:
    return join(scene)


def letter(text: str, post: Post | None = None, **headers: str) -> bytes:
    message = EmailMessage()
    given = {"From": HER, "To": TEAM, "Message-ID": "<reply-1@mailbox.example>"}
    if post is not None:
        given["In-Reply-To"] = post.mails(HER)[-1].headers["message-id"]
    for name, value in (given | {key.replace("_", "-"): value for key, value in headers.items()}).items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


def receive_one(scene: Scene, *raw: bytes) -> int:
    return receive(scene.store.open_work, Tray({str(number): one for number, one in enumerate(raw)}), FROM)


def listed(scene: Scene, by: Actor) -> list[Matter]:
    with scene.work(by, write=False) as work:
        return matters.listed(work, scene.slug, MatterKind.REPLY)


def read(scene: Scene, by: Actor, matter: Matter) -> replies.Letter:
    with scene.work(by, write=False) as work:
        return replies.read_letter(work, matter.id)


def words(scene: Scene, by: Actor, matter: Matter) -> own_words.OwnWords:
    with scene.work(by) as work:
        return own_words.open_for(work, matter.id)


def test_a_reply_stands_on_the_list_with_the_persons_code_and_words(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    assert receive_one(scene, letter("It was too long.", post)) == 1
    (matter,) = listed(scene, team[Role.COORDINATOR])
    found = read(scene, team[Role.COORDINATOR], matter)
    assert found.code == scene.person(her).code
    assert words(scene, team[Role.COORDINATOR], matter) == own_words.OwnWords("It was too long.", "")
    assert (matter.state, matter.urgent, matter.participant_id) == (MatterState.OPEN, False, her)
    assert scene.events(her)[-2:] == ["reply_received", "words_opened"]


def test_the_words_lie_in_the_vault_alone(scene: Scene, post: Post, her: int) -> None:
    receive_one(
        scene, letter("It was too long.", post), letter("Somebody else.", From="x@y.example", Message_ID="<2@y>")
    )
    assert "too long" not in str(content(scene.store))
    assert "Somebody else" not in str(content(scene.store)) and "x@y.example" not in str(content(scene.store))


def test_the_same_mail_twice_is_one_reply(scene: Scene, post: Post, her: int, team: dict[Role, Actor]) -> None:
    raw = letter("Hello", post)
    assert receive_one(scene, raw, raw) == 1
    assert receive_one(scene, raw) == 0
    assert len(listed(scene, team[Role.OWNER])) == 1


def test_who_answers_from_another_address_is_known_by_the_mail_that_they_answer(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    receive_one(scene, letter("From my telephone", post, From="other@mailbox.example"))
    assert listed(scene, team[Role.OWNER])[0].participant_id == her


def test_who_writes_anew_is_known_by_their_address(scene: Scene, her: int, team: dict[Role, Actor]) -> None:
    receive_one(scene, letter("A question", From=f"Her Name <{HER.upper()}>"))
    assert listed(scene, team[Role.OWNER])[0].participant_id == her


def test_a_mail_of_nobody_known_waits_for_somebody_to_say_whose_it_is(
    scene: Scene, her: int, team: dict[Role, Actor]
) -> None:
    receive_one(scene, letter("Please stop", From="new@mailbox.example"))
    (matter,) = listed(scene, team[Role.COORDINATOR])
    assert matter.participant_id is None and matter.urgent
    assert words(scene, team[Role.COORDINATOR], matter).sender == ""
    assert words(scene, team[Role.OWNER], matter).sender == "new@mailbox.example"
    with scene.work(team[Role.COORDINATOR]) as work:
        with pytest.raises(Refused, match="whose mail"):
            replies.answer(work, matter.id, "Hello")
        with pytest.raises(NotFound):
            replies.belongs_to(work, matter.id, "NOBODY")
        replies.belongs_to(work, matter.id, scene.person(her).code.lower())
    assert words(scene, team[Role.OWNER], matter).text == "Please stop"
    assert scene.person(her).suspended_at == scene.now


def test_nothing_that_one_arm_alone_was_sent_reaches_the_team_by_being_quoted(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    mail = post.mails(HER)[-1]
    receive_one(scene, letter(f"Mine.\n\n{mail.text}", post))
    text = words(scene, team[Role.OWNER], listed(scene, team[Role.OWNER])[0]).text
    assert text is not None and text.startswith("Mine.")
    assert not LINK.search(text)
    assert "takes 10 minutes" in mail.text
    assert "takes 10 minutes" not in text


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"Subject": "Out of office: away"}])
def test_a_machines_answer_is_counted_and_asks_nobody(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor], headers: dict[str, str]
) -> None:
    receive_one(scene, letter("Stop", post, **headers))
    assert listed(scene, team[Role.OWNER]) == []
    assert [row["kind"] for row in content(scene.store)["reply"]] == ["auto"]
    assert scene.person(her).suspended_at is None


def test_our_own_mail_is_no_reply(scene: Scene, post: Post, her: int, team: dict[Role, Actor]) -> None:
    receive_one(scene, letter("Hello", Message_ID=post.mails(HER)[-1].headers["message-id"]))
    assert listed(scene, team[Role.OWNER]) == []


# --- stop -----------------------------------------------------------------------------------------------------------


def to_the_reminder(scene: Scene, post: Post) -> None:
    scene.move(hours=2)
    post.deliver(scene)


def the_reminder(scene: Scene, her: int) -> tuple[S, str | None]:
    found = scene.contacts(her, "evening_reminder")[0]
    return found.state, found.reason


def test_stop_suspends_all_mail_at_once_and_is_no_withdrawal(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    receive_one(scene, letter("STOP", post))
    before = len(post.mails(HER))
    to_the_reminder(scene, post)
    assert the_reminder(scene, her) == (S.HELD, "asked_to_stop")
    assert len(post.mails(HER)) == before
    (matter,) = listed(scene, team[Role.OWNER])
    assert matter.urgent and matter.act_by is not None
    assert scene.person(her).stopped is None
    assert not {"stopped_everything", "withdrawal_asked"} & set(scene.events(her))


def test_without_stop_the_reminder_leaves(scene: Scene, post: Post, her: int) -> None:
    receive_one(scene, letter("Please don't stop", post))
    to_the_reminder(scene, post)
    assert the_reminder(scene, her) == (S.ACCEPTED, None)


@pytest.mark.parametrize(
    ("decision", "ended"),
    [
        ("go_on", (S.ACCEPTED, None)), ("everything", (S.SUPPRESSED, "stopped")),
        ("exercises", (S.SUPPRESSED, "stopped")), ("pause", (S.SUPPRESSED, "paused")),
    ],
)  # fmt: skip
def test_a_person_decides_what_stop_meant_and_nothing_is_lost(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor], decision: str, ended: tuple[S, str | None]
) -> None:
    receive_one(scene, letter("stop", post))
    to_the_reminder(scene, post)
    with scene.work(team[Role.COORDINATOR]) as work:
        suspending.decide(work, listed(scene, team[Role.OWNER])[0].id, decision, days=7)
    post.deliver(scene)
    assert the_reminder(scene, her) == ended
    assert scene.person(her).suspended_at is None
    assert scene.person(her).stopped == {"everything": StopLevel.EVERYTHING, "exercises": StopLevel.EXERCISES}.get(
        decision
    )
    assert listed(scene, team[Role.OWNER])[0].state is MatterState.ACTED


def test_a_mail_that_is_too_late_when_somebody_decides_is_not_sent_any_more(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    receive_one(scene, letter("stop", post))
    to_the_reminder(scene, post)
    scene.move(days=20)
    with scene.work(team[Role.COORDINATOR]) as work:
        suspending.decide(work, listed(scene, team[Role.OWNER])[0].id, "go_on")
    post.deliver(scene)
    assert the_reminder(scene, her)[0] in (S.SUPPRESSED, S.SKIPPED_LATE)


# --- answering ------------------------------------------------------------------------------------------------------

WORDS = "Dear participant,\n\n*no* marks_here: 1. and # stay as they are.\nA second line <b>.\n\nThe team"


def test_an_answer_goes_out_in_the_words_of_the_team_even_to_who_is_suspended(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    receive_one(scene, letter("Stop", post))
    (matter,) = listed(scene, team[Role.COORDINATOR])
    with scene.work(team[Role.COORDINATOR]) as work:
        replies.answer(work, matter.id, WORDS)
    post.deliver(scene)
    mail = post.mails(HER)[-1]
    assert WORDS in mail.text
    assert "<b>" not in mail.html and "&lt;b&gt;" in mail.html and "<em>" not in mail.html
    assert read(scene, team[Role.OWNER], matter).answers == (WORDS,)
    assert "Dear participant" not in str(content(scene.store))


def test_who_may_not_act_on_replies_neither_reads_nor_answers_them(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    receive_one(scene, letter("Hello", post))
    (matter,) = listed(scene, team[Role.OWNER])
    with scene.work(team[Role.STATISTICIAN]) as work:
        for act in (
            lambda: replies.read_letter(work, matter.id),
            lambda: replies.answer(work, matter.id, "Hello"),
            lambda: replies.belongs_to(work, matter.id, "X"),
            lambda: suspending.decide(work, matter.id, "go_on"),
        ):
            with pytest.raises(NotAllowed):
                act()


# --- mail that came back, and where mail comes in -------------------------------------------------------------------


def report(message_id: str, status: str = "5.1.1") -> bytes:
    return (
        f"From: MAILER-DAEMON@mail.example\nTo: {FROM}\nMessage-ID: <b@mail.example>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example\n\n"
        f"Final-Recipient: rfc822; {HER}\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; 550 {status} no\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {message_id}\n\n--b--\n"
    ).encode()


def test_a_mail_that_comes_back_later_marks_the_address_and_opens_one_matter(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    receive_one(scene, report(post.mails(HER)[-1].headers["message-id"]))
    assert scene.person(her).bounced_at == scene.now
    assert scene.contacts(her, "evening")[0].state is S.BOUNCED
    with scene.work(team[Role.COORDINATOR], write=False) as work:
        assert len(matters.listed(work, scene.slug, MatterKind.MISSING_MAIL)) == 1
        assert matters.listed(work, scene.slug, MatterKind.REPLY) == []


def test_nobody_can_make_up_a_bounce_for_somebody_else(scene: Scene, her: int) -> None:
    receive_one(scene, report("<0123456789abcdef0123456789abcdef@trial.example>"))
    assert scene.person(her).bounced_at is None


@ON_SQLITE
def test_the_local_mailbox_gives_what_went_to_the_study_and_not_what_went_to_people(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    parts = urlsplit(post.server.url)
    with smtplib.SMTP(parts.hostname, parts.port) as smtp:
        smtp.sendmail(HER, [TEAM], letter("By way of the mailbox", post))
    times = iter([0.0, 0.0, 30.0, 61.0, 61.0])
    postman = Postman(LocalMailbox(post.server.directory), FROM, clock=lambda: next(times))
    assert [postman.look(scene.store.open_work) for _ in range(3)] == [1, 0, 0]
    (matter,) = listed(scene, team[Role.OWNER])
    assert words(scene, team[Role.OWNER], matter).text == "By way of the mailbox"


@ON_SQLITE
def test_an_erased_persons_words_are_gone(scene: Scene, post: Post, her: int, team: dict[Role, Actor]) -> None:
    receive_one(scene, letter("My words", post))
    with scene.work() as work:
        vault.destroy(work, her)
    assert words(scene, team[Role.OWNER], listed(scene, team[Role.OWNER])[0]).text is None


def test_what_is_held_for_one_person_is_not_released_with_another(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    receive_one(scene, letter("Stop", post))
    to_the_reminder(scene, post)
    with scene.work() as work:
        assert held.release_held_of(work, her + 1) == 0
    assert the_reminder(scene, her)[0] is S.HELD
