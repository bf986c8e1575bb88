"""Help: every command of the contract, an example for each, the exit codes, and nothing heavy to wait for."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from trial.cli.errors import EXIT_CODES, exit_code
from trial.core import errors

CONTRACT = (
    "new",
    "check",
    "schema",
    "demo",
    "rehearse",
    "power",
    "open",
    "status",
    "pause",
    "resume",
    "close",
    "cut",
    "open-sealed",
    "lock",
    "unlock",
    "serve",
    "freeze",
    "analyse",
    "report",
    "meta",
    "member add",
    "member list",
    "protocol diff",
    "instruments list",
    "instruments show",
    "instruments fill",
    "migrate",
    "mailbox",
    "protocol show",
    "results",
    "prepare",
    "gate show",
    "gate rehearsal",
    "mail doctor",
    "delivery status",
    "delivery explain",
    "delivery retime",
    "backup",
    "restore",
    "drill",
    "release",
    "capsule make",
    "capsule verify",
    "keys custodian",
    "keys escrow",
    "alert test",
    "alert roster",
    "randomization verify",
    "randomization share",
    "randomization contribute",
    "randomization error",
    "randomization simulate",
    "randomization test",
)
HEAVY = ("pydantic", "sqlalchemy", "numpy", "scipy", "matplotlib", "fastapi", "celery", "cryptography", "jinja2")


@pytest.mark.parametrize("command", CONTRACT)
def test_every_command_of_the_contract_explains_itself_with_an_example(equipoise: Shell, command: str) -> None:
    done = equipoise(*command.split(), "--help")
    assert done.code == 0 and done.err == ""
    assert re.search(rf"Examples?:\s+equipoise {command}", done.out)


def test_help_names_every_command_and_how_to_begin(equipoise: Shell) -> None:
    done = equipoise("--help")
    assert {one.split()[0] for one in CONTRACT} <= set(re.findall(r"^  ([\w-]+) ", done.out, re.MULTILINE))
    assert "equipoise demo" in done.out


def test_help_documents_every_exit_code_that_there_is(equipoise: Shell) -> None:
    text = equipoise("--help").out
    documented = {int(one) for one in re.findall(r"\b(\d) [a-z]", text[text.index("Exit codes") :])}
    assert documented == {0, *EXIT_CODES.values()}


def test_every_error_of_the_tree_has_an_exit_code_and_nothing_else_has() -> None:
    waiting, kinds = [errors.EquipoiseError], set()
    while waiting:
        kind = waiting.pop()
        kinds.add(kind)
        waiting += kind.__subclasses__()
    assert len(kinds) >= 11
    samples: dict[type[Exception], Exception] = {kind: kind.__new__(kind) for kind in kinds}
    assert all(exit_code(one) in (1, 2, 3) for one in samples.values())
    assert exit_code(samples[errors.DataInvalid]) == 2 and exit_code(samples[errors.LinkInvalid]) == 1
    assert exit_code(RuntimeError("a slip of ours")) is None


def test_the_version_is_that_of_the_installed_package(equipoise: Shell) -> None:
    assert equipoise("--version").out == f"equipoise {version('equipoise')}\n"


@pytest.mark.parametrize("words", [(), ("nosuch",), ("demo", "--participants", "none"), ("freeze",), ("member",)])
def test_a_slip_in_the_words_of_a_command_ends_with_2_and_points_to_help(equipoise: Shell, words: tuple[str]) -> None:
    done = equipoise(*words)
    assert done.code == 2
    assert "Usage: " in done.out + done.err


def test_help_waits_for_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from trial.cli.main import run\n"
        "sys.argv = ['equipoise', '--help']\n"
        "try:\n    run()\nexcept SystemExit:\n    pass\n"
        f"print('loaded:', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert "Exit codes" in done.stdout and done.stdout.endswith("loaded: []\n")
