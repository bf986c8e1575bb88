"""Mail leaves by a real mail server, Postfix, which takes it, cannot deliver it and says so by mail: all the way round.

Six people: one who reads, one whose program answers that she is away, one whose address does not exist, one whose
mailbox is full today, one whose mailbox is full for good, one whose server does not want our mails. What comes back
lies in a maildir that is read, or is handed over by the script of the operator's guide.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Literal

import pytest

from tests.servers.http import served
from tests.servers.postfix import PostfixServer, place_script, python, why_not
from tests.services.team import COORDINATOR, OWNER, TeamScene, address
from tests.services.test_incoming import SECRET, script
from tests.services.test_replies import report
from tests.storage.stores import ON_SQLITE, content
from trial.core.access import SYSTEM
from trial.core.delivery import ContactState
from trial.core.matters import Matter, MatterKind
from trial.core.return_addresses import without_mark
from trial.mail.inbox import Folder
from trial.mail.mailer import Envelope
from trial.mail.smtp import SmtpMailer
from trial.services import matters, troubles
from trial.services.delivery import Sender
from trial.services.replies import Postman
from trial.storage import mail_counts
from trial.storage.work import Store
from trial.web.incoming import PATH, HandingOver
from trial.web.participant.app import create_participant_app
from workers.timetable import tick

S = ContactState
FROM, BOUNCES = "study@trial.example", "bounces@trial.example"
EVERYBODY = READS, AWAY, GONE, FULL, STUFFED, UNWANTED = tuple(
    f"{name}@mailbox.example" for name in ("reads", "away", "gone", "full", "stuffed", "unwanted")
)
SECONDS = 30.0
ANSWERS = """
import email, smtplib, sys
sender, recipient, port = sys.argv[1:]
mail = email.message_from_binary_file(sys.stdin.buffer)
answer = email.message.EmailMessage()
answer["From"], answer["To"], answer["Subject"] = recipient, sender, "Away until Monday"
answer["Auto-Submitted"], answer["Message-ID"] = "auto-replied", "<away-1@mailbox.example>"
answer["In-Reply-To"] = mail["Message-ID"]
answer.set_content("I am away. Stop.")
with smtplib.SMTP("127.0.0.1", int(port)) as client:
    client.send_message(answer, "", [sender])
"""

pytestmark = [pytest.mark.servers, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]


class Relay(PostfixServer):
    """Postfix with these people, the team, and a way in for what comes back: a maildir, or the script of the guide."""

    def __init__(self, *, way_in: Literal["maildir", "script"] = "maildir", forgets: bool = False) -> None:
        comes_in = {FROM: "study", BOUNCES: "study"}
        transports = {
            FULL: "retry:4.2.2 the mailbox is full",
            STUFFED: "error:5.2.2 the mailbox is full",
            UNWANTED: "error:5.7.26 mail from trial.example is not authenticated",
            AWAY: "vacation:",
        }
        if way_in == "script":
            transports |= dict.fromkeys(comes_in, "equipoise:")
        team = dict.fromkeys((address(OWNER), address(COORDINATOR)), "team")
        super().__init__(boxes={READS: "reads"} | team | comes_in, transports=transports, forgets=forgets)

    def _configure(self) -> None:
        scripts = self.folder / "scripts"
        away = place_script(scripts, "away.py", ANSWERS)
        over = place_script(scripts, "equipoise-mail", script())
        self.agents = {
            "vacation": f"{python()} {away} ${{sender}} ${{recipient}} {self.port}",
            "equipoise": f"{python()} {over} {scripts / 'settings'}",
        }
        super()._configure()

    def hands_over_to(self, address: str) -> None:
        place_script(self.folder / "scripts", "settings", f"{address}\n{SECRET}\n")


@pytest.fixture(scope="module")
def relays() -> Iterator[Callable[..., Relay]]:
    """Started when they are first asked for, once a file."""
    started: dict[object, Relay] = {}
    with ExitStack() as stack:

        def relay(**kind: object) -> Relay:
            key = tuple(sorted(kind.items()))
            if key not in started:
                started[key] = stack.enter_context(Relay(**kind))  # type: ignore[arg-type]
            return started[key]

        yield relay


@dataclass
class Loop:
    """A trial whose worker sends by the relay and takes in what comes back."""

    scene: TeamScene
    relay: Relay
    sender: Sender
    postman: Postman | None
    people: dict[str, int]

    def goes_round(self, done: Callable[[], bool]) -> None:
        """Ticks of the worker until it is so; a real mail server takes its time."""
        until = time.monotonic() + SECONDS
        while not done():
            assert time.monotonic() < until, f"{content(self.scene.store)['reply']}\n{self.relay.last_words(60)}"
            tick(self.scene.store.open_work, self.sender, self.postman)
            time.sleep(0.05)

    def kinds(self) -> list[str]:
        return sorted(row["kind"] for row in content(self.scene.store)["reply"])

    def state(self, address: str) -> tuple[S, str | None]:
        (contact,) = self.scene.contacts(self.people[address])
        return contact.state, contact.reason

    def listed(self, kind: MatterKind) -> list[Matter]:
        with self.scene.work(self.scene.actor(COORDINATOR), write=False) as work:
            return matters.listed(work, self.scene.slug, kind)


@contextmanager
def looped(store: Store, relay: Relay, *, bounces: str, way_in: str = "maildir") -> Iterator[Loop]:
    for name in ("study", "reads", "team"):
        for one in relay.arrived(name):  # of the test before
            one.unlink()
    scene = TeamScene(store)
    people = {one: scene.to_code(one)[1] for one in EVERYBODY}
    with ExitStack() as stack:
        mailer = stack.enter_context(closing(SmtpMailer(relay.url)))
        sender = Sender(mailer, FROM, "worker", account="study@relay", bounces=bounces)
        postman = Postman(Folder(relay.box("study")), FROM, every=0, bounces=bounces)
        if way_in == "script":
            by = HandingOver(SECRET.encode(), bounces)
            app = create_participant_app(
                open_work=store.open_work, secret=b"s" * 32, https=False, ring=lambda: None, hosts=["127.0.0.1"],
                incoming=by,
            )  # fmt: skip
            relay.hands_over_to(stack.enter_context(served(app)) + PATH)
        yield Loop(scene, relay, sender, postman if way_in == "maildir" else None, people)


def all_came_back(loop: Loop) -> Callable[[], bool]:
    """Three reports of failures, one of a delay, one answer of a machine."""
    return lambda: len(loop.kinds()) >= 5 and len(loop.relay.arrived("reads")) == 1


WAYS = [("maildir", BOUNCES), ("maildir", ""), ("script", BOUNCES)]


@ON_SQLITE
@pytest.mark.parametrize(("way_in", "bounces"), WAYS, ids=["maildir, an address each", "maildir", "handed over"])
def test_what_a_real_mail_server_sends_back_finds_its_mail_and_does_to_each_person_what_it_should(
    store: Store, relays: Callable[..., Relay], way_in: Literal["maildir", "script"], bounces: str
) -> None:
    relay = relays(way_in=way_in)
    with looped(store, relay, bounces=bounces, way_in=way_in) as loop:
        loop.goes_round(all_came_back(loop))
        scene, people = loop.scene, loop.people
        assert loop.kinds() == ["auto", "auto", "bounce", "bounce", "bounce"]
        # the address that does not exist: the contact came back, the person is marked, the desk has it
        assert loop.state(GONE) == (S.BOUNCED, "address_refused")
        assert [name for name, one in people.items() if scene.person(one).bounced_at] == [GONE]
        assert "address_bounced" in scene.events(people[GONE])
        missing = {one.participant_id: one.cause for one in loop.listed(MatterKind.MISSING_MAIL)}
        assert missing == {people[GONE]: "bounced", people[STUFFED]: "failed", people[UNWANTED]: "failed"}
        # a mailbox that is full for good: this mail failed, the address may be right
        assert loop.state(STUFFED) == (S.FAILED, "refused")
        # a full mailbox: a notice of delay breaks nothing, for the other server goes on trying
        assert loop.state(FULL) == (S.ACCEPTED, None)
        # a server that does not want us says nothing about the person, and the team is told
        assert loop.state(UNWANTED) == (S.FAILED, "refused_by_policy")
        with scene.work(scene.actor(COORDINATOR), write=False) as work:
            (standing,) = troubles.standing(work)
        assert standing.by_report and "5.7.26" in standing.said
        loop.goes_round(lambda: len(relay.arrived("team")) == 2)
        assert all("5.7.26" in one.read_text() for one in relay.arrived("team"))
        # a machine's answer is nobody's words, though it says "Stop"
        assert loop.state(AWAY) == (S.ACCEPTED, None) and scene.person(people[AWAY]).suspended_at is None
        assert loop.listed(MatterKind.REPLY) == []
        whose = {row["participant_id"] for row in content(store)["reply"]}
        assert whose == {people[one] for one in (AWAY, GONE, FULL, STUFFED, UNWANTED)}
        assert loop.state(READS) == (S.ACCEPTED, None)
        # nothing more goes to the dead address, and everybody else is written to as before
        (mail,) = loop.relay.arrived("reads")
        came_from = next(line for line in mail.read_text().splitlines() if line.startswith("Return-Path:"))
        assert without_mark(came_from.split("<")[1].rstrip(">")) == (bounces or FROM)
        assert ("+" in came_from) == bool(bounces)


@ON_SQLITE
@pytest.mark.parametrize("bounces", [BOUNCES, ""], ids=["an address each", "the naive control"])
def test_where_the_relay_forgets_the_message_id_only_the_address_tells_which_mail_came_back(
    store: Store, relays: Callable[..., Relay], bounces: str
) -> None:
    with looped(store, relays(forgets=True), bounces=bounces) as loop:
        loop.goes_round(lambda: loop.kinds().count("bounce") == 3)
        marked = [name for name, one in loop.people.items() if loop.scene.person(one).bounced_at]
        assert marked == ([GONE] if bounces else [])


@ON_SQLITE
def test_a_report_that_somebody_made_up_comes_in_by_the_same_way_and_changes_nothing(
    store: Store, relays: Callable[..., Relay]
) -> None:
    relay = relays(way_in="maildir")
    with looped(store, relay, bounces=BOUNCES) as loop:
        loop.goes_round(all_came_back(loop))
        made_up = f"bounces+{'0' * 32}@trial.example"
        raw = report("<0123456789abcdef0123456789abcdef@trial.example>").replace(FROM.encode(), made_up.encode())
        before = {name: loop.state(name) for name in loop.people}
        with closing(SmtpMailer(relay.url)) as mailer:
            assert mailer.send(Envelope("daemon@mail.example", made_up), lambda: raw).kind == "accepted"

        def counted() -> int:
            with store.open_work(SYSTEM, write=False) as work:
                found = mail_counts.counted(work, mail_counts.MADE_UP)
            return found.number if found else 0

        loop.goes_round(lambda: counted() == 1)
        assert {name: loop.state(name) for name in loop.people} == before
