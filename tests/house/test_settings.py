"""Each setting stands, with a line that explains it, wherever somebody looks for it before a server runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from ruamel.yaml import YAML

from trial.cli.places import settings_of
from trial.core.errors import BadInput
from trial.settings import Settings

ROOT = Path(__file__).parents[2]
NAMES = {f"EQUIPOISE_{name}".upper() for name in Settings.model_fields}
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
# what a proxy in front of the containers has
BY_THE_PROXY = {"EQUIPOISE_TLS_CERTIFICATE", "EQUIPOISE_TLS_KEY"}
OF_COMPOSE: dict[str, str] = YAML(typ="safe").load(ROOT / "docker-compose.yml")["x-ours"]["environment"]


def explained() -> dict[str, str]:
    """The settings of .env.example with the comment above each; one that compose sets itself is a comment alone."""
    found = {}
    for block in EXAMPLE.split("\n\n"):
        said = " ".join(line.removeprefix("#").strip() for line in block.splitlines() if line.startswith("#"))
        for name in re.findall(r"^#? ?(EQUIPOISE_[A-Z_]+)\b[=:]", block, re.MULTILINE):
            found[name] = said
    return found


def test_the_example_names_every_setting_with_a_line_that_explains_it() -> None:
    assert set(explained()) == NAMES
    assert all(len(said.split()) > 5 for said in explained().values())


def test_compose_hands_on_what_the_example_lets_people_fill_in_and_sets_the_rest_itself() -> None:
    ours = {name: value for name, value in OF_COMPOSE.items() if name.startswith("EQUIPOISE_")}
    assert set(ours) == NAMES - BY_THE_PROXY
    to_fill = set(re.findall(r"^(EQUIPOISE_[A-Z_]+)=", EXAMPLE, re.MULTILINE))
    assert {name for name, value in ours.items() if f"${{{name}" in value} == to_fill


def test_the_guide_s_table_has_a_row_for_every_setting() -> None:
    guide = (ROOT / "docs" / "guide-operator.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`EQUIPOISE_[A-Z_`, ]+) \|.*\| (.+) \|$", guide, re.MULTILINE)
    named = [name for cell, _ in rows for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(NAMES)
    assert all(len(said.split()) > 3 for _, said in rows)


def test_what_is_left_empty_keeps_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose hands on an empty word for what nobody filled in."""
    for name in NAMES:
        monkeypatch.setenv(name, "")
    empty = Settings()
    for name in NAMES:
        monkeypatch.delenv(name)
    assert empty == Settings()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("EQUIPOISE_BOUNCES", "bounces+more@trial.example"),
        ("EQUIPOISE_BOUNCES", "no address"),
        ("EQUIPOISE_INBOUND_SECRET", "too short a secret"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_without_what_was_given(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str
) -> None:
    monkeypatch.setenv(name, given)
    with pytest.raises(BadInput) as found:
        settings_of()
    assert name in str(found.value) and given not in str(found.value)
    with pytest.raises(ValidationError) as whole:
        Settings()
    assert given not in str(whole.value)


def test_a_secret_shows_in_no_repr() -> None:
    assert "x" * 40 not in repr(Settings(inbound_secret=SecretStr("x" * 40)))
