"""Where replies come in: a maildir, an mbox file, an IMAP server; nothing is deleted and nothing is lost."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from trial.core.errors import Unavailable
from trial.mail.inbox import Folder, Imap, Inbox, Mbox, inbox_at

NOBODY: frozenset[str] = frozenset()
MAIL = b"From: her@mailbox.example\nMessage-ID: <%d@mailbox.example>\n\nHello %d\n"


def mail(number: int) -> bytes:
    return MAIL % (number, number)


def take(inbox: Inbox, *, done: bool = True) -> list[bytes]:
    found = []
    for one in inbox.unread(NOBODY):
        found.append(one.raw.split(b"\n\n")[-1].split(b"\n")[0])
        if done:
            inbox.done(one.key)
    return found


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    return tmp_path / "box"


def test_a_mail_in_a_maildir_is_read_once_and_kept_as_seen(maildir: Path) -> None:
    (maildir / "new" / "1.a").write_bytes(mail(1))
    assert take(inbox_at(maildir)) == [b"Hello 1"]
    assert [one.name for one in (maildir / "cur").iterdir()] == ["1.a:2,S"]
    assert take(Folder(maildir)) == []


def test_a_mail_that_was_not_taken_care_of_comes_again(maildir: Path) -> None:
    (maildir / "new" / "1.a").write_bytes(mail(1))
    inbox = Folder(maildir)
    assert take(inbox, done=False) == take(inbox, done=False) == [b"Hello 1"]


def test_two_workers_on_one_maildir_do_not_trip_over_each_other(maildir: Path) -> None:
    (maildir / "new" / "1.a").write_bytes(mail(1))
    one, other = Folder(maildir), Folder(maildir)
    (letter,) = one.unread(NOBODY)
    other.done(letter.key)
    one.done(letter.key)
    assert take(one) == []


def test_a_maildir_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert take(Folder(tmp_path / "none")) == []


def mbox(path: Path, *numbers: int) -> Path:
    with path.open("ab") as file:
        for one in numbers:
            file.write(b"From her@mailbox.example Mon Mar  4 09:00:00 2041\n" + mail(one) + b"\n")
    return path


def test_an_mbox_file_is_read_from_where_reading_stopped_and_never_written(tmp_path: Path) -> None:
    path = mbox(tmp_path / "box", 1, 2)
    inbox = inbox_at(path)
    assert isinstance(inbox, Mbox)
    before = path.read_bytes()
    assert take(inbox) == [b"Hello 1", b"Hello 2"]
    assert take(inbox) == []
    assert path.read_bytes() == before
    mbox(path, 3)
    assert take(inbox) == [b"Hello 3"]
    path.write_bytes(b"")
    assert take(inbox) == []
    mbox(path, 4)
    assert take(inbox) == [b"Hello 4"]


class Server:
    """As much of an IMAP server as a reader of mail meets (RFC 3501)."""

    def __init__(self, *mails: bytes, password: str = "secret") -> None:
        self.mails = dict(enumerate(mails, start=101))
        self.password = password
        self.seen: set[int] = set()
        self.commands: list[str] = []
        self.port = 0

    def converse(self, talk: socket.socket) -> None:
        file = talk.makefile("rwb")

        def say(line: bytes) -> None:
            file.write(line + b"\r\n")
            file.flush()

        say(b"* OK ready")
        while line := file.readline():
            tag, _, rest = line.strip().partition(b" ")
            self.commands.append(rest.decode())
            say((self.answer(rest.decode(), say) and tag + b" OK done") or tag + b" NO no")

    def answer(self, rest: str, say) -> bool:  # type: ignore[no-untyped-def]
        words = rest.upper().split()
        if words[0] == "CAPABILITY":
            say(b"* CAPABILITY IMAP4rev1")
        elif words[0] == "LOGIN":
            return rest.endswith(f'"{self.password}"')
        elif words[0] == "SELECT":
            say(b"* %d EXISTS" % len(self.mails))
        elif words[:2] == ["UID", "SEARCH"]:
            unseen = [str(one).encode() for one in self.mails if one not in self.seen]
            say(b"* SEARCH " + b" ".join(unseen))
        elif words[:2] == ["UID", "FETCH"]:
            raw = self.mails[int(words[2])]
            say(b"* 1 FETCH (UID %s BODY[]<0> {%d}\r\n%s)" % (words[2].encode(), len(raw), raw))
        elif words[:2] == ["UID", "STORE"]:
            assert words[3:] == ["+FLAGS.SILENT", "(\\SEEN)"]
            self.seen.add(int(words[2]))
        return True


@contextmanager
def imap(server: Server) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        server.port = listening.getsockname()[1]

        def accept() -> None:
            try:
                talk, _ = listening.accept()
            except OSError:
                return
            with talk:
                server.converse(talk)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"imap://replies%40study.example:secret@127.0.0.1:{server.port}"


def test_an_imap_mailbox_is_read_by_what_is_unseen_and_each_mail_marked_once_it_is_done() -> None:
    server = Server(mail(1), mail(2))
    with imap(server) as url:
        inbox = Imap(url)
        assert take(inbox, done=False) == [b"Hello 1", b"Hello 2"]
        assert server.seen == set()
        assert take(inbox) == [b"Hello 1", b"Hello 2"]
        assert server.seen == {101, 102}
        assert take(inbox) == []
        server.mails[103] = mail(3)
        assert take(inbox) == [b"Hello 3"]
    assert not [one for one in server.commands if "EXPUNGE" in one.upper() or "DELETED" in one.upper()]


def test_an_imap_server_that_says_no_is_named_without_the_password() -> None:
    with imap(Server(password="other")) as url, pytest.raises(Unavailable) as found:
        take(Imap(url))
    assert "EQUIPOISE_IMAP_URL" in str(found.value)
    assert "secret" not in str(found.value)


@pytest.mark.parametrize("url", ["", "http://a@b", "imaps://host", "imaps://:password@host"])
def test_an_address_that_is_none_of_an_imap_mailbox_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="imaps://"):
        Imap(url)
