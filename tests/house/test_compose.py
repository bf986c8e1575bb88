"""The compose file and the Dockerfile, checked without an engine: the published schema, a parser, and the rules below.

What an engine alone could show, that the images build and start, is not shown here.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from compose_spec import PyCompose
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
FILE: dict[str, Any] = YAML(typ="safe").load(COMPOSE)
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
BIN = Path(sys.executable).parent


def variables(text: str) -> set[str]:
    return set(re.findall(r"(?<!\$)\$\{(\w+)", text))


def without_env_file(value: str) -> str:
    """Replace ${NAME:-default} by its default and ${NAME:?message} by a stand-in."""
    return re.sub(r"\$\{\w+:(?:-([^}]*)|\?[^}]*)\}", lambda found: "stand-in" if found[1] is None else found[1], value)


def test_the_file_keeps_to_the_published_schema() -> None:
    checker = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(checker, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_parser_of_the_specification_reads_the_file_and_finds_every_volume_and_network_declared() -> None:
    parsed = PyCompose.from_json(json.dumps(FILE))
    parsed.validate()
    assert set(parsed.service_names()) == set(SERVICES)


def test_the_stack_is_complete() -> None:
    expected = {"postgres", "redis", "mailbox", "web", "desk", "worker", "beat", "migrations"}
    assert set(SERVICES) == expected
    assert set(OURS) == expected - {"postgres", "redis"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_shows_that_it_works_or_runs_once(name: str) -> None:
    service = SERVICES[name]
    assert service.get("image") or service.get("build")
    assert ("healthcheck" in service) != (service.get("restart") == "no")


def test_every_service_waits_for_services_that_exist_and_can_meet_the_condition() -> None:
    waits = [
        (name, other, rule["condition"])
        for name, service in SERVICES.items()
        for other, rule in service.get("depends_on", {}).items()
    ]
    assert {name for name, _, _ in waits} >= {"web", "desk", "worker", "beat", "migrations"}
    for name, other, condition in waits:
        runs_once = SERVICES[other].get("restart") == "no"
        wanted = "service_completed_successfully" if runs_once else "service_healthy"
        assert condition == wanted, f"{name} waits for {other}"


def test_nothing_is_published_beyond_this_machine() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(str(port).startswith("127.0.0.1:") for port in published)


def test_the_database_and_the_broker_are_reached_from_inside_only() -> None:
    assert FILE["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASS|SECRET|KEY|TOKEN", key):
                # an empty default is none: without that secret the part that needs it is off
                assert re.fullmatch(r"\$\{\w+:(\?[^}]+|-)\}", value), f"{key} must come from .env, with no default"
            assert not re.search(r"://[^/@]*:[^/@]*@", value), f"{key} carries a password in an address"


def test_every_setting_from_outside_is_explained_and_no_secret_has_an_example_value() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(example) == variables(COMPOSE.read_text(encoding="utf-8"))
    assert all(not value for key, value in example.items() if "PASSWORD" in key or "SECRET" in key)


@pytest.mark.parametrize("name", OURS)
def test_the_command_of_every_service_of_ours_is_understood(name: str, tmp_path: Path) -> None:
    words = [str(word) for word in OURS[name]["command"]]
    program = shutil.which(words[0], path=str(BIN))
    assert program, f"{words[0]} is not installed"
    settings = {key: without_env_file(value) for key, value in OURS[name]["environment"].items()}
    environment = dict(os.environ) | settings | {"EQUIPOISE_HOME": str(tmp_path)}
    # all options and their values are read before --help is answered
    command = [program, *words[1:], "--help"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr


def test_the_image_is_set_up_by_the_script_that_ci_runs_and_serves_as_an_ordinary_account() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    steps = [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]
    runs = [rest for word, rest in steps if word == "RUN"]
    accounts = [rest for word, rest in steps if word == "USER"]
    assert len(runs) == 1
    assert "bash .ci/setup" in runs[0]
    assert not re.search(r"pip install|apt|gcc|build-essential", runs[0])
    assert accounts == ["equipoise"]


def test_no_secret_and_no_environment_of_this_machine_gets_into_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".env", ".git", ".venv*", "node_modules"} <= set(ignored)
