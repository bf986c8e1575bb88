"""A database, broker or mail server that does not answer is named with its setting, and so is an unusable place."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import LOCATED, Shell
from tests.servers.process import free_port

PROTOCOL = "shapira-mongrain-2010"
ON_A_TRIAL = [
    ("open", PROTOCOL, "--test", "--placeholder-wording"),
    ("status", "evenings"),
    ("pause", "evenings"),
    ("resume", "evenings"),
    ("close", "evenings"),
    ("freeze", "evenings", "--out", "frozen"),
    ("member", "list", "evenings"),
    ("member", "add", "evenings", "A. Person", "owner"),
    ("migrate",),
    ("serve",),
    ("demo", "--participants", "2", "--out", "lived"),
]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield int(door.getsockname()[1])


@pytest.mark.parametrize("words", ON_A_TRIAL, ids=lambda words: " ".join(words[:2]))
def test_a_dead_database_is_named_with_its_setting_and_without_its_password(
    equipoise: Shell, words: tuple[str, ...]
) -> None:
    address = f"postgresql+psycopg://anna:hunter2@127.0.0.1:{free_port()}/trial"
    said = equipoise.refused(3, *words, "--database-url", address)
    assert "EQUIPOISE_DATABASE_URL (--database-url)" in said and "database does not answer" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "address", ["nonsense", "mysql://anna:hunter2@host/trial", "http://127.0.0.1", "://", "sqlite"]
)
def test_what_is_no_address_of_a_database_is_refused_without_repeating_it(equipoise: Shell, address: str) -> None:
    said = equipoise.refused(2, "status", "evenings", DATABASE_URL=address)
    assert "EQUIPOISE_DATABASE_URL" in said and "postgresql+psycopg://" in said
    assert "hunter2" not in said


def test_a_dead_broker_is_named_with_its_setting(equipoise: Shell) -> None:
    broker = f"redis://127.0.0.1:{free_port()}/0"
    said = equipoise.refused(3, "demo", "--participants", "2", "--out", "lived", "--broker-url", broker)
    assert "EQUIPOISE_BROKER_URL (--broker-url)" in said


def test_a_dead_mail_server_is_named_with_its_setting_before_anything_is_served(equipoise: Shell, trial: str) -> None:
    dead = f"smtp://anna:hunter2@127.0.0.1:{free_port()}"
    said = equipoise.refused(3, "serve", "--home", "home", "--port", "0", SMTP_URL=dead)
    assert "EQUIPOISE_SMTP_URL" in said and "hunter2" not in said


@pytest.mark.parametrize("address", ["nonsense", "http://127.0.0.1:25", "smtp://", "smtp://127.0.0.1:port"])
def test_what_is_no_address_of_a_mail_server_is_refused(equipoise: Shell, trial: str, address: str) -> None:
    said = equipoise.refused(2, "serve", "--home", "home", "--port", "0", SMTP_URL=address)
    assert "EQUIPOISE_SMTP_URL" in said and "smtp://host:port" in said


def test_a_certificate_without_its_key_or_one_that_is_none_is_named(
    equipoise: Shell, trial: str, tmp_path: Path
) -> None:
    serve = ("serve", "--home", "home", "--port", "0")
    (tmp_path / "some.pem").write_text("no certificate")
    found = str(tmp_path / "some.pem")
    assert "EQUIPOISE_TLS_KEY: is not set" in equipoise.refused(2, *serve, TLS_CERTIFICATE=found)
    assert "there is no file" in equipoise.refused(2, *serve, TLS_CERTIFICATE=found, TLS_KEY="nowhere.pem")
    assert "cannot be used" in equipoise.refused(2, *serve, TLS_CERTIFICATE=found, TLS_KEY=found)


def test_a_setting_that_cannot_be_read_is_named(equipoise: Shell) -> None:
    said = equipoise.refused(2, "status", "evenings", TICK_SECONDS="often")
    assert said.startswith("EQUIPOISE_TICK_SECONDS: ")


@pytest.mark.parametrize("effect", ["nan", "inf", "-inf"])
def test_an_effect_that_is_no_number_is_refused(equipoise: Shell, effect: str, tmp_path: Path) -> None:
    assert "--effect" in equipoise.refused(2, "demo", "--out", "lived", "--effect", effect)
    assert not (tmp_path / "lived").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("status", "evenings", "--home", "thesis.txt"),
        ("open", PROTOCOL, "--test", "--placeholder-wording", "--home", "thesis.txt"),
        ("open", PROTOCOL, "--test", "--placeholder-wording", "--home", "thesis.txt/deeper"),
        ("demo", "--participants", "2", "--out", "thesis.txt"),
        ("mailbox", "--home", "thesis.txt", "--smtp-port", "0"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_file_where_a_folder_is_wanted_is_named_and_left_as_it_was(
    equipoise: Shell, words: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    first = equipoise.refused(2, *words).splitlines()[0]
    assert first.startswith("thesis.txt") and LOCATED.match(first)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_home_whose_database_is_none_is_named(equipoise: Shell, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "equipoise.sqlite").write_text("dear diary, " * 100)
    assert "not a database" in equipoise.refused(3, "status", "evenings", "--home", "home")


@pytest.mark.parametrize("content", ["", "zz" * 32, "ab" * 31])
def test_a_key_that_was_damaged_is_named_and_never_replaced(
    equipoise: Shell, trial: str, content: str, tmp_path: Path
) -> None:
    key = tmp_path / "home" / "keys" / "vault.key"
    key.write_text(content)
    said = equipoise.refused(2, "status", trial, "--home", "home")
    assert said.startswith("home/keys/vault.key: ") and "backup" in said
    assert key.read_text() == content


@pytest.mark.parametrize("marker", ["", "{", "[]", '{"finished": false}', '{"finished": "yes"}'])
def test_a_demo_that_did_not_say_it_finished_is_not_shown(equipoise: Shell, marker: str, tmp_path: Path) -> None:
    (tmp_path / "lived").mkdir()
    (tmp_path / "lived" / "rehearsal.json").write_text(marker)
    said = equipoise.refused(2, "serve", "--home", "lived", "--port", "0")
    assert "equipoise demo --out lived" in said


def test_a_port_that_is_taken_is_named_and_nothing_is_served_by_halves(
    equipoise: Shell, trial: str, taken: int
) -> None:
    before = sorted(Path("home").iterdir())
    said = equipoise.refused(1, "serve", "--home", "home", "--port", str(taken))
    assert f"Port {taken}" in said and "--port" in said
    said = equipoise.refused(1, "serve", "--home", "home", "--port", str(taken - 1))
    assert f"Port {taken}" in said or f"Port {taken - 1}" in said
    assert sorted(Path("home").iterdir()) == before


def test_beyond_the_last_port_there_is_no_room_for_the_desk(equipoise: Shell, trial: str) -> None:
    said = equipoise.refused(1, "serve", "--home", "home", "--port", "65535")
    assert "--port" in said


def test_a_mailbox_on_a_port_that_is_taken_says_so(equipoise: Shell, taken: int) -> None:
    said = equipoise.refused(1, "mailbox", "--home", "home", "--smtp-port", str(taken))
    assert f"Port {taken}" in said and "--smtp-port" in said


def test_only_the_two_applications_can_be_named(equipoise: Shell, trial: str) -> None:
    assert "public or desk" in equipoise.refused(2, "serve", "--home", "home", "--only", "everything")


def test_a_proxy_that_is_no_address_is_refused_with_its_setting(equipoise: Shell) -> None:
    said = equipoise.refused(2, "status", "evenings", TRUSTED_PROXIES="10.0.0.0/8, proxy.example.org")
    assert "EQUIPOISE_TRUSTED_PROXIES" in said and "'proxy.example.org'" in said
