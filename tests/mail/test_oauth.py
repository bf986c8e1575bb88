"""A mail account without a password: tokens from a server of tokens, XOAUTH2 to a mail server, both real and local."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiosmtpd.smtp import AuthResult

from tests.mail.test_smtp_encrypted import Keeper, running
from trial.core.errors import BadInput, Unavailable
from trial.mail.mailer import Envelope
from trial.mail.oauth import Tokens, tokens_of
from trial.mail.smtp import SmtpMailer

TO_HER = Envelope("study@trial.example", "her@mailbox.example")


class Tokenhouse:
    """Gives `token-1`, `token-2` and so on, or what `says` says; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.says: tuple[int, bytes] | None = None

    def answer(self, fields: dict[str, str]) -> tuple[int, bytes]:
        self.asked.append(fields)
        good = {"access_token": f"token-{len(self.asked)}", "expires_in": 3600, "token_type": "Bearer"}
        return self.says or (200, json.dumps(good).encode())


@pytest.fixture
def house() -> Iterator[tuple[Tokenhouse, str]]:
    kept = Tokenhouse()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, said = kept.answer({name: values[0] for name, values in parse_qs(body).items()})
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield kept, f"http://127.0.0.1:{server.server_port}/token"
    server.shutdown()
    thread.join()
    server.server_close()


def file_of(folder: Path, **about: str) -> Path:
    path = folder / "account.json"
    path.write_text(json.dumps(about), encoding="utf-8")
    return path


class Relay(Keeper):
    """Takes the tokens in `good` and no other; says what is wrong as Google does, and waits for the empty line."""

    def __init__(self, good: set[str]) -> None:
        super().__init__()
        self.good, self.seen = good, []

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:
        said = base64.b64decode(args[1]).decode()
        self.seen.append(said)
        account, _, rest = said.partition("\x01auth=Bearer ")
        token, ends = rest[:-2], rest[-2:]
        if account == "user=study@trial.example" and ends == "\x01\x01" and token in self.good:
            return AuthResult(success=True)
        complaint = json.dumps({"status": "401", "schemes": "bearer"})
        assert await server.challenge_auth(complaint) == b""
        return AuthResult(success=False, handled=False, message="535 5.7.8 Username and Password not accepted")


@contextmanager
def mailer_to(relay: Relay, tokens: Tokens) -> Iterator[SmtpMailer]:
    with running(relay, auth_require_tls=False, auth_required=True) as port:
        mailer = SmtpMailer(f"smtp://study%40trial.example@127.0.0.1:{port}", tokens=tokens)
        yield mailer
        mailer.close()


def test_mail_leaves_with_a_token_that_is_fetched_once(house: tuple[Tokenhouse, str], tmp_path: Path) -> None:
    kept, url = house
    tokens = tokens_of(file_of(tmp_path, token_url=url, client_id="us", client_secret="hush", refresh_token="long"))
    relay = Relay({"token-1"})
    with mailer_to(relay, tokens) as mailer:
        for _ in range(3):
            assert mailer.send(TO_HER, lambda: b"Subject: x\r\n\r\ny\r\n").kind == "accepted"
        mailer.close()
        assert mailer.send(TO_HER, lambda: b"Subject: x\r\n\r\ny\r\n").kind == "accepted"
    assert kept.asked == [
        {"grant_type": "refresh_token", "client_id": "us", "client_secret": "hush", "refresh_token": "long"}
    ]
    assert len(relay.mails) == 4


def test_a_client_may_act_for_itself(house: tuple[Tokenhouse, str], tmp_path: Path) -> None:
    kept, url = house
    assert tokens_of(file_of(tmp_path, token_url=url, client_id="us", client_secret="s", scope="mail")).token()
    assert kept.asked[0] == {
        "grant_type": "client_credentials", "client_id": "us", "client_secret": "s", "scope": "mail",
    }  # fmt: skip


def test_a_token_is_renewed_before_it_lapses_and_when_the_server_refuses_it(
    house: tuple[Tokenhouse, str], tmp_path: Path
) -> None:
    _, url = house
    now = 0.0
    tokens = tokens_of(file_of(tmp_path, token_url=url, client_id="us", refresh_token="long"))
    tokens.clock = lambda: now
    assert (tokens.token(), tokens.token()) == ("token-1", "token-1")
    now = 3600 - 61
    assert tokens.token() == "token-1"
    now = 3600 - 59
    assert tokens.token() == "token-2"
    with mailer_to(Relay({"token-3"}), tokens) as mailer:
        assert mailer.send(TO_HER, lambda: b"Subject: x\r\n\r\ny\r\n").kind == "accepted"


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (
            (400, b'{"error": "invalid_grant", "error_description": "Token has been expired"}'),
            "invalid_grant Token has",
        ),
        ((500, b"{}"), "500"),
        ((200, b"<html>"), "Expecting value"),
        ((200, b'{"token_type": "Bearer"}'), "200 without an access token"),
        ((200, b'{"access_token": "a\\r\\nb"}'), "200 without an access token"),
        ((302, b'{"access_token": "a"}'), "302"),
    ],
)
def test_without_a_token_mail_is_put_off_and_the_setting_is_named(
    house: tuple[Tokenhouse, str], tmp_path: Path, says: tuple[int, bytes], words: str
) -> None:
    kept, url = house
    kept.says = says
    tokens = tokens_of(file_of(tmp_path, token_url=url, client_id="us", client_secret="hush", refresh_token="long"))
    with mailer_to(Relay(set()), tokens) as mailer:
        reply = mailer.send(TO_HER, lambda: b"x")
        assert (reply.kind, reply.stage) == ("deferred", "connect")
        with pytest.raises(Unavailable) as told:
            mailer.check()
    assert words in str(told.value) and "EQUIPOISE_SMTP_OAUTH" in str(told.value)
    assert not {"hush", "long"} & set(str(told.value).split())


def test_an_account_that_is_refused_twice_puts_mail_off_and_tells_no_token(
    house: tuple[Tokenhouse, str], tmp_path: Path
) -> None:
    kept, url = house
    tokens = tokens_of(file_of(tmp_path, token_url=url, client_id="us", refresh_token="long"))
    with mailer_to(Relay(set()), tokens) as mailer:
        reply = mailer.send(TO_HER, lambda: b"x")
    assert (reply.kind, reply.code) == ("deferred", 535)
    assert len(kept.asked) == 2
    assert "token-" not in reply.text and "token-" not in repr(tokens)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("[1]", "no list of names"),
        ('{"token_url": 3}', "no list of names"),
        ('{"token_url": "https://t.example", "client": "x"}', "'client' is unknown"),
        ('{"client_id": "x", "scope": "y"}', "token_url is missing"),
        ('{"token_url": "https://t.example", "client_id": "x"}', "neither refresh_token nor scope"),
        ('{"token_url": "http://t.example", "client_id": "x", "scope": "y"}', "no https address"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_before_any_mail_is_tried(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "account.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        tokens_of(path)
    with pytest.raises(BadInput, match="cannot be read"):
        tokens_of(tmp_path / "nowhere.json")
