"""`serve` and `mailbox` as processes: they say where they listen, go on without a broker, and end when asked."""

from __future__ import annotations

import re
import signal
import smtplib
from email.message import EmailMessage
from pathlib import Path

import uvicorn

from tests.servers.process import free_port
from tests.system.commands import PROTOCOL, equipoise, running, wait_for
from tests.system.serving import Visitor, answers
from trial.cli.serving import OPTIONS
from trial.mail.mailbox_files import read_mail


def test_the_mailbox_command_keeps_a_mail_and_ends_when_it_is_interrupted(tmp_path: Path) -> None:
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = "Hello", "team@trial.example.org", "robin@mailbox.example"
    letter.set_content("A line.")
    with running("mailbox", "--home", "home", "--smtp-port", "0", cwd=tmp_path) as process:
        told = tmp_path / "out"
        found = wait_for(lambda: re.match(r"listening (\S+) (\d+)\n", told.read_text()), process=process)
        assert found[1] == "127.0.0.1"
        with smtplib.SMTP(found[1], int(found[2]), local_hostname="[127.0.0.1]") as client:
            client.send_message(letter)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    mail = read_mail(tmp_path / "home" / "mailbox", 1)
    assert (mail.envelope_to, mail.subject, mail.text) == ("robin@mailbox.example", "Hello", "A line.\n")
    assert (tmp_path / "err").read_text() == ""


def test_the_server_does_not_put_a_forwarding_header_in_the_place_of_who_asked() -> None:
    """It would by itself, for everybody on this machine; our own rule asks for the proxies that were named."""
    asked_by_the_server, by_itself = (uvicorn.Config(lambda: None, **given) for given in (OPTIONS, {}))
    assert by_itself.proxy_headers and not asked_by_the_server.proxy_headers


def test_without_its_broker_the_pages_go_on_and_the_setting_is_named(tmp_path: Path) -> None:
    """Losing the broker costs punctuality, never what somebody typed."""
    assert equipoise("open", PROTOCOL, "--test", "--placeholder-wording", "--home", "home", cwd=tmp_path).code == 0
    broker, port = f"redis://127.0.0.1:{free_port()}/0", free_port()
    words = ("serve", "--home", "home", "--only", "public", "--port", str(port), "--broker-url", broker)
    with running(*words, cwd=tmp_path) as process:
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(address), process=process)
        visitor = Visitor(address)
        visitor.get(f"/{PROTOCOL}/notice")
        visitor.submit(visitor.page.form, {"agree": "yes"})
        visitor.submit(visitor.page.form, {"age": "44", "reads_english": "yes", "daily_email": "yes"})
        visitor.submit(visitor.page.form, {"email": "robin@mailbox.example", "zone": "Europe/Berlin"})
        assert visitor.page.status == 200 and visitor.page.path == f"/{PROTOCOL}/code"
        said = (tmp_path / "err").read_text()
        assert "the broker could not be reached" in said and "EQUIPOISE_BROKER_URL" in said
        assert said.count("Redis does not answer") == 1
        assert "Traceback" not in (tmp_path / "err").read_text()
        assert "team" not in (tmp_path / "out").read_text()
